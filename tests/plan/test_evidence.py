"""Findings and evidence: outcome, verdict, order, and the error that follows a failed proof."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexsso_helpers.errors import NotProven
from flexsso_helpers.plan import Evidence, Finding, Level, State, Target, few, sort_worst_first, worst
from flexsso_helpers.views.shown import text_of

TARGET = Target(
    tenant="contoso", title="Contoso", cloud="global", tenant_id="t", account_sid="AC", application="Twilio Flex"
)
LEVELS: tuple[Level, ...] = ("error", "warning", "info")
STATES: tuple[State, ...] = ("wrong", "waiting", "said", "unknown", "holds")


def finding(level: Level = "error", state: State = "holds", title: str = "Relay state", fix: str = "02") -> Finding:
    return Finding(check="S45", title=title, level=level, state=state, configured="empty", received="x", fix=fix)


def evidence(*findings: Finding, planned: int = 0, made: int = 0) -> Evidence:
    return Evidence(section="02", title="Basics", target=TARGET, findings=findings, planned=planned, made=made)


WRONG, WAITS, HOLDS = finding(state="wrong"), finding(state="waiting"), finding()


@pytest.mark.parametrize(
    ("each", "outcome", "verdict"),
    [
        (evidence(HOLDS), 0, "proved, nothing changed"),
        (evidence(), 0, "nothing to prove"),
        (evidence(HOLDS, made=1), 2, "proved, 1 change made"),
        (evidence(HOLDS, made=3), 2, "proved, 3 changes made"),
        (evidence(HOLDS, planned=2), 2, "not proved: 2 changes planned"),
        (evidence(HOLDS, planned=2, made=3), 2, "not proved: 2 changes planned, 3 made"),
        (evidence(WRONG, planned=1), 2, "not proved: 1 change planned"),
        (evidence(WRONG, WAITS, planned=1), 2, "not proved: 1 change planned"),
        (evidence(WRONG, HOLDS), 1, "1 of 2 checks fails"),
        (evidence(WRONG, WRONG, HOLDS), 1, "2 of 3 checks fail"),
        (evidence(WRONG), 1, "1 of 1 check fails"),
        (evidence(WRONG, WAITS), 1, "1 of 2 checks fails"),
        (evidence(WAITS, HOLDS), 3, "waiting for a person"),
        (evidence(WAITS, planned=3), 3, "waiting for a person"),
        (evidence(WAITS, HOLDS, made=1), 3, "waiting for a person, 1 change made"),
        (evidence(finding("warning", "wrong")), 0, "nothing to prove"),
        (evidence(finding("warning", "wrong"), HOLDS), 0, "proved, nothing changed"),
        (evidence(finding("info", "wrong")), 0, "nothing to prove"),
        (evidence(finding(state="unknown")), 0, "nothing to prove"),
        (evidence(finding(state="unknown"), HOLDS), 0, "proved, nothing changed"),
    ],
)
def test_outcome_and_verdict(each: Evidence, outcome: int, verdict: str) -> None:
    assert (each.outcome, each.verdict) == (outcome, verdict)
    assert each.failed == (outcome == 1)


@pytest.mark.parametrize(
    ("outcomes", "whole"),
    [((), 0), ((0, 0), 0), ((0, 2), 2), ((2, 3), 3), ((3, 1, 0), 1), ((2, 2), 2), ((1,), 1)],
)
def test_the_worst_outcome_wins(outcomes: tuple[int, ...], whole: int) -> None:
    assert worst(outcomes) == whole


@given(st.lists(st.sampled_from([0, 1, 2, 3])))
def test_the_order_of_outcomes_does_not_matter(outcomes: list[int]) -> None:
    assert worst(outcomes) == worst(reversed(outcomes))
    assert worst([*outcomes, 1]) == 1


def test_the_worst_comes_first_and_equals_keep_their_order() -> None:
    mixed = [finding(level, state, title=f"{level} {state}") for state in reversed(STATES) for level in LEVELS]
    order = [(each.level, each.state) for each in sort_worst_first(mixed)]
    decide, look = order[:7], order[7:9]
    assert [state for _, state in decide] == ["wrong", *["waiting"] * 3, *["said"] * 3]
    assert (decide[0], look) == (("error", "wrong"), [("warning", "wrong"), ("info", "wrong")])
    assert [state for _, state in order[9:]] == ["unknown"] * 3 + ["holds"] * 3
    twins = [finding(title=str(number)) for number in range(5)]
    assert list(sort_worst_first(twins)) == twins
    headed = [*twins, replace(twins[0], title="what it is about", headline=True)]
    assert sort_worst_first(headed)[0].title == "what it is about"


def test_only_an_error_that_is_wrong_and_explained_by_no_change_raises() -> None:
    for level, state, planned in itertools.product(LEVELS, STATES, (0, 1)):
        each = evidence(finding(level, state), planned=planned)
        if (level, state, planned) == ("error", "wrong", 0):
            with pytest.raises(NotProven):
                each.require()
        else:
            each.require()


def test_the_error_puts_both_sides_and_the_fix_in_words() -> None:
    with pytest.raises(NotProven) as caught:
        evidence(WRONG, HOLDS).require()
    assert str(caught.value) == (
        "This is not proved\n"
        "  What:     Relay state (S45): expected empty, found x\n"
        "  Why:      The settings of this section are in place, and this still fails.\n"
        "  To do:    02\n"
        "  Notebook: 02"
    )


def test_each_failure_has_a_line_a_missing_value_its_word_and_what_00_only_looks_at_no_settings() -> None:
    bare = replace(WRONG, configured="", received="")
    with pytest.raises(NotProven) as caught:
        replace(evidence(bare, replace(WRONG, title="Sign-on URL", fix="03")), section="00").require()
    assert caught.value.what == (
        "Relay state (S45): expected nothing, found nothing\nSign-on URL (S45): expected empty, found x"
    )
    assert caught.value.fix == "02\n03"
    assert caught.value.why == ""


def test_twenty_failures_are_still_a_short_message() -> None:
    failing = [finding(state="wrong", title=f"Check {number}", fix=f"Fix {number}") for number in range(20)]
    with pytest.raises(NotProven) as caught:
        evidence(*failing).require()
    lines = str(caught.value).splitlines()
    assert len(lines) <= 12
    assert "… and 16 more" in caught.value.what
    assert "… and 18 more" in caught.value.fix


@given(st.lists(st.text(alphabet="ab"), max_size=12), st.integers(2, 6))
def test_what_is_shortened_says_how_much_is_missing(lines: list[str], most: int) -> None:
    short = few(lines, most)
    assert len(short) == min(len(lines), most)
    if len(lines) > most:
        assert short[:-1] == lines[: most - 1]
        assert short[-1] == f"… and {len(lines) - most + 1} more"
    else:
        assert short == lines


def test_the_card_shows_the_fix_only_where_something_is_to_do() -> None:
    text = text_of(evidence(finding(state="wrong", fix="mend it in 02"), finding(fix="never shown")))
    assert "mend it in 02" in " ".join(text.split())
    assert "never shown" not in " ".join(text.split())


SAID = finding(state="said")


def test_what_was_only_said_is_never_proved() -> None:
    told = replace(SAID, said="by Ada on 2026-03-02")
    assert (evidence(told).outcome, evidence(told).verdict) == (3, "1 said and not yet seen, nothing changed")
    assert "by Ada on 2026-03-02" in text_of(evidence(told))
    assert "✓" not in text_of(evidence(told))


def test_what_was_said_a_moment_ago_is_for_a_later_notebook_to_see() -> None:
    assert (evidence(SAID, made=3).outcome, evidence(SAID, made=3).verdict) == (
        2,
        "1 said and not yet seen, 3 changes made",
    )


def test_what_was_said_counts_where_something_seen_speaks_for_it_and_is_still_shown_as_said() -> None:
    backed = evidence(replace(SAID, backed=True))
    assert backed.outcome == 0
    assert "said" in text_of(backed)
