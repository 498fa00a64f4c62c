"""What a SAML request may say: how it travels, and what Entra refuses of it.

By HTTP-Redirect the XML is deflated, by HTTP-POST it is not; both are promised by the metadata.
"""

import base64
import binascii
import zlib

from lxml import etree

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.entra import claims
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal
from flexsso_helpers.rehearsal.entra.response import SAML, SAMLP
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "AADSTS7500529": "A request whose ID begins with a digit is refused",
        "AADSTS75003": "A response is sent by HTTP-POST only; a request for another binding is refused",
        "AADSTS76021": "An application that demands signed requests refuses Flex's",
        "AADSTS900235": "A RequestedAuthnContext is compared exactly, in no other way",
        "AADSTS900236": "Subject, ProxyCount, IDPList and RequesterID must not be set",
        "E03": "A request may come by HTTP-POST, as XML that is not deflated",
    }
)

LONGEST = 100_000
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
FORMATS = ("", claims.EMAIL, claims.UNSPECIFIED, claims.PERSISTENT, claims.TRANSIENT)
AUTHN, LOGOUT = f"{{{SAMLP}}}AuthnRequest", f"{{{SAMLP}}}LogoutRequest"


def read(world: World, text: str | None, *, posted: bool) -> etree._Element:
    """The message inside a SAMLRequest. Raises SignInRefusal: 750054 where there is none, 75005 where it is no such."""
    if not text:
        raise SignInRefusal(
            750054, "SAMLRequest or SAMLResponse must be present as query string parameters in HTTP request for "
            "SAML Redirect binding.",
        )  # fmt: skip
    try:
        packed = base64.b64decode("".join(text.split()), validate=True)
        xml = packed if posted and world.rules.on("E03") else _inflated(packed)
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except (ValueError, binascii.Error, zlib.error, etree.XMLSyntaxError):
        raise _no_message() from None
    if len(xml) > LONGEST or b"<!DOCTYPE" in xml or root.tag not in (AUTHN, LOGOUT):
        raise _no_message()
    if root.get("Version") != "2.0" or not root.get("IssueInstant"):
        raise _no_message()
    return root


def issuer(message: etree._Element) -> str:
    """Who asks."""
    return (message.findtext(f"{{{SAML}}}Issuer") or "").strip()


def name_id_format(authn: etree._Element) -> str:
    """The NameID format that is asked for; empty where none is."""
    policy = authn.find(f"{{{SAMLP}}}NameIDPolicy")
    return "" if policy is None else policy.get("Format", "")


def is_passive(authn: etree._Element) -> bool:
    """Whether nobody may be asked anything."""
    return authn.get("IsPassive", "").strip() in ("true", "1")


def check(world: World, authn: etree._Element, sp: Document) -> None:
    """Raises SignInRefusal for what Entra does not take from this application."""
    check_id(world, authn)
    binding = authn.get("ProtocolBinding", POST)
    if binding != POST and world.rules.on("AADSTS75003"):
        text = "SAML protocol response cannot be sent via bindings other than HTTP POST."
        raise SignInRefusal(75003, f"{text} Requested binding: {binding}")
    _check_unsupported(world, authn)
    asked = name_id_format(authn)
    if asked not in FORMATS and world.rules.on("G76"):
        text = "Microsoft Entra ID doesn't support the SAML request property 'NameIDPolicy/Format'"
        raise SignInRefusal(75006, f"{text} sent by the application: '{asked}'.")
    _check_context(world, authn)
    app = objects.application_of(world, sp["appId"]) or {}
    demanded = (app.get("requestSignatureVerification") or {}).get("isSignedRequestRequired")
    if demanded and world.rules.on("AADSTS76021"):
        raise SignInRefusal(
            76021, "The request sent by the client is not signed while the application requires signed requests."
        )


def check_id(world: World, message: etree._Element) -> None:
    """Raises SignInRefusal for an ID that is no SAML id."""
    identity = message.get("ID", "")
    if (not identity or identity[0].isdigit()) and world.rules.on("AADSTS7500529"):
        text = f"The value '{identity}' is not a valid SAML ID. The ID must not begin with a number."
        raise SignInRefusal(7500529, text)


def _check_unsupported(world: World, authn: etree._Element) -> None:
    scoping = authn.find(f"{{{SAMLP}}}Scoping")
    parts = [] if scoping is None else [etree.QName(part).localname for part in scoping.iterchildren("{*}*")]
    set_wrongly = {
        "Subject": authn.find(f"{{{SAML}}}Subject") is not None,
        "Scoping/ProxyCount": scoping is not None and scoping.get("ProxyCount") is not None,
        "Scoping/IDPList": "IDPList" in parts,
        "Scoping/RequesterID": "RequesterID" in parts,
    }
    for name, wrongly in set_wrongly.items():
        if wrongly and world.rules.on("AADSTS900236"):
            text = f"The SAML authentication request property '{name}' is not supported and must not be set."
            raise SignInRefusal(900236, text)


def _check_context(world: World, authn: etree._Element) -> None:
    """The rehearsed people sign in by password; another demand cannot be met."""
    context = authn.find(f"{{{SAMLP}}}RequestedAuthnContext")
    comparison = "exact" if context is None else context.get("Comparison", "exact")
    if comparison != "exact" and world.rules.on("AADSTS900235"):
        text = "SAML authentication request's RequestedAuthenticationContext Comparison value must be 'exact'."
        raise SignInRefusal(900235, f"{text} Received value: '{comparison.capitalize()}'.")
    asked = [element.text or "" for element in authn.iter(f"{{{SAML}}}AuthnContextClassRef")]
    if asked and not any(name.strip().endswith((":Password", ":PasswordProtectedTransport")) for name in asked):
        wanted = ", ".join(name.strip().rsplit(":", 1)[-1] for name in asked)
        text = "Authentication method 'Password' by which the user authenticated with the service doesn't match"
        raise SignInRefusal(75011, f"{text} requested authentication method '{wanted}'.")


def _inflated(packed: bytes) -> bytes:
    inflater = zlib.decompressobj(-15)
    xml = inflater.decompress(packed, LONGEST + 1)
    if inflater.unconsumed_tail:
        raise ValueError("far too long")
    return xml


def _no_message() -> SignInRefusal:
    return SignInRefusal(
        75005, "The request is not a valid Saml2 protocol message. Please contact the application developer."
    )
