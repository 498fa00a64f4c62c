"""What the cards of plans and proofs show: each verdict with its own sign, so that no red looks like a yellow."""

import re
from dataclasses import replace
from textwrap import dedent

import pytest

from flexsso_helpers.plan import Applied, Change, Evidence, Finding, Kind, Level, Pending, Plan, State, Target, Value
from flexsso_helpers.plan.cards import FEW_HOLD, FEW_RIGHT, MOST, of_applied, of_evidence, of_plan

TARGET = Target(
    tenant="contoso", title="Contoso", cloud="global", tenant_id="t", account_sid="AC", application="Twilio Flex"
)


def shown(state: State, level: Level) -> str:
    """The row of one finding, as HTML, without the heading's own verdict."""
    finding = Finding(check="S45", title="Relay state", level=level, state=state, configured="a", received="b", fix="c")
    html = of_evidence(Evidence(section="02", title="Basics", target=TARGET, findings=(finding,))).html
    return html[html.index("<tbody") :]


@pytest.mark.parametrize(
    ("state", "level", "word", "style"),
    [
        ("wrong", "error", "fails", "no"),
        ("wrong", "warning", "look", "wait"),
        ("waiting", "error", "waits", "wait"),
        ("said", "error", "said", "said"),
        ("unknown", "error", "not known", "muted"),
        ("holds", "error", "holds", "ok"),
    ],
)
def test_each_verdict_has_its_word_and_its_colour(state: State, level: Level, word: str, style: str) -> None:
    row = shown(state, level)
    assert word in row
    assert [each for each in ("ok", "no", "wait", "said") if f"fx-{each}" in row] == [style] * (style != "muted")


def change(setting: str, kind: Kind = "~", now: Value = "x", should_be: Value = "y") -> Change:
    return Change(setting=setting, now=now, should_be=should_be, kind=kind)


PLAN = Plan(
    section="02",
    title="Basics",
    target=TARGET,
    read="r",
    changes=(
        change("Done", "=", "y"),
        replace(change("Reply URL", "+", None, Pending("01")), waits="the app", reason="documented"),
        replace(change("Sign-on URL"), breaks="bookmarks end", instructions=("T12", "T13")),
        replace(change("Old claim", "-", should_be=()), undo="nobody knows it"),
    ),
    remarks=("Nobody is called Bo.",),
    edits=("Taken from the form.",),
    unseen=("the Console", "roles"),
)
APPLIED = Applied(
    section="02",
    title="Basics",
    target=TARGET,
    made=(replace(change("Relay state"), reason="documented"), change("Old claim", "-"), change("Old role", "-")),
    left=(change("Sign-on URL"),),
    why_not="not approved",
    plan="0123456789abcdef",
    approved_by="Ada",
    approved_at="2026-03-02T09:05:00+00:00",
    by_hand=True,
)


def said(text: str) -> str:
    """A card's text as it stands, without blanks at the ends of lines; a rule is two strokes."""
    return "\n".join(re.sub("─+", "──", line.rstrip()) for line in text.strip("\n").splitlines())


def page(text: str) -> str:
    return dedent(text).strip()


def test_a_plan_says_what_needs_a_name_first_and_what_is_right_last() -> None:
    digest = PLAN.digest[:12]
    assert said(of_plan(PLAN).text) == page(f"""
        02 · Basics · plan for “Twilio Flex” in Contoso · 3 changes · 1 already right  [LIVE]

              Setting       Now    Should be        Why
          ──
          -   Old claim     x      none
          +   Reply URL     none   known after 01   not yet: the app · documented
          ~   Sign-on URL   x      y                T12, T13
          =   Done          y      y

          Note. Before you approve: bookmarks end (1 change). Nobody is called Bo. Cannot be undone exactly: nobody
          knows it (1 change).

          Taken from the form. Could not be previewed: the Console. Could not be previewed: roles. Plan {digest}:
          its approval is for this one alone.
    """)


def test_what_was_made_and_left_is_said_with_who_approved_it() -> None:
    assert said(of_applied(APPLIED).text) == page("""
        02 · Basics · changes · 3 changes made  [LIVE]

              Setting       Before   Now             Why
          ──
          ~   Relay state   x        y               documented
          -   Old claim     x        y
          -   Old role      x        y
          =   Sign-on URL            left as it is   not approved

          Approved by        Ada · ticked · 2026-03-02 09:05 UTC · plan 0123456789ab
          Approved by name   Old claim, Old role

          Read back as written.
    """)


def test_where_nothing_was_made_the_reason_is_a_sentence_of_its_own() -> None:
    nothing = replace(APPLIED, made=(), left=(), approved_by="")
    assert said(of_applied(nothing).text) == "02 · Basics · changes · nothing changed  [LIVE]\n\n  Not approved."
    assert said(of_applied(replace(nothing, why_not="")).text) == "02 · Basics · changes · nothing changed  [LIVE]"


def test_an_approval_by_the_start_of_the_run_is_not_called_ticked() -> None:
    text = of_applied(replace(APPLIED, by_hand=False, made=(change("Relay state"),))).text
    assert "Ada · approved by the start of the run · 2026-03-02 09:05 UTC" in text
    assert "Approved by name" not in text


def test_a_proof_says_both_sides_the_fix_and_its_facts() -> None:
    fails = Finding(
        check="S45", title="Relay state", level="error", state="wrong", configured="a", received="b", fix="mend it"
    )
    proof = Evidence(section="02", title="Basics", target=TARGET, findings=(fails,), facts={"Worker": "WK1"})
    assert said(of_evidence(proof).text) == page("""
        02 · Basics · proof · ✗ 1 of 1 check fails  [LIVE]

          Verdict   Check               Expected   Found   What to do
          ──
          ✗ fails   Relay state · S45   a          b       mend it

          Worker   WK1
    """)
    holds = replace(proof, findings=(replace(fails, state="holds"),))
    assert "What to do" not in of_evidence(holds).text


def test_days_that_are_left_are_written_as_everywhere() -> None:
    proof = Evidence(section="20", title="Drift", target=TARGET, findings=(), facts={"Days left": "1094"})
    assert "Days left   1,094" in of_evidence(proof).text


def test_an_address_among_the_facts_is_a_link_and_in_a_rehearsal_it_is_not() -> None:
    page = "https://entra.microsoft.com/#view/x"
    live = Evidence(section="01", title="Application", target=TARGET, findings=(), facts={"Page in Entra": page})
    assert f'href="{page}" target="_blank"' in of_evidence(live).html
    assert (
        "href"
        not in of_evidence(replace(live, target=replace(TARGET, cloud="rehearsal"))).html.partition("</style>")[2]
    )


def test_what_a_planned_change_will_set_is_no_failure_yet() -> None:
    fails = Finding(check="S45", title="Relay state", level="error", state="wrong", configured="a", received="b")
    proof = Evidence(section="02", title="Basics", target=TARGET, findings=(fails,), planned=2)
    shown = of_evidence(proof)
    assert "not proved: 2 changes planned" in shown.text
    assert "! not yet" in shown.text
    assert "fails" not in shown.text
    assert "fx-bad" not in shown.html.partition("</style>")[2]
    assert "✗ fails" in of_evidence(replace(proof, planned=0)).text


def test_many_checks_that_hold_are_folded_and_what_the_proof_is_about_is_not() -> None:
    holds = Finding(check="S45", title="Relay state", level="error", state="holds", configured="a", received="a")
    about = replace(holds, title="Sign-on of Ada", headline=True)
    proof = Evidence(section="08", title="Test", target=TARGET, findings=(about, *[holds] * (FEW_HOLD + 1)))
    shown = of_evidence(proof)
    open_, folded = shown.html.partition("</style>")[2].split("<details", 1)
    assert "Sign-on of Ada" in open_
    assert "Relay state" not in open_
    assert f"{FEW_HOLD + 1} checks hold" in folded
    assert shown.text.count("Relay state") == FEW_HOLD + 1
    few = of_evidence(replace(proof, findings=(about, *[holds] * FEW_HOLD)))
    assert "<details" not in few.html


REHEARSED = replace(TARGET, cloud="rehearsal")


def test_every_card_says_whether_it_is_practice() -> None:
    proof = Evidence(section="02", title="Basics", target=REHEARSED, findings=())
    for card in (
        of_plan(replace(PLAN, target=REHEARSED)),
        of_applied(replace(APPLIED, target=REHEARSED)),
        of_evidence(proof),
    ):
        assert card.text.splitlines()[0].endswith("[REHEARSAL]")


def test_of_very_many_changes_the_rest_is_folded_away() -> None:
    many = tuple(change(f"Person {number}") for number in range(MOST + 2))
    for card in (of_plan(replace(PLAN, changes=many)), of_applied(replace(APPLIED, made=many, left=()))):
        assert card.html.count("<details") == 1
        assert f"Person {MOST - 1}" in card.text
        assert f"Person {MOST}" not in card.text


GREY, STRUCK, TO_COPY = 'span class="fx-muted"', 's class="fx-v fx-was"', 'code class="fx-v"'


@pytest.mark.parametrize(("kind", "before"), [("+", GREY), ("~", STRUCK), ("-", STRUCK), ("=", GREY)])
@pytest.mark.parametrize(
    ("should_be", "style"), [("y", TO_COPY), (None, GREY), ("", GREY), ((), GREY), (Pending("01"), GREY)]
)
def test_only_what_was_replaced_is_struck_and_only_what_can_be_copied_looks_so(
    kind: Kind, before: str, should_be: Value, style: str
) -> None:
    one = (change("Relay state", kind, "x", should_be),)
    planned, made = of_plan(replace(PLAN, changes=one)), of_applied(replace(APPLIED, made=one, left=()))
    for html, now in ((planned.html, GREY), (made.html, before)):
        cells = re.findall(r'<td[^>]*><(\w+ class="[^"]+")', html[html.index("<tbody") :])
        assert cells[:2] == [now, style]


@pytest.mark.parametrize("more", [0, 1])
def test_what_is_right_already_does_not_bury_what_is_not(more: int) -> None:
    right = [change(f"Setting {number}", "=", "y") for number in range(FEW_RIGHT + more)]
    shown = of_plan(replace(PLAN, changes=(*right, change("Moved"))))
    assert ("<details" in shown.html) is bool(more)
    assert shown.html.index("Moved") < shown.html.index("Setting 0")
    assert all(each.setting in shown.text for each in right)


def test_several_notes_are_told_one_by_one() -> None:
    several, one = of_plan(PLAN), of_plan(replace(PLAN, changes=PLAN.changes[:1]))
    assert several.html.count("<li>") == 3
    assert "<li>Cannot be undone exactly: nobody knows it (1 change).</li>" in several.html
    assert "<li>" not in one.html
    assert "Nobody is called Bo." in one.html
