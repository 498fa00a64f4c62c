"""A tenant that is fully set up, made once; each test gets a copy of its own."""

import asyncio
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

from onboarding import onboard  # noqa: E402 - found by the line above
from stage import Stage  # noqa: E402

from flexsso_helpers.rehearsal.world import World  # noqa: E402


@pytest.fixture(scope="session")
def proved_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world after one whole onboarding, some minutes later; not to be changed."""
    stage = Stage(tmp_path_factory.mktemp("proved"))
    asyncio.run(onboard(stage))
    stage.world.advance(600.0)
    return stage.world


@pytest.fixture
def configured(proved_world: World, tmp_path: Path) -> Stage:
    """A stage over a copy of the world in which everything is proved."""
    return Stage(tmp_path, world=proved_world.copy())


@pytest.fixture
def empty(tmp_path: Path) -> Stage:
    """A stage over a tenant that nobody has touched."""
    return Stage(tmp_path)
