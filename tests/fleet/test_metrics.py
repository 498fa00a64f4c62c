"""What Prometheus is told: every tenant that is known has its lines, whatever was run last."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_overview import NOW, kept, notebook, result, steps

from flexsso_helpers.commands import running
from flexsso_helpers.fleet.metrics import refuse_unwritable, write_metrics
from flexsso_helpers.fleet.overview import completed
from flexsso_helpers.fleet.record import Fleet
from flexsso_helpers.fleet.standing import NOT_BEGUN, Standing, standing


def lines(tmp_path: Path, *tenants: Standing) -> dict[str, float]:
    path = tmp_path / "flexsso.prom"
    write_metrics(path, Fleet(NOW.isoformat(), NOW.isoformat(), tenants=tenants), tmp_path / "runs")
    told = (line.rpartition(" ") for line in path.read_text("utf-8").splitlines() if 'tenant="' in line)
    return {f"{head.partition('{')[0][8:]} {head.split(chr(34))[-2]}": float(value) for head, _, value in told}


def stopped(tenant: str) -> dict[str, Any]:
    """A run that an error ended at once, so that nothing was looked at."""
    failed = [replace_error(each) if each["notebook"][:2] == "00" else not_run(each) for each in steps()]
    return result(tenant, *failed, days_left=None)


def replace_error(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "outcome": 1, "verdict": "stopped by an error", "error": "Sign-in was refused."}


def not_run(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "outcome": None, "verdict": "a step before it failed"}


def test_who_was_skipped_or_not_given_keeps_its_lines_and_its_days_are_counted_down(tmp_path: Path) -> None:
    kept(tmp_path / "runs", result("contoso", *steps(), days_ago=3), result("fabrikam", *steps(), days_ago=10))
    skipped = Standing(tenant="/x/contoso.yaml", words="skipped", why="proved today")
    told = lines(tmp_path, skipped, Standing(tenant="wingtip", words="proved", outcome=0))
    assert (told["outcome contoso"], told["certificate_days_left contoso"]) == (0, 397)
    assert (told["outcome fabrikam"], told["certificate_days_left fabrikam"]) == (0, 390)
    assert told["outcome wingtip"] == 0
    assert "outcome /x/contoso.yaml" not in told


def test_where_sign_in_is_broken_for_days_the_certificate_and_what_was_wrong_are_still_told(tmp_path: Path) -> None:
    wrong = notebook("03_signing_certificate", 2, "changed", title="Expiry", level="warning")
    last = result("contoso", *steps(_03=wrong), days_ago=10, days_left=35)
    now = stopped("contoso")
    kept(tmp_path / "runs", last, {**stopped("contoso"), "ended": last["ended"].replace("-16T", "-20T")}, now)
    stands = completed(standing(now), tmp_path / "runs" / "contoso", NOW)
    assert (stands.words, stands.days_left, stands.moved) == ("failed", 25, 1)
    told = lines(tmp_path)  # by all runs, and not only by this one
    assert (told["outcome contoso"], told["certificate_days_left contoso"], told["checks_wrong contoso"]) == (1, 25, 1)


def test_a_tenant_that_a_stopped_run_did_not_come_to_stands_as_before(tmp_path: Path) -> None:
    kept(tmp_path / "runs", result("contoso", *steps()))
    began = {**result("contoso", *steps()), "notebooks": [], "outcome": 1, "error": f"{NOT_BEGUN}stopped"}
    stands = standing(began)
    assert (stands.words, stands.outcome) == ("not run", None)
    assert lines(tmp_path, stands)["outcome contoso"] == 0


def test_where_no_file_can_be_made_is_said_before_a_run(tmp_path: Path) -> None:
    refuse_unwritable(tmp_path / "flexsso.prom")
    assert not list(tmp_path.iterdir())
    for path in (tmp_path / "missing" / "flexsso.prom", tmp_path):
        with pytest.raises(OSError, match="directory"):
            refuse_unwritable(path)


def test_metrics_that_cannot_be_written_take_neither_record_nor_page_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path / "runs"))
    fleet = Fleet(NOW.isoformat(), NOW.isoformat(), tenants=(Standing(tenant="x", words="proved", outcome=0),))
    fleet = replace(fleet, asked={"command": "run"})
    assert running._left(fleet, tmp_path / "gone" / "flexsso.prom", several=True) is None
    assert {path.suffix for path in (tmp_path / "runs").glob("fleet-*")} == {".json", ".html"}
    assert "The metrics could not be written" in capsys.readouterr().err
    assert json.loads(next((tmp_path / "runs").glob("fleet-*.json")).read_text("utf-8"))["tenants"]
