"""One contact that several tests look at: it takes everything that goes together, and is watched meanwhile."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from contacting import contact
from rounds import ROUNDS
from watching import Watched


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The first round, once a process."""
    folder, found = tmp_path_factory.mktemp("runs"), Watched()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLEXSSO_RUNS", str(folder))
        there = replace(ROUNDS[0].there, arrange=found.arrange)
        found.done = contact(folder / "rehearsal", quirks=ROUNDS[0].quirks, there=there, wrap=found.wrap)
        yield found
