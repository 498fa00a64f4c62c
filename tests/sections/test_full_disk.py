"""A disk that is full in the middle of a section: nothing is sent that is not noted, and the next run completes."""

import asyncio
import errno
import os
from pathlib import Path

import pytest
from onboarding import STEPS
from stage import Stage, through

from flexsso_helpers.errors import NotKept


@pytest.mark.thinned(3)
@pytest.mark.parametrize("after", [3, 6, 9])
def test_it_is_an_error_card_and_the_next_run_completes(
    after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, left, sync = Stage(tmp_path), [after], os.fsync

    def filling(number: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(number)

    async def run() -> int:
        return (await through(await stage.open(), STEPS["01"]))[2].outcome

    monkeypatch.setattr(os, "fsync", filling)
    with pytest.raises(NotKept) as caught:
        asyncio.run(run())
    assert all((caught.value.why, caught.value.fix, caught.value.notebook))
    monkeypatch.setattr(os, "fsync", sync)
    stage.world.advance(600.0)
    assert asyncio.run(run()) in (0, 2)
    applications = [each for each in stage.world.store.all("application") if "Twilio Flex" in each["displayName"]]
    assert [each["displayName"] for each in applications] == ["Twilio Flex"]
