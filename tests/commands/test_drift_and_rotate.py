"""`flexsso drift`, `rotate`, `people` and `undo`: which notebook they run with what, how they end, what they print."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flexsso_helpers import places
from flexsso_helpers.commands import run
from flexsso_helpers.commands.exit_codes import STOPPED
from flexsso_helpers.commands.main import app
from flexsso_helpers.commands.result import failed
from flexsso_helpers.commands.stopping import Stopping
from flexsso_helpers.ledger import Ledger
from flexsso_helpers.plan import Evidence, Finding, Outcome, Target

WRONG = Finding(
    check="D16", title="03 · Expiry notifications", level="error", state="wrong", received="nobody", fix="03 · mend it."
)
TARGET = Target(
    tenant="rehearsal", title="Contoso", cloud="rehearsal", tenant_id="t", account_sid="a", application="Twilio Flex"
)

Asked = list[tuple[str, dict[str, Any]]]
"""Notebooks that were run, with their parameters."""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The notebooks that were run, with their parameters; what they find is the test's to say (`found`)."""
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path / "runs"))
    seen: Asked = []

    def executed(kernel: run.TenantKernel, notebook: Path, parameters: dict[str, Any], _printed: Any) -> str:
        seen.append((notebook.name, parameters))
        ledger = Ledger(kernel.folder, rehearsal=True, now=lambda: datetime(2026, 11, 2, tzinfo=UTC))
        ledger.section = notebook.name[:2]
        part: Outcome = 2
        ledger.proved(
            Evidence(section=notebook.name[:2], title="", target=TARGET, findings=(WRONG,), planned=1, parts=(part,))
        )
        return ""

    monkeypatch.setattr(run.TenantKernel, "run", executed)
    return seen


def flexsso(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def test_drift_runs_20_without_approval_and_names_what_moved(asked: Asked) -> None:
    done = flexsso("drift", "rehearsal")
    assert asked == [("20_check_drift.ipynb", {"tenant": "rehearsal", "apply": False})]
    assert done.exit_code == 2, done.output
    assert "03 · Expiry notifications (D16): found nobody. 03 · mend it" in done.output
    assert "Something moved" in done.output


def test_json_is_that_of_a_run(asked: Asked) -> None:
    done = flexsso("drift", "rehearsal", "--json")
    [result] = json.loads(done.stdout)
    assert (result["outcome"], result["notebooks"][0]["checks"][0]["check"]) == (2, "D16")
    assert asked


def test_rotate_hands_the_phase_on(asked: Asked) -> None:
    done = flexsso("rotate", "rehearsal", "--phase", "clean_up", "--apply", "--allow-removals")
    assert asked == [("21_rotate_certificate.ipynb", {"tenant": "rehearsal", "apply": True, "phase": "clean_up"})]
    assert done.exit_code == 2, done.output
    [begun] = [json.loads(path.read_text("utf-8")) for path in (places.runs() / "rehearsal").glob("*/run.json")]
    assert begun["allow_removals"] is True


def test_a_phase_that_there_is_not_is_a_wrong_use(asked: Asked) -> None:
    done = flexsso("rotate", "rehearsal", "--phase", "renew")
    assert done.exit_code != 0
    assert "no phase" in done.output
    assert asked == []


def test_somebody_is_told_when_the_outcome_changes_and_not_again(asked: Asked, tmp_path: Path) -> None:
    file = tmp_path / "rehearsal.yaml"
    text = (places.parameters() / "rehearsal.yaml").read_text("utf-8")
    file.write_text(text.rstrip() + '\n  notify: {to: ["env:OPERATIONS"]}\n', "utf-8")
    for told in (True, False):
        done = flexsso("drift", str(file), "--json")
        assert ("would go to env:OPERATIONS" in done.stderr) is told, done.stderr
    assert len(asked) == 2


def allowed() -> bool:
    """Whether the run was begun with the approval of removals."""
    [begun] = [json.loads(path.read_text("utf-8")) for path in (places.runs() / "rehearsal").glob("*/run.json")]
    return bool(begun["allow_removals"])


@pytest.mark.parametrize("wish", [(), ("--record",)])
def test_a_run_says_to_its_kernels_whether_the_traffic_is_kept(wish: tuple[str, ...], asked: Asked) -> None:
    flexsso("run", "rehearsal", "--only", "00", *wish)
    [begun] = [json.loads(path.read_text("utf-8")) for path in (places.runs() / "rehearsal").glob("*/run.json")]
    assert begun["record"] is bool(wish)
    assert [name for name, _ in asked] == ["00_start_here.ipynb"]


def test_undo_only_plans_and_removes_nothing_unasked(asked: Asked) -> None:
    done = flexsso("undo", "rehearsal")
    assert asked == [("29_undo.ipynb", {"tenant": "rehearsal", "apply": False})]
    assert (done.exit_code, allowed()) == (2, False), done.output


def test_undo_with_both_approvals(asked: Asked) -> None:
    done = flexsso("undo", "rehearsal", "--apply", "--allow-removals", "--json")
    assert asked == [("29_undo.ipynb", {"tenant": "rehearsal", "apply": True})]
    assert (json.loads(done.stdout)["outcome"], allowed()) == (2, True)


def test_people_hands_the_file_on(asked: Asked, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("user,role\nrhea.reader@contoso.com,agent\n", "utf-8")
    done = flexsso("people", "rehearsal", str(file), "--apply")
    assert asked == [("22_change_users.ipynb", {"tenant": "rehearsal", "apply": True, "people": str(file)})]
    assert (done.exit_code, allowed()) == (2, False), done.output


def test_without_a_file_it_is_the_one_beside_the_tenants(asked: Asked) -> None:
    assert flexsso("people", "rehearsal", "--json").exit_code == 2
    assert asked == [("22_change_users.ipynb", {"tenant": "rehearsal", "apply": False, "people": None})]


@pytest.mark.parametrize("text", ["user,role\nrhea.reader@contoso.com,agnet\n", ""], ids=["bad line", "empty"])
def test_a_list_that_cannot_be_taken_is_a_wrong_use_and_nothing_runs(text: str, asked: Asked, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(text, "utf-8")
    done = flexsso("people", "rehearsal", str(file))
    assert (done.exit_code != 0, asked) == (True, [])
    assert "The list cannot be taken" in done.output


@pytest.mark.parametrize(
    "words",
    ["run rehearsal", "drift rehearsal", "rotate rehearsal --phase stage", "people rehearsal", "undo rehearsal"],
)
def test_whatever_runs_notebooks_says_that_it_was_stopped_by_ctrl_c(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_given: Any, _payload: Any, told: Any, stopping: Stopping, **_more: Any) -> list[dict[str, Any]]:
        stopping.stop([], told)
        return [failed("rehearsal.yaml", "stopped").model_dump()]

    monkeypatch.setattr(run, "run_tenants", stopped)
    done = flexsso(*words.split(), "--json")
    assert (done.exit_code, '"outcome": 1' in done.stdout) == (STOPPED, True), done.output


def test_drift_of_every_night_takes_workers_a_timeout_and_metrics(asked: Asked, tmp_path: Path) -> None:
    path = tmp_path / "flexsso.prom"
    done = flexsso("drift", "rehearsal", "--workers", "2", "--timeout", "5", "--metrics", str(path))
    assert done.exit_code == 2, done.output
    assert 'flexsso_outcome{rehearsal="true",tenant="rehearsal"} 2.0' in path.read_text("utf-8")
    asked.clear()
    refused = flexsso("drift", "rehearsal", "--metrics", str(tmp_path / "missing" / "flexsso.prom"))
    assert (type(refused.exception), refused.exit_code) == (SystemExit, 2)  # main() ends by 64
    assert "cannot be written" in refused.output
    assert asked == []
