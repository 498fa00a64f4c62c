"""00 · Whether the Entra tenant is ready: licences, policies that would refuse, applications already there.

Every read is advisory: what cannot be looked at becomes one line, and 00 goes on.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from flexsso_helpers.errors import Ambiguous, ParametersError
from flexsso_helpers.graph import literal
from flexsso_helpers.plan import Finding
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.resources.application import Json, find_application, is_adopted, is_marked, others_for_flex
from flexsso_helpers.resources.connection import Addresses
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.looking import NotSeen, could_not_look, look
from flexsso_helpers.sections.preflight import signed_in
from flexsso_helpers.session import Session

PREMIUM = {"AAD_PREMIUM": "Entra ID P1", "AAD_PREMIUM_P2": "Entra ID P2"}
USABLE = ("Enabled", "Warning")
"""Licences that work; `Warning` is one in its days of grace."""
LIFE, GROUPS = "Longest life of a certificate", "Groups can be assigned (Entra ID P1 or P2)"
KEY_LIFE = "asymmetricKeyLifetime"


@dataclass(frozen=True, kw_only=True)
class Ours:
    """What is known of the application that is ours."""

    holder: str = ""
    """The application that holds our identifier or is otherwise ours; empty when there is none."""
    unclear: str = ""
    """Why it cannot be told which application is ours; empty where it can."""
    clarify: str = ""
    """What to do then."""


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """What was read, or why it was not seen."""

    licences: tuple[str, ...] | NotSeen = ()
    """Those by which groups can be assigned."""
    identifier_rules: tuple[str, ...] | NotSeen = ()
    """Rules on identifiers in the app management policy that could hit ours."""
    longest_key_days: int | NotSeen = 0
    """The cap on the life of certificates there; 0 where there is none."""
    ours: Ours | NotSeen = field(default_factory=Ours)
    deleted: tuple[str, ...] | NotSeen = ()
    """Deleted applications that still hold our identifier."""
    others: tuple[str, ...] | NotSeen = ()
    """Applications that lead to Flex and are not this pairing's."""


async def read_readiness(session: Session, connection: Addresses | NotSeen | None) -> Readiness:
    """Everything about the tenant that fails late and confusingly when it is not looked at first."""
    limits = await look(_limits(session))
    ours: Ours | NotSeen
    if isinstance(connection, NotSeen) and not session.tenant.application.app_id:
        ours = connection
    else:
        ours = await look(_ours(session))
    deleted: tuple[str, ...] | NotSeen
    if connection is None or isinstance(connection, NotSeen):
        deleted = connection or ()
    else:
        deleted = await look(_deleted(session, connection))
    return Readiness(
        licences=await look(_licences(session)),
        identifier_rules=limits if isinstance(limits, NotSeen) else limits[0],
        longest_key_days=limits if isinstance(limits, NotSeen) else limits[1],
        ours=ours,
        deleted=deleted,
        others=await _others(session, ours),
    )


def findings(context: Context, state: Readiness) -> tuple[Finding, ...]:
    """Account and rights first, then what the tenant's policies, licences and applications say."""
    return (*signed_in.findings(context), *_policies(context, state), *_applications(state))


async def _licences(session: Session) -> tuple[str, ...]:
    skus = await session.graph.list("/subscribedSkus")
    plans = {
        str(plan.get("servicePlanName"))
        for sku in skus
        if sku.get("capabilityStatus", "Enabled") in USABLE
        for plan in sku["servicePlans"]
    }
    return tuple(title for name, title in PREMIUM.items() if name in plans)


async def _limits(session: Session) -> tuple[tuple[str, ...], int]:
    """What the tenant's app management policy would refuse. Raises ValueError for an answer that is no such policy."""
    policy = await session.graph.get("/policies/defaultAppManagementPolicy")
    if "isEnabled" not in policy:
        raise ValueError("no policy")
    if not policy["isEnabled"]:
        return (), 0
    now = await session.present()
    return _strict_identifiers(policy, now), _key_life(policy, now)


def _strict_identifiers(policy: Json, now: datetime) -> tuple[str, ...]:
    """The rules that could refuse a `urn:` identifier on a new SAML application (G25)."""
    rules = (policy.get("applicationRestrictions") or {}).get("identifierUris") or {}
    return tuple(
        name
        for name, rule in rules.items()
        if isinstance(rule, dict) and _in_force(rule, now) and not rule.get("excludeSaml")
    )


def _key_life(policy: Json, now: datetime) -> int:
    """The shortest cap on the life of a service principal's certificates, in days (G52)."""
    keys = (policy.get("servicePrincipalRestrictions") or {}).get("keyCredentials") or ()
    caps = [
        days
        for rule in keys
        if rule.get("restrictionType") == KEY_LIFE and _in_force(rule, now)
        if (days := _days(str(rule.get("maxLifetime") or "")))
    ]
    return min(caps, default=0)


def _in_force(rule: Json, now: datetime) -> bool:
    """Whether a rule holds for an application that is made now; one may begin at a later moment."""
    since = str(rule.get("restrictForAppsCreatedAfterDateTime") or "")
    return rule.get("state") == "enabled" and since[:19] <= f"{now:%Y-%m-%dT%H:%M:%S}"


def _days(duration: str) -> int:
    """Days of an ISO 8601 duration such as P180D or P1Y; 0 for one that cannot be read."""
    found = re.fullmatch(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T.*)?", duration)
    years, months, weeks, days = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    return years * 365 + months * 30 + weeks * 7 + days


async def _ours(session: Session) -> Ours:
    try:
        found = await find_application(session)
    except (Ambiguous, ParametersError) as error:
        return Ours(unclear=error.what, clarify=error.fix)
    if found is None:
        return Ours()
    name = f"“{found.get('displayName')}” {found['appId']}"
    if session.tenant.application.app_id or is_adopted(session.tenant, found):
        return Ours(
            holder=f"{name}, {'adopted' if is_marked(session.tenant, found) else 'made by somebody else; 01 adopts it'}"
        )
    return Ours(holder=f"{name}, made by these notebooks")


async def _others(session: Session, ours: Ours | NotSeen) -> tuple[str, ...] | NotSeen:
    if isinstance(ours, NotSeen):
        return ours
    return () if ours.unclear else await look(_named_others(session))


async def _named_others(session: Session) -> tuple[str, ...]:
    return tuple(f"“{entry.get('displayName')}” {entry['appId']}" for entry in await others_for_flex(session))


async def _deleted(session: Session, connection: Addresses) -> tuple[str, ...]:
    entries = await session.graph.list(
        "/directory/deletedItems/microsoft.graph.application",
        {"$filter": f"identifierUris/any(u:u eq {literal(connection.identifier)})"},
    )
    return tuple(str(entry.get("displayName") or entry["id"]) for entry in entries)


def _policies(context: Context, state: Readiness) -> list[Finding]:
    exempt = "02 may be refused: have SAML applications exempted in the app management policy."
    fine = "exempts SAML applications"
    wanted = f"{context.tenant.signing.valid_days} days"
    cap, rules, licences = state.longest_key_days, state.identifier_rules, state.licences
    return [
        _seen("G25", "Identifier policy of the tenant", fine, rules, fine, exempt),
        could_not_look("G52", LIFE, wanted, cap) if isinstance(cap, NotSeen) else _life(context, wanted, cap),
        could_not_look("G68", GROUPS, "yes", licences) if isinstance(licences, NotSeen) else _groups(context, licences),
    ]


def _life(context: Context, wanted: str, cap: int) -> Finding:
    shorter = f"03 may be refused: set tenant.signing.valid_days to {cap} or less."
    fits = not cap or cap >= context.tenant.signing.valid_days
    return judged("G52", LIFE, wanted, f"{cap} days" if cap else "no limit", fits, shorter, "warning")


def _groups(context: Context, licences: tuple[str, ...]) -> Finding:
    needed = bool(context.tenant.assignments.groups)
    received, fix = ", ".join(licences) or "no", "Assign the users one by one, or license the tenant."
    held: bool | FindingState = bool(licences) or not needed
    return judged("G68", GROUPS, "yes" if needed else "not needed", received, held, fix, "warning")


def _applications(state: Readiness) -> list[Finding]:
    restore = "Restore it, which keeps its place in Flex, or delete it for good."
    adoption = "Adopt one of them with tenant.application.app_id if it is for this Flex account."
    which, ours = "Which application is meant", state.ours
    holder = [] if isinstance(ours, NotSeen) else [
        judged("G26", "Application for this Flex account", "none, ours, or one to adopt", ours.holder or "none", True,
               level="info")
    ]  # fmt: skip
    return [
        could_not_look("D01", which, "clear", ours)
        if isinstance(ours, NotSeen)
        else judged("D01", which, "clear", ours.unclear or "clear", not ours.unclear, ours.clarify),
        *holder,
        _seen("D01", "Other applications for Flex", "none", state.others, "none", adoption, info=True),
        _seen("G27", "Deleted application with the identifier", "none", state.deleted, "none", restore),
    ]


def _seen(
    check: str, title: str, configured: str, found: tuple[str, ...] | NotSeen, nothing: str, fix: str, *,
    info: bool = False,
) -> Finding:  # fmt: skip
    """A line that holds when nothing was found."""
    if isinstance(found, NotSeen):
        return could_not_look(check, title, configured, found)
    received = ", ".join(found) or nothing
    return judged(check, title, configured, received, not found, fix, "info" if info else "warning")
