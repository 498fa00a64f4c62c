"""What comes of a tenant's text in each outlet: it is data there, and whatever is not seen is made to be seen."""

import json
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from outlets import NO_OUTLET, OUTLETS, WRITERS, invited, planned, writers

from flexsso_helpers.commands.command_line import tell
from flexsso_helpers.output import clean, json_text

FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
"""Letters and marks by their category, and nothing to see."""
SEEN_ALTHOUGH_FORMAT = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Signs of Arabic, Syriac and Kaithi that enclose the digits behind them."""
JOINERS = frozenset("\u200c\u200d")


def unseen(text: str) -> list[str]:
    """What of it nobody sees, or drives a terminal. A joiner between letters of other scripts does something."""
    found = []
    for at, sign in enumerate(text):
        beside = text[at - 1 : at] > "\u02ff" and text[at + 1 : at + 2] > "\u02ff"
        hidden = unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") or sign in FILLERS
        if hidden and sign not in "\n\t" and sign not in SEEN_ALTHOUGH_FORMAT and not (sign in JOINERS and beside):
            found.append(f"U+{ord(sign):04X}")
    return found


def test_whatever_writes_is_named_with_its_outlets_or_with_why_it_has_none() -> None:
    assert WRITERS.keys() & NO_OUTLET.keys() == set()
    assert writers() == WRITERS.keys() | NO_OUTLET.keys()
    assert {outlet for outlets in WRITERS.values() for outlet in outlets} == OUTLETS.keys()


@pytest.mark.parametrize("outlet", OUTLETS)
@settings(max_examples=15, deadline=None)
@given(
    st.text(
        st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Lu"]) | st.sampled_from(FILLERS + "\u200cا\u200d"),
        max_size=12,
    )
)
@example("pay\u200e\u200f\u061cpal\u200b\u2060\ufeff\u00ad\u202egnp\x1b[2J\x9b31m\U000e0041")
@example("[bold]x[/bold]")
def test_whatever_is_not_seen_is_in_no_outlet(outlet: str, text: str) -> None:
    assert unseen(OUTLETS[outlet](f"a{text}b").replace("\r\n", "\n")) == []


def test_progress_beside_a_result_is_no_command_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    tell("contoso · \x1b[2J\u200e")
    assert capsys.readouterr().err == "contoso · \ufffd[2J\ufffd\n"


def test_markup_of_a_tenant_is_text() -> None:
    assert "[red]x[/red]" in OUTLETS["terminal"]("[red]x[/red]")
    pages = [OUTLETS["page"]("<b>x</b>"), OUTLETS["handover"]("<b>x</b>"), invited("<b>x</b>").html]
    assert [each for each in (*pages, planned("<b>x</b>").html) if "<b>x</b>" in each] == []


@pytest.mark.parametrize("name", ["José Müller", "می‌خواهم", "क्‍ष", "❤️‍🔥", "👨‍👩‍👧", "Ελένη", "山田 太郎", "a\tb\nc"])
def test_a_name_of_any_script_stays_as_it_is(name: str) -> None:
    assert clean(name) == name


@given(st.text())
@example("\u2028\u2029")
@settings(max_examples=50, deadline=None)
def test_json_that_is_printed_says_the_same(text: str) -> None:
    assert json.loads(json_text({text: text})) == {text: text}
    assert unseen(json_text(text)) == []
