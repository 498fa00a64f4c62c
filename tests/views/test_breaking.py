"""Long values break after their own delimiters, never inside a short word, and lose nothing."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexsso_helpers.output import clean
from flexsso_helpers.views.style import LONGEST, breakable


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
