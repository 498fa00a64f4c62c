"""Time as a session sees it: the wall clock live, the rehearsal's own clock in practice."""

import asyncio
import os
from datetime import UTC, datetime
from typing import Protocol

from flexsso_helpers.wire.rehearsal_client import RehearsalClient

SLOW = "FLEXSSO_SLOW"
"""Of a kernel's environment: a rehearsal's waits last as long as they say (`flexsso guide --slow`)."""


class Clock(Protocol):
    """Tells the time and waits. Everything that waits or dates something goes through it."""

    def now(self) -> datetime:
        """The present, aware, in UTC, to the second."""

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""


class WallClock:
    """The real clock."""

    def now(self) -> datetime:
        """The present, aware, in UTC, to the second."""
        return datetime.now(UTC).replace(microsecond=0)

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)


class RehearsalClock:
    """The rehearsal's clock: waiting moves it on at once, so nobody needs patience; with SLOW, in time."""

    def __init__(self, rehearsal_client: RehearsalClient) -> None:
        """Use the clock of this rehearsal."""
        self._rehearsal_client = rehearsal_client

    def now(self) -> datetime:
        """The rehearsal's present, aware, in UTC."""
        return datetime.fromisoformat(self._rehearsal_client.now())

    async def sleep(self, seconds: float) -> None:
        """Move the rehearsal's clock on."""
        if SLOW in os.environ:
            await asyncio.sleep(seconds)
        await asyncio.to_thread(self._rehearsal_client.advance, seconds)
