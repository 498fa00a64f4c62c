"""Numbers in what is shown lead to what they mean, and nothing else does."""

from pathlib import Path

import pytest
from lxml import html

from flexsso_helpers import places
from flexsso_helpers.errors import NotProven
from flexsso_helpers.plan import Change, Evidence, Finding, Plan, Target
from flexsso_helpers.plan.cards import of_evidence, of_plan
from flexsso_helpers.reference import lines
from flexsso_helpers.views import Cell, Row, card, document
from flexsso_helpers.views.errors_html import error_card

S78 = "../docs/checks.md#s78"
TARGET = Target(
    tenant="contoso", title="Contoso", cloud="global", tenant_id="t", account_sid="AC", application="Twilio Flex"
)


def links(shown: str) -> dict[str, str]:
    return {str(each.text): str(each.get("href")) for each in html.fromstring(shown).iter("a")}


def test_a_finding_and_a_change_lead_to_their_lines_and_text_stays_plain() -> None:
    finding = Finding(check="S78", title="Where it stands", level="error", state="wrong", fix="See S26 and (G44).")
    change = Change(setting="Identifier", now="a", should_be="b", reason="S75", kind="~", instructions=("D05",))
    proof = of_evidence(Evidence(section="02", title="Basic", target=TARGET, findings=(finding,)))
    plan = of_plan(Plan(section="02", title="Basic", target=TARGET, changes=(change,), read=""))
    assert links(proof.html) == {
        "S78": S78,
        "S26": "../docs/checks.md#s26",
        "G44": "../docs/rules.md#g44",
    }
    assert links(plan.html)["D05"] == "../docs/instructions.md#d05"
    assert "docs" not in proof.text + plan.text
    assert "S78" in proof.text


def test_whoever_points_at_a_number_reads_its_line() -> None:
    (link,) = html.fromstring(card(title="t", footer="Look at S73.").html).iter("a")
    assert link.get("title", "").startswith("Beside the claims policy stands an active, valid certificate")
    assert "[" not in link.get("title", "")


def test_an_error_leads_there_too() -> None:
    error = NotProven("Worker (S79): other", why="AADSTS50105, then Flex 45050.", fix="", notebook="08")
    assert links(error_card(error.parts, error.title).html) == {
        "S79": "../docs/checks.md#s79",
        "AADSTS50105": "../docs/sign_in_errors.md#aadsts50105",
        "Flex 45050": "../docs/sign_in_errors.md#flex-45050",
        "08 · Test the sign-on": "08_test_sign_on.ipynb",
    }


@pytest.mark.parametrize("text", ["S99", "D78", "AADSTS1", "AADSTS501051", "XS78", "S785", "urn-S78", "F12x", "#S78"])
def test_what_is_no_number_of_ours_stays_text(text: str) -> None:
    assert links(card(title="t", footer=text).html) == {}


def test_values_and_links_are_left_as_they_are() -> None:
    shown = card(
        title="t",
        rows=[Row((Cell("S78", "value"), Cell("S78", "was"), Cell("S78", href="https://example.com/"), Cell("S77")))],
    )
    assert links(shown.html) == {"S78": "https://example.com/", "S77": "../docs/checks.md#s77"}


def test_where_no_pages_lie_the_number_stands_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEXSSO_HOME", str(tmp_path))
    assert links(card(title="t", footer="S78").html) == {}


def test_a_page_that_is_sent_on_explains_its_numbers_itself() -> None:
    finding = Finding(check="S78", title="Where it stands", level="error", state="holds")
    page = document("Handover", [of_evidence(Evidence(section="02", title="t", target=TARGET, findings=(finding,)))])
    tree = html.fromstring(page)
    assert links(page) == {"S78": "#s78"}
    assert tree.get_element_by_id("s78").text == "S78"
    assert lines(places.project() / "docs")["S78"].words in tree.text_content()
    assert "What the numbers mean" not in document("Handover", [card(title="no number")])
    assert "docs/" not in page


def test_a_named_notebook_leads_there_and_a_cards_own_title_nowhere() -> None:
    row = Row((Cell("fails", "no"), "05 · App roles: assign them, then 08 · Test the sign-on."))
    shown = card(title="04 · Attributes and claims", columns=("Verdict", "What to do"), rows=[row])
    assert links(shown.html) == {
        "05 · App roles": "05_app_roles.ipynb",
        "08 · Test the sign-on": "08_test_sign_on.ipynb",
    }
    assert "ipynb" not in shown.text
    error = NotProven("It is wrong.", fix="Mend it.", notebook="07")
    assert links(error_card(error.parts, error.title).html) == {"07 · Assign users": "07_assign_users.ipynb"}


def test_a_link_that_leaves_opens_a_tab_of_its_own_and_one_to_a_notebook_does_not() -> None:
    row = Row((Cell("Console", href="https://console.twilio.com/"), Cell("next", href="05_app_roles.ipynb")))
    away, near = html.fromstring(card(title="Where", rows=[row]).html).iter("a")
    assert (away.get("target"), away.get("rel")) == ("_blank", "noopener")
    assert near.get("target") is None
