"""22 · What is read: the list, the tenant's file, Entra's assignments, the ledgers, and who is at Flex."""

from dataclasses import dataclass
from typing import Any

from flexsso_helpers.history import history_of
from flexsso_helpers.identities import identity
from flexsso_helpers.resources import at_flex, people, people_near
from flexsso_helpers.resources.application import find
from flexsso_helpers.resources.assignments import offered_ids, read_all
from flexsso_helpers.resources.at_flex import Held
from flexsso_helpers.resources.looking import NotSeen
from flexsso_helpers.sections.user_changes import comparing
from flexsso_helpers.sections.user_changes.comparing import Person, Renamed
from flexsso_helpers.sections.user_changes.given import Entry, given, of_file
from flexsso_helpers.session import Session


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read."""

    app: bool = False
    role_ids: tuple[tuple[str, str], ...] = ()
    entries: tuple[Entry, ...] = ()
    source: str = ""
    """Where the list comes from, in words; empty for the tenant's own."""
    former: tuple[Entry, ...] = ()
    """The list of the tenant's file."""
    persons: tuple[Person, ...] = ()
    unknown: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    held: tuple[tuple[str, Held], ...] = ()
    """What Twilio has of those who leave, with who they are."""
    unseen: str = ""
    """Why nobody could look at Twilio."""


async def read(session: Session) -> State:
    """The list, the tenant's file, Entra's assignments, and who is at Flex."""
    listed_now, former = given(session), of_file(session.tenant)
    entries = listed_now.entries
    found = await find(session)
    assigned = await read_all(session, found) if found else ()
    names = list(dict.fromkeys(user for user, _, _ in (*entries, *former)))
    known = dict(zip(map(identity, names), await people.users_named(session, names), strict=True))
    users = {name: user for name, user in known.items() if user}
    ours = _assigned_here(session)
    missing = sorted(ours - {user.id for user in users.values()})
    users |= {identity(user.user_name): user for user in await people.users(session, missing)}
    name_ids = {user.id: user.name_id(session.tenant) for user in users.values()}
    groups = await _by_group(session)
    persons = comparing.people(entries, [*(user for user, _, _ in former), *ours], users, assigned, groups, name_ids)
    held = await at_flex.read(session)
    there = at_flex.Everybody(() if isinstance(held, NotSeen) else held)
    unknown = tuple(user for user, _, _ in entries if identity(user) not in users)
    return State(
        app=found is not None,
        role_ids=offered_ids(session.tenant, found) if found else (),
        entries=entries,
        source=listed_now.source,
        former=former,
        persons=persons,
        unknown=unknown,
        near=await people_near.near(session, unknown, ()),
        renamed=tuple(comparing.renamed(persons, await _addresses(session, persons), there)),
        held=tuple(
            (person.name, each)
            for person in persons
            if person.what == "leaves"
            for each in ([] if person.by_group else there.of(person.name_id))
        ),
        unseen=held.why if isinstance(held, NotSeen) else "",
    )


def _assigned_here(session: Session) -> set[str]:
    """Ids of all whom the ledgers name: whom these notebooks have assigned, whose assignment they have ended, and who
    was on a list before.
    """
    found: set[str] = set()
    for each in history_of(session.folder.parent).writes:
        before, body = each.intent.get("before") or {}, each.intent.get("body") or {}
        if "/appRoleAssignedTo" in str(each.intent.get("path")):
            found.add(str((body or before)["principalId"]))
        elif each.intent.get("service") == "file":
            found |= set(before["ids"])
    return found


async def _by_group(session: Session) -> dict[str, str]:
    """The group of the tenant's file by which somebody is let in, by the person's id."""
    everyone = await people.everyone(session, clear=False)
    return {member.id: group.name for _, _, group in everyone.groups if group for member in group.members}


async def _addresses(session: Session, persons: tuple[Person, ...]) -> dict[str, frozenset[str]]:
    """Every address that Entra keeps for those who are on the list, the former ones among them."""
    ids = [person.id for person in persons if person.id and person.then]
    listed = await people.by_ids(session, ids, "id,userPrincipalName,mail,proxyAddresses")
    return {str(each["id"]): frozenset(map(identity, _all_of(each))) for each in listed}


def _all_of(user: dict[str, Any]) -> list[str]:
    proxies = [str(each).partition(":")[2] for each in user.get("proxyAddresses") or ()]
    return [*filter(None, (user.get("userPrincipalName"), user.get("mail"))), *proxies]
