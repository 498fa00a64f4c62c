"""How far a run of many is: totals, the time left, and lines where there is no terminal."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from flexsso_helpers.commands import board, run
from flexsso_helpers.commands.board import Board
from flexsso_helpers.commands.stopping import Stopping
from flexsso_helpers.person.live import PersonAtTheConsole


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
        told("north · 00_start_here · To sign in, open a page")
        told.ended(result("north", 0))
    assert capsys.readouterr().err == "north · 00_start_here · To sign in, open a page\n"


def test_on_a_terminal_what_somebody_has_to_read_stays_and_each_tenant_has_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = Board(["north", "south"], drawn=True)
    told("north · 00_start_here · proved")
    PersonAtTheConsole("Zoe").enter_code("https://login.microsoft.com/device", "ABC")
    tenant: Any = SimpleNamespace(name="south")
    run._told_of(told, tenant, Path("00_start_here.ipynb"))(capsys.readouterr().out.rstrip())
    told.ended(result("north", 1))
    Console().print(told._drawn())
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["north", "south", "1"]
    assert "1 of 2 · 1 failed · " in out
    assert " ".join(err.split()) == (
        "south · 00_start_here · To sign in, open https://login.microsoft.com/device and type the code ABC"
    )


def test_on_a_terminal_only_tenants_that_are_run_have_a_line_and_all_else_is_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = Board(["north", "south"], drawn=True)
    told("x.example.yaml · skipped: an example")
    told("north · 00_start_here · proved")
    Stopping().stop([], told)
    told.ended(result("north", 1))
    told("north · 01_create_enterprise_application · proved")  # as it may come from a cluster
    told.ended(result("south", 1))
    Console().print(told._drawn())
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["north", "south", "2"]
    assert err.startswith("x.example.yaml · skipped: an example\nStopping: no further change begins")
    assert "00_start_here" not in err


def test_nobody_guesses_the_time_left_before_a_tenant_has_ended() -> None:
    told = Board(["north", "south"], drawn=False)
    assert told.left == "time left not known yet"
    told.ended({**result("north", 1), "folder": None})  # a file that says nothing
    assert told.left == "time left not known yet"
