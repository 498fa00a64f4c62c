"""The list of people that is to count from now on: a CSV file, whole; one bad line, and none of it is taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import Tenant, objections
from flexsso_helpers.parameters.files import read_bytes
from flexsso_helpers.parameters.people_csv import read_people
from flexsso_helpers.plan import count, few
from flexsso_helpers.session import Session
from flexsso_helpers.views import Field
from flexsso_helpers.views.fields import Taken

KEY = "people"
SECTION = "22"
Pairs = tuple[tuple[str, str], ...]
Entry = tuple[str, str, tuple[str, ...]]
"""User name, Flex role, Insights roles."""


def of_file(tenant: Tenant) -> tuple[Entry, ...]:
    """Everybody whom the tenant's file names, its CSV file included."""
    return tuple((each.user, each.role, tuple(each.insights)) for each in tenant.assignments.users)


def fields(tenant: Tenant) -> tuple[Field, ...]:
    """The list, as the tenant's file has it until a CSV file takes its place."""
    shown = tuple((user, " ".join((role, *insights))) for user, role, insights in of_file(tenant))
    return (
        Field(
            KEY,
            "Who is to use Flex",
            "people",
            shown,
            help="Everybody, one a line: user name, role; a CSV file takes the place of the whole list. Saved by the "
            "change, not before.",
            take=taken,
        ),
    )


def taken(data: bytes, file: str, _now: Any) -> Taken:
    """The file's people in place of the list, or what is wrong with it, line by line."""
    people = read_people(data, file)
    if people.problems:
        return Taken(problems=(f"Nothing is taken from {file}:", *map(_told, people.problems)))
    pairs = tuple((each.user, " ".join((each.role, *each.insights))) for each in people.persons)
    return Taken(pairs, f"{people.told()} {count(len(pairs), 'user')} of it take the place of the list above.")


def _told(problem: Any) -> str:
    return f"line {problem.line}: {problem.text}" if problem.line else str(problem.text)


def not_saved(_edited: dict[str, Any]) -> dict[str, Any]:
    """The list goes into the tenant's file with the approved change, and not with a look at it."""
    return {}


@dataclass(frozen=True)
class Given:
    """The list that is to count, and where it comes from, in words; empty for the tenant's own."""

    entries: tuple[Entry, ...]
    source: str = ""


def given(session: Session) -> Given:
    """The list of the form where it was edited, else that of a CSV file beside the tenant's, else the tenant's own.

    Raises ParametersError for a list that cannot be taken.
    """
    form, beside = session.forms.get(SECTION), session.tenant_values.list_beside()
    edited = form.edited().get(KEY) if form else None
    if edited is not None:
        return Given(_checked(session, edited), "the form")
    if beside is None:
        return Given(of_file(session.tenant))
    return Given(_checked(session, of_csv(beside)), f"{beside.name} beside the tenant’s file")


def of_csv(path: Path) -> Pairs:
    """The pairs of user name and roles of a CSV file. Raises ParametersError with each bad line."""
    try:
        data = read_bytes(path)
    except ParametersError as error:
        error.notebook = SECTION
        raise
    people = taken(data, path.name, ())
    if people.problems:
        raise _refusal(people.problems)
    return tuple(people.value)


def _checked(session: Session, pairs: Pairs) -> tuple[Entry, ...]:
    entries = tuple((user, *_roles(roles)) for user, roles in pairs)
    said = objections(session.tenant, {("assignments", "users"): as_written(entries)})
    if said:
        raise _refusal(tuple(dict.fromkeys(said.values())))
    return entries


def _refusal(lines: Sequence[str]) -> ParametersError:
    return ParametersError(
        "The list cannot be taken.\n" + "\n".join(few(list(lines), 20)),
        fix="Correct these lines where they stand, and run this again.",
        notebook=SECTION,
    )


def as_written(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The list as a tenant's file writes it."""
    return [
        {"user": user, "role": role} | ({"insights": list(insights)} if insights else {})
        for user, role, insights in entries
    ]


def _roles(text: str) -> tuple[str, tuple[str, ...]]:
    role, *insights = text.split() or [""]
    return role, tuple(insights)
