"""Scenario files once more, under `practice: live`: a human at the notebooks' own cells, with a browser beside them.

The expectations are those of the file: whoever is awaited does what the notebook says, and the end is the same.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from live_play import LiveStage, play_live
from scenario import load

from flexsso_helpers.rehearsal.world import World

FILES = sorted((Path(__file__).parent / "files").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_end_is_that_of_the_simulated_path(path: Path, worlds: Mapping[str, World], tmp_path: Path) -> None:
    scenario = load(path)
    stage = LiveStage(tmp_path, world=scenario.world(worlds), changes=scenario.parameters)
    asyncio.run(play_live(stage, scenario))
