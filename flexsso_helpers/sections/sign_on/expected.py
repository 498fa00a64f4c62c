"""What a response is held against: the live configuration of the application, and what Entra says of the person."""

from dataclasses import replace
from datetime import datetime

from flexsso_helpers.flex import Connection
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.resources import federation_metadata
from flexsso_helpers.resources.application import Found, known_connection
from flexsso_helpers.resources.test_users import Tested
from flexsso_helpers.saml.expected import Expected, Signed
from flexsso_helpers.saml.metadata import Metadata
from flexsso_helpers.sections.sign_on import configuration
from flexsso_helpers.session import Session


async def of_application(
    session: Session, found: Found, document: Metadata, *, at: datetime | None = None, requires: Signed = "both"
) -> Expected:
    """The configured side: metadata, connection, and what was pasted into Console. `at` defaults to the present."""
    connection = await known_connection(session, ask=False)
    console = session.tenant.attested.console if session.tenant.attested else None
    return Expected(
        at=at or await session.present(),
        requires=requires,
        issuer=document.entity_id,
        tenant_id=session.tenant.tenant_id,
        reply_url=connection.reply_url if connection else None,
        identifier=connection.identifier if connection else None,
        connection=connection.name if isinstance(connection, Connection) else None,
        certificates=document.certificates,
        active_sha1=federation_metadata.active_thumbprint(found) or None,
        metadata_sha1=frozenset(certificate.sha1 for certificate in document.certificates),
        attested_sha256=console.certificate_sha256 if console else None,
        configuration=await configuration.configuration(session, found),
    )


def of_person(tenant: Tenant, expected: Expected, person: Tested) -> Expected:
    """The same, with what is expected of this person."""
    return replace(
        expected,
        name_id=person.name_id,
        name_id_source=f"user.{tenant.name_id}",
        user_principal_name=person.user_name,
        email=person.mail,
        full_name=person.name,
        roles=frozenset(person.roles),
    )
