"""The applications that sign in here, what they may ask for, and how a program proves itself."""

import base64
import binascii
import hmac
import json
from typing import Any
from urllib.parse import unquote_plus

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from starlette.requests import Request

from flexsso_helpers.rehearsal.directory.credentials import build_certificate, signing_key
from flexsso_helpers.rehearsal.directory.objects import service_principal_of
from flexsso_helpers.rehearsal.entra import federated, own_clients
from flexsso_helpers.rehearsal.entra import scopes as entra_scopes
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal
from flexsso_helpers.rehearsal.entra.scopes import IMPERSONATION
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.keys import pem
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

quirks.declare(
    {
        "admin_consent": quirk(
            "granted",
            "missing",
            "approval",
            "risky",
            source="2.0: every scope of the run needs an administrator's consent; entra-docs, user consent: 65001, "
            "90094 "
            "where people may not consent, 900941 where the application is taken for a risk",
            refused=dict.fromkeys(("missing", "approval", "risky"), ("SignInError", "00")),
        ),
        "token_scopes": quirk(
            "asked", "consented", source="Entra's pages on consent: a token may hold more scopes than were asked for"
        ),
    }
)

rules.declare({"E07": "A program may prove itself by HTTP Basic"})

CONSENT_NEEDED = {
    "approval": (90094, "The grant requires admin permission."),
    "risky": (900941, "Admin consent is required. App is considered risky."),
}
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
PUBLIC_CLIENTS = {
    AZURE_CLI: "Microsoft Azure CLI",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e": "Microsoft Graph Command Line Tools",
    "f1e55000-0000-4000-8000-00000000c11f": "Contoso Runbooks",
}
AZURE_CLI_SCOPES = (
    "Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "AuditLog.Read.All",
    "DelegatedPermissionGrant.ReadWrite.All", "Directory.AccessAsUser.All", "Group.ReadWrite.All", "User.Read.All",
    "User.ReadWrite.All",
)  # fmt: skip
"""What Azure CLI gets, and may not ask beyond: four public transcripts, one of 2026-05."""
CONSENTED = (
    "Application.Read.All", "Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "AuditLog.Read.All",
    "Directory.Read.All", "Directory.ReadWrite.All", "Group.Read.All", "GroupMember.Read.All", "Organization.Read.All",
    "Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration", "RoleManagement.Read.Directory", "User.Read",
    "User.Read.All", "User.ReadBasic.All",
)  # fmt: skip
"""Delegated permissions to which an administrator of the tenant consented."""
BY_ANYBODY = frozenset({"User.Read", "User.ReadBasic.All"})
"""Those that a person may consent to without an administrator."""
OTHERS = frozenset(
    {*AZURE_CLI_SCOPES, "Mail.Read", "Files.Read.All", "Sites.Read.All", "Policy.ReadWrite.All", IMPERSONATION}
) - frozenset(CONSENTED)
"""Permissions that Graph has and nobody here consented to."""
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AUTOMATION_KEY = "automation"


def client_name(world: World, client_id: str) -> str:
    """The name of an application that signs people in, Microsoft's or one made here. Raises SignInRefusal (700016)."""
    if client_id in PUBLIC_CLIENTS:
        return PUBLIC_CLIENTS[client_id]
    app = own_clients.application(world, client_id)
    if app is None or not world.rules.on("E10"):
        raise unknown_client(client_id)
    return str(app["displayName"])


def unknown_client(client_id: str) -> SignInRefusal:
    """The refusal of an application that this tenant does not know."""
    return SignInRefusal(
        700016,
        f"Application with identifier '{client_id}' was not found in the directory 'Contoso'. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user in the "
        "tenant. You may have sent your authentication request to the wrong tenant.",
        error="unauthorized_client",
    )


def scopes_of(world: World, client_id: str, text: str) -> tuple[str, ...]:
    """The Graph permissions that a client gets for what it asked. Raises SignInRefusal."""
    asked = entra_scopes.read(world, text)
    if asked.of_arm:
        return (IMPERSONATION,)
    available = AZURE_CLI_SCOPES if client_id == AZURE_CLI else CONSENTED
    if client_id not in PUBLIC_CLIENTS and entra_scopes.DEFAULT in asked.names:
        return ("User.Read",)  # what an application asks for that nobody configured
    if entra_scopes.DEFAULT in asked.names:
        return available
    for name in asked.names:
        if name not in CONSENTED and name not in OTHERS:
            raise SignInRefusal(
                70011, "The provided request must include a 'scope' input parameter. The provided value for the input "
                f"parameter 'scope' is not valid. The scope {name} is not valid.", error="invalid_scope",
            )  # fmt: skip
        if name not in available and client_id == AZURE_CLI:
            raise SignInRefusal(
                65002, f"Consent between first party application '{client_id}' and first party resource "
                "'00000003-0000-0000-c000-000000000000' must be configured via preauthorization.",
                error="invalid_client",
            )  # fmt: skip
    if world.quirks.value("token_scopes") == "consented":
        return tuple(dict.fromkeys((*asked.names, *available)))
    return asked.names or available


def check_consent(world: World, client_id: str, scopes: tuple[str, ...]) -> None:
    """Raises SignInRefusal (65001, or 90094, 900941) where nobody consented to what the client asks for."""
    state = world.quirks.value("admin_consent")
    missing = state != "granted"
    lacking = [name for name in scopes if name in OTHERS or (missing and name not in BY_ANYBODY)]
    if lacking and client_id != AZURE_CLI and state in CONSENT_NEEDED:
        number, text = CONSENT_NEEDED[state]
        raise SignInRefusal(number, text, error="invalid_grant", more={"suberror": "consent_required"})
    if lacking and client_id != AZURE_CLI:
        raise SignInRefusal(
            65001, f"The user or administrator has not consented to use the application with ID '{client_id}' named "
            f"'{client_name(world, client_id)}'. Send an interactive authorization request for this user and resource.",
            error="invalid_grant", more={"suberror": "consent_required"},
        )  # fmt: skip


def program(world: World, sent: dict[str, str]) -> Document:
    """The service principal that proved itself by secret, certificate or token. Raises SignInRefusal."""
    client_id = sent.get("client_id", "")
    sp = service_principal_of(world, client_id)
    if sp is None and own_clients.application(world, client_id) is not None:
        text = f"The client application {client_id} is missing service principal in the tenant {TENANT_ID}."
        raise SignInRefusal(7000229, text, error="unauthorized_client")
    if sp is None:
        raise unknown_client(client_id)
    if sent.get("client_assertion_type") == ASSERTION:
        if token := federated.presented(world, sent.get("client_assertion", ""), client_id):
            federated.check(world, sp, token)
            return sp
        known = [
            *([_certificate(world)] if sp.get("_secret") else []),
            *own_clients.certificates(world, client_id),
        ]
        if not any(_signed(each, sent.get("client_assertion", ""), client_id) for each in known):
            raise SignInRefusal(
                700027, "Client assertion failed signature validation. The certificate that signed it is not "
                f"registered on application '{client_id}'.", error="invalid_client", status=401,
            )  # fmt: skip
        return sp
    secret = sent.get("client_secret", "")
    planted = bool(sp.get("_secret")) and hmac.compare_digest(secret, sp["_secret"])
    if not planted and not own_clients.knows_secret(world, client_id, secret):
        raise SignInRefusal(
            7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client "
            f"secret value, not the client secret ID, for a secret added to app '{client_id}'.",
            error="invalid_client", status=401,
        )  # fmt: skip
    return sp


def from_header(world: World, request: Request) -> dict[str, str]:
    """Client id and secret by HTTP Basic, each URL-encoded first (RFC 6749, 2.3.1); empty without such a header."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or not world.rules.on("E07"):
        return {}
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}


def automation_pem(world: World) -> bytes:
    """Private key and certificate by which the tenant's own program may sign in, as one PEM text."""
    certificate = _certificate(world).public_bytes(serialization.Encoding.PEM)
    return pem(signing_key(world, AUTOMATION_KEY)) + certificate


def _certificate(world: World) -> x509.Certificate:
    return build_certificate(world, AUTOMATION_KEY, start=1_735_689_600, end=2_366_841_600)


def _signed(certificate: x509.Certificate, assertion: str, client_id: str) -> bool:
    """Whether this certificate signed the assertion (RS256, or PS256 as MSAL does now)."""
    try:
        head, payload, signature = assertion.split(".")
        names, claims = json.loads(_decode(head)), json.loads(_decode(payload))
        key: Any = certificate.public_key()
        way: Any = padding.PKCS1v15()
        if names.get("alg") == "PS256":
            way = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256().digest_size)
        key.verify(_decode(signature), f"{head}.{payload}".encode(), way, hashes.SHA256())
    except (ValueError, binascii.Error, InvalidSignature, AttributeError):
        return False
    return bool(claims.get("iss") == claims.get("sub") == client_id)


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
