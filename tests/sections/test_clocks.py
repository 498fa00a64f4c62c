"""This computer's clock is ten minutes off, or the computer sleeps while a section waits: it is said, or it passes."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from onboarding import DOCUMENTED, STEPS, proof
from stage import Stage, through
from starlette.types import Receive, Scope, Send

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.plan import FAILED
from flexsso_helpers.wire import Clock

BEFORE_THE_SIGN_ON = tuple(number for number in DOCUMENTED if number < "08")
NIGHT = 9 * 3600.0


class Off:
    """A clock that is so many seconds off; in its first wait the machine is `asleep` for so many."""

    def __init__(self, clock: Clock, seconds: float = 0.0, asleep: Callable[[], float] = lambda: 0.0) -> None:
        self._clock, self._seconds, self._asleep = clock, seconds, asleep

    def now(self) -> datetime:
        return self._clock.now() + timedelta(seconds=self._seconds)

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds + self._asleep())


class Tokens:
    """How often a token was asked for."""

    def __init__(self, app: Any) -> None:
        self.app, self.asked = app, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += scope["path"].endswith("/oauth2/v2.0/token")
        await self.app(scope, receive, send)


@pytest.mark.full
@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_clock_that_is_ten_minutes_off_blames_nobody_else(minutes: int, tmp_path: Path) -> None:
    """To a slow one a new certificate and a response lie in the future. Its sign-ons fail by naming the clock."""
    stage = Stage(tmp_path)

    async def go() -> None:
        session = await stage.open()
        session.clock = Off(session.clock, minutes * 60.0)
        for number in BEFORE_THE_SIGN_ON:
            assert (await through(session, STEPS[number]))[2].outcome != FAILED
        if minutes > 0:
            assert (await through(session, STEPS["08"]))[2].outcome != FAILED
            return
        with pytest.raises(FlexSSOError) as caught:
            await through(session, STEPS["08"])
        assert "this computer's clock is behind" in caught.value.what
        assert "certificate" not in caught.value.what
        assert "compare this computer's clock" in caught.value.fix

    asyncio.run(go())


@pytest.mark.thinned(3)
@pytest.mark.parametrize("number", ["01", "02", "03", "04", "05", "07"])
def test_a_laptop_that_sleeps_a_night_in_a_wait_ends_as_it_would_have(
    number: str, before: Callable[[str], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its access token has expired when it wakes, and what it waited for is long there."""
    stage, told, slept = before(number), time.time, list[float]()

    def asleep() -> float:
        if slept:
            return 0.0
        slept.append(NIGHT)
        monkeypatch.setattr(time, "time", lambda: told() + NIGHT)
        return NIGHT

    async def go() -> tuple[int, int, int]:
        tokens = Tokens(stage.app)
        session = await stage.open(app=tokens)
        session.clock = Off(session.clock, asleep=asleep)
        before = tokens.asked
        await through(session, STEPS[number])
        return (await proof(session, number)).outcome, before, tokens.asked

    outcome, before_it, asked = asyncio.run(go())
    assert outcome != FAILED
    assert slept
    assert asked == before_it + 1
