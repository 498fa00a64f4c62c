"""A folder of runs that may not be written: each command says so in words, and nothing is sent to a service."""

import asyncio
import errno
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from onboarding import STEPS
from shell import REHEARSAL
from stage import Stage, through

from flexsso_helpers.commands import main as command_line
from flexsso_helpers.errors import NotKept
from flexsso_helpers.places import of_writing
from flexsso_helpers.plan import FAILED

NAME = str(REHEARSAL)
COMMANDS = (
    ["run", NAME, "--apply"],
    ["run", NAME, NAME.replace("rehearsal.yaml", "practice.yaml"), "--apply"],
    ["guide", "--no-browser"],
    ["prepare", NAME],
    ["people", NAME],
    ["doctor", NAME],
    ["rehearsal", "serve", "rehearsal"],
    ["observe", NAME, "--read-only"],
    ["undo", NAME],
)
_closed: list[Path] = []
"""Below these nothing can be written, by whomever: the tests of some machines run as root, whom no mode stops."""


def _hook(event: str, values: tuple[Any, ...]) -> None:
    if not _closed or event not in ("open", "os.mkdir", "os.rename", "os.truncate"):
        return
    path, writes = values[0], event != "open" or bool((values[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    if writes and isinstance(path, str | Path) and any(Path(path).is_relative_to(each) for each in _closed):
        raise OSError(errno.EROFS, "Read-only file system", str(path))


sys.addaudithook(_hook)


@pytest.fixture
def close() -> Iterator[Callable[[Path], None]]:
    """Make a folder one that cannot be written."""
    yield _closed.append
    _closed.clear()


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(map(os.path.basename, words)))
def test_every_command_says_so(
    words: list[str], close: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(sys, "argv", ["flexsso", *words])
    close(tmp_path)
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    told = "".join(capfd.readouterr())
    assert ended.value.code == FAILED
    assert "cannot be written" in told
    assert "Read-only file system" in told
    assert "FLEXSSO_RUNS" in told
    assert "Traceback" not in told


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
