"""A folder of runs that may not be written: each command says so in words, and nothing is sent to a service."""

import asyncio
import errno
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from onboarding import STEPS
from shell import REHEARSAL
from stage import Stage, through
from telling import ledger, whole

from flexsso_helpers.commands import main as command_line
from flexsso_helpers.commands.exit_codes import MISUSE
from flexsso_helpers.errors import NotKept
from flexsso_helpers.places import of_writing
from flexsso_helpers.plan import FAILED

NAME = str(REHEARSAL)
COMMANDS: tuple[list[str], ...] = (
    ["run", NAME, "--apply"],
    ["run", NAME, NAME.replace("rehearsal.yaml", "practice.yaml"), "--apply"],
    ["guide", "--no-browser"],
    ["prepare", NAME],
    ["people", NAME],
    ["doctor", NAME],
    ["drift", NAME],
    ["rotate", NAME, "--phase", "stage"],
    ["handover", NAME],
    ["rehearsal", "serve", "rehearsal"],
    ["rehearsal", "reset", "rehearsal"],
    ["observe", NAME, "--read-only"],
    ["observe", "--recording", "runs/rehearsal/2026-01-01T02-00-00Z"],
    ["undo", NAME],
    ["runs", "prune", "--older-than", "30d"],
)
NAMED: tuple[list[str], ...] = (["init", "work"], ["judge", NAME, "--html", "page.html"])
"""These write where they are told to, and nowhere else: another place is asked for."""
READING: tuple[list[str], ...] = (
    ["status", NAME],
    ["handover", NAME, "--verify"],
    ["show", NAME],
    ["schema"],
    ["judge", NAME],
    ["runs", "prune", "--older-than", "30d", "--dry-run"],
    ["rehearsal", "quirks"],
    ["rehearsal", "status"],
    ["rehearsal", "stop"],
)
"""These write nothing, so that it does not concern them."""
_reason = [errno.EROFS]
_closed: list[Path] = []
"""Below these nothing can be written, by whomever: the tests of some machines run as root, whom no mode stops."""


def _hook(event: str, values: tuple[Any, ...]) -> None:
    if not _closed or event not in ("open", "os.mkdir", "os.rename", "os.truncate", "os.remove", "os.rmdir"):
        return
    path, writes = values[0], event != "open" or bool((values[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    if (
        writes
        and isinstance(path, str | Path)
        and any(Path(os.path.abspath(path)).is_relative_to(each) for each in _closed)
    ):
        raise OSError(_reason[-1], os.strerror(_reason[-1]), str(path))


sys.addaudithook(_hook)


@pytest.fixture
def close() -> Iterator[Callable[[Path], None]]:
    """Make a folder one that cannot be written."""
    yield _closed.append
    _closed.clear()
    del _reason[1:]


@pytest.fixture
def ended(
    close: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[list[str]], tuple[int, str]]:
    """Run a command in a folder that cannot be written, in which an old run lies; how it ended, and what it said."""
    run = tmp_path / "runs" / "rehearsal" / "2026-01-01T02-00-00Z"
    kernel = ledger(run)
    for each in whole():
        kernel.proved(each)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path / "runs"))

    def run_it(words: list[str]) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["flexsso", *words])
        close(tmp_path)
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        told = "".join(capfd.readouterr())
        assert "Traceback" not in told
        return int(ended.value.code or 0), " ".join(told.replace("│", "").split())

    return run_it


def name_of(words: list[str]) -> str:
    return " ".join(map(os.path.basename, words))


@pytest.mark.parametrize("words", COMMANDS, ids=name_of)
def test_every_command_says_so(words: list[str], ended: Callable[[list[str]], tuple[int, str]]) -> None:
    code, told = ended(words)
    assert code == FAILED
    assert re.search(r"cannot be (written|removed): Read-only file system", told)
    assert "FLEXSSO_RUNS" in told
    assert " 1 removed" not in told


@pytest.mark.parametrize(
    "words", [each for each in COMMANDS if each[0] in ("handover", "observe", "prepare")], ids=name_of
)
def test_a_folder_of_another_account_is_told_too(
    words: list[str], ended: Callable[[list[str]], tuple[int, str]]
) -> None:
    _reason.append(errno.EACCES)
    code, told = ended(words)
    assert code == FAILED
    assert "cannot be written: Permission denied" in told


@pytest.mark.parametrize("words", NAMED, ids=name_of)
def test_a_place_that_was_named_is_told_as_one(words: list[str], ended: Callable[[list[str]], tuple[int, str]]) -> None:
    code, told = ended(words)
    assert code == MISUSE
    assert "cannot be written: Read-only file system" in told


@pytest.mark.parametrize("words", READING, ids=name_of)
def test_a_command_that_writes_nothing_is_not_kept_from_it(
    words: list[str], ended: Callable[[list[str]], tuple[int, str]]
) -> None:
    _, told = ended(words)
    assert told
    assert "Read-only" not in told


def test_every_command_is_among_them() -> None:
    def names(group: Any, before: tuple[str, ...] = ()) -> Iterator[str]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from names(command, (*before, name))
            else:
                yield " ".join((*before, name))

    every = set(names(typer.main.get_command(command_line.app)))
    tried = [" ".join(words) for words in (*COMMANDS, *NAMED, *READING)]
    assert [name for name in every if not any(words.startswith(f"{name} ") or words == name for words in tried)] == []


def test_a_section_goes_no_further_than_its_plan(close: Callable[[Path], None], tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    before = stage.writes

    async def run() -> None:
        session = await stage.open()
        close(tmp_path)
        await through(session, STEPS["01"])

    with pytest.raises(NotKept) as caught:
        asyncio.run(run())
    assert stage.writes == before
    assert "Read-only" in str(caught.value)


def test_a_session_does_not_open(close: Callable[[Path], None], tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    close(tmp_path)
    with pytest.raises(NotKept):
        asyncio.run(stage.open())


@pytest.mark.parametrize(
    ("number", "told"), [(errno.EROFS, True), (errno.ENOSPC, True), (errno.ENOENT, False), (0, False)]
)
def test_what_reading_meets_too_is_not_called_a_failure_to_write(number: int, told: bool) -> None:
    error = OSError(number, os.strerror(number), "people.csv") if number else ConnectionError("reset")
    assert (of_writing(error) is not None) is told
