"""Runs that leave a handover, made in this process: a simple tenant, one adopted, one over two days, one refused."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from faults import Faulty
from onboarding import DOCUMENTED, STEPS, made_by_hand, onboard, proof
from stage import Stage, through
from test_adoption import KNOWN
from test_said_as_it_was import HALF_WAY

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.handover.gathering import gathered
from flexsso_helpers.handover.record import Record
from flexsso_helpers.handover.sums import files_of
from flexsso_helpers.history import history

Runs = Callable[[Path], Awaitable[Sequence[Path]]]


async def simple(folder: Path) -> Sequence[Path]:
    await onboard(Stage(folder))
    return [folder / "run-1"]


async def adopted(folder: Path) -> Sequence[Path]:
    stage = Stage(folder, changes=KNOWN)
    made_by_hand(stage.world)
    await onboard(stage)
    return [folder / "run-1"]


async def over_two_days(folder: Path) -> Sequence[Path]:
    """The kernel is restarted after 04, and the next day each step is looked at again."""
    stage = Stage(folder)
    await onboard(stage, until="04")
    stage._runs -= 1  # the same run, by another kernel
    await onboard(stage, since="05")
    stage.world.advance(86400.0)
    session = await stage.open()
    for number in DOCUMENTED:
        await proof(session, number)
    return [folder / "run-1", folder / "run-2"]


async def refused(folder: Path) -> Sequence[Path]:
    """03 is broken off half way, and what follows waits for it."""
    stage = Stage(folder)
    session = await stage.open(apply=True, app=Faulty(stage.app, replace(HALF_WAY["03"])))
    await proof(session, "00")
    for number in ("01", "02"):
        await through(session, STEPS[number])
    plan = await STEPS["03"].plan(session)
    with pytest.raises(FlexSSOError):
        await STEPS["03"].apply(session, plan, session.approval(plan))
    return [folder / "run-1"]


RUNS: dict[str, tuple[Runs, str]] = {
    "simple": (simple, "What was changed"),
    "adopted": (adopted, "Mark in its notes"),
    "over two days": (over_two_days, "3 sessions"),
    "refused": (refused, "an error stopped it half way"),
}
"""How each came to be, and words that only such a page has."""


def record_of(runs: Runs, folder: Path) -> Record:
    """What these runs left. Another thread makes them: playwright has the event loop of this one."""
    with ThreadPoolExecutor(1) as apart:
        left = apart.submit(lambda: asyncio.run(_awaited(runs(folder)))).result()
    found = history(left)
    return gathered(found, files_of(found.telling))


async def _awaited(runs: Awaitable[Sequence[Path]]) -> Sequence[Path]:
    return await runs
