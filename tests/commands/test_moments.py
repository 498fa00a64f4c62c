"""A moment as somebody writes it."""

from datetime import UTC, datetime

import pytest

from flexsso_helpers.commands.moments import moment_given
from flexsso_helpers.errors import ParametersError

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01", "2026-11-01T00:00:00+00:00"),
        ("2026-11-01T06:30", "2026-11-01T06:30:00+00:00"),
        ("2026-11-01T06:30+02:00", "2026-11-01T06:30:00+02:00"),
        ("30d", "2026-10-27T12:00:00+00:00"),
        ("12h", "2026-11-26T00:00:00+00:00"),
        (" 2w ", "2026-11-12T12:00:00+00:00"),
    ],
)
def test_a_day_a_time_or_how_long_ago(text: str, moment: str) -> None:
    assert moment_given(text, NOW) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["yesterday", "30", "", "d", "99999999d"])
def test_what_is_no_moment_says_what_to_write(text: str) -> None:
    with pytest.raises(ParametersError, match="is no moment"):
        moment_given(text, NOW)
