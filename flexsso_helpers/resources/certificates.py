"""The token-signing certificates of an application: which there are, which is active, and adding one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from flexsso_helpers.errors import OutcomeUnknown, WaitedTooLong
from flexsso_helpers.resources import federation_metadata as published
from flexsso_helpers.resources.application import Found, Json, landed
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.saml.certificate import Certificate, from_base64, thumbprint
from flexsso_helpers.session import Session
from flexsso_helpers.views import Shown, card
from flexsso_helpers.views.table import Badge
from flexsso_helpers.views.timeline import Part, Span, timeline

WARN_DAYS = 90
Standing = Literal["active", "staged", "old"]
"""The part that a certificate plays: staged is a valid one that is newer than the active one."""
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
        """Whether it is valid at this moment; None where its dates are not told."""
        return self.dates[0] <= at < self.dates[1] if self.dates else None

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
        valid = sorted((key for key in self.keys if key.dates and key.valid(at)), key=_by_start)
        kept: list[Key] = []
        for key in sorted(valid, key=lambda key: key.sha1 != self.active):
            if not any(_at_once(key, other) for other in kept):
                kept.append(key)
        return tuple(key for key in valid if key not in kept)

    def part(self, key: Key, at: datetime) -> Standing:
        """What this certificate is to the active one."""
        if key.sha1 == self.active:
            return "active"
        newer = self.current is None or _by_start(key) > _by_start(self.current)
        over = key.dates is not None and key.dates[1] <= at
        return "staged" if newer and not over else "old"

    def staged(self, at: datetime) -> Key | None:
        """The successor that waits: of several the one that lasts longest."""
        waiting = [key for key in self.keys if self.part(key, at) == "staged" and key.valid(at)]
        return max(waiting, key=_by_end, default=None)

    def previous(self, at: datetime) -> Key | None:
        """The valid certificate from before the active one, to go back to."""
        old = [key for key in self.keys if self.part(key, at) == "old" and key.valid(at)]
        return max(old, key=_by_start, default=None)


def _by_end(key: Key) -> tuple[datetime, str]:
    """By the moment and not by its text, whose digits differ, nor by a place in a list, which changes."""
    return (key.dates[1] if key.dates else datetime.min.replace(tzinfo=UTC), key.sha1)


def _by_start(key: Key) -> tuple[datetime, str]:
    return (key.dates[0] if key.dates else datetime.min.replace(tzinfo=UTC), key.sha1)


def _at_once(key: Key, other: Key) -> bool:
    return bool(key.dates and other.dates) and abs(_by_start(key)[0] - _by_start(other)[0]) < TWINS


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
    part: Part = "active" if key.sha1 == ring.active else "not active" if not key.valid(now) else "staged"
    return Span(name=short(key.sha1), part=part, start=key.dates[0].date(), end=key.dates[1].date())


def _moment(text: str) -> datetime | None:
    """Graph's seven fractional digits, read to the second; None for what is no moment."""
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    except ValueError:
        return None


async def read_ring(session: Session, found: Found) -> KeyRing:
    """The certificates, from a single-object read; lists leave parts out (G46). The metadata is read for advice."""
    path = f"/servicePrincipals/{found.principal_id}"
    credentials = await session.graph.get(path, select="keyCredentials,preferredTokenSigningKeyThumbprint")
    document = await look(published.metadata(session, found))
    unseen = document if isinstance(document, NotSeen) else None if document else NotSeen("not published yet")
    shown = () if document is None or isinstance(document, NotSeen) else document.certificates
    return KeyRing(
        keys=_keys(credentials),
        active=str(credentials.get("preferredTokenSigningKeyThumbprint") or "").lower(),
        published=tuple(each.sha1 for each in shown),
        unpublished=unseen.why if unseen else "",
        awaited=not isinstance(document, NotSeen),
    )


def _keys(credentials: Json) -> tuple[Key, ...]:
    """One certificate is three objects; the Verify entry is the one that can carry the public key."""
    return tuple(
        Key(
            sha1=thumbprint(str(entry["customKeyIdentifier"])),
            start=str(entry.get("startDateTime") or ""),
            end=str(entry.get("endDateTime") or ""),
        )
        for entry in credentials.get("keyCredentials") or ()
        if entry.get("usage") == "Verify" and entry.get("customKeyIdentifier")
    )


async def own(session: Session, found: Found) -> dict[str, Certificate]:
    """The public halves as Graph shows them, by thumbprint; one that it does not show is left out (G46)."""
    path = f"/servicePrincipals/{found.principal_id}"
    credentials = await session.graph.get(path, select="keyCredentials,preferredTokenSigningKeyThumbprint")
    entries = [entry for entry in credentials.get("keyCredentials") or () if entry.get("key")]
    return {made.sha1: made for made in (from_base64(str(entry["key"])) for entry in entries)}


async def switch_on(session: Session, found: Found, ring: KeyRing) -> None:
    """Activate the spare certificate, or a new one; wait until the world sees it.

    Where another run made one at the same time, both activate the older: so neither waits for what the other undoes.
    """
    spare = ring.spare(await session.present())
    await activate(session, found, ring, spare.sha1 if spare else await _first(session, found, ring))


async def _first(session: Session, found: Found, ring: KeyRing) -> str:
    """The older of the certificate that is made now and those that others made at the same time."""
    made = await add(session, found, ring)
    known = {key.sha1 for key in ring.keys}
    appeared = [key for key in (await read_ring(session, found)).keys if key.sha1 not in known]
    first = min(appeared, key=_by_start).sha1 if appeared else made
    if first != made:
        session.ledger.remark(f"Another run made {short(first)} at the same time as this one {short(made)}: it is used")
    return first


async def activate(session: Session, found: Found, ring: KeyRing, sha1: str) -> None:
    """Make this certificate the active one; wait until the world sees it."""
    await session.graph.patch(
        f"/servicePrincipals/{found.principal_id}",
        {"preferredTokenSigningKeyThumbprint": sha1},
        why="Activating the certificate",
        before={"preferredTokenSigningKeyThumbprint": ring.active or None},
    )
    await session.wait_until(
        lambda: read_ring(session, found),
        lambda it: it.active == sha1,
        what="the certificate to be the active one",
        never=lambda it: (
            ""
            if it.active in ("", ring.active, sha1)
            else f"Another run, or somebody, activated {short(it.active)} since: that one signs now."
        ),
    )
    try:
        await session.wait_until(
            lambda: read_ring(session, found),
            lambda it: sha1 in it.published or not it.awaited,  # what cannot be read is not waited for
            what="the federation metadata to show the active certificate",
        )
    except WaitedTooLong as error:  # it is there and active; the copy comes, and 03 shows it when it is run again
        session.ledger.remark(error.what)


async def remove(session: Session, found: Found, leaving: frozenset[str]) -> None:
    """Take these certificates off, by thumbprint; what stays is sent back to the letter (G47, G48).

    The password of a certificate goes by the id of its private half.
    """
    path = f"/servicePrincipals/{found.principal_id}"
    session.graph.snapshot.forget()  # read just before the write: whatever is not sent back is lost
    held = await session.graph.get(path, select="keyCredentials,passwordCredentials")
    keys, passwords = (list(held.get(name) or ()) for name in ("keyCredentials", "passwordCredentials"))
    gone = {str(key["keyId"]) for key in keys if _named(key) in leaving}
    await session.graph.patch(
        path,
        {
            "keyCredentials": [key for key in keys if str(key["keyId"]) not in gone],
            "passwordCredentials": [_sent(each) for each in passwords if str(each["keyId"]) not in gone],
        },
        why="Removing certificates that sign no longer",
        before={"certificates": sorted({_named(key) for key in keys})},
    )


def _sent(password: Json) -> Json:
    """As it may be sent back: without what Graph only shows."""
    return {name: value for name, value in password.items() if name not in ("hint", "secretText")}


def _named(key: Json) -> str:
    identifier = key.get("customKeyIdentifier")
    return thumbprint(str(identifier)) if identifier else ""


async def add(session: Session, found: Found, ring: KeyRing) -> str:
    """Add one certificate and return its thumbprint; when the answer is lost, the one that appeared is taken."""
    known = {key.sha1 for key in ring.keys}
    end = await session.present() + timedelta(days=session.tenant.signing.valid_days)
    try:
        made = await session.graph.post(
            f"/servicePrincipals/{found.principal_id}/addTokenSigningCertificate",
            {
                "displayName": f"CN={session.tenant.application.name}",
                "endDateTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            },
            why="Adding a token-signing certificate",
            before={"certificates": sorted(known)},
        )
        sha1 = from_base64(str(made["key"])).sha1
    except OutcomeUnknown:
        appeared = await landed(session, lambda: _new_ones(session, found, known))
        if not appeared:
            raise
        sha1 = appeared[0]
    await session.wait_until(
        lambda: read_ring(session, found),
        lambda it: it.key(sha1) is not None,
        what="the certificate to be listed",
        times=3,
    )
    return sha1


async def _new_ones(session: Session, found: Found, known: set[str]) -> list[str]:
    ring = await read_ring(session, found)
    return sorted({key.sha1 for key in ring.keys} - known)
