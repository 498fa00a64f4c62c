"""What `make audit` says: what is known, and never that nothing is known for nothing found."""

import subprocess
from types import SimpleNamespace
from typing import Any

import pytest

from scripts import load

AUDIT = load("audit")
GOOD = '{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}'
BAD = (
    '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}, '
    '{"id": "CVE-2", "fix_versions": []}]}]}'
)


@pytest.mark.parametrize(
    ("out", "error", "code", "said"),
    [
        (GOOD, "", 0, "1 packages, 0 known weaknesses"),
        (BAD, "", 1, "a 1: CVE-1, mended in 2\n  a 1: CVE-2, not mended yet"),
        ("", "x\nCould not connect", 3, "nobody could be asked, so nothing is known: Could not connect"),
        ("", "", 3, "it ended with 2"),
    ],
    ids=["none", "some", "no network", "no word"],
)
def test_what_is_known_and_what_is_not(
    out: str, error: str, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = list[Any]()

    def run(command: Any, **_: Any) -> Any:
        asked.append(command)
        return SimpleNamespace(stdout=out, stderr=error, returncode=2)

    monkeypatch.setattr(subprocess, "run", run)
    assert AUDIT.main() == code
    assert said in capsys.readouterr().out
    assert [command[-1].name for command in asked] == list(AUDIT.LOCKS)
    assert all((AUDIT.PROJECT / lock).is_file() for lock in AUDIT.LOCKS)


def test_a_machine_without_the_program_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*_: Any, **__: Any) -> Any:
        raise FileNotFoundError("no uv here")

    monkeypatch.setattr(subprocess, "run", run)
    assert AUDIT.main() == 3
    assert "no uv here" in capsys.readouterr().out
