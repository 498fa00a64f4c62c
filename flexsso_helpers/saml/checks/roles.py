"""S60–S64 and S72: the roles, letter by letter."""

import difflib
import re

from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.saml.checks.report import Report
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.response import Statement
from flexsso_helpers.saml.worker import FLEX_ROLES, INSIGHTS_ROLES, ROLE_NAMES, split_roles

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ASSIGN = fix_in("07", "look at the person's assignments.")


def check(report: Report, statement: Statement, expected: Expected) -> None:
    """Judge the role values; says nothing when the claim is missing altogether, since S55 does."""
    if "roles" not in statement.claims:
        return
    roles = split_roles(statement.claims["roles"])
    undocumented = [role for role in roles if role.startswith("flex.")]
    unknown = [role for role in roles if role not in ROLE_NAMES and role not in undocumented]
    report.say(
        "S60",
        not unknown,
        "Every role is one that Flex knows",
        "; ".join(map(_meant, unknown)),
        configured=ROLE_NAMES,
        received=roles,
        fix=fix_in("05", "correct the value of the app role."),
    )
    _flex_roles(report, roles, expected)
    insights = [role for role in roles if role in INSIGHTS_ROLES]
    report.say(
        "S63",
        not insights or any(role in roles for role in ("admin", "supervisor")),
        "Insights roles come with supervisor or admin",
        "Insights stays closed: its roles need supervisor or admin beside them",
        level="warning",
        received=roles,
        fix=_ASSIGN,
    )
    report.say(
        "S64",
        not undocumented,
        "No undocumented role is sent",
        "Roles that begin with flex. are not documented for single sign-on",
        level="warning",
        received=undocumented,
        fix=fix_in("05", "take these roles out."),
    )
    if expected.roles is not None:
        report.say(
            "S72",
            set(roles) == expected.roles,
            "The roles are those that the person is assigned",
            "The roles are not those that the person is assigned",
            configured=sorted(expected.roles),
            received=sorted(roles),
            fix=fix_in("07", "compare the assignments; a change takes some minutes to arrive."),
        )


def _flex_roles(report: Report, roles: tuple[str, ...], expected: Expected) -> None:
    flex = [role for role in FLEX_ROLES if role in roles]
    report.say(
        "S61",
        bool(flex),
        "There is a Flex role",
        "There is no Flex role" + _reason(expected),
        configured=FLEX_ROLES,
        received=roles,
        fix=_ASSIGN,
    )
    report.say(
        "S62",
        len(flex) < 2,
        "There is only one Flex role",
        f"There is more than one Flex role; Flex takes the strongest, {flex[0] if flex else ''}",
        level="warning",
        received=flex,
        fix=_ASSIGN,
    )


def _reason(expected: Expected) -> str:
    if expected.roles is None:
        return ": not assigned, only “default access”, a role without value, or membership by a nested group"
    return ", although one is assigned" if expected.roles & {*FLEX_ROLES} else ", and none is assigned"


def _meant(role: str) -> str:
    """What an unknown role value probably is."""
    if _GUID.fullmatch(role):
        return f"“{role}” is the id of a group or role, not a role value"
    simple = role.lower().strip().replace(" ", "_")
    candidates = {
        "administrator": "admin",
        "flex_admin": "admin",
        "flex_agent": "agent",
        "flex_supervisor": "supervisor",
    }
    near = candidates.get(simple) or next(iter(difflib.get_close_matches(simple, ROLE_NAMES, 1, 0.75)), "")
    return f"Flex does not know the role “{role}”" + (f"; “{near}” is meant" if near else "")
