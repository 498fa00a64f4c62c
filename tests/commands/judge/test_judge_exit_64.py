"""`flexsso judge`, used wrongly, ends with 64 and prints nothing but what is wrong."""

import sys
from pathlib import Path

import pytest

from flexsso_helpers.commands import main


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "file"),
        (("missing.xml",), "missing.xml cannot be read"),
        (("-", "--at", "yesterday"), "2026-01-31T12:00:00Z"),
        (("-", "--require", "all"), "assertion"),
        (("-", "--user", "ada@contoso.com"), "needs --tenant"),
    ],
)
def test_a_wrong_use_ends_with_64(
    arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["flexsso", "judge", *arguments])
    with pytest.raises(SystemExit) as ended:
        main.main()
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (64, "")
    assert says.lower() in said.err.lower()
