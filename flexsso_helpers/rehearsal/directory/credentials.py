"""Token-signing certificates: three objects each, and what a PATCH of credentials may do to them."""

import base64
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from flexsso_helpers.rehearsal.directory.refusals import bad_request
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.clock import iso_ticks
from flexsso_helpers.rehearsal.world.keys import rsa_key, serial_number
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "G43": "A certificate's name begins with CN=, and it ends within three years",
        "G44": "A new certificate is inactive",
        "G47": "A kept credential may not be altered",
        "G48": "A credential that is not sent is deleted",
        "G49": "A client's own key in the wrong shape is refused",
        "G52": "Whether the app-management policy's limits on keys hold for token-signing certificates is open",
        "G53": "Only the global cloud makes token-signing certificates by Graph",
        "G56": "Whether adding a certificate makes a token issuance policy is open",
    }
)
quirks.declare(
    {
        "first_certificate": quirk(
            "inactive", "auto_active", source="G44: powershell-azuread#577; one voice in tf#823"
        ),
        "cert_creates_policy": quirk("no", "yes_token_only", source="G56: msgraph-sdk-java#2378"),
        "custom_key_identifier": quirk("sha1", "ascii_thumbprint", source="2e: azat 0.26.1 met both forms"),
        "remove_active": quirk("allowed", "rejected", source="G48: nobody says"),
        "key_life_policy": quirk(
            "none",
            "ignored",
            "enforced",
            source="G52: metadata has the cap; nobody says what it covers",
            refused={"enforced": ("Refused", "03")},
        ),
        "credential_type_policy": quirk(
            "none",
            "ignored",
            "enforced",
            source="G52: Teams Toolkit's constants and reports know the refusal for secrets and passwords, of which a "
            "token-signing certificate has one",
            refused={"enforced": ("Refused", "03")},
        ),
        "time_digits": quirk(
            "trimmed",
            "padded",
            source="live recordings show …17Z, Microsoft's examples …34.0000000Z",
        ),
        "missing_action": quirk("400", "404", source="G53: metadata shows the absence, not the answer"),
    }
)

DEFAULT_NAME = "CN=Microsoft Azure Federated SSO Certificate"
SUBJECT = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEFAULT_NAME.removeprefix("CN="))])
LONGEST_NAME = 90
LONGEST_LIFE = 180
"""Days that a tenant with a cap on the life of keys allows (quirk key_life_policy)."""
POLICY_ID = "00000000-0000-0000-0000-000000000000"
"""Of the tenant's default app-management policy."""
ASSERTION_SIGNED = (
    '{"TokenIssuancePolicy":{"Version":1,"SigningAlgorithm":"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",'
    '"TokenResponseSigningPolicy":"TokenOnly","SamlTokenVersion":"2.0"}}'
)


@dataclass(frozen=True)
class Certificate:
    """A new certificate: key credentials Sign and Verify, the password, and what the action answers."""

    keys: list[Document]
    password: Document
    thumbprint: str
    answer: Document


def make_certificate(world: World, *, name: str, start: float, end: float) -> Certificate:
    """Make a self-signed certificate; its subject is always the same, whatever the name (2e)."""
    sign_id, verify_id = world.new_id("signingKey"), world.new_id("verifyKey")
    certificate = build_certificate(world, sign_id, start=start, end=end)
    der = certificate.public_bytes(serialization.Encoding.DER)
    sha1 = certificate.fingerprint(hashes.SHA1())  # noqa: S303 - how Entra names certificates
    ascii_form = world.quirks.value("custom_key_identifier") == "ascii_thumbprint"
    identifier = base64.b64encode(sha1.hex().upper().encode() if ascii_form else sha1).decode()
    common = {
        "customKeyIdentifier": identifier,
        "displayName": (name or DEFAULT_NAME)[:LONGEST_NAME],
        "endDateTime": moment_text(world, end),
        "startDateTime": iso_ticks(start)[:-8] + _ticks(sign_id) + "Z",
    }
    verify = common | {"key": base64.b64encode(der).decode(), "type": "AsymmetricX509Cert", "usage": "Verify"}
    sign = common | {"key": None, "type": "X509CertAndPassword", "usage": "Sign"}
    thumbprint = sha1.hex().upper()
    return Certificate(
        [sign | {"keyId": sign_id}, verify | {"keyId": verify_id}],
        common | {"keyId": sign_id, "hint": None, "secretText": None},
        thumbprint,
        verify | {"keyId": sign_id, "thumbprint": thumbprint},
    )


def build_certificate(world: World, label: str, *, start: float, end: float) -> x509.Certificate:
    """The X.509 certificate of the key with this label."""
    key = signing_key(world, label)
    builder = x509.CertificateBuilder(subject_name=SUBJECT, issuer_name=SUBJECT, public_key=key.public_key())
    builder = builder.serial_number(serial_number(f"{world.seed}/{label}"))
    builder = builder.not_valid_before(datetime.fromtimestamp(int(start), UTC))
    return builder.not_valid_after(datetime.fromtimestamp(int(end), UTC)).sign(key, hashes.SHA256())


def signing_key(world: World, key_id: str) -> Any:
    """The private key behind a Sign credential."""
    return rsa_key(f"{world.seed}/{key_id}", world.folder)


def moment_text(world: World, moment: float) -> str:
    """A moment without the zeros at its end, or with all seven digits."""
    padded = iso_ticks(moment)
    if world.quirks.value("time_digits") == "padded":
        return padded
    return padded[:-1].rstrip("0").rstrip(".") + "Z"


def _ticks(key_id: str) -> str:
    """Seven digits of which the last is odd, so that cutting to microseconds is an alteration."""
    return f"{uuid.UUID(key_id).int % 10**7 | 1:07d}"


def secret_of(world: World, key_id: str) -> str:
    """The secret with this id. It is not kept; Graph shows it once, and afterwards its first letters only.

    As Entra's own, it has three letters or digits, `8Q~`, and 34 characters more (secret scanners' published pattern).
    """
    digest = hashlib.sha256(f"{world.seed}/secret/{key_id}".encode()).digest()
    text = base64.urlsafe_b64encode(digest).decode()
    return f"{digest.hex()[:3]}8Q~{text[:34]}"


def checked_credentials(
    world: World, old: Document, new: Document, *, own: Callable[[World, Any], Document | None] = lambda *_: None
) -> None:
    """Bring the lists of a PATCH into the stored form: kept entries untouched, others gone. Raises GraphRefusal.

    `own` makes the stored form of a certificate that a client may add by PATCH.
    """
    for kind in ("keyCredentials", "passwordCredentials"):
        stored = {entry["keyId"]: entry for entry in old[kind]}
        sent = []
        for entry in new[kind] or []:
            fresh = kind == "keyCredentials" and isinstance(entry, dict) and str(entry.get("keyId")) not in stored
            sent.append((own(world, entry) if fresh else None) or _kept(world, entry, stored))
        if not world.rules.on("G48"):
            sent += [entry for entry in old[kind] if entry["keyId"] not in {e["keyId"] for e in sent}]
        new[kind] = sent
    left = {thumbprint_of(entry) for entry in new["keyCredentials"]}
    active = old.get("preferredTokenSigningKeyThumbprint")
    if active and active not in left and world.quirks.value("remove_active") == "rejected":
        raise bad_request("The active token signing certificate cannot be removed.")


def _kept(world: World, entry: Any, stored: dict[str, Document]) -> Document:
    """The stored form of an entry that was sent back. New keys need a password action or a proof (G49)."""
    known = stored.get(str(entry.get("keyId"))) if isinstance(entry, dict) else None
    if known is None:
        if not world.rules.on("G49"):
            return dict(entry)
        if isinstance(entry, dict) and "usage" in entry:
            raise bad_request("The value for the property usage of the key credential is invalid.")
        raise bad_request("New password credentials must be generated using service actions.")
    hidden = ("key", "secretText", "hint")
    altered = any(
        entry.get(name) != value and not (name in hidden and entry.get(name) is None) for name, value in known.items()
    )
    if altered and world.rules.on("G47"):
        text = f"Update to existing credential with KeyId '{known['keyId']}' is not allowed."
        raise bad_request(text, details=[("KeyNotUpdatable", "keyCredentials", text)])
    return known


def thumbprint_of(entry: Document) -> str:
    """The lower-case hexadecimal SHA-1 that a credential's customKeyIdentifier says, in either of its two forms."""
    raw = base64.b64decode(entry["customKeyIdentifier"])
    return raw.hex() if len(raw) == 20 else raw.decode().lower()
