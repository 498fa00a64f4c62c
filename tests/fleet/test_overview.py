"""What all runs of all tenants left, together: the newest word counts, nothing unknown is green, nobody is named."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from views_reading import visible

from flexsso_helpers.fleet import cards, fleet_page, leave
from flexsso_helpers.fleet.overview import Overview, gathered, latest
from flexsso_helpers.fleet.record import Fleet
from flexsso_helpers.fleet.standing import Standing
from flexsso_helpers.notebooks import STEPS

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ADA = "ada.admin@contoso.com"
ENDED = "2026-11-02T08:00:00+00:00"


def notebook(
    file: str, outcome: int | None = 0, verdict: str = "proved, nothing changed", **check: str
) -> dict[str, Any]:
    known = {"section": file[:2], "check": "D29", "title": "Sign-on", "level": "error", "state": "wrong", "reason": ""}
    return {
        "notebook": file, "outcome": outcome, "verdict": verdict, "error": "", "session_ended": ENDED,
        "checks": [known | check] if check else [],
    }  # fmt: skip


def steps(**changed: dict[str, Any]) -> list[dict[str, Any]]:
    """All nine, proved but for those that are given by number: `_06=…`."""
    return [changed.get(f"_{each.number}", notebook(Path(each.file).stem)) for each in STEPS]


def result(tenant: str, *notebooks: dict[str, Any], days_ago: float = 0, days_left: int | None = 400) -> dict[str, Any]:
    ended = (NOW - timedelta(days=days_ago, minutes=5)).isoformat()
    return {
        "tenant": tenant, "file": f"{tenant}.yaml", "rehearsal": False, "error": "", "started": ended, "ended": ended,
        "outcome": max(each["outcome"] or 0 for each in notebooks), "notebooks": list(notebooks), "folder": "x",
        "certificate": None if days_left is None else {"not_after": "2027-12-31", "days_left": days_left},
        "handover": None,
    }  # fmt: skip


def kept(runs: Path, *results: dict[str, Any]) -> Overview:
    for each in results:
        folder = runs / each["tenant"] / each["ended"].replace(":", "-")
        folder.mkdir(parents=True)
        (folder / "result.json").write_text(json.dumps(each), "utf-8")
    return gathered(runs, NOW)


def words(seen: Overview) -> dict[str, str]:
    return {each.standing.tenant: each.standing.words for each in seen.tenants}


def test_of_each_step_the_newest_word_counts_whichever_run_said_it(tmp_path: Path) -> None:
    waits = notebook("06_flex_console", 3, "waiting", state="waiting", title="Certificate in Flex Console")
    fails = notebook("03_signing_certificate", 1, "fails", title="Expiry")
    seen = kept(
        tmp_path,
        result("contoso", *steps(_06=waits), days_ago=2),
        result("contoso", notebook("06_flex_console"), days_ago=1),
        result("fabrikam", *steps(), days_ago=2),
        result("fabrikam", fails, days_ago=1),
    )
    assert words(seen) == {"fabrikam": "failed", "contoso": "proved"}
    assert seen.tenants[0].standing.why == "03: Expiry"


def test_a_step_that_nobody_ran_is_no_proof(tmp_path: Path) -> None:
    seen = kept(tmp_path, result("contoso", *steps()[:4]))
    assert words(seen) == {"contoso": "waiting"}
    assert seen.tenants[0].standing.proved_at == ""
    assert "04: no proof yet" in cards.whom_to_write_to(seen).text


def test_a_run_that_was_stopped_says_at_which_step(tmp_path: Path) -> None:
    seen = kept(tmp_path, result("contoso", *steps(_07=notebook("07_assign_users", None, "stopped; run it again"))))
    assert words(seen) == {"contoso": "failed"}
    assert seen.tenants[0].standing.why == "07: stopped; run it again"


@pytest.mark.parametrize(("drift_days_ago", "expected"), [(1, "failed"), (3, "proved")])
def test_drift_counts_until_the_steps_were_run_again(drift_days_ago: int, expected: str, tmp_path: Path) -> None:
    drift = notebook("20_check_drift", 1, "fails", title="People")
    looked = result("contoso", drift, days_ago=drift_days_ago, days_left=None)
    seen = kept(tmp_path, result("contoso", *steps(), days_ago=2), looked)
    assert words(seen) == {"contoso": expected}
    assert seen.tenants[0].standing.not_after == "2027-12-31", "what the drift check did not look at is still known"


def test_a_tenant_that_a_run_could_not_read_is_told_with_what_is_known_of_it(tmp_path: Path) -> None:
    ended = NOW.isoformat()
    broken = [
        Standing(tenant=name, words="failed", outcome=1, why="line 7", ended=ended, started=ended)
        for name in ("contoso", "wingtip")
    ]
    skipped = Standing(tenant="practice", words="skipped", why="practice: you")
    fleet = Fleet("2026-11-26T11:00:00+00:00", ended, tenants=(*broken, skipped))
    leave(tmp_path, fleet, fleet_page(fleet, tmp_path))
    seen = kept(tmp_path, result("contoso", *steps(), days_ago=3))
    assert words(seen) == {"contoso": "failed", "wingtip": "failed"}
    assert [each.standing.days_left for each in seen.tenants] == [397, None]
    assert "wingtip" in cards.certificates(seen).text.partition("Not known")[2]
    assert "never" in cards.tenants(seen).text
    later = kept(tmp_path, result("contoso", *steps(), days_ago=-1))
    assert words(later)["contoso"] == "proved"


def test_an_old_look_is_called_old_and_its_certificate_is_counted_down(tmp_path: Path) -> None:
    seen = kept(tmp_path, result("contoso", *steps(), days_ago=10, days_left=35))
    read = visible(cards.tenants(seen)._repr_mimebundle_()["text/html"])
    assert "! 2026-11-02 08:00 UTC · 10 days ago" in read
    assert "25 days" in cards.certificates(seen).text
    assert "1 within 30 days" in cards.certificates(seen).text


def test_certificates_stand_in_the_order_in_which_they_end(tmp_path: Path) -> None:
    days = {"a": 500, "b": -3, "c": 40, "d": 7}
    seen = kept(tmp_path, *(result(name, *steps(), days_left=left) for name, left in days.items()))
    shown = cards.certificates(seen)
    assert "1 over, 1 within 7 days, 1 within 60 days" in shown.text
    assert "<summary>1 end later" in shown.html
    order = [shown.text.index(f" {name}\n") for name in "bdca"]
    assert order == sorted(order)


def test_the_same_check_in_many_tenants_is_one_line_and_errors_come_first(tmp_path: Path) -> None:
    warned = {"_00": notebook("00_start_here", title="No mail", level="warning"),
              "_07": notebook("07_assign_users", title="No mail", level="warning")}  # fmt: skip
    wrong = warned | {"_03": notebook("03_signing_certificate", 1, "fails", title="Expiry")}
    planned = {"_04": notebook("04_attributes_and_claims", 2, "not proved: 2 changes planned")}
    given = {"a": warned, "b": warned, "c": wrong, "d": planned}
    seen = kept(tmp_path, *(result(name, *steps(**changed)) for name, changed in given.items()))
    text = cards.moved(seen).text
    assert text.count("No mail") == 1, "00 says again what 07 says"
    assert "07 · Assign users" in text
    assert "a, b, c" in text.replace("c, a, b", "a, b, c")
    assert text.index("Expiry") < text.index("No mail")
    assert "Changes are planned in 04" in text


def test_nobody_is_named_unless_it_was_asked_for(tmp_path: Path) -> None:
    fails = notebook("08_test_sign_on", 1, "fails", title=f"Sign-on of {ADA}")
    kept(tmp_path, result("contoso", *steps(_08=fails)))
    drawn = (cards.tenants, cards.moved, cards.certificates, cards.whom_to_write_to)
    without = [draw(gathered(tmp_path, NOW)) for draw in drawn]
    assert not [each for each in without if ADA in each.text or "contoso.com" in str(each._repr_mimebundle_())]
    assert "Sign-on of somebody" in without[-1].text
    named = [draw(gathered(tmp_path, NOW, names=True)).text for draw in drawn]
    assert ["ada.admin" in each for each in named] == [True, True, False, True]


def test_what_an_error_stopped_is_for_whoever_runs_it(tmp_path: Path) -> None:
    stopped = notebook("04_attributes_and_claims", 1, "stopped by an error") | {"error": "Unreachable: no answer"}
    seen = kept(tmp_path, result("contoso", *steps(_04=stopped)))
    assert "you, who run this" in cards.whom_to_write_to(seen).text
    assert "administrator" not in cards.whom_to_write_to(seen).text


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    seen = gathered(tmp_path / "none", NOW)
    assert "nothing in runs/ yet" in cards.tenants(seen).text
    assert "Nobody: nothing is open." in cards.whom_to_write_to(seen).text


def test_the_newest_comes_first_also_within_what_is_no_step() -> None:
    newest, older = notebook("20_check_drift", 0), notebook("20_check_drift", 1, "fails")
    assert latest([result("a", newest), result("a", older)])["outcome"] == 0


def test_a_tenant_that_was_not_begun_stands_as_its_runs_left_it(tmp_path: Path) -> None:
    not_begun = Standing(tenant="contoso", words="not run", why="not begun: stopped")
    fleet = Fleet("2026-11-26T11:00:00+00:00", NOW.isoformat(), tenants=(not_begun,))
    leave(tmp_path, fleet, fleet_page(fleet, tmp_path))
    assert words(kept(tmp_path, result("contoso", *steps(), days_ago=1))) == {"contoso": "proved"}


@pytest.mark.parametrize("lacks", ["outcome", "ended", "handover", "notebooks", "a check's level", "a verdict"])
def test_one_result_that_lacks_something_does_not_end_what_is_shown_of_all(lacks: str, tmp_path: Path) -> None:
    spoiled = result("fabrikam", *steps(_06=notebook("06_flex_console", 3, "waiting", state="waiting")))
    if lacks == "a check's level":
        del spoiled["notebooks"][6]["checks"][0]["level"]
    elif lacks == "a verdict":
        del spoiled["notebooks"][6]["verdict"]
    folder = tmp_path / "fabrikam" / "2026"
    folder.mkdir(parents=True)
    (folder / "result.json").write_text(json.dumps({key: spoiled[key] for key in spoiled if key != lacks}), "utf-8")
    assert words(kept(tmp_path, result("contoso", *steps()))) == {"contoso": "proved"}


def test_how_many_steps_were_only_looked_at_is_shown(tmp_path: Path) -> None:
    looked = result("contoso", *({**each, "as_good_as": "/runs/x"} for each in steps()))
    html = cards.tenants(kept(tmp_path, looked))._repr_mimebundle_()["text/html"]
    assert "9 by one look" in html.replace("&#160;", " ")
