"""20 · What is said of everything: what the sections found that does not hold, and what is only looked at here."""

from dataclasses import replace

from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.plan import Evidence, Finding, Outcome, count
from flexsso_helpers.plan.facts import DAYS_LEFT, VALID_FROM, VALID_TO
from flexsso_helpers.plan.findings import judged, listed
from flexsso_helpers.resources import expiry, own_credential
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.key_ring import short
from flexsso_helpers.resources.looking import NotSeen, could_not_look
from flexsso_helpers.sections.drift.state import State

TAKE_OFF = fix_in("07", "take them off, and out of tenant.assignments; what stays at Flex is not ended by that.")
NO_MAIL = fix_in(
    "07",
    "fill in the mail address in Entra: without it the claim email is missing, which ends in Flex 45050.",
)
ASK = "Ask whoever made it whether Flex is meant: people meet it at every sign-on."
BLOCKED = "It lets nobody in whom it is for: have Flex excluded, or them."


def findings(context: Context, state: State) -> tuple[Finding, ...]:
    """What does not hold, section by section; then what only this notebook looks at, also where it holds."""
    return (*_of_sections(state), *own(context, state))


def own(context: Context, state: State) -> tuple[Finding, ...]:
    """Certificates by their marks, people, Conditional Access, and what others changed."""
    return (
        *expiry.findings(state.ring, state.told, context.now),
        *_credential(context, state),
        *_people(state),
        *_access(state),
        *_others(state),
    )


def _credential(context: Context, state: State) -> list[Finding]:
    if isinstance(state.own, NotSeen):
        return [could_not_look("S82", "What runs without a person sign in with", "30 days or more", state.own)]
    return [own_credential.finding(state.own, context.now)] if state.own else []


def _of_sections(state: State) -> list[Finding]:
    """Each with the number of its section; the certificate's days are told once, by their mark."""
    return [
        replace(finding, title=f"{evidence.section} · {finding.title}")
        for _, evidence in state.sections
        for finding in evidence.findings
        if finding.state in ("wrong", "waiting", "said") and finding.check != "S28"
    ]


def _people(state: State) -> list[Finding]:
    if isinstance(state.people, NotSeen):
        return [could_not_look("D24", "People who are assigned", "looked up", state.people)]
    return [
        listed("D24", "Assigned by name, and the account is disabled", state.people.disabled, TAKE_OFF),
        listed("D24", "Assigned by name, and not in Entra any more", state.people.gone, TAKE_OFF),
        listed("S56", "Assigned by name, and without a mail address", state.people.without_mail, NO_MAIL),
    ]


def _access(state: State) -> list[Finding]:
    title = "Conditional Access policies that meet it"
    if isinstance(state.access, NotSeen):
        return [could_not_look("G108", title, "known", state.access)]
    blocking = [hit.words for hit in state.access if hit.blocks]
    others = [hit.words for hit in state.access if not hit.blocks]
    found = [listed("G108", title, others, ASK, "info")]
    return [listed("G108", "Conditional Access that blocks", blocking, BLOCKED), *found] if blocking else found


def _others(state: State) -> list[Finding]:
    title = "Changes by others since our last write"
    if isinstance(state.others, NotSeen):
        return [could_not_look("G107", title, "none", state.others)]
    if not state.others.since:
        told = f"{count(len(state.others.entries), 'change')} in 30 days; no ledger here tells which are ours"
        return [judged("G107", title, "none", told, "unknown", level="info")]
    managed = [entry for entry in state.others.entries if entry.managed_by]
    elsewhere = len(state.others.entries) - len(managed)
    words = f"{count(len(managed), 'change')} of what is managed, {elsewhere} of what is not"
    received = words if state.others.entries else "none"
    return [judged("G107", title, "none", received, not managed, "The card above names each.", "info")]


def parts(context: Context, state: State) -> tuple[Outcome, ...]:
    """The sections' outcomes, and that of what is only looked at here."""
    evidence = [each for _, each in state.sections]
    return (*(each.outcome for each in evidence), _own(context, state, evidence[0]).outcome) if evidence else ()


def _own(context: Context, state: State, like: Evidence) -> Evidence:
    return Evidence(section="20", title="", target=like.target, findings=own(context, state))


def facts(context: Context, state: State) -> dict[str, str]:
    """The one number, and what every result of a run carries on of the certificate."""
    current = state.ring.current
    days = current.days_left(context.now) if current else None
    soonest = [(days, f"certificate {short(current.sha1)}")] if current and days is not None else []
    if state.own and not isinstance(state.own, NotSeen):
        soonest.append((state.own.days_left(context.now), state.own.kind))
    told = {"Days until something expires": "{:,}: {}".format(*min(soonest)) if soonest else "not known"}
    if current is None or days is None:
        return told
    return told | {VALID_FROM: current.start[:10], VALID_TO: current.end[:10], DAYS_LEFT: str(days)}
