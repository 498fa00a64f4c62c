"""Advisory reads: what is worth knowing and never worth stopping for.

A section needs some of what it reads, and goes on without the rest. Each read that it can do without goes through
`look`, which is the declaration; whatever happens to it becomes one line, "could not look: …".
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from flexsso_helpers.errors import FlexSSOError, NotPermitted, Refused
from flexsso_helpers.plan import Finding
from flexsso_helpers.plan.findings import judged

T = TypeVar("T")
ODD = (KeyError, IndexError, TypeError, ValueError, AttributeError)
"""What reading an answer of an unexpected shape ends in."""


@dataclass(frozen=True)
class NotSeen:
    """What an advisory read came to when it told nothing; `why` in a few words."""

    why: str


async def look(reading: Awaitable[T]) -> T | NotSeen:
    """What the read tells, or why it told nothing. Never raises for what a service answers, or does not."""
    try:
        return await reading
    except FlexSSOError as error:
        return NotSeen(_words(error))
    except ODD:
        return NotSeen("the answer was not of the documented form")


def _words(error: FlexSSOError) -> str:
    if isinstance(error, NotPermitted):
        return "this account may not read it"
    if isinstance(error, Refused):
        return " ".join(filter(None, (f"answered {error.status}" if error.status else "refused", error.code)))
    first = (error.why or error.what).partition("\n")[0]
    return first[:200].rstrip(".")


def could_not_look(check: str, title: str, configured: str, seen: NotSeen) -> Finding:
    """The one line of an advisory read that told nothing: neither red nor green."""
    return judged(check, title, configured, f"could not look: {seen.why}", "unknown", level="info")
