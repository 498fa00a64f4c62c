"""How long certificates last, by the marks at which somebody should act: for 20 and 21."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.plan import Finding, count
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.resources.key_ring import WARN_DAYS, Key, KeyRing, short
from flexsso_helpers.views.timeline import Part

MARKS = (7, 30, 60, WARN_DAYS)
"""Days before the end: Entra writes at 60, 30 and 7, and we ask for a change window from 90 on."""
AWAITED, TOO_LATE = 30, 7
STAGE = fix_in("21", "phase stage makes its successor; then choose a window for phase activate.")
OVER = fix_in("21", "nobody signs on by this certificate. Activate its successor now, and paste it into Flex Console.")
CLEAN_UP = fix_in("21", "phase “clean up” removes it, by an approval of its own.")
TAKE_THE_NEWER = (
    "Delete it in the admin center (Single sign-on › SAML Certificates › Edit › … › Delete Certificate): Entra takes "
    "it by itself when the active one is over, and Flex does not know it."
)
ENTRA_WRITES = "Entra writes 60, 30 and 7 days before"


@dataclass(frozen=True, kw_only=True)
class Lasting:
    """One certificate: what it is, and the days left, None where Graph does not tell its dates."""

    key: Key
    part: Part
    days: int | None

    @property
    def mark(self) -> int | None:
        """The mark that is reached: 90, 60, 30 or 7 days, 0 when it is over; None before all of them."""
        if self.days is None or self.days >= WARN_DAYS:
            return None
        return 0 if self.days < 0 else next(mark for mark in MARKS if self.days <= mark)


def lasting(ring: KeyRing, now: datetime) -> tuple[Lasting, ...]:
    """All certificates, the active one first, then by how long they last."""
    found = [Lasting(key=key, part=ring.part(key, now), days=key.days_left(now)) for key in ring.keys]
    order = ("active", "staged", "old")
    return tuple(sorted(found, key=lambda each: (order.index(each.part), -(each.days or 0), each.key.sha1)))


def findings(ring: KeyRing, told: tuple[str, ...], now: datetime) -> Iterator[Finding]:
    """The active one by its mark; a successor that will be over soon too; old ones that nobody needs any more."""
    who = ", ".join(told) or "nobody"
    for each in lasting(ring, now):
        if each.part == "old":
            continue
        title = f"{each.part.capitalize()} certificate {short(each.key.sha1)}"
        if each.days is None:
            yield judged("S28", title, f"{WARN_DAYS} days or more", "its dates are not told", "unknown")
            continue
        left = f"over since {each.key.end[:10]}" if each.days < 0 else f"{each.days:,} days, to {each.key.end[:10]}"
        received = f"{left}; {ENTRA_WRITES}, to {who}" if each.mark is not None else left
        state, level = _verdict(each)
        yield judged("S28", title, f"{WARN_DAYS} days or more", received, state, _fix(each, ring, now), level)
    old = [short(each.key.sha1) for each in lasting(ring, now) if each.part == "old"]
    if old:
        words = f"{count(len(old), 'certificate')}: {', '.join(old)}"
        yield judged("S28", "Old certificates beside it", "none", words, False, CLEAN_UP, "info")


def doubled(ring: KeyRing, now: datetime) -> list[Finding]:
    """What two runs made at once, told by the next one: a person settles which one stays."""
    found = ring.surplus(now)
    if not found:
        return []
    newer = [key for key in found if ring.part(key, now) == "staged"]
    words = ", ".join(short(key.sha1) for key in found)
    title = "Certificates that were made at once with another one"
    return [judged("S30", title, "none", words, "waiting", TAKE_THE_NEWER if newer else CLEAN_UP)]


def _verdict(each: Lasting) -> tuple[FindingState, Literal["error", "warning", "info"]]:
    """At 90 and 60 days somebody should look, from 30 on a person is awaited, from 7 on it is a failure."""
    if each.mark is None:
        return "holds", "error"
    if each.part != "active" or each.mark > AWAITED:
        return "wrong", "warning"
    return ("wrong", "error") if each.mark <= TOO_LATE else ("waiting", "error")


def _fix(each: Lasting, ring: KeyRing, now: datetime) -> str:
    if each.part == "active" and each.days is not None and each.days < 0:
        return OVER
    ready = ring.staged(now) if each.part == "active" else None
    if ready:
        return fix_in("21", f"its successor {short(ready.sha1)} is there; choose a window for phase activate.")
    return STAGE
