"""Advisory reads: what a service answers, or does not, never stops a run, and is said in a few words."""

import asyncio

import pytest

from flexsso_helpers.errors import FlexSSOError, NotPermitted, Refused, Unreachable
from flexsso_helpers.resources.looking import NotSeen, could_not_look, look


async def _raising(error: Exception) -> str:
    raise error


async def _telling() -> str:
    return "P1"


def test_what_was_seen_is_given() -> None:
    assert asyncio.run(look(_telling())) == "P1"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NotPermitted("Reading /subscribedSkus"), "may not read"),
        (Refused("Reading.", status=400, code="Request_UnsupportedQuery"), "400 Request_UnsupportedQuery"),
        (Refused("Reading.", status=404), "404"),
        (Unreachable("Reading.", why="The answer was not Graph's."), "not Graph's"),
        (KeyError("value"), "documented form"),
    ],
)
def test_what_was_not_seen_is_one_line_that_is_neither_red_nor_green(error: Exception, words: str) -> None:
    seen = asyncio.run(look(_raising(error)))
    assert isinstance(seen, NotSeen)
    assert words in seen.why
    line = could_not_look("G68", "Groups can be assigned", "yes", seen)
    assert line.state == "unknown"
    assert not line.fails
    assert line.received.startswith("could not look: ")


def test_what_is_no_answer_of_a_service_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(look(_raising(ZeroDivisionError())))
    assert issubclass(NotPermitted, FlexSSOError)
