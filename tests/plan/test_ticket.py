"""What a proof leaves to paste into a ticket: enough to be helped by, and nobody's name unless asked for."""

from dataclasses import replace

import pytest

from flexsso_helpers.plan import Evidence, Finding, Target
from flexsso_helpers.plan.ticket import ticket

TARGET = Target(tenant="c", title="Contoso", cloud="global", tenant_id="t-1", account_sid="AC1", application="Flex")
BO = "bo.agent@contoso.com"


def finding(check: str, state: str, level: str = "error", **more: str) -> Finding:
    return Finding(check=check, title=f"About {BO}", level=level, state=state, **more)  # type: ignore[arg-type]


PROOF = Evidence(
    section="08",
    title="Test the sign-on",
    target=TARGET,
    findings=(
        finding("S24", "wrong", configured="one", received=f"none for {BO}"),
        finding("S61", "wrong", "warning"),
        finding("D29", "waiting"),
        finding("D21", "said", said=f"by {BO}"),
        finding("D14", "holds"),
        finding("D15", "holds"),
    ),
    facts={BO: "worker WK1"},
)


def test_it_says_whose_which_section_and_what_does_not_hold() -> None:
    text = ticket(PROOF)
    assert text.splitlines()[0] == "Flex SSO · Contoso · 08 · Test the sign-on: 1 of 6 checks fails"
    for words in (
        "t-1",
        "AC1",
        "- S24 fails; expected: ",
        "- S61 to look at; expected: ",
        "- D29 waits",
        "- D21 said",
        "2 checks hold.",
    ):
        assert words in text, words
    assert "certificate of its own" in text, "the check is told by what its number means"


def test_it_names_nobody_unless_asked() -> None:
    assert "bo.agent" not in ticket(PROOF)
    named = ticket(PROOF, names=True)
    assert f"- S24 fails: About {BO} (expected one, found none for {BO})" in named
    assert f"{BO}: worker WK1" in named


def test_the_same_of_many_people_is_said_once() -> None:
    many = tuple(Finding(check="S61", title=f"About {n}", level="warning", state="wrong") for n in range(50))
    assert ticket(Evidence(section="07", title="Users", target=TARGET, findings=many)).count("S61") == 1


def test_a_sentence_that_says_how_it_should_be_is_not_read_as_how_it_is() -> None:
    levels = (("D25", "error"), ("S28", "warning"))
    bad = tuple(finding(check, "wrong", level) for check, level in levels)
    text = ticket(replace(PROOF, findings=bad))
    assert "- D25 fails; expected: Everybody is assigned" in text
    assert "- S28 to look at; expected: The certificate is valid" in text
    assert "- D25 not yet: Everybody is assigned" in ticket(replace(PROOF, findings=bad, planned=1))
    assert "- S28 could not be looked at: " in ticket(replace(PROOF, findings=(finding("S28", "unknown"),)))


def test_a_title_that_no_number_explains_is_told_as_it_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flexsso_helpers.plan.ticket.line", lambda number: None)
    monkeypatch.setattr("flexsso_helpers.plan.nameless.line", lambda number: None)
    assert "- D25 fails: About (left out)" in ticket(replace(PROOF, findings=(finding("D25", "wrong"),)))


def test_what_is_planned_is_not_yet_made_and_no_failure() -> None:
    planned = ticket(replace(PROOF, planned=2))
    assert "- S24 not yet: " in planned
    assert "fails" not in planned
    assert "- S61 to look at" in planned


def test_one_check_holds_and_two_hold() -> None:
    assert "\n1 check holds." in ticket(replace(PROOF, findings=PROOF.findings[:-1]))
    assert "\n2 checks hold." in ticket(PROOF)


@pytest.mark.parametrize("cloud", ["global", "rehearsal"])
def test_a_rehearsal_is_marked(cloud: str) -> None:
    target = Target(tenant="c", title="C", cloud=cloud, tenant_id="t", account_sid="A", application="F")
    text = ticket(Evidence(section="03", title="S", target=target, findings=()))
    assert text.startswith("REHEARSAL · ") == (cloud == "rehearsal")


def test_the_proof_shows_it_folded_and_its_text_stays_as_short_as_it_was() -> None:
    bundle = PROOF._repr_mimebundle_()
    assert "<summary>For a ticket</summary>" in bundle["text/html"]
    assert "Flex SSO · Contoso" in bundle["text/html"]
    assert "Flex SSO" not in bundle["text/plain"]
