"""00 · Before anything is changed: rights, licences, policies, leftovers, people, and the Flex account. Only reads."""

from dataclasses import dataclass

from flexsso_helpers.errors import Ambiguous, NotPermitted
from flexsso_helpers.graph import literal
from flexsso_helpers.plan import Change, Finding
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.sections import people
from flexsso_helpers.sections.application import find_application, known_connection
from flexsso_helpers.sections.findings import judged, listed
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.session.rights import RIGHTS

PREMIUM = ("AAD_PREMIUM", "AAD_PREMIUM_P2")
OLDEST_UI = (2, 5)


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read. `None` where the account may not look."""

    missing_rights: tuple[tuple[str, tuple[str, ...], str], ...] = ()
    """(what, what is lacking, which notebooks)."""
    groups_can_be_assigned: bool | None = None
    identifier_rule: str | None = None
    """The app management policy's rule on identifiers that could hit ours; empty when none could."""
    same_name: str = ""
    deleted: tuple[str, ...] | None = ()
    """Deleted applications that still hold our identifier."""
    unknown: tuple[str, ...] = ()
    without_mail: tuple[str, ...] = ()
    twice_the_mail: tuple[str, ...] = ()
    flex_status: str = ""
    flex_version: str = ""
    connection: str = ""


async def read(session: Session) -> State:
    """Everything that fails late and confusingly when it is not looked at first."""
    connection = await known_connection(session)
    configuration = await session.flex.configuration()
    persons, unknown = await _people(session)
    mails = [person.mail for person in persons if person.mail]
    return State(
        missing_rights=tuple(
            (right.words, lacking, right.notebooks) for right in RIGHTS if (lacking := right.missing(session.principal))
        ),
        groups_can_be_assigned=await _premium(session),
        identifier_rule=await _identifier_rule(session),
        same_name=await _same_name(session),
        deleted=await _deleted(session, connection.identifier) if connection else (),
        unknown=tuple(unknown),
        without_mail=tuple(sorted(person.user_name for person in persons if not person.mail)),
        twice_the_mail=tuple(sorted({mail for mail in mails if mails.count(mail) > 1})),
        flex_status=configuration.status,
        flex_version=configuration.ui_version,
        connection=connection.name if connection else "",
    )


async def _people(session: Session) -> tuple[list[people.User], list[str]]:
    persons: dict[str, people.User] = {}
    unknown: list[str] = []
    for entry in session.tenant.assignments.users:
        user = await people.user(session, entry.user)
        if user:
            persons[user.id] = user
        else:
            unknown.append(entry.user)
    for group_entry in session.tenant.assignments.groups:
        group = await people.group(session, group_entry.group)
        if group:
            persons |= {member.id: member for member in group.members}
        else:
            unknown.append(group_entry.group)
    return list(persons.values()), unknown


async def _premium(session: Session) -> bool | None:
    try:
        skus = await session.graph.list("/subscribedSkus")
    except NotPermitted:
        return None
    plans = [str(plan.get("servicePlanName")) for sku in skus for plan in sku.get("servicePlans") or ()]
    return any(name in PREMIUM for name in plans)


async def _identifier_rule(session: Session) -> str | None:
    """Whether the tenant's app management policy could refuse a `urn:` identifier on a SAML application (G25)."""
    try:
        policy = await session.graph.get("/policies/defaultAppManagementPolicy", missing_ok=True)
    except NotPermitted:
        return None
    rules = ((policy.get("applicationRestrictions") or {}).get("identifierUris")) or {}
    strict = [
        name
        for name, rule in rules.items()
        if isinstance(rule, dict) and rule.get("state") == "enabled" and not rule.get("excludeSaml")
    ]
    return ", ".join(strict) if policy.get("isEnabled", True) else ""


async def _same_name(session: Session) -> str:
    try:
        await find_application(session)
    except Ambiguous as error:
        return error.what
    return ""


async def _deleted(session: Session, identifier: str) -> tuple[str, ...] | None:
    try:
        listed = await session.graph.list(
            "/directory/deletedItems/microsoft.graph.application",
            {"$filter": f"identifierUris/any(u:u eq {literal(identifier)})"},
        )
    except NotPermitted:
        return None
    return tuple(str(entry.get("displayName") or entry["id"]) for entry in listed)


def changes(_session: Session, _state: State) -> tuple[Change, ...]:
    """Nothing: this section only reads."""
    return ()


def findings(session: Session, state: State) -> tuple[Finding, ...]:
    """One table, worst first."""
    return (*_rights(state), *_tenant(session, state), *_people_findings(state), *_flex(state))


def _rights(state: State) -> list[Finding]:
    if not state.missing_rights:
        return [judged("G02", "All rights that the notebooks need", "yes", "yes", True)]
    return [
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


def _tenant(session: Session, state: State) -> list[Finding]:
    adopt = "Adopt it with tenant.application.app_id, or choose another tenant.application.name."
    restore = "Restore it, which keeps its place in Flex, or delete it for good."
    exempt = "02 may be refused: have SAML applications exempted in the app management policy."
    license_ = "Assign the users one by one, or license the tenant."
    fine = "exempts SAML applications"
    needed = bool(session.tenant.assignments.groups)
    can = state.groups_can_be_assigned
    return [
        judged("D01", "Other application of this name", "none", state.same_name or "none", not state.same_name, adopt),
        judged("G27", "Deleted application with the identifier", "none", ", ".join(state.deleted or ()) or "none",
               "unknown" if state.deleted is None else not state.deleted, restore, "warning"),
        judged("G25", "Identifier policy of the tenant", fine, state.identifier_rule or fine,
               "unknown" if state.identifier_rule is None else not state.identifier_rule, exempt, "warning"),
        judged("G68", "Groups can be assigned (Entra ID P1 or P2)", "yes" if needed else "not needed", _words(can),
               "unknown" if can is None else can or not needed, license_, "warning"),
    ]  # fmt: skip


def _people_findings(state: State) -> list[Finding]:
    no_mail = "Fill in the mail address in Entra before they sign on: Flex needs it."
    return [
        listed("D24", "In the file and not in Entra", state.unknown, "Correct the names in tenant.assignments."),
        listed("S56", "Without a mail address", state.without_mail, no_mail),
        listed("S56", "Mail addresses used twice", state.twice_the_mail, "Two people with one address are one worker."),
    ]


def _flex(state: State) -> list[Finding]:
    start = "Flex Console › Single sign-on: start the set-up, then copy the two values into 02."
    old = "Update Flex UI: older ones know only the retired single sign-on."
    finish = "Finish the set-up of Flex in Twilio Console first."
    known: bool | FindingState = True if state.connection else "waiting"
    return [
        judged("F29", "Flex is set up", "ok", state.flex_status or "nothing", state.flex_status == "ok", finish),
        judged("F07", "Flex UI version", "2.5 or newer", state.flex_version, _version(state.flex_version), old),
        judged("F19", "Reply URL and identifier", "shown by Flex", state.connection or "not started", known, start),
    ]


def _words(value: bool | None) -> str:
    return "may not be read" if value is None else "yes" if value else "no"


def _version(text: str) -> FindingState:
    numbers = [int(part) for part in text.lstrip("~^>=v ").split(".")[:2] if part.isdigit()]
    if not numbers:
        return "unknown"
    return "holds" if (numbers[0], numbers[1] if len(numbers) > 1 else 99) >= OLDEST_UI else "wrong"


STEP = Step(number="00", title="Start here", read=read, changes=changes, findings=findings)
verify = STEP.verify
