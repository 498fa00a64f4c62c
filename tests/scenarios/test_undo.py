"""Undone: whatever a run did to a tenant as it was found, an undo of it leaves what is managed as it was.

The second undo plans nothing and writes nothing. What people did by hand during the run stays.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from as_it_was import Managed, managed
from human import Human
from live_play import LiveRun, LiveStage, at_the_screen
from preparations import PREPARATIONS
from scenario import Scenario, load
from scenario_play import Run
from stage import Stage, approved

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.plan import Plan
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections import undo

FILES = sorted((Path(__file__).parent / "files").glob("*.yaml"))
AS_LARGE_AS_THEY_ARE = [
    pytest.param(path, marks=[pytest.mark.full] if (load(path).people or 0) > 100 else []) for path in FILES
]
NOT_OPENED = {"device_code_blocked", "consent_missing", "twenty_bad_lines"}
"""Nobody can sign in there, or read the tenant's file, so there is nothing to undo."""
PLAYED_LIVE = ("half_finished_before_06", "migration", "portal_application_in_use", "shared_claims_policy")
"""A human at the notebooks' own cells, for a file of each kind, as each takes many seconds."""
STAYS = {"us_government_not_active"}
"""A person put a certificate into what we made: it stays, empty, and not for us to delete."""


async def undone(stage: Stage) -> Plan:
    """Everything approved; what was planned."""
    session = await stage.open()
    plan = await undo.plan(session)
    names = [change.setting for change in plan.open if change.by_name]
    await undo.apply(session, plan, approved(plan, *names))
    evidence = await undo.verify(session)
    assert (evidence.planned, [each.check for each in evidence.findings if each.fails]) == (0, [])
    return plan


async def play(stage: Stage, scenario: Scenario, runs: Callable[[], Run] = Run) -> tuple[Managed, Managed]:
    """What was managed before, with what people did by hand in between; and after run and undo."""
    for name in scenario.seed:
        await PREPARATIONS[name](stage)
    before = managed(stage.world)
    by_hand: dict[str, object] = {}

    async def meanwhile(number: str) -> None:
        stood = managed(stage.world)
        for name in scenario.meanwhile.get(number, ()):  # type: ignore[call-overload]
            await PREPARATIONS[name](stage)
        after = managed(stage.world)
        changed = {name for name in {*stood, *after} if stood.get(name) != after.get(name)}
        by_hand.update({name: after.get(name) for name in changed})

    await runs().go(stage, scenario.approve, meanwhile)
    stage.world.advance(600.0)
    await undone(stage)
    stage.world.advance(600.0)
    writes = stage.writes
    assert (await undone(stage)).open == ()
    assert stage.writes == writes
    after = managed(stage.world)
    return {name: value for name, value in before.items() if name not in by_hand}, {
        name: value for name, value in after.items() if name not in by_hand
    }


@pytest.mark.sampled(3)
@pytest.mark.full
@pytest.mark.parametrize("path", AS_LARGE_AS_THEY_ARE, ids=lambda path: path.stem)
def test_an_undo_leaves_what_is_managed_as_it_was(path: Path, worlds: Mapping[str, World], tmp_path: Path) -> None:
    scenario = load(path)
    stage = Stage(tmp_path, world=scenario.world(worlds), changes=scenario.parameters)
    try:
        before, after = asyncio.run(play(stage, scenario))
    except FlexSSOError:
        assert path.stem in NOT_OPENED
        return
    if path.stem in STAYS:
        after = {name: value for name, value in after.items() if name in before}
    assert after == before


@pytest.mark.full
@pytest.mark.parametrize("name", PLAYED_LIVE)
def test_live_it_is_the_same(name: str, worlds: Mapping[str, World], tmp_path: Path) -> None:
    scenario = load(FILES[0].with_name(f"{name}.yaml"))
    stage = LiveStage(tmp_path, world=scenario.world(worlds), changes=scenario.parameters)
    human = Human(stage)

    async def go() -> tuple[Managed, Managed]:
        with at_the_screen(stage, human):
            return await play(stage, scenario, lambda: LiveRun(human))

    before, after = asyncio.run(go())
    assert after == before
