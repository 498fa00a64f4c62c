"""What a result comes to in one line: what is open, whose it is, and that a plan is no proof."""

from typing import Any

import pytest

from flexsso_helpers.fleet.standing import is_proved, standing

CHECK = {"check": "D16", "title": "Expiry notifications", "level": "error", "reason": "received nobody", "said": ""}


def notebook(name: str, outcome: int | None, verdict: str = "", error: str = "", **check: str) -> dict[str, Any]:
    checks = [{**CHECK, "section": name[:2], **check}] if check else []
    return {"notebook": name, "outcome": outcome, "verdict": verdict, "error": error, "checks": checks}


def result(outcome: int, *notebooks: dict[str, Any], error: str = "") -> dict[str, Any]:
    return {
        "tenant": "contoso", "file": "contoso.yaml", "rehearsal": False, "outcome": outcome, "error": error,
        "started": "2026-11-26T02:00:00+00:00", "ended": "2026-11-26T02:01:30+00:00", "notebooks": list(notebooks),
        "certificate": {"not_after": "2027-01-01", "days_left": 36}, "folder": "/runs/contoso/x", "handover": None,
    }  # fmt: skip


PROVED = notebook("00_start_here", 0, "proved, nothing changed")


@pytest.mark.parametrize(
    ("given", "words", "why", "owner"),
    [
        (result(0, PROVED), "proved", "", ""),
        (result(2, PROVED, notebook("03_x", 2, "proved, 4 changes made")), "changed", "", ""),
        (
            result(2, PROVED, notebook("03_x", 2, "not proved: 4 changes planned")),
            "planned",
            "03: not proved: 4 changes planned",
            "administrator of Entra",
        ),
        (
            result(3, PROVED, notebook("06_x", 3, "waiting", state="waiting")),
            "waiting",
            "06: Expiry notifications",
            "administrator of Flex",
        ),
        (
            result(1, notebook("08_x", 1, "stopped", "ValueError: no\n  more"), notebook("09_x", None, "before it")),
            "failed",
            "08: ValueError: no",
            "",
        ),
        (result(1, notebook("03_x", 1, "fails", state="wrong")), "failed", "03: Expiry notifications",
         "administrator of Entra"),
        (result(1, error="The file cannot be read.\n  Why: none"), "failed", "The file cannot be read.", ""),
    ],
    ids=["proved", "changed", "planned", "waiting", "stopped", "wrong", "no file"],
)  # fmt: skip
def test_the_line_of_a_tenant_says_what_is_open_and_whose_it_is(
    given: dict[str, Any], words: str, why: str, owner: str
) -> None:
    stands = standing(given)
    assert (stands.words, stands.why, stands.owner) == (words, why, owner)
    assert (stands.days_left, stands.seconds) == (36, 90.0)


def test_a_file_that_was_skipped_says_why() -> None:
    stands = standing({"file": "contoso.example.yaml", "skipped": "an example"})
    assert (stands.words, stands.why, stands.outcome) == ("skipped", "an example", None)


def test_drift_is_counted_but_not_what_is_only_worth_a_word() -> None:
    wrong = notebook("03_x", 1, state="wrong")
    info = notebook("04_x", 1, state="wrong", level="info")
    assert standing(result(1, wrong, info)).moved == 1


@pytest.mark.parametrize(
    ("notebooks", "proved"),
    [
        ([PROVED], True),
        ([PROVED, notebook("03_x", 2, "proved, 1 change made")], True),
        ([PROVED, notebook("03_x", 2, "not proved: 1 change planned")], False),
        ([PROVED, notebook("03_x", None, "not run")], False),
        ([PROVED, notebook("06_x", 3, "waiting")], False),
        ([], False),
    ],
    ids=["nothing changed", "changed", "only planned", "not run", "waiting", "nothing run"],
)
def test_what_counts_as_proved(notebooks: list[dict[str, Any]], proved: bool) -> None:
    assert is_proved(result(0, *notebooks)) is proved


def test_the_time_of_the_last_proof_is_that_of_this_run_or_of_the_one_before() -> None:
    assert standing(result(0, PROVED), "2026-11-01").proved_at == "2026-11-26T02:01:30+00:00"
    assert standing(result(3, notebook("06_x", 3)), "2026-11-01").proved_at == "2026-11-01"
