"""Everybody whom the tenant's file lets in, a line each, the worst first; a live notebook searches them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flexsso_helpers.parameters import Tenant
from flexsso_helpers.resources.people import Everyone, User
from flexsso_helpers.session import Session
from flexsso_helpers.views import Cell, Row
from flexsso_helpers.views.search_table import SearchTable
from flexsso_helpers.views.table import Style

COLUMNS = ("Verdict", "User name", "Name", "Mail", "Flex roles")
VERDICTS: Mapping[str, Style] = {
    "does not exist": "no",
    "no such group": "no",
    "no NameID": "no",
    "disabled": "wait",
    "no mail address": "wait",
    "no display name": "wait",
    "not assigned yet": "wait",
    "not in the file": "wait",
    "assigned": "ok",
}
"""All verdicts and how each is drawn, worst first."""
_RANK = {verdict: rank for rank, verdict in enumerate(VERDICTS)}


@dataclass(frozen=True)
class Line:
    """One person: the verdict, one of VERDICTS, and what is known."""

    verdict: str
    user_name: str
    name: str = ""
    mail: str = ""
    roles: tuple[str, ...] = ()


Beyond = Sequence[tuple[str, str, str]]
"""Who is assigned and not in the file: name, kind (User, Group), what the role is called."""


def lines(tenant: Tenant, everyone: Everyone, assigned: frozenset[tuple[str, str]], beyond: Beyond = ()) -> list[Line]:
    """All persons with their verdict, worst first. `assigned` are pairs of (id of user or group, role)."""
    roles, ways = everyone.roles, everyone.ways
    found = list(_unknown(everyone))
    found += [Line("not in the file", kind.lower(), name, roles=(role,)) for name, kind, role in beyond]
    for person in everyone.persons:
        verdict = _verdict(tenant, person, ways[person.id] <= assigned)
        found.append(Line(verdict, person.user_name, person.name, person.mail, roles[person.id]))
    return sorted(found, key=lambda line: (_RANK[line.verdict], line.user_name))


def table(
    session: Session, everyone: Everyone, assigned: frozenset[tuple[str, str]], beyond: Beyond = ()
) -> SearchTable:
    """The same as a card that a live notebook can search."""
    found = lines(session.tenant, everyone, assigned, beyond)
    look = sum(VERDICTS[line.verdict] != "ok" for line in found)
    return SearchTable(
        "07 · Everybody in the tenant’s file or assigned",
        COLUMNS,
        [_row(line) for line in found],
        noun="people",
        badge=session.badge,
        right=f"{look:,} of {len(found):,} {'needs' if look == 1 else 'need'} a look"
        if look
        else "all as they should be",
    )


def _row(line: Line) -> Row:
    verdict = Cell(line.verdict, VERDICTS[line.verdict])
    return Row((verdict, line.user_name, line.name, line.mail or "none", ", ".join(line.roles)))


def _unknown(everyone: Everyone) -> Iterator[Line]:
    for name, role, user in everyone.users:
        if user is None:
            yield Line("does not exist", name, roles=(role,))
    for name, role, group in everyone.groups:
        if group is None:
            yield Line("no such group", name, roles=(role,))


def _verdict(tenant: Tenant, person: User, assigned: bool) -> str:
    """The worst that is known of a person."""
    if not person.name_id(tenant):
        return "no NameID"
    if not person.enabled:
        return "disabled"
    if not person.mail:
        return "no mail address"
    if not person.name.strip():
        return "no display name"
    return "assigned" if assigned else "not assigned yet"
