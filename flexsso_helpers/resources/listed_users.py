"""Many users by one of their properties, in few requests: fifteen values to a question, twenty questions to a batch.

A directory's filter takes no more than fifteen alternatives (G110). Whom a list does not show is looked for alone: its
copy may lag, a guest may list nobody, and what the filter does not take an address may.
"""

from collections.abc import Iterator, Sequence
from typing import Literal
from urllib.parse import quote

from flexsso_helpers.errors import NotPermitted, Refused
from flexsso_helpers.graph import Say, garbled, literal, silent
from flexsso_helpers.identities import identity
from flexsso_helpers.resources.application import Json
from flexsso_helpers.session import Session

Key = Literal["id", "userPrincipalName"]
MOST, LONGEST = 15, 1900
"""Values in one question, and characters of its address; Graph names 2,048 as the most for some questions."""


async def listed_users(
    session: Session, key: Key, values: Sequence[str], select: str, say: Say = silent
) -> dict[str, Json]:
    """The users of whom `key` is one of the values, by that value, in the order of the values; who is not there is left
    out. Raises Refused, NotPermitted, Unreachable.
    """
    graph, places = session.graph, {value: _address(value, select) for value in values}
    missing = [value for value, place in places.items() if graph.snapshot.found(place) is None]
    listed = {identity(str(entry.get(key))): entry for entry in await _listed(session, key, missing, select, say)}
    for value in missing:
        if entry := listed.get(identity(value)):
            graph.snapshot.keep(places[value], entry)
    alone = [value for value in places if identity(value) not in listed]
    read = dict(zip(alone, await graph.read_many([places[value] for value in alone]), strict=True))
    found = {value: listed.get(identity(value)) or read[value] for value in places}
    return {value: entry for value, entry in found.items() if entry}


async def _listed(session: Session, key: Key, values: Sequence[str], select: str, say: Say) -> list[Json]:
    """Those that lists show; nobody where this account may not list, or a filter is refused."""
    asked = [f"{question}&$select={select}" for question in _questions(key, values, LONGEST - len(select))]
    try:
        pages = await session.graph.read_many(asked, lambda done: say(min(done * MOST, len(values))))
    except NotPermitted:
        return []
    except Refused as error:
        if error.status != 400:
            raise
        return []
    lists = [page.get("value") for page in pages]
    if any(not isinstance(each, list) or any(not isinstance(entry, dict) for entry in each) for each in lists):
        raise garbled("Reading users")
    return [entry for each in lists if each for entry in each]


def _address(value: str, select: str) -> str:
    """Where one user stands by itself, by id or user principal name."""
    return f"/users/{quote(value, safe='@')}?$select={select}"


def _questions(key: Key, values: Sequence[str], longest: int) -> Iterator[str]:
    """Addresses that ask for all values between them, each for as many as it may."""

    def question(literals: Sequence[str]) -> str:
        return "/users?$filter=" + quote(f"{key} in ({','.join(literals)})")

    part: list[str] = []
    for each in map(literal, values):
        if part and (len(part) == MOST or len(question([*part, each])) > longest):
            yield question(part)
            part = []
        part.append(each)
    if part:
        yield question(part)
