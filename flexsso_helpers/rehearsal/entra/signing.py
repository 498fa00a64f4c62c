"""Which certificate signs and what it signs (G36, G51, G55, G58), and the XML signature itself."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.signer import XMLSigner

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.credentials import build_certificate, signing_key, thumbprint_of
from flexsso_helpers.rehearsal.directory.policy_definitions import RSA_SHA1, principal_takes_signing
from flexsso_helpers.rehearsal.entra.claims import policy_of
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.clock import parse
from flexsso_helpers.rehearsal.world.lags import seen
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "G36": "A claims policy without an active valid certificate ends every sign-in",
        "G51": "Where the active certificate is expired, a valid inactive one signs",
        "G55": "Which attachment of the token issuance policy the sign-in service obeys is open",
        "G58": "Without a policy the assertion is signed and the response is not",
    }
)
quirks.declare(
    {
        "policy_attachment": quirk(
            "service_principal", "application", "preexisting", source="G55: hamilton against docs against java#2378"
        ),
        "expired_rollover": quirk(
            "auto",
            "none",
            source="G51: tutorial-manage-certificates against the guide",
            when="the active certificate is over, and a valid one lies beside it",
        ),
    }
)

DS = "http://www.w3.org/2000/09/xmldsig#"
BARE_DS: Any = {None: DS}
"""Declares the signature namespace without a prefix."""
TENANT_KEY = "tenant"


@dataclass(frozen=True)
class SigningOption:
    """What is signed, by which algorithm, and whether attributes carry a name format."""

    response: bool = False
    assertion: bool = True
    sha1: bool = False
    name_format: bool = False


def signing_option(world: World, sp: Document) -> SigningOption:
    """The option that the sign-in service obeys; by default the assertion alone is signed (G58)."""
    policy = _policy(world, sp)
    if policy is None:
        return SigningOption() if world.rules.on("G58") else SigningOption(response=True)
    inner = json.loads(policy["definition"][0])["TokenIssuancePolicy"]
    what = inner.get("TokenResponseSigningPolicy", "TokenOnly")
    return SigningOption(
        response=what != "TokenOnly",
        assertion=what != "ResponseOnly",
        sha1=inner.get("SigningAlgorithm") == RSA_SHA1,
        name_format=str(inner.get("EmitSamlNameFormat", "false")).lower() == "true",
    )


def _policy(world: World, sp: Document) -> Document | None:
    choice = world.quirks.value("policy_attachment")
    if not world.rules.on("G55"):
        choice = "application" if choice != "application" else "service_principal"
    if not principal_takes_signing(world) and choice == "service_principal":
        choice = "application"  # where one cannot hang, none can be obeyed
    if choice == "application":
        app = objects.application_of(world, sp["appId"])
        found = objects.attached(world, "tokenIssuancePolicy", "application", app["id"]) if app else []
    else:
        found = objects.attached(world, "tokenIssuancePolicy", "servicePrincipal", sp["id"])
    if choice == "preexisting":
        found = [policy for policy in found if policy.get("_of_certificate")]
    return found[0] if found else None


@dataclass(frozen=True)
class Key:
    """A certificate with its private key."""

    certificate: x509.Certificate
    private: Any
    thumbprint: str


def tenant_key(world: World) -> Key:
    """The key of the tenant, which signs metadata and is shown where no application is named (G74)."""
    start = datetime(2025, 1, 1, tzinfo=UTC).timestamp()
    certificate = build_certificate(world, TENANT_KEY, start=start, end=start + 5 * 365 * 86400)
    return Key(certificate, signing_key(world, TENANT_KEY), "")


def keys_of(world: World, sp: Document) -> list[Key]:
    """The application's certificates as metadata and sign-in know them now: the active one first, then valid others."""
    known = world.store.get("servicePrincipal", sp["id"], as_of=seen(world, "metadata")) or {"keyCredentials": []}
    preferred = known.get("preferredTokenSigningKeyThumbprint") or ""
    signs = [entry for entry in known["keyCredentials"] if entry["usage"] == "Sign"]
    active = [entry for entry in signs if thumbprint_of(entry) == preferred]
    staged = [entry for entry in signs if thumbprint_of(entry) != preferred and _valid(world, entry)]
    return [_key(world, entry) for entry in [*active, *staged]]


def active_key(world: World, sp: Document) -> Key:
    """The key that signs. Raises SignInRefusal: 50146 with a claims policy, 50003 without any certificate."""
    known = world.store.get("servicePrincipal", sp["id"], as_of=seen(world, "metadata")) or {"keyCredentials": []}
    preferred = known.get("preferredTokenSigningKeyThumbprint") or ""
    signs = [entry for entry in known["keyCredentials"] if entry["usage"] == "Sign"]
    active = next((entry for entry in signs if thumbprint_of(entry) == preferred), None)
    rolls = world.quirks.value("expired_rollover") == "auto" and world.rules.on("G51")
    if active and not _valid(world, active) and rolls:
        active = next((entry for entry in signs if _valid(world, entry)), active)
    usable = active is not None and _valid(world, active)
    if policy_of(world, sp) is not None and not usable and world.rules.on("G36"):
        raise SignInRefusal(
            50146,
            "This application is required to be configured with an application-specific signing key. It is either not "
            "configured with one, or the key has expired or is not yet valid. Please contact the application's "
            "administrator.",
        )
    if active is None:
        raise SignInRefusal(50003, "No signing key is configured.")
    return _key(world, active)


def _valid(world: World, entry: Document) -> bool:
    return parse(entry["startDateTime"]) <= world.clock.now < parse(entry["endDateTime"])


def _key(world: World, entry: Document) -> Key:
    start, end = parse(entry["startDateTime"]), parse(entry["endDateTime"])
    certificate = build_certificate(world, entry["keyId"], start=start, end=end)
    return Key(certificate, signing_key(world, entry["keyId"]), thumbprint_of(entry))


class _Signer(XMLSigner):
    """Signs with SHA-1 where a tenant chose it; the library refuses to by itself."""

    def check_deprecated_methods(self) -> None:
        return None


def sign(element: etree._Element, key: Key, *, sha1: bool = False, place: int = 1) -> etree._Element:
    """The element with an enveloped signature as its child number `place`; one certificate, on one line."""
    element.insert(place, etree.Element(f"{{{DS}}}Signature", Id="placeholder", nsmap=BARE_DS))
    signer = _Signer(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.RSA_SHA1 if sha1 else SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA1 if sha1 else DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signer.namespaces = BARE_DS
    signed: etree._Element = signer.sign(
        element, key=key.private, cert=[key.certificate], reference_uri=f"#{element.get('ID')}", id_attribute="ID"
    )
    # The library makes its elements without a namespace of their own; read anew they are what the text says.
    signed = etree.fromstring(etree.tostring(signed))
    for text in signed.iter(f"{{{DS}}}X509Certificate"):
        text.text = "".join((text.text or "").split())
    return signed
