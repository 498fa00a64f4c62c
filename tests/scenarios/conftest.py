"""Worlds to start from."""

from collections.abc import Mapping

import pytest
from onboarding import stages_of
from stage import Stage

from flexsso_helpers.rehearsal.world.world import World


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, World]:
    """Worlds as they stand before each notebook of one onboarding, and as 09 after it; not to be changed."""
    return stages_of(Stage(tmp_path_factory.mktemp("onboarded")))


@pytest.fixture(autouse=True)
def held_against_the_descriptions(conforming: None) -> None:
    """Every exchange of these tests is judged."""
