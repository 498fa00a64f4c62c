"""How long any service is waited for: exactly as long as it asks, up to a limit at which a person is told instead."""

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from tenacity import RetryCallState

from flexsso_helpers.errors import Refused

LONGEST_WAIT = 900.0
"""Seconds. A cell that stands still for longer helps nobody: what asks for more ends the run in words that say when."""


def seconds(headers: Mapping[str, object] | None) -> float | None:
    """What the header Retry-After asks for: a number, or a date, told from that of the answer. None without it, and
    for what is neither.
    """
    given = {name.lower(): str(value) for name, value in (headers or {}).items()}
    asked = given.get("retry-after", "").strip()
    try:
        found = float(asked)
    except ValueError:
        found = _until(asked, given.get("date", ""))
    return found if 0 <= found < math.inf else None


def _until(asked: str, answered: str) -> float:
    try:
        return max((parsedate_to_datetime(asked) - parsedate_to_datetime(answered)).total_seconds(), 0.0)
    except (ValueError, TypeError):  # a TypeError: one of them names its zone and the other does not
        return math.nan


def pause(state: RetryCallState) -> float:
    """Exactly what the service asked for; else 1, 2, 4 … seconds. No jitter: one writer a tenant."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Refused) else None
    return asked if asked is not None else float(2.0 ** (state.attempt_number - 1))


def bearable(error: Refused) -> bool:
    """Whether it asks for no longer a wait than is waited."""
    return (error.retry_after or 0.0) <= LONGEST_WAIT


def too_long(asked: float | None) -> str:
    """What to do where more is asked for than is waited; empty otherwise."""
    if asked is None or asked <= LONGEST_WAIT:
        return ""
    minutes = round(asked / 60)
    when = f"{minutes} minutes" if minutes < 120 else f"{round(asked / 3600)} hours"
    return f"It asks to wait for {when}: run the cell again then. What is already there is not made twice."
