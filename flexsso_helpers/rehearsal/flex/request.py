"""The sign-in request that Flex sends to the identity provider, and the address that carries it (F32, F38, F39)."""

import base64
import zlib
from html import escape
from urllib.parse import quote, urlencode, urlsplit

from flexsso_helpers.rehearsal.world.world import World

NAMEID_FORMATS = {
    "emailAddress": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "unspecified": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
}


def authn_request(world: World, *, sso_url: str, reply_url: str, entity_id: str, request_id: str) -> str:
    """The AuthnRequest (F38, F39). Unsigned, and it asks for no context."""
    forced = world.rules.on("F39") and world.quirks.value("force_authn") == "true"
    chosen = NAMEID_FORMATS.get(world.quirks.value("authn_nameid_policy"))
    policy = f'<samlp:NameIDPolicy Format="{chosen}" AllowCreate="true"/>' if chosen else ""
    attributes = {
        "xmlns:samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
        "AssertionConsumerServiceURL": reply_url,
        "Destination": sso_url,
        "ID": request_id if world.rules.on("F38") else f"0{request_id[1:]}",
        "IssueInstant": world.clock.iso(),
        "ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
        "Version": "2.0",
        **({"ForceAuthn": "true"} if forced else {}),
    }
    written = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    issuer = f'<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{escape(entity_id)}</saml:Issuer>'
    return f"<samlp:AuthnRequest {written}>{issuer}{policy}</samlp:AuthnRequest>"


def address(world: World, sso_url: str, xml: str, relay_state: str) -> str:
    """The single sign-on URL with the request (raw DEFLATE, base64) and RelayState in its query (F32)."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = packed.compress(xml.encode()) + packed.flush()
    query = {"SAMLRequest": base64.b64encode(deflated).decode(), "RelayState": relay_state}
    if not world.rules.on("F32"):
        del query["RelayState"]
    return f"{sso_url}{'&' if urlsplit(sso_url).query else '?'}{urlencode(query, quote_via=quote)}"
