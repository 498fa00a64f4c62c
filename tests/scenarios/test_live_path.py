"""Scenario files once more, under `practice: live`: a human at the notebooks' own cells, with a browser beside them.

The expectations are those of the file: whoever is awaited does what the notebook says, and the end is the same.
`make test` plays some of those that differ for a person, as each takes some ten seconds; `make test-all` every file.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from human import Human
from live_play import LiveStage, Notebook, at_the_screen, play_live
from scenario import load

from flexsso_helpers.rehearsal.world.world import World

FILES = sorted((Path(__file__).parent / "files").glob("*.yaml"))
ALWAYS = ("half_finished_before_06", "migration")
"""The long way through Console, and the short one; the others follow the same ways, to other ends."""
OTHERWISE = {
    "two_thousand_people": "it counts requests, which a human at each notebook needs more of",
}
"""Files whose end is another one with a human, and why."""
PLAYED = [
    pytest.param(path, marks=[] if path.stem in ALWAYS else [pytest.mark.full])
    for path in FILES
    if path.stem not in OTHERWISE
]


def test_files_that_are_named_are_there() -> None:
    assert {*ALWAYS, *OTHERWISE} <= {path.stem for path in FILES}


@pytest.mark.sampled(6)
@pytest.mark.full
@pytest.mark.parametrize("path", PLAYED, ids=lambda path: path.stem)
def test_the_end_is_that_of_the_simulated_path(path: Path, worlds: Mapping[str, World], tmp_path: Path) -> None:
    scenario = load(path)
    stage = LiveStage(tmp_path, world=scenario.world(worlds), changes=scenario.parameters)
    asyncio.run(play_live(stage, scenario))


@pytest.mark.thinned(2)
@pytest.mark.parametrize("looks_first", [False, True], ids=["at the values", "at the box"])
def test_pasting_between_look_and_change_makes_no_plan_stale(
    looks_first: bool, worlds: Mapping[str, World], tmp_path: Path
) -> None:
    stage = LiveStage(tmp_path, world=worlds["06"].copy())
    human = Human(stage, looks_first=looks_first)

    async def go() -> Notebook:
        with at_the_screen(stage, human):
            notebook = Notebook("06", human)
            await notebook.work_through()
            return notebook

    evidence = asyncio.run(go()).evidence
    assert human.pasted
    assert evidence is not None
    assert evidence.outcome == 2
