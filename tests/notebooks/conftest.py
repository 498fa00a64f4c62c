"""The notebooks, and a rehearsal of their own for each test that executes one."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flexsso_helpers.wire.rehearsal_client import RehearsalClient, find_rehearsal

PROJECT = Path(__file__).resolve().parents[2]
STEPS = sorted((PROJECT / "notebooks").glob("*.ipynb"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each notebook, named by it."""
    if "notebook" in metafunc.fixturenames:
        metafunc.parametrize("notebook", STEPS, ids=[path.stem for path in STEPS])


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty runs folder, which notebooks executed in this test use."""
    folder = tmp_path / "runs"
    monkeypatch.setenv("FLEXSSO_HOME", str(PROJECT))
    monkeypatch.setenv("FLEXSSO_RUNS", str(folder))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("FLEXSSO_RUN", raising=False)
    return folder


@pytest.fixture
def rehearsal(runs: Path) -> Iterator[RehearsalClient]:
    """A fresh rehearsal in that folder; ended, and waited for, afterwards."""
    folder = runs / ".rehearsal" / "rehearsal"
    command = [sys.executable, "-m", "flexsso_helpers.commands.main", "rehearsal", "serve", "--folder", str(folder)]
    command += ["--clock", "virtual"]
    with subprocess.Popen(command, cwd=PROJECT) as process:
        while (rehearsal_client := find_rehearsal(folder)) is None:
            assert process.poll() is None, "the rehearsal ended before it was ready"
            time.sleep(0.05)
        yield rehearsal_client
        rehearsal_client.stop()
        assert process.wait(timeout=30) == 0
