"""Makes the stage, and what plays on it, importable for the tests of this folder; and worlds to start from."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "sections"), str(TESTS / "scenarios")]

from onboarding import stages_of  # noqa: E402 - found by the line above
from stage import Stage  # noqa: E402

from flexsso_helpers.rehearsal.world.world import World  # noqa: E402


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, World]:
    """Worlds as they stand before each notebook of one onboarding, and as 09 after it; not to be changed."""
    return stages_of(Stage(tmp_path_factory.mktemp("onboarded")))
