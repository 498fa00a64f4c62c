"""Which certificate plays which part, where two machines made two of them at once."""

from datetime import UTC, datetime, timedelta

import pytest

from flexsso_helpers.resources.key_ring import Key, KeyRing

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SIGNS = Key(sha1="aa" * 20, start="2025-01-01T00:00:00Z", end="2027-01-01T00:00:00Z")


def made(sha1: str, ago: timedelta, years: int = 3) -> Key:
    start = NOW - ago
    end = start.replace(year=start.year + years)
    return Key(sha1=sha1 * 20, start=f"{start:%Y-%m-%dT%H:%M:%SZ}", end=f"{end:%Y-%m-%dT%H:%M:%SZ}")


@pytest.mark.parametrize("turned", [False, True])
def test_the_successor_that_waits_is_never_the_one_that_is_surplus(turned: bool) -> None:
    """The newer of two that were made at once lasts seconds longer, and a person is told to delete it."""
    older, newer = made("bb", timedelta(minutes=5)), made("cc", timedelta(minutes=4))
    keys = (SIGNS, newer, older) if turned else (SIGNS, older, newer)
    ring = KeyRing(keys=keys, active=SIGNS.sha1)
    assert ring.staged(NOW) == older
    assert KeyRing(keys=(older, newer)).surplus(NOW) == (newer,)


def test_of_successors_from_different_days_the_one_that_lasts_longest_waits() -> None:
    short, long = made("bb", timedelta(days=9), years=1), made("cc", timedelta(days=2))
    assert KeyRing(keys=(SIGNS, long, short), active=SIGNS.sha1).staged(NOW) == long
