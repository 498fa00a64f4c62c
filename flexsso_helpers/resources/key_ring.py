"""The certificates of an application and the part that each plays; certificates.py reads and changes them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flexsso_helpers.saml.certificate import BEHIND
from flexsso_helpers.views import Shown, card
from flexsso_helpers.views.table import Badge
from flexsso_helpers.views.timeline import Part, Span, timeline

WARN_DAYS = 90
TWINS = timedelta(minutes=10)
"""Certificates that begin within this time of one another were made at once, such as by runs on two machines."""
FRESH = timedelta(days=1)
"""Entra promises no time after which its copies agree; a day is beyond all that was reported."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """A token-signing certificate as Graph lists it. `start` and `end` are Graph's own texts."""

    sha1: str
    start: str
    end: str

    @property
    def words(self) -> str:
        """How people tell it from others."""
        return f"{short(self.sha1)}, valid to {self.end[:10]}" if self.dates else f"{short(self.sha1)}, dates not told"

    @property
    def dates(self) -> tuple[datetime, datetime] | None:
        """From when to when it is valid; None where Graph does not tell both, which happens to old keys."""
        start, end = _moment(self.start), _moment(self.end)
        return (start, end) if start and end else None

    def valid(self, at: datetime) -> bool | None:
        """Whether it is valid at this moment, by a clock that may be slow; None where its dates are not told."""
        return self.dates[0] - BEHIND <= at < self.dates[1] if self.dates else None

    def days_left(self, at: datetime) -> int | None:
        """Whole days until it expires, negative afterwards; None where its dates are not told."""
        return (self.dates[1] - at).days if self.dates else None

    def fresh(self, at: datetime) -> bool:
        """Whether it became valid so short a time ago that copies of it may still be missing."""
        return bool(self.dates and at - self.dates[0] < FRESH)


@dataclass(frozen=True, kw_only=True)
class KeyRing:
    """All certificates of the application, the thumbprint of the active one, and those the metadata publishes."""

    keys: tuple[Key, ...] = ()
    active: str = ""
    published: tuple[str, ...] = ()
    unpublished: str = ""
    """Why the federation metadata shows nothing; empty where it was read."""
    awaited: bool = True
    """Whether it may come by waiting: not where it could not be read at all."""

    def key(self, sha1: str) -> Key | None:
        """The certificate with this thumbprint."""
        return next((key for key in self.keys if key.sha1 == sha1), None)

    @property
    def current(self) -> Key | None:
        """The active certificate."""
        return self.key(self.active)

    def spare(self, at: datetime) -> Key | None:
        """The valid, inactive certificate that lasts longest: left by an interrupted run, or staged."""
        valid = [key for key in self.keys if key.sha1 != self.active and key.valid(at)]
        return max(valid, key=_by_end, default=None)

    def surplus(self, at: datetime) -> tuple[Key, ...]:
        """Valid certificates that were made at once with another one, which is kept: the active one, else the older."""
        valid = sorted((key for key in self.keys if key.dates and key.valid(at)), key=by_start)
        kept: list[Key] = []
        for key in sorted(valid, key=lambda key: key.sha1 != self.active):
            if not any(_at_once(key, other) for other in kept):
                kept.append(key)
        return tuple(key for key in valid if key not in kept)

    def part(self, key: Key, at: datetime) -> Part:
        """What this certificate is to the active one: staged is a valid one that is newer."""
        if key.sha1 == self.active:
            return "active"
        newer = self.current is None or by_start(key) > by_start(self.current)
        over = key.dates is not None and key.dates[1] <= at
        return "staged" if newer and not over else "old"

    def staged(self, at: datetime) -> Key | None:
        """The successor that waits: of several the one that lasts longest; of those made at once the older stays."""
        waiting = [key for key in self.keys if self.part(key, at) == "staged" and key.valid(at)]
        leaving = KeyRing(keys=tuple(waiting)).surplus(at)
        return max((key for key in waiting if key not in leaving), key=_by_end, default=None)

    def previous(self, at: datetime) -> Key | None:
        """The valid certificate from before the active one, to go back to."""
        old = [key for key in self.keys if self.part(key, at) == "old" and key.valid(at)]
        return max(old, key=by_start, default=None)


def _by_end(key: Key) -> tuple[datetime, str]:
    """By the moment and not by its text, whose digits differ, nor by a place in a list, which changes."""
    return (key.dates[1] if key.dates else datetime.min.replace(tzinfo=UTC), key.sha1)


def by_start(key: Key) -> tuple[datetime, str]:
    """When it became valid, and its thumbprint: an order of which two runs think alike."""
    return (key.dates[0] if key.dates else datetime.min.replace(tzinfo=UTC), key.sha1)


def _at_once(key: Key, other: Key) -> bool:
    return bool(key.dates and other.dates) and abs(by_start(key)[0] - by_start(other)[0]) < TWINS


def short(sha1: str) -> str:
    """A thumbprint as people compare it."""
    return f"{sha1[:4].upper()}…{sha1[-4:].upper()}"


def over_time(ring: KeyRing, now: datetime, badge: Badge) -> Shown:
    """The certificates of the application as a time line; the active one first, then by the day they end."""
    title = "Certificates of the application"
    if not ring.keys:
        return card(title=title, badge=badge, footer="There is none yet.")
    keys = sorted(ring.keys, key=lambda key: (key.sha1 != ring.active, _by_end(key)))
    spans = [span for key in keys if (span := _span(key, ring, now))]
    if not spans:
        told = "; ".join(key.words for key in keys)
        return card(title=title, badge=badge, footer=f"Graph tells no dates: {told}.")
    return timeline(
        title,
        spans,
        today=now.date(),
        warn_days=WARN_DAYS,
        badge=badge,
        footer=f"The last {WARN_DAYS} days of the active one are set off: hand its successor to Flex before they end.",
    )


def _span(key: Key, ring: KeyRing, now: datetime) -> Span | None:
    if key.dates is None:
        return None
    start, end = (each.date() for each in key.dates)
    return Span(name=short(key.sha1), part=ring.part(key, now), start=start, end=end, days=key.days_left(now))


def _moment(text: str) -> datetime | None:
    """Graph's seven fractional digits, read to the second; None for what is no moment."""
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    except ValueError:
        return None
