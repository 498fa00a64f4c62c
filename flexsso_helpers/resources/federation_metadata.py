"""What Entra publishes about the application: issuer, Login URL and certificates, from its federation metadata."""

from flexsso_helpers.errors import Refused
from flexsso_helpers.resources.application import Found
from flexsso_helpers.saml.certificate import Certificate
from flexsso_helpers.saml.metadata import BadMetadata, Metadata, parse
from flexsso_helpers.session import Session


async def metadata(session: Session, found: Found) -> Metadata | None:
    """The metadata document, or None while Entra does not publish one with a certificate yet."""
    try:
        return parse(await session.graph.metadata(found.app_id))
    except Refused as error:
        if error.status in (400, 404):
            return None
        raise
    except BadMetadata as error:
        if error.notebook == "03":  # it names no certificate yet
            return None
        raise


def active_thumbprint(found: Found) -> str:
    """SHA-1, lower-case hex, of the certificate that is switched on; empty when none is (G44, G45)."""
    return str(found.principal.get("preferredTokenSigningKeyThumbprint") or "").lower()


def active(found: Found, document: Metadata | None) -> Certificate | None:
    """The active certificate as the metadata publishes it, or None."""
    sha1 = active_thumbprint(found)
    return next((each for each in document.certificates if each.sha1 == sha1), None) if document and sha1 else None
