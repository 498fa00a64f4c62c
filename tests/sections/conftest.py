"""A tenant that is fully set up, made once; each test gets a copy of its own."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from onboarding import stages_of
from stage import Stage

from flexsso_helpers.rehearsal.world.world import World

PROVED = "09"


@pytest.fixture(scope="session")
def onboarding_kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, dict[str, World]]:
    """The stage of one onboarding, and the worlds that it went through; not to be changed."""
    stage = Stage(tmp_path_factory.mktemp("proved"))
    return stage, stages_of(stage)


@pytest.fixture
def afterwards(onboarding_kept: tuple[Stage, dict[str, World]], tmp_path: Path) -> Callable[[str], Stage]:
    """Stages, each in a folder of this name, over copies of the world of a finished onboarding, with its ledger."""

    def made(name: str) -> Stage:
        before, worlds = onboarding_kept
        shutil.copytree(before.folder, tmp_path / name)
        stage = Stage(tmp_path / name, world=worlds[PROVED].copy())
        stage._runs = before._runs
        return stage

    return made


@pytest.fixture(scope="session")
def snapshots(onboarding_kept: tuple[Stage, dict[str, World]]) -> dict[str, World]:
    """The worlds before each section of one onboarding, and the one after it; not to be changed."""
    return onboarding_kept[1]


@pytest.fixture
def proved_world(snapshots: dict[str, World]) -> World:
    """The world after one whole onboarding, some minutes later; not to be changed."""
    return snapshots[PROVED]


@pytest.fixture
def configured(proved_world: World, tmp_path: Path) -> Stage:
    """A stage over a copy of the world in which everything is proved."""
    return Stage(tmp_path, world=proved_world.copy())


@pytest.fixture
def empty(tmp_path: Path) -> Stage:
    """A stage over a tenant that nobody has touched."""
    return Stage(tmp_path)


@pytest.fixture
def before(snapshots: dict[str, World], tmp_path: Path) -> Callable[[str], Stage]:
    """A stage over a copy of the world before the section with this number."""
    return lambda number: Stage(tmp_path, world=snapshots[number].copy())


@pytest.fixture(autouse=True)
def held_against_the_descriptions(conforming: None) -> None:
    """Every exchange of these tests is judged."""
