"""How the application stands in Entra right now, as far as it decides what a sign-on sends. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ClaimsPolicy:
    """The claims policy that hangs on the service principal, or that none does. NameID is not among the claims."""

    there: bool
    claims: Mapping[str, str]
    """Name as sent, and source: `user.mail`, or `“a text”` for a constant."""
    basic: bool = True
    """Whether Microsoft's basic claims are sent too."""
    others: int = 0
    """Further claims policies on the same service principal; which one counts is then not known."""


@dataclass(frozen=True, kw_only=True)
class SigningPolicy:
    """Signing option and algorithm where they may stand; the two places ought to agree."""

    on_principal: tuple[str, str] | None
    on_application: tuple[str, str] | None


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What S71 and S73–S78 look at. A None is what could not be read; the checks that need it then say so."""

    mode: str
    """`preferredSingleSignOnMode` of the service principal; empty when none is chosen."""
    saved: tuple[str, ...]
    """Identifiers of the application."""
    identifiers: tuple[str, ...]
    """`servicePrincipalNames`: what sign-in compares with."""
    reply_urls: tuple[str, ...]
    """Reply URLs of the service principal: where sign-in may send the response."""
    assignment_required: bool
    encrypts: bool
    signed_requests: bool
    active_certificate: bool
    """Whether a certificate is switched on."""
    claims: ClaimsPolicy | None = None
    signing: SigningPolicy | None = None
