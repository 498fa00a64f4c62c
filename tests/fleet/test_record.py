"""The record of a fleet: left whole, read again, never written over."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from fleet_samples import FLEET

from flexsso_helpers.fleet.record import last_proved, leave, read, records


def test_a_record_is_read_as_it_was_left_and_only_by_whom_it_belongs_to(tmp_path: Path) -> None:
    path = leave(tmp_path / "runs", FLEET, "<p>page</p>")
    assert read(path) == FLEET
    assert path.with_suffix(".html").read_text("utf-8") == "<p>page</p>"
    if os.name != "nt":
        assert {each.stat().st_mode & 0o777 for each in (path, path.with_suffix(".html"))} == {0o600}
        assert (tmp_path / "runs").stat().st_mode & 0o777 == 0o700


def test_two_in_one_second_do_not_write_over_each_other(tmp_path: Path) -> None:
    paths = {leave(tmp_path, FLEET, "") for _ in range(3)}
    assert len(paths) == 3


def test_all_that_can_be_read_are_told_oldest_first(tmp_path: Path) -> None:
    assert list(records(tmp_path)) == []
    earlier = leave(tmp_path, replace(FLEET, tenants=()), "")
    earlier.rename(tmp_path / "fleet-2026-01-01T00-00-00Z.json")
    leave(tmp_path, FLEET, "")
    (tmp_path / "fleet-9999.json").write_text("{", "utf-8")
    (tmp_path / "fleet-9998.json").write_text('{"tenants": 1}', "utf-8")
    assert [len(each.tenants) for each in records(tmp_path)] == [0, len(FLEET.tenants)]


def test_a_key_of_a_later_version_is_passed_over(tmp_path: Path) -> None:
    path = leave(tmp_path, FLEET, "")
    kept = json.loads(path.read_text("utf-8"))
    kept["tenants"][0]["mood"] = "fine"
    path.write_text(json.dumps(kept), "utf-8")
    assert read(path) == FLEET


@pytest.mark.parametrize(
    ("asked", "found"), [((), "2026-11-03"), (("00",), "2026-11-03"), (("00", "01"), "2026-11-01")]
)
def test_the_last_proof_is_of_all_that_is_asked(asked: tuple[str, ...], found: str, tmp_path: Path) -> None:
    runs = {
        "2026-11-01": [("00", 0), ("01", 0)],
        "2026-11-02": [("00", 0), ("01", 1)],
        "2026-11-03": [("00", 0)],
        "2026-11-04": [],
    }
    for day, notebooks in runs.items():
        folder = tmp_path / "contoso" / day
        folder.mkdir(parents=True)
        records = [
            {
                "notebook": f"{number}_x",
                "outcome": outcome,
                "verdict": "",
                "error": "",
                "session_ended": None,
                "checks": [],
            }
            for number, outcome in notebooks
        ]
        whole = dict.fromkeys(("tenant", "file", "rehearsal", "outcome", "error", "started", "folder", "handover"))
        (folder / "result.json").write_text(json.dumps(whole | {"ended": day, "notebooks": records}), "utf-8")
    (tmp_path / "contoso" / "2026-11-05").mkdir()
    (tmp_path / "contoso" / "2026-11-05" / "result.json").write_text("[", "utf-8")
    proved = last_proved(tmp_path, "contoso", asked)
    assert proved is not None
    assert proved["ended"] == found
    assert last_proved(tmp_path, "contoso", ("08",)) is None
