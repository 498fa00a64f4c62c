"""A CSV file that is dropped on the form of 07: its people join those there; one bad line, and none does."""

from collections.abc import Iterator
from typing import Any

from flexsso_helpers.identities import identity
from flexsso_helpers.parameters.people_csv import People, Person, read_people
from flexsso_helpers.plan import count
from flexsso_helpers.views.fields import Taken

Pairs = tuple[tuple[str, str], ...]


def taken(data: bytes, file: str, now: Any) -> Taken:
    """What the file means for the list of users that stands in the form, a pair of user name and roles each.

    Who stands there already with the same roles counts once; with others it is a problem, as in the tenant's file.
    """
    people = read_people(data, file)
    there = {identity(name): " ".join(roles.split()) for name, roles in now}
    problems = [*_told(people), *_clashes(people, there)]
    if problems:
        return Taken(problems=(f"Nothing is taken from {file}:", *problems))
    new = [person for person in people.persons if identity(person.user) not in there]
    joined = f"{count(len(new), 'user')} of it joined the list above. Nothing is saved before the next plan."
    return Taken((*now, *((person.user, _roles(person)) for person in new)), f"{people.told()} {joined}")


def _told(people: People) -> Iterator[str]:
    for problem in people.problems:
        yield f"line {problem.line}: {problem.text}" if problem.line else problem.text


def _clashes(people: People, there: dict[str, str]) -> Iterator[str]:
    for person in people.persons:
        before = there.get(identity(person.user), _roles(person))
        if before != _roles(person):
            yield f"line {person.line}: gives {person.user} {_roles(person)}, and the list above {before}; keep one"


def _roles(person: Person) -> str:
    return " ".join((person.role, *person.insights))
