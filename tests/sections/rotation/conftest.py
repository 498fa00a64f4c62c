"""A tenant 300 days after its onboarding, with a successor beside the active certificate; made once."""

from pathlib import Path

import pytest
from rotating import DAY, run
from stage import Stage

from flexsso_helpers.rehearsal.world.world import World


@pytest.fixture(scope="session")
def staged_world(snapshots: dict[str, World], tmp_path_factory: pytest.TempPathFactory) -> World:
    """Not to be changed."""
    stage = Stage(tmp_path_factory.mktemp("staged"), world=snapshots["09"].copy())
    stage.world.advance(300 * DAY)
    run(stage, "stage", paste=False)
    return stage.world


@pytest.fixture
def staged(staged_world: World, tmp_path: Path) -> Stage:
    """A stage over a copy of it."""
    return Stage(tmp_path, world=staged_world.copy())
