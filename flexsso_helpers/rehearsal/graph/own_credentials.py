"""The credentials by which an application itself signs in: addPassword, removePassword, and its own certificate.

They are the application's; a token-signing certificate is the service principal's (signing_certificate_action.py).
"""

import base64
import binascii
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from flexsso_helpers.rehearsal.directory.credentials import moment_text, secret_of
from flexsso_helpers.rehearsal.directory.reads import newest
from flexsso_helpers.rehearsal.directory.refusals import bad_request
from flexsso_helpers.rehearsal.graph.call import Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph.rights import WRITE_APPLICATIONS
from flexsso_helpers.rehearsal.world.clock import parse
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

TWO_YEARS = 2 * 365 * 86400


def add_password(call: Call) -> Answer:
    """addPassword: the only time that the secret is shown."""
    app = newest(call.world, "application", call.parts["application"])
    asked = call.body.get("passwordCredential") or {}
    key_id = call.world.new_id("password")
    made = {
        "customKeyIdentifier": None,
        "displayName": asked.get("displayName"),
        "endDateTime": moment_text(call.world, _moment(asked.get("endDateTime"), call.now + TWO_YEARS)),
        "hint": secret_of(call.world, key_id)[:3],
        "keyId": key_id,
        "secretText": None,
        "startDateTime": moment_text(call.world, _moment(asked.get("startDateTime"), call.now)),
    }
    app["passwordCredentials"] = [*app["passwordCredentials"], made]
    call.world.store.put("application", app["id"], app, at=call.now)
    shown = made | {"secretText": secret_of(call.world, key_id)}
    return call.made(shown, "microsoft.graph.passwordCredential", status=200)


def remove_password(call: Call) -> Answer:
    """removePassword, by its id."""
    app = newest(call.world, "application", call.parts["application"])
    left = [entry for entry in app["passwordCredentials"] if entry["keyId"] != call.body.get("keyId")]
    if len(left) == len(app["passwordCredentials"]):
        raise bad_request("No password credential found with keyId.")
    call.world.store.put("application", app["id"], app | {"passwordCredentials": left}, at=call.now)
    return call.done()


def own_certificate(world: World, entry: Any) -> Document | None:
    """The stored form of a certificate that a client adds to its application by PATCH; None for anything else."""
    if not isinstance(entry, dict) or (entry.get("type"), entry.get("usage")) != ("AsymmetricX509Cert", "Verify"):
        return None
    try:
        der = base64.b64decode(entry.get("key") or "", validate=True)
        certificate = x509.load_der_x509_certificate(der)
    except (ValueError, TypeError, binascii.Error):
        return None
    sha1 = certificate.fingerprint(hashes.SHA1())  # noqa: S303 - how Entra names certificates
    return {
        "customKeyIdentifier": base64.b64encode(sha1).decode(),
        "displayName": entry.get("displayName") or certificate.subject.rfc4514_string(),
        "endDateTime": moment_text(world, certificate.not_valid_after_utc.timestamp()),
        "key": base64.b64encode(der).decode(),
        "keyId": world.new_id("ownKey"),
        "startDateTime": moment_text(world, certificate.not_valid_before_utc.timestamp()),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }


def _moment(text: Any, otherwise: float) -> float:
    try:
        return otherwise if text is None else parse(str(text))
    except ValueError:
        raise bad_request(
            "Cannot convert the literal 'endDateTime' to the expected type 'Edm.DateTimeOffset'.", "BadRequest"
        ) from None


ENDPOINTS = [
    Endpoint("POST", "/applications/{application}/addPassword", add_password, WRITE_APPLICATIONS),
    Endpoint("POST", "/applications/{application}/removePassword", remove_password, WRITE_APPLICATIONS),
]
