"""20 · What a look at everything reads: each section's plan and evidence, and what none of them looks at."""

from dataclasses import dataclass, field

from flexsso_helpers.plan import Evidence, Plan
from flexsso_helpers.resources import audit_log, conditional_access, own_credential, people
from flexsso_helpers.resources.application import Found, find
from flexsso_helpers.resources.assignments import read_all
from flexsso_helpers.resources.audit_log import Entry
from flexsso_helpers.resources.certificates import read_ring
from flexsso_helpers.resources.conditional_access import Hit
from flexsso_helpers.resources.key_ring import KeyRing
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.resources.own_credential import OwnCredential
from flexsso_helpers.sections.documented import PLANNING
from flexsso_helpers.session import Session


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """People whom the application is assigned to by name and who cannot use it, by what is wrong with them."""

    disabled: tuple[str, ...] = ()
    without_mail: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Others:
    """What the audit log tells since our last write."""

    since: str = ""
    """The moment of that write; empty where no ledger of this machine tells it."""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read, or why it was not seen."""

    sections: tuple[tuple[Plan, Evidence], ...] = ()
    ring: KeyRing = field(default_factory=KeyRing)
    told: tuple[str, ...] = ()
    """Who gets Entra's mails before a certificate expires."""
    people: Assigned | NotSeen = field(default_factory=Assigned)
    access: tuple[Hit, ...] | NotSeen = ()
    others: Others | NotSeen = field(default_factory=Others)
    own: OwnCredential | NotSeen | None = None
    """Of the application by which runs without a person sign in; None where a person does."""


async def read(session: Session) -> State:
    """Each section as it would look by itself; then what is only asked here, of which all but the ring is advice."""
    sections = tuple([await step.examine(session) for step in PLANNING])
    found = await find(session)
    if found is None:
        return State(sections=sections)
    ring = await read_ring(session, found)
    return State(
        sections=sections,
        ring=ring,
        told=tuple(sorted(map(str, found.principal.get("notificationEmailAddresses") or ()))),
        people=await look(_assigned(session, found)),
        access=await look(conditional_access.hits(session, found)),
        others=await look(_others(session, found)),
        own=await look(own_credential.read(session)),
    )


async def _assigned(session: Session, found: Found) -> Assigned:
    """By name alone: members of groups come and go without us, and 07 looks at them."""
    named = {each.principal_id: each.principal for each in await read_all(session, found) if each.kind == "User"}
    users = {user.id: user for user in await people.users(session, sorted(named))}
    return Assigned(
        disabled=tuple(user.user_name for user in users.values() if not user.enabled),
        without_mail=tuple(user.user_name for user in users.values() if not user.mail),
        gone=tuple(sorted(name or identity for identity, name in named.items() if identity not in users)),
    )


async def _others(session: Session, found: Found) -> Others:
    since, entries = await audit_log.since_our_last_write(session, found)
    return Others(since=since, entries=entries)
