"""How far the steps are: each by its newest proof, what is open and whose it is, and what comes next."""

import pytest

from flexsso_helpers.notebooks import STEPS
from flexsso_helpers.plan import Evidence, Finding, Target
from flexsso_helpers.plan.progress import ENTRA, FLEX, MOST_NOTES, MOST_POINTS, TESTERS, of_progress, progress

TARGET = Target(tenant="c", title="Contoso", cloud="rehearsal", tenant_id="t", account_sid="AC", application="Flex")
AT = "2026-11-02T08:00:00+00:00"


def finding(state: str, level: str = "error", **more: object) -> Finding:
    return Finding(check="S24", title="About it", level=level, state=state, **more)  # type: ignore[arg-type]


def proved(section: str, *findings: Finding, planned: int = 0) -> Evidence:
    return Evidence(section=section, title=section, target=TARGET, findings=findings, planned=planned)


def told(*each: Evidence, here: str = "", notes: tuple[dict[str, object], ...] = ()):  # type: ignore[no-untyped-def]
    return progress({one.section: (one, AT) for one in each}, notes, here=here)


@pytest.mark.parametrize(
    ("findings", "planned", "standing", "outcome"),
    [
        ((finding("holds"),), 0, "proved", 0),
        ((finding("wrong", "warning"),), 0, "proved", 0),
        ((finding("wrong"),), 0, "failed", 1),
        ((finding("wrong"),), 2, "open", 2),
        ((finding("holds"),), 2, "open", 2),
        ((finding("waiting"),), 0, "waiting", 3),
        ((finding("said", said="by Ada"),), 0, "said", 3),
        ((finding("said", said="by Ada", backed=True),), 0, "proved", 0),
    ],
)
def test_a_step_stands_as_its_newest_proof_says(
    findings: tuple[Finding, ...], planned: int, standing: str, outcome: int
) -> None:
    others = [proved(step.number, finding("holds")) for step in STEPS if step.number != "03"]
    found = told(*others, proved("03", *findings, planned=planned))
    assert found.stages[3].standing == standing
    assert found.outcome == outcome
    card = of_progress(found)
    assert standing in card.text
    assert "[REHEARSAL]" in card.text
    assert ("All steps are proved." in card.text) == (standing == "proved")


def test_nothing_is_claimed_of_a_step_that_nobody_began() -> None:
    found = told()
    assert {each.standing for each in found.stages} == {"no proof yet"}
    assert (found.outcome, found.next, found.points) == (3, "00 · Start here", ())
    assert "0 of 9 proved" in of_progress(found).text


def test_what_is_next_is_the_first_step_that_is_not_through() -> None:
    found = told(proved("00", finding("holds")), proved("01", finding("holds"), planned=1), proved("02"))
    assert found.next == "01 · Enterprise application"
    assert "Next: 01 · Enterprise application." in of_progress(found).text


def test_you_are_here_stands_at_the_notebook_that_is_open() -> None:
    text = of_progress(told(proved("00", finding("holds")), here="04")).text
    (line,) = [line for line in text.splitlines() if "you are here" in line]
    assert "04 · Attributes and claims" in line


@pytest.mark.parametrize(
    ("section", "fix", "owner"),
    [
        ("03", "", ENTRA),
        ("06", "", FLEX),
        ("08", "", TESTERS),
        ("08", "06 · Flex Console: paste them again.", FLEX),
        ("06", "04 · Attributes and claims: look.", ENTRA),
    ],
)
def test_an_open_point_is_of_whoever_can_do_what_mends_it(section: str, fix: str, owner: str) -> None:
    (point,) = told(proved(section, finding("wrong", fix=fix))).points
    assert (point.owner, point.since, point.check) == (owner, AT, "S24")


def test_without_a_next_step_it_says_what_was_expected_and_what_was_found() -> None:
    (point,) = told(proved("03", finding("wrong", configured="one"))).points
    assert point.to_do == "expected one, found nothing"


@pytest.mark.parametrize(
    "quiet",
    [finding("holds"), finding("unknown"), finding("wrong", "info"), finding("said", said="by Ada", backed=True)],
    ids=["holds", "unknown", "for information", "said and seen since"],
)
def test_what_holds_or_only_informs_is_no_open_point(quiet: Finding) -> None:
    assert told(proved("03", quiet)).points == ()


def test_what_00_saw_coming_is_told_once_by_the_step_that_it_concerns() -> None:
    same = finding("wrong", "warning", fix="Fill it in.")
    assert [point.section for point in told(proved("00", same), proved("07", same)).points] == ["07"]


def test_planned_changes_are_an_open_point() -> None:
    (point,) = told(proved("05", finding("holds"), planned=3)).points
    assert point.title == "05: 3 changes planned and not made"
    assert "05 · App roles" in point.to_do


def test_a_note_with_an_owner_or_a_date_is_open_until_it_is_done() -> None:
    def note(text: str, *, owner: str = "", due: str = "", done: bool = False) -> dict[str, object]:
        return {"at": AT, "section": "07", "text": text, "owner": owner, "due": due, "done": done}

    first = (note("Ask Kim", owner="Kim"), note("Plain"), note("Renew", due="2026-12-01"))
    found = told(notes=first)
    assert [(point.title, point.owner, point.due) for point in found.points] == [
        ("Ask Kim", "Kim", ""),
        ("Renew", "", "2026-12-01"),
    ]
    assert "until 2026-12-01" in of_progress(found).text
    assert [point.title for point in told(notes=(*first, note("Ask Kim", done=True))).points] == ["Renew"]


def noted(text: str, *, done: bool = False) -> dict[str, object]:
    return {"at": AT, "section": "07", "text": text, "by": "Ada Admin", "owner": "", "due": "", "done": done}


def test_a_note_that_nobody_has_to_act_on_stands_on_the_card_and_is_no_open_point() -> None:
    found = told(notes=(noted("The group is small"), noted("Forget me"), noted("Forget me", done=True)))
    assert (found.points, [note.text for note in found.notes]) == ((), ["The group is small"])
    text = " ".join(of_progress(found).text.split())
    assert "Note · 07 The group is small · Ada Admin · 2026-11-02" in text
    assert "Forget me" not in text


def test_of_very_many_notes_the_last_are_shown_and_all_are_there_too() -> None:
    found = told(notes=tuple(noted(f"Note no {n}.") for n in range(MOST_NOTES + 2)))
    text = of_progress(found).text
    assert "2 earlier notes in `flexsso status`" in text
    assert ("Note no 1." in text, "Note no 2." in text) == (False, True)
    assert all(f"Note no {n}." in of_progress(found, folded=False).text for n in range(MOST_NOTES + 2))


def test_very_many_open_points_are_counted_and_the_whole_list_is_there_too() -> None:
    many = [Finding(check="S24", title=f"No {n}", level="error", state="wrong") for n in range(MOST_POINTS + 3)]
    found = told(proved("07", *many))
    assert "3 further open points in `flexsso status`" in of_progress(found).text
    whole = of_progress(found, folded=False).text
    assert all(f"No {n}" in whole for n in range(MOST_POINTS + 3))


def test_other_notebooks_stand_beside_the_steps_once_they_were_begun() -> None:
    assert [each.number for each in told(proved("03", finding("holds"))).stages] == [step.number for step in STEPS]
    found = told(*(proved(step.number, finding("holds")) for step in STEPS), proved("20", finding("wrong")))
    assert [each.number for each in found.stages][-1] == "20"
    assert (found.next, found.outcome) == ("20 · Check drift", 1)
