"""The token-signing certificates of an application: reading them, activating, adding and removing one."""

from datetime import timedelta

from flexsso_helpers.errors import OutcomeUnknown, WaitedTooLong
from flexsso_helpers.graph import garbled
from flexsso_helpers.resources import federation_metadata as published
from flexsso_helpers.resources.application import Found, Json, landed
from flexsso_helpers.resources.key_ring import Key, KeyRing, by_start, short
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.saml.certificate import Certificate, from_base64, thumbprint
from flexsso_helpers.session import Session


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
    first = min(appeared, key=by_start).sha1 if appeared else made
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
    if not all(isinstance(held.get(name), list) for name in ("keyCredentials", "passwordCredentials")):
        raise garbled(f"Reading {path}")
    keys, passwords = held["keyCredentials"], held["passwordCredentials"]
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
            gives="key",
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
