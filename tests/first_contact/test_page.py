"""What a person reads: what differs, what it touches, and whether the runbook is expected to be proved."""

import pytest

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.first_contact.observations import Observations, with_attested
from flexsso_helpers.first_contact.page import NOTHING, conclusions, issue, page, sentence, steps
from flexsso_helpers.first_contact.questions import questions
from flexsso_helpers.first_contact.touched import LOOK, TOUCHED
from flexsso_helpers.first_contact.verdicts.all_of_them import JUDGES, Verdict
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.rehearsal.world.quirks import QUIRKS
from scripts import load


def found(**alternatives: str) -> Observations:
    evidence = "PUT graph.microsoft.com/v1.0/applications/id-1 → 200"
    told = [Verdict(quirk=name, alternative=answer, evidence=evidence) for name, answer in alternatives.items()]
    return Observations(cloud="global", verdicts=tuple(told))


def test_the_questions_are_as_the_rehearsal_declares_them() -> None:
    made = load("make_pages")
    from flexsso_helpers.first_contact.questions import FILE

    assert FILE.read_text("utf-8") == made.open_questions()
    assert set(questions()) == set(QUIRKS)


def test_whatever_is_looked_at_says_what_it_touches() -> None:
    assert set(TOUCHED) == set(JUDGES)
    assert {number for numbers in TOUCHED.values() for number in numbers} <= set(TITLES)
    assert set(LOOK) <= set(QUIRKS)


def test_where_nothing_differs_the_runbook_is_expected_to_be_proved() -> None:
    same = found(claims_policy_put="204", lag="ordinary")
    assert sentence(same) == f"{NOTHING} The runbook is expected to be proved here."
    assert issue(same).endswith(f"{NOTHING}\n")


def test_what_differs_is_told_with_what_it_touches_and_what_it_comes_to() -> None:
    other = found(claims_policy_put="200", lag="ordinary")
    assert other.proved
    assert "**claims_policy_put**: here `200`; we go by `204`. It touches 04 · Attributes and claims." in page(other)
    assert "The runbook copes." in page(other)
    assert "### Rule or quirk that it touches\n\nclaims_policy_put" in issue(other)
    assert "### Request\n\nPUT graph.microsoft.com/v1.0/applications/id-1\n" in issue(other)
    assert "lag" not in issue(other)


def test_where_the_runbook_would_end_it_says_in_which_notebook() -> None:
    ends = found(identifier_policy="strict")
    assert not ends.proved
    assert sentence(ends) == (
        "The runbook is not expected to be proved here: identifier_policy ends it in 02 (Refused)."
    )


def test_an_end_in_certain_circumstances_only_is_told_with_them() -> None:
    there = found(deleted_identifier="conflict")
    assert there.proved
    assert "The runbook ends in 00 (refused), where a deleted application holds the identifier." in page(there)


def test_an_answer_that_nobody_foresaw_goes_into_the_issue_form() -> None:
    new = Verdict(quirk="app_delete", why="an answer that nobody foresaw: 418", evidence="DELETE x → 418")
    assert "an answer that nobody foresaw: 418" in issue(Observations(cloud="china", verdicts=(new,)))
    assert "### Cloud\n\nchina" in issue(Observations(cloud="china", verdicts=(new,)))


def test_what_a_person_said_is_never_shown_as_seen() -> None:
    untold = [Verdict(quirk="worker_touch", why="nobody looked"), Verdict(quirk="lag", alternative="none")]
    said = with_attested(untold, {"worker_touch": "stays", "lag": "long"})
    assert [(each.alternative, each.attested) for each in said] == [("stays", True), ("none", False)]
    both = Observations(cloud="global", verdicts=tuple(said))
    assert "here `stays`, as a person said" in page(both)
    assert "said by a person" in issue(both)
    assert 'said:\n  worker_touch: "stays"' in both.yaml()
    assert "said" in conclusions(both, "LIVE").text


@pytest.mark.parametrize("pair", [("worker_touch", "perhaps"), ("no_such_question", "yes")])
def test_nobody_can_have_seen_what_there_is_not(pair: tuple[str, str]) -> None:
    with pytest.raises(ParametersError, match=pair[0]):
        with_attested([], dict([pair]))


def test_what_may_be_left_is_named_on_the_screen_and_counted_on_the_page() -> None:
    path = "/applications/6b1f7e64-2c0a-4c57-9d39-0a7c5b7d4f11"
    left = Observations(cloud="global", verdicts=(), read_only=False, clean=False, left=(path,))
    assert path in steps(left, "LIVE").text
    assert path not in page(left)
    assert "1 object of ours may be left in this tenant" in page(left)
