"""00 · Whether the Entra tenant is ready: rights, licences, policies that would refuse, applications already there."""

import re
from dataclasses import dataclass, field

from flexsso_helpers.errors import Ambiguous, NotPermitted
from flexsso_helpers.graph import ROLE_TITLES, literal
from flexsso_helpers.plan import Finding
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.sections.addresses import Addresses
from flexsso_helpers.sections.application import Json, find_application, is_adopted, is_marked, others_for_flex
from flexsso_helpers.sections.findings import judged
from flexsso_helpers.session import Session
from flexsso_helpers.session.rights import RIGHTS

PREMIUM = {"AAD_PREMIUM": "Entra ID P1", "AAD_PREMIUM_P2": "Entra ID P2"}
USABLE = ("Enabled", "Warning")
"""Licences that work; `Warning` is one in its days of grace."""
KEY_LIFE = "asymmetricKeyLifetime"
_GLOBAL, _APPLICATION, _CLOUD_APPLICATION = ROLE_TITLES


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """What was read. `None` where the account may not look."""

    missing_rights: tuple[tuple[str, tuple[str, ...], str], ...] = ()
    """(what, what is lacking, which notebooks)."""
    only_cloud_administrator: bool = False
    licences: tuple[str, ...] | None = None
    """Those by which groups can be assigned."""
    identifier_rules: tuple[str, ...] | None = None
    """Rules on identifiers in the app management policy that could hit ours."""
    longest_key_days: int | None = None
    """The cap on the life of certificates there; 0 where there is none."""
    holder: str = ""
    """What is known of the application that holds our identifier or is otherwise ours; empty when there is none."""
    same_name: str = ""
    """Why it cannot be told which application is ours; empty where it can."""
    clarify: str = ""
    """What to do then."""
    deleted: tuple[str, ...] | None = ()
    """Deleted applications that still hold our identifier."""
    others: tuple[str, ...] = field(default=())
    """Applications that lead to Flex and are not this pairing's."""


async def read_readiness(session: Session, connection: Addresses | None) -> Readiness:
    """Everything about the tenant that fails late and confusingly when it is not looked at first."""
    who = session.principal
    rules = await _management_policy(session)
    holder, same_name, clarify = await _ours(session)
    return Readiness(
        missing_rights=tuple(
            (right.words, lacking, right.notebooks) for right in RIGHTS if (lacking := right.missing(who))
        ),
        only_cloud_administrator=not who.app_only
        and _CLOUD_APPLICATION in who.role_ids
        and not who.role_ids.intersection((_GLOBAL, _APPLICATION)),
        licences=await _licences(session),
        identifier_rules=None if rules is None else _strict_identifiers(rules, session),
        longest_key_days=None if rules is None else _key_life(rules, session),
        holder=holder,
        same_name=same_name,
        clarify=clarify,
        deleted=await _deleted(session, connection.identifier) if connection else (),
        others=() if same_name else await _others(session),
    )


def findings(session: Session, state: Readiness) -> tuple[Finding, ...]:
    """Rights first, then what the tenant's policies, licences and applications say."""
    return (*_rights(state), *_policies(session, state), *_applications(state))


async def _licences(session: Session) -> tuple[str, ...] | None:
    try:
        skus = await session.graph.list("/subscribedSkus")
    except NotPermitted:
        return None
    plans = {
        str(plan.get("servicePlanName"))
        for sku in skus
        if sku.get("capabilityStatus", "Enabled") in USABLE
        for plan in sku.get("servicePlans") or ()
    }
    return tuple(title for name, title in PREMIUM.items() if name in plans)


async def _management_policy(session: Session) -> Json | None:
    """The tenant's app management policy; `{}` where it is off, None where it may not be read."""
    try:
        policy = await session.graph.get("/policies/defaultAppManagementPolicy", missing_ok=True)
    except NotPermitted:
        return None
    return policy if policy.get("isEnabled", True) else {}


def _strict_identifiers(policy: Json, session: Session) -> tuple[str, ...]:
    """The rules that could refuse a `urn:` identifier on a new SAML application (G25)."""
    rules = (policy.get("applicationRestrictions") or {}).get("identifierUris") or {}
    return tuple(
        name
        for name, rule in rules.items()
        if isinstance(rule, dict) and _in_force(rule, session) and not rule.get("excludeSaml")
    )


def _key_life(policy: Json, session: Session) -> int:
    """The shortest cap on the life of a service principal's certificates, in days (G52)."""
    keys = (policy.get("servicePrincipalRestrictions") or {}).get("keyCredentials") or ()
    caps = [
        days
        for rule in keys
        if rule.get("restrictionType") == KEY_LIFE and _in_force(rule, session)
        if (days := _days(str(rule.get("maxLifetime") or "")))
    ]
    return min(caps, default=0)


def _in_force(rule: Json, session: Session) -> bool:
    """Whether a rule holds for an application that is made now; one may begin at a later moment."""
    since = str(rule.get("restrictForAppsCreatedAfterDateTime") or "")
    return rule.get("state") == "enabled" and since[:19] <= f"{session.now():%Y-%m-%dT%H:%M:%S}"


def _days(duration: str) -> int:
    """Days of an ISO 8601 duration such as P180D or P1Y; 0 for one that cannot be read."""
    found = re.fullmatch(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T.*)?", duration)
    years, months, weeks, days = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    return years * 365 + months * 30 + weeks * 7 + days


async def _ours(session: Session) -> tuple[str, str, str]:
    """(what is known of our application, why it cannot be told, what to do then)."""
    try:
        found = await find_application(session)
    except Ambiguous as error:
        return "", error.what, error.fix
    if found is None:
        return "", "", ""
    name = f"“{found.get('displayName')}” {found['appId']}"
    if session.tenant.application.app_id or is_adopted(session, found):
        return f"{name}, {'adopted' if is_marked(session, found) else 'made by somebody else; 01 adopts it'}", "", ""
    return f"{name}, made by these notebooks", "", ""


async def _others(session: Session) -> tuple[str, ...]:
    return tuple(f"“{entry.get('displayName')}” {entry['appId']}" for entry in await others_for_flex(session))


async def _deleted(session: Session, identifier: str) -> tuple[str, ...] | None:
    try:
        entries = await session.graph.list(
            "/directory/deletedItems/microsoft.graph.application",
            {"$filter": f"identifierUris/any(u:u eq {literal(identifier)})"},
        )
    except NotPermitted:
        return None
    return tuple(str(entry.get("displayName") or entry["id"]) for entry in entries)


def _rights(state: Readiness) -> list[Finding]:
    missing = [
        judged(
            "G02",
            f"May {what}",
            "yes",
            f"no: {', '.join(lacking)}",
            False,
            f"Used by {used}. Ask for it, then sign in again.",
        )
        for what, lacking, used in state.missing_rights
    ]
    found = missing or [judged("G02", "All rights that the notebooks need", "yes", "yes", True)]
    if state.only_cloud_administrator:
        found.append(
            judged(
                "G02",
                "Directory role to set policies",
                ROLE_TITLES[_APPLICATION],
                f"{ROLE_TITLES[_CLOUD_APPLICATION]}; Microsoft does not say whether that is enough",
                "unknown",
                level="warning",
            )
        )
    return found


def _policies(session: Session, state: Readiness) -> list[Finding]:
    exempt = "02 may be refused: have SAML applications exempted in the app management policy."
    fine = "exempts SAML applications"
    wanted = session.tenant.signing.valid_days
    cap, rules, licences = state.longest_key_days, state.identifier_rules, state.licences
    shorter = f"03 may be refused: set tenant.signing.valid_days to {cap} or less."
    needed = bool(session.tenant.assignments.groups)
    license_ = "Assign the users one by one, or license the tenant."
    held: bool | FindingState = "unknown" if licences is None else bool(licences) or not needed
    return [
        judged("G25", "Identifier policy of the tenant", fine, _words(rules, fine),
               "unknown" if rules is None else not rules, exempt, "warning"),
        judged("G52", "Longest life of a certificate", f"{wanted} days", _longest(cap),
               "unknown" if cap is None else not cap or cap >= wanted, shorter, "warning"),
        judged("G68", "Groups can be assigned (Entra ID P1 or P2)", "yes" if needed else "not needed",
               _words(licences, "no"), held, license_, "warning"),
    ]  # fmt: skip


def _applications(state: Readiness) -> list[Finding]:
    restore = "Restore it, which keeps its place in Flex, or delete it for good."
    adoption = "Adopt one of them with tenant.application.app_id if it is for this Flex account."
    return [
        judged("D01", "Which application is meant", "clear", state.same_name or "clear", not state.same_name,
               state.clarify),
        judged("G26", "Application for this Flex account", "none, or ours", state.holder or "none", True, level="info"),
        judged("D01", "Other applications for Flex", "none", _words(state.others, "none"), not state.others, adoption,
               "info"),
        judged("G27", "Deleted application with the identifier", "none", _words(state.deleted, "none"),
               "unknown" if state.deleted is None else not state.deleted, restore, "warning"),
    ]  # fmt: skip


def _words(values: tuple[str, ...] | None, nothing: str) -> str:
    return "may not be read" if values is None else ", ".join(values) or nothing


def _longest(cap: int | None) -> str:
    return "may not be read" if cap is None else f"{cap} days" if cap else "no limit"
