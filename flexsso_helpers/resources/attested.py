"""What people attest and what was proved before: how the file writes its moments, and whether it still counts."""

from datetime import datetime

from flexsso_helpers.parameters import AttestedSignOn, Tenant
from flexsso_helpers.saml.certificate import Certificate


def moment(at: datetime) -> str:
    """A moment in UTC as the tenant's file writes it, to the second; such texts sort by time."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def still_counts(seen_at: str, certificate_start: str) -> bool:
    """Whether something was seen, and there is an active certificate which is not newer."""
    return bool(seen_at and certificate_start and seen_at >= certificate_start)


def standing_sign_ons(tenant: Tenant, certificate: Certificate | None) -> AttestedSignOn | None:
    """The sign-ons that were proved and still say something, or None.

    They do while the same certificate signs, the same NameID identifies people (whom another one identified was another
    worker, S51), and nobody has pasted anything into Flex Console since.
    """
    attested = tenant.attested
    signed_on = attested.sign_on if attested else None
    if attested is None or signed_on is None or certificate is None:
        return None
    same_key = signed_on.certificate_sha256 in (None, certificate.sha256)
    same_name_id = signed_on.name_id in (None, tenant.name_id)
    since_console = attested.console is None or signed_on.at >= attested.console.at
    counts = still_counts(signed_on.at, moment(certificate.not_before))
    return signed_on if same_key and same_name_id and since_console and counts else None
