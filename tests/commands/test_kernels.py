"""A notebook's kernel as a run sees it: what it prints is told at once, and however it ends is an outcome."""

import gc
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from shell import PROJECT, REHEARSAL, conforms

from flexsso_helpers.commands import kernel_forks, kernels, run
from flexsso_helpers.commands.kernels import Printed, run_notebook
from flexsso_helpers.commands.selection import Given
from flexsso_helpers.person.browsing import Browser
from flexsso_helpers.wire.rehearsal_client import find_rehearsal

# What nbclient and jupyter_client leave open is the operating system's to close: the command ends with its runs.
pytestmark = [
    pytest.mark.kernel,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Nothing that was left open is blamed on a later test."""
    yield
    gc.collect()


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty runs folder, whose rehearsals end with the test."""
    monkeypatch.setenv("FLEXSSO_HOME", str(PROJECT))
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("FLEXSSO_RUN", raising=False)
    yield tmp_path / "runs"
    for folder in (tmp_path / "runs" / ".rehearsal").glob("*"):
        if rehearsal_client := find_rehearsal(folder):
            rehearsal_client.stop()


def enter(prompt: str, origin: Path) -> None:
    """Open what the line says and type the code, as whoever reads it would."""
    found = re.search(r"open (\S+) and type the code (\S+)", prompt)
    rehearsal_client = find_rehearsal(origin)
    assert found is not None
    assert rehearsal_client is not None
    browser = Browser(rehearsal_client.home, rehearsal_client.browser())
    browser.open(found[1])
    browser.fill("Code", found[2])
    browser.fill("User name", "ada.admin@contoso.com")
    browser.press("Sign in")
    assert browser.heading == "You have signed in"


@pytest.mark.full
def test_device_codes_are_on_stderr_while_the_cells_wait_and_entering_them_lets_the_runs_go_on(
    runs: Path, tmp_path: Path
) -> None:
    """Two tenants side by side, live to the letter: each line says whose code it is, and stdout is the result's."""
    names = {"north", "south"}
    text = REHEARSAL.read_text("utf-8").replace("practice: simulated", "practice: live", 1)
    for name in names:
        (tmp_path / f"{name}.yaml").write_text(
            text.replace("name: rehearsal ", f"name: {name} ").replace("  apply: true", "  apply: false"), "utf-8"
        )
    files = [str(tmp_path / f"{name}.yaml") for name in sorted(names)]
    command = [sys.executable, "-m", "flexsso_helpers.commands.main", "run", *files, "--only", "00", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        entered: list[str] = []
        said: list[str] = []
        for line in process.stderr:
            said.append(line)
            tenant = line.split(" · ")[0]
            if "type the code" in line:
                assert process.poll() is None
                enter(line, runs / ".rehearsal" / tenant)
                entered.append(tenant)
        results = conforms(json.loads(process.stdout.read()))
        assert process.wait(60) == 3, said  # nobody has begun the set-up in Console
    assert sorted(entered) == sorted(names)
    assert [(each["tenant"], each["outcome"]) for each in results] == [("north", 3), ("south", 3)]
    first = {name: next(index for index, line in enumerate(said) if line.startswith(name)) for name in names}
    assert all("type the code" in said[index] for index in first.values())


def of_cells(path: Path, *sources: str) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


@pytest.mark.full
def test_several_kernels_print_side_by_side_and_each_line_says_whose_it_is(runs: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    source = (
        "import time\nfor n in range(5):\n    print(tenant, n, flush=True)\n    time.sleep(0.1)\nprint('end', end='')"
    )
    notebook = of_cells(tmp_path / "talks.ipynb", "tenant = ''", source)
    data = nbformat.read(notebook, as_version=4)
    data.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(data, notebook)

    def work(name: str) -> None:
        (tmp_path / name).mkdir()
        run_notebook(notebook, tmp_path / name, {"tenant": name}, lambda line: lines.append(f"{name}: {line}"))

    threads = [threading.Thread(target=work, args=(name,)) for name in ("north", "south")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for name in ("north", "south"):
        ours = [line for line in lines if line.startswith(name)]
        assert ours == [*(f"{name}: {name} {n}" for n in range(5)), f"{name}: end"]


@pytest.fixture
def own_start_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What somebody has Python do at each start: fail."""
    startup = tmp_path / "mine" / "profile_default" / "startup" / "00.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("mine = True\nraise ImportError('no module named mine')\n", "utf-8")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "mine"))
    monkeypatch.setenv("PYTHONSTARTUP", str(startup))
    return tmp_path / "mine"


@pytest.mark.full
def test_what_somebody_s_own_profile_starts_is_no_part_of_a_run(runs: Path, tmp_path: Path, own_start_up: Path) -> None:
    (tmp_path / "out").mkdir()
    said: list[str] = []
    before = sorted(own_start_up.rglob("*"))
    assert (
        run_notebook(of_cells(tmp_path / "a.ipynb", "print('mine' in globals())"), tmp_path / "out", {}, said.append)
        == ""
    )
    assert said == ["False"]
    assert sorted(own_start_up.rglob("*")) == before


def test_a_kernel_of_a_run_has_a_profile_of_its_own_which_ends_with_it(
    runs: Path, tmp_path: Path, own_start_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, str] = {}

    def execute(*_: Any, km: kernels.RunKernelManager, **_more: Any) -> None:
        given.update(km.environment)
        assert Path(given["IPYTHONDIR"]).is_dir()

    monkeypatch.setattr(kernels.papermill, "execute_notebook", execute)
    assert run_notebook(tmp_path / "a.ipynb", tmp_path, {}, print) == ""
    assert given["IPYTHONDIR"] != str(own_start_up)
    assert not Path(given["IPYTHONDIR"]).exists()
    assert given["PYTHONSTARTUP"] == ""


@pytest.mark.full
def test_a_file_for_a_person_stops_in_a_notebook_that_a_program_executes(runs: Path, tmp_path: Path) -> None:
    first = PROJECT / "notebooks" / "00_start_here.ipynb"
    said = run_notebook(first, tmp_path, {"tenant": "practice"}, print)
    assert said.startswith("NobodyThere: ")
    assert not (runs / ".rehearsal").exists()  # nothing was begun


def test_lines_are_whole_however_they_arrive() -> None:
    told: list[str] = []
    printed = Printed(told.append)
    for piece in ("one", " and ", "two\nthree", "\n\n", "\r\nfour"):
        printed.write(piece)
    printed.finish()
    printed.finish()
    assert told == ["one and two", "three", "four"]


@pytest.mark.full
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os; os._exit(7)", "kernel ended by itself"),
        ("raise ValueError('no such thing')", "ValueError: no such thing"),
        ("import time; time.sleep(60)", "a cell took longer than"),
    ],
    ids=["dies", "raises", "endless"],
)
def test_however_a_cell_ends_is_said(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, words: str
) -> None:
    monkeypatch.setattr(kernels, "CELL_SECONDS", 5)
    (tmp_path / "out").mkdir()
    assert words in run_notebook(of_cells(tmp_path / "ends.ipynb", source), tmp_path / "out", {}, print)


def two_tenants(folder: Path) -> list[Given]:
    text = REHEARSAL.read_text("utf-8")
    for name in ("north", "south"):
        (folder / f"{name}.yaml").write_text(text.replace("name: rehearsal ", f"name: {name} "), "utf-8")
    return [Given(name, folder / f"{name}.yaml") for name in ("north", "south")]


def dies_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel whose process ends before it says a word, as one without memory does."""
    start = kernels.RunKernelManager._async_start_kernel

    async def starts(self: Any, **kwargs: Any) -> None:
        self.kernel_spec.argv = [sys.executable, "-c", "raise SystemExit(1)"]
        await start(self, **kwargs)

    monkeypatch.setattr(kernels.RunKernelManager, "start_kernel", starts)


def cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    async def starts(_self: Any, **_kwargs: Any) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(kernels.RunKernelManager, "start_kernel", starts)


def nowhere_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    def made(_tenant: str) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run.places, "new_run_folder", made)


def spoiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that none of us thought of."""

    def read(_folder: Path) -> list[Any]:
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setattr(run, "told_by", read)
    monkeypatch.setattr(run.TenantKernel, "run", lambda *_: "")


@pytest.mark.full
def test_where_nothing_can_be_forked_each_tenant_s_kernel_starts_by_its_command(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows and macOS: two tenants side by side, proved, then looked at."""
    monkeypatch.setattr(kernel_forks, "can_fork", lambda: False)
    monkeypatch.setattr(kernel_forks, "Forks", None)
    given, told = two_tenants(tmp_path), list[str]()
    payload = {"only": ("00", "01"), "apply": True}
    first = conforms(run.run_tenants(given, payload, told.append))
    assert [(each["tenant"], each["outcome"]) for each in first] == [("north", 2), ("south", 2)], told
    again = conforms(run.run_tenants(given, payload, told.append))
    assert [(each["tenant"], each["outcome"]) for each in again] == [("north", 0), ("south", 0)], told
    assert {each["as_good_as"] for result in again for each in result["notebooks"]} == {
        result["folder"] for result in first
    }
    assert not any("Kernels" in line for line in told)


@pytest.mark.full
@pytest.mark.parametrize(
    "mishap", [dies_at_start, cannot_start, nowhere_to_write, spoiled], ids=lambda each: each.__name__
)
def test_whatever_befalls_one_tenant_all_results_are_there(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mishap: Any
) -> None:
    mishap(monkeypatch)
    given = two_tenants(tmp_path)
    told: list[str] = []
    results = conforms(run.run_tenants(given, {"only": ("00",)}, told.append))
    assert [(result["tenant"], result["outcome"]) for result in results] == [("north", 1), ("south", 1)]
    for result in results:
        errors = [result["error"], *(record["error"] for record in result["notebooks"])]
        assert any(errors), result
        assert not any("Traceback" in error for error in errors)
    assert {line.split(" · ")[0] for line in told} == {"north", "south"}
