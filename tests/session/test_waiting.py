"""Waiting: until it holds, several times in a row, not for ever, and never in real time."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stage import Stage

from flexsso_helpers.errors import Refused, WaitedTooLong
from flexsso_helpers.session import Session


def run(tmp_path: Path, call: Callable[[Session], Any]) -> tuple[Any, float]:
    """What came of it, and how many seconds of the rehearsal passed."""

    async def go() -> tuple[Any, float]:
        stage = Stage(tmp_path)
        session = await stage.open()
        begun = stage.world.clock.now
        try:
            return await call(session), stage.world.clock.now - begun
        finally:
            run.waited = stage.world.clock.now - begun  # type: ignore[attr-defined]

    return asyncio.run(go())


class Reads:
    """Reads that give one value after the other, the last again and again."""

    def __init__(self, *values: Any) -> None:
        self.values, self.count = values, 0

    async def __call__(self) -> Any:
        self.count += 1
        return self.values[min(self.count, len(self.values)) - 1]


def test_what_is_there_at_once_is_not_waited_for(tmp_path: Path) -> None:
    reads = Reads(True)
    assert run(tmp_path, lambda session: session.wait_until(reads, bool, what="it")) == (True, 0.0)
    assert reads.count == 1


def test_pauses_grow_and_what_was_found_comes_back(tmp_path: Path) -> None:
    reads = Reads("", "", "", "found")
    found, waited = run(tmp_path, lambda session: session.wait_until(reads, bool, what="it"))
    assert (found, waited, reads.count) == ("found", 1.0 + 2.0 + 3.0, 4)


def test_a_read_that_flaps_does_not_count_until_it_holds_in_a_row(tmp_path: Path) -> None:
    reads = Reads(True, False, True, True, False, True, True, True)
    run(tmp_path, lambda session: session.wait_until(reads, bool, what="it", times=3))
    assert reads.count == 8


def test_what_never_comes_is_said_with_what_to_do(tmp_path: Path) -> None:
    reads = Reads(False)

    async def wait(session: Session) -> None:
        session.enter("03")
        await session.wait_until(reads, bool, what="the certificate to be listed", limit=60.0)

    with pytest.raises(WaitedTooLong) as caught:
        run(tmp_path, wait)
    assert str(caught.value) == (
        "A change has not become visible\n"
        "  What:     After 82 seconds: the certificate to be listed.\n"
        "  Why:      Graph accepted the change; its copies have not followed yet.\n"
        "  To do:    Wait some minutes and run the cell again: what is already there is not made twice.\n"
        "  Notebook: 03"
    )
    assert run.waited == 82.0  # type: ignore[attr-defined]


def attempts(*outcomes: Refused | str) -> Callable[[], Any]:
    left = list(outcomes)

    async def attempt() -> str:
        outcome = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    return attempt


def refused(message: str = "", *, code: str = "", details: tuple[tuple[str, str], ...] = ()) -> Refused:
    return Refused("Writing", status=400, code=code, message=message, details=details)


@pytest.mark.parametrize(
    "refusal",
    [refused("Not yet there."), refused(code="NotYet"), refused("Invalid.", details=(("NotYet", "…"),)),
     refused("Invalid.", details=(("x", "Not yet there"),))],
    ids=["message", "code", "detail-code", "detail-message"],
)  # fmt: skip
def test_a_refusal_that_passes_is_tried_again(refusal: Refused, tmp_path: Path) -> None:
    attempt = attempts(refusal, refusal, "done")
    found, waited = run(tmp_path, lambda s: s.try_until(attempt, ("Not yet there", "NotYet"), what="it"))
    assert (found, waited) == ("done", 3.0)


def test_another_refusal_is_raised_at_once_and_one_that_stays_after_a_while(tmp_path: Path) -> None:
    other = refused("Never.")
    with pytest.raises(Refused) as caught:
        run(tmp_path, lambda s: s.try_until(attempts(other), ("Not yet",), what="it"))
    assert caught.value is other
    assert run.waited == 0.0  # type: ignore[attr-defined]
    stays = refused("Not yet.")
    with pytest.raises(Refused) as caught:
        run(tmp_path, lambda s: s.try_until(attempts(stays), ("Not yet",), what="it"))
    assert caught.value is stays
    assert 120.0 <= run.waited < 200.0  # type: ignore[attr-defined]
