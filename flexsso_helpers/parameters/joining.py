"""The people of `assignments.csv` join a tenant's own users: one list, in which each still knows its line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flexsso_helpers.identities import identity
from flexsso_helpers.parameters import shapes
from flexsso_helpers.parameters.contradictions import Key
from flexsso_helpers.parameters.extending import Layer
from flexsso_helpers.parameters.files import label, limits, neighbour, read_bytes
from flexsso_helpers.parameters.people_csv import People, Person, other_insights, read_people, two_roles
from flexsso_helpers.parameters.problems import Problem
from flexsso_helpers.parameters.roles import ROLES
from flexsso_helpers.parameters.yaml_text import Document

CSV: Key = ("assignments", "csv")
USERS: Key = ("assignments", "users")


@dataclass
class Joined:
    """A tenant's plain data with the people of its CSV file, if it names one, behind its own users."""

    body: dict[str, Any]
    people: People | None = None
    persons: list[Person] = field(default_factory=list)
    """Those of the file who did not stand among the users already."""
    own: int = 0
    """How many users stand before them."""
    path: Path | None = None
    """Where the CSV file lies."""
    problems: list[Problem] = field(default_factory=list)

    def person(self, path: Key) -> Person | None:
        """The person of the CSV file at a path below `tenant`."""
        index = path[2] if path[:2] == USERS and len(path) > 2 else None
        return self.persons[index - self.own] if isinstance(index, int) and index >= self.own and self.persons else None

    def placed(self, problem: Problem) -> Problem | None:
        """A problem of a person from the CSV file, with its line there; None for any other problem."""
        person = self.person(problem.path)
        file = self.people.file if self.people else ""
        return Problem(problem.path[3:], problem.text, person.line, file) if person else None


def join(layers: Sequence[Layer], document: Document) -> Joined:
    """Read the CSV file that a merged document names. Raises ParametersError when it cannot be read at all."""
    body = document.root.plain["tenant"]
    node = document.find(("tenant", *CSV))
    if node is None or not isinstance(node.plain, str):
        return Joined(body)
    home = next(each for each in layers if each.document.find(("tenant", *CSV)) is node)
    try:
        path = neighbour(home.path, shapes.csv_file(node.plain), limits(layers[0].path))
    except ValueError as error:
        file, line = document.place(("tenant", *CSV))
        return Joined(body, problems=[Problem(CSV, str(error), line, file)])
    people = read_people(read_bytes(path), label(path))
    users = body["assignments"].get("users", [])
    if not isinstance(users, list):
        return Joined(body, people, problems=people.problems)
    persons = _unite(people, users, label(layers[0].path))
    more = [
        {"user": person.user, "role": person.role} | ({"insights": list(person.insights)} if person.insights else {})
        for person in persons
    ]
    body = {**body, "assignments": {**body["assignments"], "users": [*users, *more]}}
    return Joined(body, people, persons, len(users), path, people.problems)


def _unite(people: People, users: Sequence[Any], where: str) -> list[Person]:
    """The persons who do not stand among the users already; who does with another role becomes a problem."""
    own = {
        identity(str(entry["user"])): entry
        for entry in users
        if isinstance(entry, dict) and entry.get("role") in ROLES and "user" in entry
    }
    more = []
    for person in people.persons:
        before = own.get(identity(person.user))
        if not before:
            more.append(person)
        elif before["role"] != person.role:
            people.refuse(person.line, two_roles(person, before["role"], where))
        elif person.insights and set(person.insights) != set(before.get("insights") or ()):
            people.refuse(person.line, other_insights(person, where))
        else:
            people.repeated.append(person.line)
    people.repeated.sort()
    return more
