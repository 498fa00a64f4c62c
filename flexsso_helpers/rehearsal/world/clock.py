"""The rehearsal's own time. It moves only when told to, and by one second with every write."""

from datetime import UTC, datetime

START = datetime(2026, 11, 2, 8, 0, 0, tzinfo=UTC).timestamp()
"""When every fresh rehearsal begins (unix seconds)."""


class Clock:
    """Virtual time in unix seconds."""

    def __init__(self, now: float = START) -> None:
        """Begin at `now`."""
        self.now = now

    def iso(self, offset: float = 0.0) -> str:
        """The present plus `offset` seconds as Graph writes it: `2026-11-02T08:00:00Z`."""
        return iso(self.now + offset)

    def advance(self, seconds: float) -> None:
        """Move on. Raises ValueError for a negative step: versions in the store may not lie in the future."""
        if not 0 <= seconds <= 10 * 366 * 86400:
            raise ValueError(f"The clock moves on by 0 to ten years of seconds, not by {seconds}.")
        self.now += seconds


def iso(moment: float) -> str:
    """Unix seconds as `2026-11-02T08:00:00Z`; fractions of a second are dropped."""
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_ticks(moment: float) -> str:
    """Unix seconds with the seven digits that Graph gives credentials: `2026-11-02T08:00:00.0000000Z`."""
    return iso(moment)[:-1] + f".{round(moment % 1 * 10_000_000):07d}Z"


def parse(text: str) -> float:
    """Unix seconds of an ISO 8601 time with a zone. Raises ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone.")
    return moment.timestamp()
