"""A moment as somebody gives it to a command: a day, a day with a time, or how long ago."""

import re
from datetime import UTC, datetime, timedelta

from flexsso_helpers.errors import ParametersError

_AGO = re.compile(r"(\d{1,5})\s*([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def moment_given(text: str, now: datetime) -> datetime:
    """The moment. Raises ParametersError when it is none."""
    if found := _AGO.fullmatch(text.strip()):
        return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ParametersError(
            f"{text} is no moment.",
            fix="Write a day (2026-01-31), a time (2026-01-31T12:00), or how long ago: 30d, 12h.",
        ) from error
    return given if given.tzinfo else given.replace(tzinfo=UTC)
