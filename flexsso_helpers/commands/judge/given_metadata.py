"""What a response is held against when no tenant is open: a metadata document and two addresses, or nothing at all."""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.saml import metadata
from flexsso_helpers.saml.expected import Expected, Signed
from flexsso_helpers.saml.values import moment

Profile = Literal["flex", "saml"]


def unknown(*, at: datetime, profile: Profile = "saml", requires: Signed = "both") -> Expected:
    """Nothing is known of the configuration: tampering, times and shape are judged, and no signature is believed."""
    return Expected(at=at, profile=profile, requires=requires)


def given_metadata(
    document: bytes, known: Expected, *, identifier: str | None = None, reply_url: str | None = None
) -> Expected:
    """`known`, with what the metadata of an application's identity provider adds. Raises BadMetadata.

    Without `identifier` or `reply_url` the checks that need them stay unknown.
    """
    published = metadata.parse(document, url_needed=False)
    return replace(
        known,
        issuer=published.entity_id,
        identifier=identifier,
        reply_url=reply_url,
        certificates=published.certificates,
        metadata_sha1=frozenset(certificate.sha1 for certificate in published.certificates),
    )


def time_of(text: str) -> datetime:
    """The moment that `--at` names. Raises ParametersError for anything but a time with its zone."""
    at = moment(text)
    if at is None:
        raise ParametersError(f"“{text}” is not a time with a zone.", fix="Write it like 2026-01-31T12:00:00Z.")
    return at
