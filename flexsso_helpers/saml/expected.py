"""What the live configuration says, to be held against a response."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from flexsso_helpers.saml.certificate import Certificate
from flexsso_helpers.saml.configuration import Configuration

Signed = Literal["both", "assertion", "response"]
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The configured side of every check. A None means "not known", and the checks that need it say so.

    Two profiles: `flex` judges as Twilio's guide demands, `saml` judges any SAML application; there Flex's own demands
    (claims, roles, e-mail as NameID) inform and do not reject.
    """

    at: datetime
    """The moment for which to judge, aware: now, or when the response was captured."""
    profile: Literal["flex", "saml"] = "flex"
    requires: Signed = "both"
    """Which signatures the service provider demands."""

    issuer: str | None = None
    """The Microsoft Entra Identifier, final slash included."""
    tenant_id: str | None = None
    reply_url: str | None = None
    identifier: str | None = None
    connection: str | None = None
    """The JQ… that Flex itself names."""

    certificates: tuple[Certificate, ...] = ()
    """All signing certificates of the application; only these are trusted."""
    active_sha1: str | None = None
    metadata_sha1: frozenset[str] | None = None
    attested_sha256: str | None = None
    """Fingerprint of the certificate that a person pasted into Console."""
    signing_option: Signed | None = None
    """What the token issuance policy says now."""
    algorithm: str | None = RSA_SHA256

    name_id: str | None = None
    name_id_source: str | None = None
    """The Entra property behind NameID, such as `user.mail`."""
    user_principal_name: str | None = None
    email: str | None = None
    full_name: str | None = None
    roles: frozenset[str] | None = None
    """Role values that the person's assignments give."""

    configuration: Configuration | None = None
    """How the application stands in Entra now; None when no tenant is open."""

    request_id: str | None = None
    """ID of the AuthnRequest; "" when the sign-on was started from My Apps, None when not known."""
    relay_state: str | None = None
    """What was sent as RelayState; None when not known."""
    seen: frozenset[str] = frozenset()
    """`Judgement.ids` of everything that was already judged in this run."""

    worker_name: str | None = None
    """friendly_name of a worker that already has this person's e-mail address."""
    worker_attributes: Mapping[str, object] = field(default_factory=dict)
    """Attributes of the worker that this sign-on would overwrite."""

    @property
    def order(self) -> tuple[Certificate, ...]:
        """The certificates in the order in which they are tried: Console's, the active one, the others (S17)."""
        return tuple(
            sorted(
                self.certificates, key=lambda each: (each.sha256 != self.attested_sha256, each.sha1 != self.active_sha1)
            )
        )

    def certificate_called(self, fingerprint: str | None) -> str:
        """How to name a certificate by its SHA-1 or SHA-256: what it is to us, and how the fingerprint begins."""
        if not fingerprint:
            return "not known"
        active = next((each for each in self.certificates if each.sha1 == self.active_sha1), None)
        names = []
        if fingerprint == self.active_sha1 or (active and fingerprint == active.sha256):
            names.append("active in Entra")
        own = next((each for each in self.certificates if fingerprint in (each.sha1, each.sha256)), None)
        if self.attested_sha256 and (
            fingerprint == self.attested_sha256 or (own and own.sha256 == self.attested_sha256)
        ):
            names.append("in Console")
        shown = f"{own.sha1 if own else fingerprint}"
        return f"{shown} ({', '.join(names)})" if names else shown
