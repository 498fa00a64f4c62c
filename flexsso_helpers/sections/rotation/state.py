"""21 · What a change of certificates depends on: which there are, what Flex Console was given, who has signed on."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from flexsso_helpers.resources import policies
from flexsso_helpers.resources.application import find
from flexsso_helpers.resources.attested import still_counts
from flexsso_helpers.resources.certificates import own, read_ring
from flexsso_helpers.resources.key_ring import Key, KeyRing
from flexsso_helpers.session import Session

Phase = Literal["stage", "activate", "roll_back", "clean_up"]


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read."""

    app: bool = False
    ring: KeyRing = field(default_factory=KeyRing)
    sha256: tuple[tuple[str, str], ...] = ()
    """(SHA-1, SHA-256) of each certificate."""
    told: tuple[str, ...] = ()
    """Who gets Entra's mails before a certificate expires."""
    claims_policy: bool = False
    """Whether a claims policy hangs on the application: without an active certificate it ends every sign-in."""
    attested_sha256: str = ""
    """Of the certificate that Flex Console was given, as somebody said."""
    attested_by: str = ""
    signed_on_sha256: str = ""
    """Of the certificate that signed the last sign-ons that were proved."""
    signed_on_at: str = ""
    tested: bool = False
    """Whether the tenant's file names anybody to sign on."""

    def of(self, key: Key | None) -> str:
        """The SHA-256 of a certificate; empty where Graph does not show it."""
        return dict(self.sha256).get(key.sha1, "") if key else ""

    @property
    def console_has(self) -> Key | None:
        """The certificate that Flex Console was given, where it is one of these."""
        by_sha256 = {sha256: sha1 for sha1, sha256 in self.sha256}
        return self.ring.key(by_sha256.get(self.attested_sha256, ""))

    @property
    def proved(self) -> bool:
        """Whether somebody has signed on by the active certificate, and nobody pasted anything since."""
        active = self.of(self.ring.current)
        return bool(active) and active == self.signed_on_sha256 == self.attested_sha256


async def read(session: Session) -> State:
    """The certificates, the attestation and the last proved sign-on."""
    found = await find(session)
    if found is None:
        return State()
    ring = await read_ring(session, found)
    shown = await own(session, found)
    attested = session.tenant.attested
    console = attested.console if attested else None
    signed_on = attested.sign_on if attested else None
    counts = signed_on is not None and (console is None or still_counts(signed_on.at, console.at))
    listed = await policies.attached(session, f"/servicePrincipals/{found.principal_id}", "claimsMappingPolicies")
    return State(
        app=True,
        ring=ring,
        sha256=tuple(sorted((sha1, each.sha256) for sha1, each in shown.items())),
        told=tuple(sorted(map(str, found.principal.get("notificationEmailAddresses") or ()))),
        claims_policy=bool(listed),
        attested_sha256=console.certificate_sha256 if console else "",
        attested_by=f"by {console.by} on {console.at[:10]}" if console else "",
        signed_on_sha256=(signed_on.certificate_sha256 or "") if signed_on and counts else "",
        signed_on_at=signed_on.at[:10] if signed_on and counts else "",
        tested=bool(session.tenant.test_sign_ons),
    )


def over(state: State, now: datetime) -> bool:
    """Whether the active certificate is known to be over."""
    return bool(state.ring.current and state.ring.current.valid(now) is False)
