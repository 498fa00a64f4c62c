"""Many users by one of their properties, in few requests: fifteen values to a question, twenty questions to a batch.

A directory's filter takes no more than fifteen alternatives (G110).
"""

from collections.abc import Iterator, Sequence
from typing import Literal
from urllib.parse import quote

from flexsso_helpers.errors import NotPermitted
from flexsso_helpers.graph import Say, garbled, literal, silent
from flexsso_helpers.resources.application import Json
from flexsso_helpers.session import Session

MOST, LONGEST = 15, 1500
"""Values, and characters of them, in one question; no server refuses an address for such a length."""


async def listed_users(
    session: Session, key: Literal["id", "userPrincipalName"], values: Sequence[str], select: str, say: Say = silent
) -> list[Json]:
    """The users of whom `key` is one of the values, as Graph shows them; who is not there is left out.

    Who may list nobody, as a guest may not, reads each by an address of its own. Raises Refused, NotPermitted,
    Unreachable.
    """
    asked = [f"/users?$filter={quote(f'{key} in ({part})')}&$select={select}" for part in _parts(values)]
    try:
        pages = await session.graph.read_many(asked, lambda done: say(min(done * MOST, len(values))))
    except NotPermitted:
        found = await session.graph.read_many([address(value, select) for value in values], say)
        return [each for each in found if each]
    if any(not isinstance(page.get("value"), list) for page in pages):
        raise garbled("Reading users")
    return [entry for page in pages for entry in page["value"]]


def address(value: str, select: str) -> str:
    """Where one user stands by itself, by id or user principal name."""
    return f"/users/{quote(value, safe='@')}?$select={select}"


def _parts(values: Sequence[str]) -> Iterator[str]:
    """The values as literals, those of one question together."""
    part: list[str] = []
    for each in map(literal, values):
        if part and (len(part) == MOST or sum(map(len, map(quote, [*part, each]))) > LONGEST):
            yield ",".join(part)
            part = []
        part.append(each)
    if part:
        yield ",".join(part)
