"""The notebooks are living documentation: executed anew, each shows what is committed, to the letter.

`make test` executes the documented steps once, as `make docs` does, and compares byte by byte; `make test-all` those
beside them too, and there nbval, whom others wrote, looks at each step by itself.
"""

import filecmp
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from flexsso_helpers.wire.rehearsal_client import RehearsalClient

PROJECT = Path(__file__).resolve().parents[2]
RECORDING = PROJECT / "flexsso_helpers" / "rehearsal" / "world" / "configured.jsonl"

STEPS = sorted((PROJECT / "notebooks").glob("0*.ipynb"))
"""Each can be looked at by itself; the others find what runs of these left, and are made with them below."""

pytestmark = pytest.mark.kernel


def cell(notebook: Any, name: str) -> Any:
    return next(each for each in notebook.cells if each.id == name)


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def write(notebook: Any, path: Path) -> None:
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


def nbval(notebook: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """nbval, strict, on one notebook. Its own configuration: the noise of starting a kernel is no failure."""
    configuration = folder / "pytest.ini"
    configuration.write_text("[pytest]\n")
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=120", "-p", "no:cacheprovider", "-x", "-q"]
    command = [sys.executable, "-m", "pytest", "-c", str(configuration), *options, str(notebook)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.sampled(3)
@pytest.mark.full
@pytest.mark.parametrize("step", STEPS, ids=[path.stem for path in STEPS])
def test_shows_again_what_is_committed(step: Path, rehearsal: RehearsalClient, tmp_path: Path) -> None:
    number = step.name[:2]
    rehearsal.reset(None if number == "00" else number)
    done = nbval(step, tmp_path)
    assert done.returncode == 0, done.stdout[-4000:]
    cells = sum(each.cell_type == "code" for each in read(step).cells)
    assert f"{cells} passed" in done.stdout


@pytest.mark.full
def test_one_changed_word_in_an_output_is_noticed(rehearsal: RehearsalClient, tmp_path: Path) -> None:
    rehearsal.reset()
    notebook = read(PROJECT / "notebooks" / "00_start_here.ipynb")
    (shown,) = cell(notebook, "prove").outputs
    assert "2.9.0" in shown.data["text/html"]
    shown.data["text/html"] = shown.data["text/html"].replace("2.9.0", "2.9.1")
    write(notebook, tmp_path / "changed.ipynb")
    done = nbval(tmp_path / "changed.ipynb", tmp_path)
    assert done.returncode == 1
    assert re.search(r"1 failed, [1-9]\d* passed", done.stdout)
    assert "mismatch 'text/html'" in done.stdout


@pytest.mark.parametrize(
    ("options", "which"),
    [pytest.param(["--steps"], "0*.ipynb", id="steps"), pytest.param([], "*.ipynb", id="all", marks=pytest.mark.full)],
)
def test_making_the_documentation_again_changes_no_byte(
    options: list[str], which: str, runs: Path, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    made.mkdir()
    script = PROJECT / "scripts" / "make_docs.py"
    command = [sys.executable, str(script), "--into", str(made), *options]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    kept = [*sorted((PROJECT / "notebooks").glob(which)), RECORDING]
    assert sorted(path.name for path in made.iterdir()) == sorted(path.name for path in kept)
    assert [path.name for path in kept if not filecmp.cmp(path, made / path.name, shallow=False)] == []
    assert not runs.exists(), "the reader's own rehearsal stays untouched"


@pytest.mark.full
def test_documentation_with_a_failing_cell_is_not_written(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "scripts").mkdir(parents=True)
    (project / "notebooks").mkdir()
    for name in ("parameters", "flexsso_helpers"):
        (project / name).symlink_to(PROJECT / name)
    for name in ("make_docs.py", "tenants_for_docs.py"):
        (project / "scripts" / name).write_bytes((PROJECT / "scripts" / name).read_bytes())
    source = PROJECT / "notebooks" / "00_start_here.ipynb"
    notebook = read(source)
    cell(notebook, "parameters").source = 'tenant = "nobody"\napply = None'
    write(notebook, project / "notebooks" / source.name)
    made = tmp_path / "made"
    made.mkdir()
    command = [sys.executable, str(project / "scripts" / "make_docs.py"), "--into", str(made)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 1
    assert "Nothing was written" in done.stderr
    assert "nobody.yaml" in done.stderr
    assert list(made.iterdir()) == []
