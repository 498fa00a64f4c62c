"""Long values break after their own delimiters, never inside a short word, and lose nothing."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexsso_helpers.output import clean
from flexsso_helpers.views import Cell, CopyField, CopyFields, card
from flexsso_helpers.views.style import LONGEST, breakable, page


@pytest.mark.parametrize(
    ("value", "pieces"),
    [
        ("user.assignedroles", ["user.assignedroles"]),
        ("ada.admin@contoso.com", ["ada.admin@", "contoso.com"]),
        ("https://sts.windows.net/f1e55000-0000/", ["https://sts.windows.", "net/f1e55000-0000/"]),
        ("JQf1e55000000000000000000000000001", ["JQf1e550000000000", "00000000000000001"]),
        ("WindowsAzureActiveDirectoryIntegratedApp", ["WindowsAzureActive", "Directory", "IntegratedApp"]),
        ("09D0…F03A, valid to 2029-11-01", ["09D0…F03A, valid to 2029-11-01"]),
        ("a<b&c", ["a&lt;b&amp;c"]),
        ("", [""]),
    ],
)
def test_a_value_breaks_where_a_reader_would_break_it(value: str, pieces: list[str]) -> None:
    assert breakable(value) == "<wbr/>".join(pieces)


@given(st.text())
def test_nothing_is_lost_and_no_word_has_a_long_piece(value: str) -> None:
    shown = html.unescape(breakable(value).replace("<br/>", "\n"))
    assert shown.replace("<wbr/>", "") == clean(value).replace("<wbr/>", "")
    assert all(len(piece) <= LONGEST for piece in re.split(r"<wbr/>|\s+", shown))


def test_a_date_is_one_word() -> None:
    whole = '<span class="fx-whole">2029-11-01</span>'
    shown = card(title="t", facts=[("Until", Cell("to 2029-11-01.", "value"))], footer="It ends: 2029-11-01").html
    assert shown.count(whole) == 2
    assert page("<p>2029-11-01, a2029-11-01</p>").endswith(f"<p>{whole}, a2029-11-01</p></div>")


def test_what_is_copied_linked_or_drawn_stays_as_it_is() -> None:
    kept = '<svg aria-label="2029-11-01">2029-11-01</svg><a href="x-2029-11-01">2029-11-01</a>'
    assert page(kept).endswith(f'<div class="fx">{kept}</div>')
    copied = CopyFields("t", [CopyField("Until", "", "2029-11-01")])._repr_mimebundle_()["text/html"]
    assert ">\n2029-11-01</pre>" in copied
    assert 'class="fx-whole"' not in page("f1e55000-2029-1101-0000 2029-11-015")
