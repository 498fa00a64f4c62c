from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from views_reading import fragment, visible

from flexsso_helpers.views.timeline import Part, Span, timeline

TODAY = date(2026, 11, 25)
ACTIVE = Span(name="9F2C…11AA", part="active", start=date(2025, 11, 24), end=date(2027, 1, 25))
STAGED = Span(name="B07D…42FE", part="staged", start=date(2026, 10, 1), end=date(2029, 10, 1))
OVER = Span(name="0C1D…0002", part="old", start=date(2023, 10, 1), end=date(2026, 10, 1))

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
PARTS = st.sampled_from(("active", "staged", "old"))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(DAYS)
    part: Part = draw(PARTS)
    return Span(name="9F2C…11AA", part=part, start=start, end=start + timedelta(days=draw(st.integers(0, 4000))))


def test_the_text_says_what_the_picture_shows() -> None:
    shown = timeline("Certificates", [ACTIVE, STAGED, OVER], today=TODAY, warn_days=90, badge="LIVE", footer="Mind it.")

    assert shown.text == (
        "Certificates  [LIVE]\n"
        "  9F2C…11AA · active · 2025-11-24 to 2027-01-25 · 61 days left\n"
        "  B07D…42FE · staged · 2026-10-01 to 2029-10-01 · 1,041 days left\n"
        "  0C1D…0002 · old · 2023-10-01 to 2026-10-01 · ✗ over since 2026-10-01\n"
        "\n"
        "  Mind it."
    )
    assert "9F2C…11AA · active · 2025-11-24 to 2027-01-25 · 61 days left" in visible(shown.html)


def test_where_svg_and_styles_are_taken_away_its_words_are_a_sentence() -> None:
    (svg,) = fragment(timeline("Certificates", [ACTIVE], today=TODAY, warn_days=90).html).iter("svg")

    assert " ".join(svg.text_content().split()) == (
        "(Picture: Jan 2026, Apr 2026, Jul 2026, Oct 2026, Jan 2027, 9F2C…11AA · active: 61 days left; today.)"
    )


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2027, 1, 24), "1 day left"),
        (date(2027, 1, 25), "✗ over since 2027-01-25"),
        (date(2025, 1, 1), "valid from 2025-11-24"),
    ],
)
def test_how_long_it_lasts_is_said_in_words(today: date, words: str) -> None:
    assert ACTIVE.left(today) == words


def test_without_a_certificate_there_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="certificate"):
        timeline("Certificates", [], today=TODAY, warn_days=90)


@given(st.lists(spans(), min_size=1, max_size=5), DAYS)
def test_everything_stays_within_the_picture(listed: list[Span], today: date) -> None:
    (svg,) = fragment(timeline("Certificates", listed, today=today, warn_days=90).html).iter("svg")
    width = float(svg.get("viewbox", svg.get("viewBox")).split()[2])

    for bar in svg.iter("rect"):
        assert float(bar.get("x")) >= 0
        assert float(bar.get("x")) + float(bar.get("width")) <= width
    marks = [float(text.get("x")) for text in svg.iter("text") if text.get("y") == "16"]
    assert all(later - earlier >= 60 for earlier, later in pairwise(marks))
    assert len(list(svg.iter("rect"))) == len(listed)
