"""A run that follows at once on one that was cut off sees what that one wrote, and makes nothing twice."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest
from onboarding import STEPS
from stage import Stage, approved, through

from flexsso_helpers.errors import Unreachable
from flexsso_helpers.ledger import read_ledger
from flexsso_helpers.session import Session


@pytest.fixture
def empty(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


BODY = {"displayName": "Cut off", "signInAudience": "AzureADMyOrg"}


async def _cut_off(stage: Stage) -> Session:
    session = await stage.open(apply=True)
    with session.speaking("01"):
        await session.graph.post("/applications", BODY, why="Making something", gives="id")
    return session


async def _not_read_back(stage: Stage) -> Session:
    """Its change was made and noted as made; the network went away only then."""
    session = await stage.open(apply=True)
    plan = await STEPS["01"].plan(session)
    away = Unreachable("Away.", why="", fix="", notebook="00")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(STEPS["01"]), "_read_back", AsyncMock(side_effect=away))
        with pytest.raises(Unreachable):
            await STEPS["01"].apply(session, plan, approved(plan))
    return session


def _waited(stage: Stage) -> list[str]:
    lines = read_ledger(stage.folder / f"run-{stage._runs}")
    return [str(line["text"]) for line in lines if line["kind"] == "remark"]


@pytest.mark.parametrize("later", [0.0, 20.0, 90.0])
def test_what_it_wrote_is_given_a_minute_to_be_seen(later: float, empty: Stage) -> None:
    async def go() -> float:
        cut_off = await _cut_off(empty)
        wrote = await cut_off.present()
        empty.world.advance(later)
        session = await empty.open(apply=True)
        return (await session.present() - wrote) / timedelta(seconds=1)

    assert asyncio.run(go()) == max(60.0, later)
    assert bool(_waited(empty)) == (later < 60.0)


def test_after_a_run_that_saw_its_writes_arrive_nobody_waits(empty: Stage) -> None:
    async def go() -> None:
        session = await empty.open(apply=True)
        await through(session, STEPS["01"])
        await empty.open(apply=True)

    asyncio.run(go())
    assert _waited(empty) == []


def test_after_a_run_that_could_not_read_back_what_it_wrote_it_is_waited_for(empty: Stage) -> None:
    async def go() -> None:
        await _not_read_back(empty)
        await empty.open(apply=True)

    asyncio.run(go())
    assert len(_waited(empty)) == 1


def test_in_the_same_session_it_is_waited_for_before_anything_is_planned_anew(empty: Stage) -> None:
    """The administrator runs the cell of the plan again, seconds after the network came back."""

    async def go() -> tuple[float, float, int]:
        session = await _not_read_back(empty)
        stopped = await session.present()
        again = await STEPS["01"].plan(session)
        planned = await session.present()
        await STEPS["01"].plan(session)
        return (planned - stopped).total_seconds(), (await session.present() - planned).total_seconds(), len(again.open)

    waited, then, left = asyncio.run(go())
    assert 50.0 < waited <= 60.0
    assert then < 10.0
    assert left == 0


def test_a_run_in_another_world_is_none_of_ours(empty: Stage) -> None:
    async def go() -> None:
        session = await _cut_off(empty)
        file = session.ledger.folder / "ledger.jsonl"
        file.write_text(file.read_text("utf-8").replace('"world": "', '"world": "another '), "utf-8")
        await empty.open(apply=True)

    asyncio.run(go())
    assert _waited(empty) == []


def test_behind_a_run_that_ended_before_none_is_looked_into(empty: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenant that is looked at every night has hundreds of ledgers, and none of them tells of a write."""
    read = list[Path]()

    def noted(folder: Path) -> list[dict[str, Any]]:
        read.append(folder)
        return read_ledger(folder)

    async def go() -> None:
        for _ in range(4):
            session = await empty.open()
            await STEPS["00"].plan(session)
            empty.world.advance(86_400.0)
        monkeypatch.setattr("flexsso_helpers.session.settling.read_ledger", noted)
        await empty.open()

    asyncio.run(go())
    assert [folder.name for folder in read if folder.name != f"run-{empty._runs}"] == [f"run-{empty._runs - 1}"]
