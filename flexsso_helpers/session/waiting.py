"""Waiting for copies: Entra answers a write before all its copies know of it, and promises no time."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from flexsso_helpers.errors import Refused, WaitedTooLong
from flexsso_helpers.ledger import Ledger
from flexsso_helpers.views import Progress, in_progress
from flexsso_helpers.views.progress import Say
from flexsso_helpers.views.table import Badge

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds of waiting after which it is asked whether what is waited for can still come."""
PAUSES = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0, 30.0)


class Waiting(ABC):
    """What a session does to wait, by its own clock."""

    ledger: Ledger

    @property
    @abstractmethod
    def badge(self) -> Badge:
        """The mark on what is shown meanwhile."""

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Let time pass."""

    async def wait_until(
        self,
        read: Callable[[], Awaitable[T]],
        holds: Callable[[T], bool],
        *,
        what: str,
        times: int = 1,
        limit: float = 600.0,
        never: Callable[[T], str] = lambda _found: "",
    ) -> T:
        """Read until it holds, `times` times in a row, with growing pauses, at most `limit` seconds.

        Entra copies with a lag and promises no time. `never` tells of what was read why it cannot come any
        more, in a sentence; it is asked only after a minute, since a copy may lag. Raises WaitedTooLong.
        """
        with in_progress(lambda: Progress.waiting(what, self.badge)) as say:
            return await self._wait(read, holds, say, what=what, times=times, limit=limit, never=never)

    async def _wait(
        self,
        read: Callable[[], Awaitable[T]],
        holds: Callable[[T], bool],
        say: Say,
        *,
        what: str,
        times: int,
        limit: float,
        never: Callable[[T], str],
    ) -> T:
        seen, waited, turn = 0, 0.0, 0
        while True:
            found = await read()
            seen = seen + 1 if holds(found) else 0
            if seen >= times:
                return found
            hopeless = never(found) if waited >= PATIENCE and not seen else ""
            if hopeless or waited >= limit:
                raise WaitedTooLong(
                    f"After {waited:.0f} seconds: {what}.",
                    why=hopeless or "Graph accepted the change; its copies have not followed yet.",
                    fix="Run the Look cell again: it shows how the tenant stands now."
                    if hopeless
                    else "Wait some minutes and run the cell again: what is already there is not made twice.",
                    notebook=self.ledger.section,
                )
            pause = PAUSES[min(turn, len(PAUSES) - 1)] if not seen else 2.0
            say(f"seen by {seen} of {times} reads · {waited:.0f} s · usually under a minute", waited / limit)
            await self.sleep(pause)
            waited, turn = waited + pause, turn + 1

    async def try_until(
        self, attempt: Callable[[], Awaitable[T]], passing: Sequence[str], *, what: str, limit: float = 120.0
    ) -> T:
        """Do it again while Graph's refusal only says that a copy has not followed yet.

        `passing` are codes or parts of messages of such refusals. After `limit` seconds the refusal is raised as it is.
        """
        waited, turn = 0.0, 0
        with in_progress(lambda: Progress.waiting(what, self.badge)) as say:
            while True:
                try:
                    return await attempt()
                except Refused as error:
                    words = " ".join((error.code, error.message, *(" ".join(detail) for detail in error.details)))
                    if waited >= limit or not any(text in words for text in passing):
                        raise
                pause = PAUSES[min(turn, len(PAUSES) - 1)]
                say(f"{waited:.0f} s · usually under a minute", waited / limit)
                await self.sleep(pause)
                waited, turn = waited + pause, turn + 1
