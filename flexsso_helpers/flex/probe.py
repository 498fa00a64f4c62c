"""What a started login shows before anyone signs in: where it leads, and what Flex asks there."""

import base64
import hashlib
import secrets
import zlib
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from lxml import etree

from flexsso_helpers.clouds import FLEX_SERVICES

_PROTOCOL = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}"


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Where a login start leads, and what Flex asks of the identity provider there."""

    sso_url: str
    """Without its query; empty when the chain ended elsewhere."""
    issuer: str = ""
    reply_url: str = ""
    name_id_policy: str = ""
    requested_context: bool = False
    signed: bool = False
    relay_state: bool = False
    said: str = ""
    """What the last page said, when the chain did not reach an identity provider."""
    refused: bool = False
    """Whether Twilio itself refused the start, with a code of its own (F116)."""
    hops: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the chain ended in a readable sign-in request at an identity provider.

        Everything else (a page, a refusal, another host, a circle, no answer) tells nothing about the settings in
        Flex Console: Twilio documents no such chain for programs.
        """
        return bool(self.sso_url) and not self.said


def login_start(connection: str) -> str:
    """The address that starts an SP-initiated login of this connection.

    With what a public client that works sends (redirectUrl, nonce, the SHA-256 of a code verifier, ssoProfileSid) and
    the `state` that Twilio's own SDK adds; what the SDK's other two parameters may hold is documented nowhere (6.2).
    """
    challenge = hashlib.sha256(secrets.token_urlsafe(48).encode()).digest()
    query = {
        "redirectUrl": f"{FLEX_SERVICES}/v1/Flex/Authentication/Callback",
        "nonce": secrets.token_urlsafe(16),
        "codeChallenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "state": secrets.token_urlsafe(16),
        "ssoProfileSid": connection,
    }
    return f"{FLEX_SERVICES}/v1/Flex/Authorize?{urlencode(query)}"


def read_request(target: str, hops: tuple[str, ...]) -> Probe:
    """What the address at the identity provider asks for; whatever cannot be read is said, not raised."""
    parts = urlsplit(target)
    query = parse_qs(parts.query, keep_blank_values=True)
    sso_url = f"{parts.scheme}://{parts.netloc}{parts.path}"
    try:
        packed = base64.b64decode(query["SAMLRequest"][0], validate=True)
        root = etree.fromstring(zlib.decompress(packed, -15), etree.XMLParser(resolve_entities=False, no_network=True))
    except (KeyError, ValueError, zlib.error, etree.XMLSyntaxError):
        return Probe(sso_url=sso_url, said="no readable sign-in request", hops=hops)
    issuer = root.find(f"{_ASSERTION}Issuer")
    policy = root.find(f"{_PROTOCOL}NameIDPolicy")
    return Probe(
        sso_url=sso_url,
        issuer="".join(str(text) for text in issuer.itertext()).strip() if issuer is not None else "",
        reply_url=root.get("AssertionConsumerServiceURL", ""),
        name_id_policy=policy.get("Format", "") if policy is not None else "",
        requested_context=root.find(f"{_PROTOCOL}RequestedAuthnContext") is not None,
        signed="Signature" in query or root.find("{http://www.w3.org/2000/09/xmldsig#}Signature") is not None,
        relay_state=bool(query.get("RelayState", [""])[0]),
        hops=hops,
    )


def words(page: str) -> str:
    """The readable text of a page, shortened."""
    try:
        root = etree.HTML(page)
    except (ValueError, etree.XMLSyntaxError):
        root = None
    if root is None:
        return page.strip()[:200]
    main = root.find(".//main")
    source = main if main is not None else root
    return " ".join(" ".join(str(text) for text in source.itertext()).split())[:200]
