"""Who joins, who leaves, whose role changes, and whom Flex would take for somebody new. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from flexsso_helpers.identities import identity
from flexsso_helpers.plan import count
from flexsso_helpers.resources.assignments import Assignment
from flexsso_helpers.resources.at_flex import Everybody, Held
from flexsso_helpers.resources.people import User
from flexsso_helpers.sections.user_changes.given import Entry

What = Literal["joins", "leaves", "changes role", "stays"]


@dataclass(frozen=True, kw_only=True)
class Person:
    """One user of the list, or who leaves it: roles as they are assigned, and as the list has them."""

    name: str
    id: str = ""
    name_id: str = ""
    now: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    own: tuple[tuple[str, str], ...] = ()
    """(id, role id) of this person's own assignments that end."""
    by_group: str = ""
    """A group that lets this person in all the same."""

    @property
    def what(self) -> What:
        """What becomes of them."""
        if not self.then:
            return "leaves"
        if not self.now:
            return "joins"
        return "stays" if set(self.now) == set(self.then) else "changes role"


@dataclass(frozen=True, kw_only=True)
class Renamed:
    """Somebody whom Flex knows by an earlier NameID: a sign-on makes a second worker (F86)."""

    person: str
    name_id: str
    earlier: Held
    met: bool
    """Whether the new NameID has signed on already, so that there are two."""


def people(
    entries: Sequence[Entry],
    former: Iterable[str],
    users: dict[str, User],
    assigned: Sequence[Assignment],
    groups: dict[str, str],
    name_ids: dict[str, str],
) -> tuple[Person, ...]:
    """Everybody of the list in its order, then who leaves. `users` by name in lower case; `former` are ids or names of
    those who were on the list, or whom these notebooks assigned; `groups` the group that holds somebody, by id.
    """
    own: dict[str, list[Assignment]] = {}
    for each in assigned:
        if each.kind == "User":
            own.setdefault(each.principal_id, []).append(each)
    found = [
        _person(user, users.get(identity(user)), own, groups, name_ids, (role, *insights))
        for user, role, insights in entries
    ]
    there = {each.id for each in found if each.id} | {identity(user) for user, _, _ in entries}
    by_id = {user.id: user for user in users.values()}
    gone = dict.fromkeys(name for name in former if identity(name) not in there)
    for name in gone:
        user = by_id.get(name) or users.get(identity(name))
        if user and user.id in there:
            continue
        person = _person(user.user_name if user else name, user, own, groups, name_ids, ())
        there.add(person.id or identity(name))
        found.append(person)
    return tuple(found)


def _person(
    name: str,
    user: User | None,
    assigned: dict[str, list[Assignment]],
    groups: dict[str, str],
    name_ids: dict[str, str],
    then: tuple[str, ...],
) -> Person:
    if user is None:
        return Person(name=name, name_id=name, then=then)
    own = assigned.get(user.id, [])
    return Person(
        name=name,
        id=user.id,
        name_id=name_ids.get(user.id, ""),
        now=tuple(sorted(each.role or each.title for each in own)),
        then=then,
        own=tuple((each.id, each.role_id) for each in own if (each.role or each.title) not in then),
        by_group=groups.get(user.id, ""),
    )


def renamed(persons: Sequence[Person], addresses: dict[str, frozenset[str]], held: Everybody) -> Iterator[Renamed]:
    """Those for whom Flex has somebody under an address that is not their NameID any more.

    `addresses` by id, in lower case, are those that Entra still keeps for a person.
    """
    current = {identity(each.name_id) for each in persons if each.then and each.name_id}
    for person in persons:
        if not person.then or not person.name_id:
            continue
        met = held.of(person.name_id)
        yield from (
            Renamed(person=person.name, name_id=person.name_id, earlier=each, met=bool(met))
            for each in held.at(addresses.get(person.id, frozenset()) - current)
            if each not in met
        )


def summary(persons: Sequence[Person]) -> str:
    """How many of each, in words."""
    words = (("joins", "who joins"), ("leaves", "who leaves"), ("changes role", "with another role"))
    parts = []
    for what, said in words:
        number = sum(each.what == what and bool(each.now or each.then) for each in persons)
        if number:
            parts.append(f"{number} {said}")
    size = sum(bool(each.then) for each in persons)
    return f"{count(size, 'user')}: {', '.join(parts)}" if parts else count(size, "user")
