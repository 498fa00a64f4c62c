"""How far a run of many is: totals, the time left, and lines where there is no terminal."""

from typing import Any

import pytest

from flexsso_helpers.commands import board
from flexsso_helpers.commands.board import Board


def result(tenant: str, outcome: int) -> dict[str, Any]:
    return {
        "tenant": tenant, "file": "", "rehearsal": False, "outcome": outcome, "error": "", "started": "", "ended": "",
        "notebooks": [], "folder": "x", "handover": None,
    }  # fmt: skip


def test_plain_lines_say_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    times = iter((100.0, 160.0, 400.0))
    monkeypatch.setattr(board.time, "monotonic", lambda: next(times))
    with Board(["north", "south", "west"], drawn=False) as told:
        told("north · 00_start_here · proved, nothing changed")
        told.ended(result("north", 0))
        told.ended(result("south", 1))
        told.ended(result("west", 0))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "north · 00_start_here · proved, nothing changed",
        "1 of 3 · 1 proved · about 2 min left",
        "2 of 3 · 1 proved, 1 failed · about 2 min left",
        "3 of 3 · 2 proved, 1 failed",
    ]


def test_one_tenant_has_no_totals(capsys: pytest.CaptureFixture[str]) -> None:
    with Board(["north"], drawn=True) as told:
        told("north · 00_start_here: To sign in, open a page")
        told.ended(result("north", 0))
    assert capsys.readouterr().err == "north · 00_start_here: To sign in, open a page\n"


def test_on_a_terminal_what_somebody_has_to_read_stays_and_each_tenant_has_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = Board(["north", "south"], drawn=True)
    told("north · 00_start_here · proved")
    told("south · 00_start_here: To sign in, open https://login.example.com/device and type the code ABC")
    told("Kernels start by their own command")
    told.ended(result("north", 1))
    from rich.console import Console

    Console().print(told._drawn())
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["north", "south", "1"]
    assert "1 of 2 · 1 failed · " in out
    assert "type the code ABC" in err
    assert "Kernels start by their own command" in err
    assert "proved" not in err


def test_nobody_guesses_the_time_left_before_a_tenant_has_ended() -> None:
    told = Board(["north", "south"], drawn=False)
    assert told.left == "time left not known yet"
    told.ended({**result("north", 1), "folder": None})  # a file that says nothing
    assert told.left == "time left not known yet"
