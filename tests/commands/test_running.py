"""A run of many as a command: which are skipped and why, what it leaves, and how it ends."""

import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from shell import REHEARSAL, conforms
from typer.testing import CliRunner

from flexsso_helpers.commands import board, kernel_forks, looking, run, running
from flexsso_helpers.commands.main import app
from flexsso_helpers.commands.run import TenantKernel
from flexsso_helpers.commands.runs import removable
from flexsso_helpers.commands.summary import print_fleet
from flexsso_helpers.fleet import Fleet as Many
from flexsso_helpers.fleet import Standing, read
from flexsso_helpers.ledger import STOP, Ledger
from flexsso_helpers.plan import Evidence, Finding, Target

NAMES = ("east", "north", "south")
TARGET = Target(tenant="x", title="x", cloud="rehearsal", tenant_id="t", account_sid="a", application="Twilio Flex")


class Fleet:
    """Three tenants, and what comes of each: its notebooks are told to be proved but for those that fail."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.runs = folder, folder / "runs"
        self.ran: list[str] = []
        self.failing: dict[str, Exception] = {}
        self.holding: tuple[str, ...] = ()
        """The steps that one look finds to hold."""
        self.look_fails = ""
        self.files = [folder / f"{name}.yaml" for name in NAMES]
        text = REHEARSAL.read_text("utf-8")
        for name, path in zip(NAMES, self.files, strict=True):
            path.write_text(text.replace("name: rehearsal ", f"name: {name} "), "utf-8")
            os.utime(path, (0, 0))

    def executed(self, kernel: TenantKernel, notebook: Path, _parameters: dict[str, Any], printed: Any) -> str:
        tenant = kernel.folder.parent.name
        if notebook.name == looking.FILE:
            printed("To sign in, open the page and type the code ABC")
            for number in self.holding:
                self.prove(kernel, number)
            return self.look_fails
        self.ran.append(f"{tenant} {notebook.name[:2]}")
        if tenant in self.failing:
            raise self.failing[tenant]
        self.prove(kernel, notebook.name[:2])
        return ""

    def prove(self, kernel: TenantKernel, number: str) -> None:
        ledger = Ledger(kernel.folder, rehearsal=True, now=lambda: datetime(2026, 11, 2, tzinfo=UTC))
        ledger.section = number
        held = Finding(check="D16", title="x", level="error", state="holds")
        ledger.proved(Evidence(section=number, title="", target=TARGET, findings=(held,), planned=0))

    def __call__(self, *words: str) -> tuple[int, dict[str, Any]]:
        """The exit code, and the results by the file's name; what was run is noted anew."""
        self.ran.clear()
        done = CliRunner().invoke(app, ["run", *map(str, self.files), "--json", "--only", "00", *words])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        results = conforms(json.loads(done.stdout))
        return done.exit_code, {Path(each["file"]).stem: each for each in results}


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    fleet = Fleet(tmp_path)
    monkeypatch.setenv("FLEXSSO_RUNS", str(fleet.runs))
    monkeypatch.setattr(TenantKernel, "run", lambda kernel, *given: fleet.executed(kernel, *given))
    monkeypatch.setattr(kernel_forks, "can_fork", lambda: False)
    mask = os.umask(0o022)
    yield fleet
    os.umask(mask)


def test_many_leave_a_record_a_page_and_metrics(fleet: Fleet, tmp_path: Path) -> None:
    code, _ = fleet("--metrics", str(tmp_path / "flexsso.prom"), "--workers", "2")
    assert code == 0
    assert sorted(fleet.ran) == [f"{name} 00" for name in NAMES]
    (path,) = fleet.runs.glob("fleet-*.json")
    left = read(path)
    assert [(each.tenant, each.words) for each in left.tenants] == [(name, "proved") for name in NAMES]
    assert left.asked["apply"] is False
    assert "3 proved" in path.with_suffix(".html").read_text("utf-8")
    assert 'flexsso_outcome{rehearsal="true",tenant="north"} 0.0' in (tmp_path / "flexsso.prom").read_text("utf-8")
    if os.name != "nt":
        kinds = {(each.is_dir(), each.stat().st_mode & 0o777) for each in (fleet.runs, *fleet.runs.rglob("*"))}
        assert kinds == {(True, 0o700), (False, 0o600)}
        assert (tmp_path / "flexsso.prom").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RecursionError("deep")], ids=repr)
def test_one_failure_leaves_the_others_alone(error: Exception, fleet: Fleet) -> None:
    fleet.failing["north"] = error
    code, results = fleet()
    assert code == 1
    assert [results[name]["outcome"] for name in NAMES] == [0, 1, 0]
    assert str(error.args[-1]) in results["north"]["error"]


def test_a_file_where_the_folder_of_a_tenant_should_be_is_that_tenant_s_failure(fleet: Fleet) -> None:
    fleet.runs.mkdir()
    (fleet.runs / "south").write_text("not a folder", "utf-8")
    code, results = fleet()
    assert [results[name]["outcome"] for name in NAMES] == [0, 0, 1]
    assert code == 1
    assert "south" in results["south"]["error"]


def test_a_message_that_cannot_be_kept_does_not_undo_a_proof(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> list[str]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run, "notify", full)
    code, results = fleet()
    assert (code, results["north"]["outcome"]) == (0, 0)


def test_a_record_that_cannot_be_written_is_said_and_fails(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Path:
        raise OSError(28, "No space left on device", "runs/fleet.json")

    monkeypatch.setattr(running, "leave", full)
    code, results = fleet()
    assert code == 1
    assert {each["outcome"] for each in results.values()} == {0}  # they are told all the same


def test_continue_skips_what_is_proved_today_and_runs_the_rest(fleet: Fleet) -> None:
    fleet.failing["north"] = ValueError("no")
    fleet()
    fleet.failing.clear()
    code, results = fleet("--continue")
    assert fleet.ran == ["north 00"]
    assert "proved today at" in results["south"]["skipped"]
    assert code == 0
    assert fleet("--continue")[0] == 0
    assert fleet.ran == []


@pytest.mark.parametrize(
    ("notebook", "outcome", "verdict", "again"),
    [
        ("00_start_here", 1, "not proved", True),
        ("20_check_drift", 1, "not proved", True),
        ("20_check_drift", 3, "a person is awaited", True),
        ("29_undo", 2, "proved and changed", True),
        ("20_check_drift", 0, "proved, nothing changed", False),
        ("", None, "", True),
    ],
    ids=["failed", "drift is red", "drift waits", "undone", "drift holds", "killed without a result"],
)
def test_what_came_after_a_proof_of_today_speaks_against_it(
    notebook: str, outcome: int | None, verdict: str, again: bool, fleet: Fleet
) -> None:
    _, proved = fleet()
    later = fleet.runs / "south" / "2999-01-01T00-00-00Z"
    later.mkdir()
    if notebook:
        (record,) = proved["south"]["notebooks"]
        came = record | {"notebook": notebook, "outcome": outcome, "verdict": verdict}
        left = proved["south"] | {"outcome": outcome, "notebooks": [came], "folder": str(later)}
        (later / "result.json").write_text(json.dumps(left), "utf-8")
    fleet("--continue")
    assert fleet.ran == (["south 00"] if again else [])


def test_what_was_proved_before_its_file_changed_or_with_fewer_steps_is_run_again(fleet: Fleet) -> None:
    fleet()
    later = (datetime.now(UTC) + timedelta(minutes=1)).timestamp()
    os.utime(fleet.files[1], (later, later))
    fleet("--continue")
    assert fleet.ran == ["north 00"]
    os.utime(fleet.files[1], (0, 0))
    fleet("--continue", "--only", "00,01")
    assert sorted(fleet.ran) == sorted(f"{name} {number}" for name in NAMES for number in ("00", "01"))


def test_what_was_proved_on_another_day_is_run_again(fleet: Fleet) -> None:
    fleet()
    for path in fleet.runs.glob("south/*/result.json"):
        path.write_text(path.read_text("utf-8").replace(f"{datetime.now(UTC):%Y-%m-%d}T", "2026-01-01T"), "utf-8")
    fleet("--continue")
    assert fleet.ran == ["south 00"]


def test_only_those_whose_files_changed_are_run(fleet: Fleet) -> None:
    people = fleet.folder / "north.people.csv"
    people.write_text("user,role\nzoe@contoso.com,agent\n", "utf-8")
    text = fleet.files[1].read_text("utf-8")
    fleet.files[1].write_text(
        text.replace("  assignments:\n", "  assignments:\n    csv: north.people.csv\n", 1), "utf-8"
    )
    os.utime(fleet.files[1], (0, 0))
    os.utime(fleet.files[2])
    _, results = fleet("--changed-since", "2d")
    assert sorted(fleet.ran) == ["north 00", "south 00"], results
    assert "have not changed since" in results["east"]["skipped"]


def test_who_takes_too_long_is_stopped_alone_and_says_so(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def executed(kernel: TenantKernel, notebook: Path, *given: Any) -> str:
        if kernel.folder.parent.name == "north":
            while not (kernel.folder / STOP).exists():
                time.sleep(0.05)
            return "Stopped: somebody asked"
        return fleet.executed(kernel, notebook, *given)

    monkeypatch.setattr(TenantKernel, "run", executed)
    code, results = fleet("--timeout", "0.05")
    assert code == 1
    assert [results[name]["outcome"] for name in NAMES] == [0, 1, 0]
    assert "not done within 3 seconds; run it again" in results["north"]["notebooks"][0]["error"]


TWO = ("--only", "00,01")


@pytest.mark.parametrize("only", ["", " ", ",", " , "], ids=repr)
def test_a_text_without_a_number_is_not_all_steps(only: str, fleet: Fleet) -> None:
    done = CliRunner().invoke(app, ["run", *map(str, fleet.files), "--only", only], env={"COLUMNS": "160"})
    assert done.exit_code != 0
    assert "names no step" in done.stderr
    assert fleet.ran == []


def test_on_a_terminal_the_code_of_each_tenant_is_printed(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet(*TWO)
    monkeypatch.setattr(board, "looked_on", lambda _stream: True)
    done = CliRunner().invoke(app, ["run", *map(str, fleet.files), "--json", *TWO], env={"COLUMNS": "160"})
    line = "{} · look_at_all_steps · To sign in, open the page and type the code ABC"
    said = [said for each in done.stderr.splitlines() if (said := each.strip()) and "look_at_all_steps" in said]
    assert sorted(said) == [line.format(name) for name in NAMES], done.stderr


def test_what_holds_by_one_look_is_not_executed_and_says_where_it_was(fleet: Fleet) -> None:
    _, first = fleet(*TWO)
    fleet.holding = ("00",)
    _, second = fleet(*TWO)
    assert sorted(fleet.ran) == [f"{name} 01" for name in NAMES]
    looked, executed = second["north"]["notebooks"]
    assert (looked["outcome"], looked["verdict"], looked["as_good_as"]) == (
        0, "proved, nothing changed", first["north"]["folder"],
    )  # fmt: skip
    assert executed["as_good_as"] == ""
    fleet.holding = ("00", "01")
    _, third = fleet(*TWO)
    assert fleet.ran == []
    assert [each["as_good_as"] for each in third["north"]["notebooks"]] == [
        first["north"]["folder"], second["north"]["folder"],
    ]  # fmt: skip


def test_pruning_keeps_what_the_proofs_of_looks_lead_to(fleet: Fleet) -> None:
    fleet.holding = ("00", "01")
    runs = [Path(fleet(*TWO)[1]["north"]["folder"]) for _ in range(3)]
    later = datetime.now(UTC) + timedelta(minutes=1)
    gone = [each.path for each in removable(fleet.runs, later, keep_proofs=True)]
    assert [run in gone for run in runs] == [False, True, False]


def test_a_code_to_be_typed_while_it_looks_is_told(fleet: Fleet) -> None:
    fleet(*TWO)
    fleet.holding = ("00", "01")
    done = CliRunner().invoke(app, ["run", *map(str, fleet.files), *TWO])
    assert "north · look_at_all_steps · To sign in, open the page and type the code ABC" in done.stderr


def test_all_is_executed_where_nothing_was_proved_before_or_all_is_asked_for_or_nobody_could_look(fleet: Fleet) -> None:
    both = sorted(f"{name} {number}" for name in NAMES for number in ("00", "01"))
    fleet.holding = ("00", "01")
    fleet(*TWO)
    assert sorted(fleet.ran) == both
    fleet(*TWO, "--full")
    assert sorted(fleet.ran) == both
    fleet.look_fails = "SignInError: no"
    _, results = fleet(*TWO)
    assert sorted(fleet.ran) == both
    assert not (Path(results["north"]["folder"]) / looking.FILE).exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_who_is_asked_to_end_ends_as_by_ctrl_c(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def executed(kernel: TenantKernel, *_given: Any) -> str:
        os.kill(os.getpid(), signal.SIGTERM)
        while not (kernel.folder / STOP).exists():
            time.sleep(0.05)
        return "Stopped: somebody asked"

    monkeypatch.setattr(TenantKernel, "run", executed)
    before = signal.getsignal(signal.SIGTERM)
    code, results = fleet("--workers", "1")
    assert code == 130
    assert [each["outcome"] for each in results.values()] == [1, 1, 1]
    assert "run it again with --continue" in results["south"]["error"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_of_many_a_line_each_is_printed_worst_first(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "WHOLE", 2)
    fleet.failing["south"] = ValueError("no such thing")
    done = CliRunner().invoke(app, ["run", *map(str, fleet.files), "--only", "00"], env={"COLUMNS": "160"})
    lines = [line.split() for line in done.stdout.splitlines() if line.strip()]
    assert [line[0] for line in lines[1:4]] == ["south", "east", "north"]
    assert "3 tenants: 2 proved, 1 failed" in done.stdout
    assert "Executed notebooks" not in done.stdout


def test_the_summary_of_many_says_how_many_steps_hold_by_one_look() -> None:
    tenants = [Standing(tenant=name, words="proved", outcome=0, by_look=9) for name in NAMES]
    console = Console(record=True, width=160)
    print_fleet(console, Many("", "", tenants=tuple(tenants)), "", whole=False)
    assert "3 tenants: 3 proved; 27 steps by one look" in console.export_text()
