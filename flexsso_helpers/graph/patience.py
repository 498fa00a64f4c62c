"""How long a service is waited for: exactly as long as it asks, up to a limit at which a person is told instead."""

from collections.abc import Mapping

from tenacity import RetryCallState

from flexsso_helpers.errors import Refused

LONGEST_WAIT = 900.0
"""Seconds. A cell that stands still for longer helps nobody: what asks for more ends the run in words that say when."""


def seconds(headers: Mapping[str, object] | None) -> float | None:
    """What the header Retry-After asks for; None without it, or when it names a date."""
    value = next((value for name, value in (headers or {}).items() if name.lower() == "retry-after"), None)
    try:
        return float(str(value)) if value is not None else None
    except ValueError:
        return None


def pause(state: RetryCallState) -> float:
    """Exactly what the service asked for; else 1, 2, 4 … seconds. No jitter: one writer a tenant."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Refused) else None
    return asked if asked is not None else float(2.0 ** (state.attempt_number - 1))


def too_long(asked: float | None) -> str:
    """What to do where more is asked for than is waited; empty otherwise."""
    if asked is None or asked <= LONGEST_WAIT:
        return ""
    minutes = round(asked / 60)
    when = f"{minutes} minutes" if minutes < 120 else f"{round(asked / 3600)} hours"
    return f"It asks to wait for {when}: run the cell again then. What is already there is not made twice."
