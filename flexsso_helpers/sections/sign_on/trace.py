"""The trace of a sign-on at Flex: what of a person's worker and Flex user moved after the sign-on began.

A response that Entra issued proves Entra's half. Flex's half is proved by what Flex did with it: a login makes the
worker or overwrites its attributes (F81, F83). Whether one that changes nothing moves a date, or the version of the
Flex user (F112), is not documented; then there is no trace, and only a person can say that Flex opened.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from flexsso_helpers.flex import FlexUser, Worker

SKEW = timedelta(seconds=5)
"""How far the clocks of Microsoft and Twilio may be apart."""
WINDOW = timedelta(minutes=10)
"""How long after a response was issued a date at Flex can come from it: the browser brings it at once."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What stood at Flex of one person at one moment. A None is what Twilio did not tell."""

    worker_sid: str = ""
    made: datetime | None = None
    updated: datetime | None = None
    attributes: str = ""
    """SHA-256 of the worker's attributes."""
    user_updated: datetime | None = None
    user_version: int | None = None


@dataclass(frozen=True, kw_only=True)
class Look:
    """A mark and when it was read: before a sign-on, something to compare with."""

    at: datetime
    mark: Mark


def mark(worker: Worker | None, user: FlexUser | None) -> Mark:
    """What of these two moves when Flex lets the person in."""
    return Mark(
        worker_sid=worker.sid if worker else "",
        made=worker.date_created if worker else None,
        updated=worker.date_updated if worker else None,
        attributes=_digest(worker.attributes) if worker else "",
        user_updated=user.date_updated if user else None,
        user_version=user.version if user else None,
    )


def trace(now: Mark, began: datetime, before: Look | None = None, looked: datetime | None = None) -> str:
    """In words, what the sign-on that began then has left at Flex; empty where nothing can come from it.

    `before` is an earlier look of this session; it is compared where the sign-on began after it. `looked` is when
    nothing was there yet: what moved later is of another sign-on, and this one may have been refused.
    """
    if not now.worker_sid:
        return ""
    last = min(began + WINDOW, looked + SKEW) if looked else began + WINDOW
    dated = (
        (now.made, "made the worker"),
        (now.updated, "updated the worker"),
        (now.user_updated, "updated the Flex user"),
    )
    for at, words in dated:
        if at is not None and began - SKEW <= at <= last:
            return f"Flex {words} on {at:%Y-%m-%d at %H:%M} UTC"
    if before is None or looked or began < before.at - SKEW:
        return ""
    return _moved(before.mark, now)


def _moved(before: Mark, now: Mark) -> str:
    if before.worker_sid != now.worker_sid:
        return "Flex made the worker"
    if before.attributes != now.attributes:
        return "Flex changed the worker’s attributes"
    versions = (before.user_version, now.user_version)
    if None not in versions and versions[0] != versions[1]:
        return f"the Flex user went from version {versions[0]} to {versions[1]}"
    return ""


def _digest(attributes: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(attributes, sort_keys=True, default=str).encode()).hexdigest()
