"""Catching one response on this machine: our own request, and what may answer it (G75).

Everything here is pure but for drawing the nonce and asking for a free port. The sockets are in `listener`.
"""

import base64
import re
import secrets
import socket
import zlib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, quote

from lxml import etree

from flexsso_helpers.saml.document import ASSERTION, PROTOCOL, Unreadable, local_name, parse
from flexsso_helpers.saml.reading import read

LIMIT = 300.0
"""Seconds for which a response is awaited."""
MAX_BODY = 256 * 1024
"""Bytes of a form that is still read; a response of Entra has some 10 to 30 thousand."""
_SHAPE = re.compile(r"http://localhost:[0-9]{2,5}/flexsso/[0-9a-f]{32}")
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


def is_capture_url(url: str) -> bool:
    """Whether a reply URL is one that a capture made: nobody else has this shape."""
    return _SHAPE.fullmatch(url) is not None


@dataclass(frozen=True, kw_only=True)
class Request:
    """One AuthnRequest of ours, and where its answer is awaited. `id` begins with a letter (AADSTS7500529)."""

    id: str
    port: int
    nonce: str

    @property
    def path(self) -> str:
        """The only path that is answered."""
        return f"/flexsso/{self.nonce}"

    @property
    def host(self) -> str:
        """What the browser sends as Host."""
        return f"localhost:{self.port}"

    @property
    def reply_url(self) -> str:
        """The second reply URL."""
        return f"http://{self.host}{self.path}"

    def link(self, sso_url: str, issuer: str, at: datetime, *, name_id_format: str = "") -> str:
        """Where somebody signs in to answer this request: the Redirect binding, unsigned, as Flex's own (F38).

        With a `name_id_format` that is asked for, which Flex does not do.
        """
        names = {"samlp": PROTOCOL, "saml": ASSERTION}
        root = etree.Element(f"{{{PROTOCOL}}}AuthnRequest", nsmap=names)
        for name, value in (
            ("ID", self.id),
            ("Version", "2.0"),
            ("IssueInstant", f"{at:%Y-%m-%dT%H:%M:%SZ}"),
            ("Destination", sso_url),
            ("ProtocolBinding", _POST),
            ("AssertionConsumerServiceURL", self.reply_url),
        ):
            root.set(name, value)
        etree.SubElement(root, f"{{{ASSERTION}}}Issuer").text = issuer
        if name_id_format:
            etree.SubElement(root, f"{{{PROTOCOL}}}NameIDPolicy").set("Format", name_id_format)
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(etree.tostring(root)) + packer.flush()
        return f"{sso_url}?SAMLRequest={quote(base64.b64encode(packed).decode(), safe='')}"


def new_request() -> Request:
    """A request with an unguessable address at a port that is free now, on both loopback addresses."""
    return Request(id=f"_{secrets.token_hex(16)}", port=_free_port(), nonce=secrets.token_hex(16))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """What a browser, or anything else, sent to the listener."""

    method: str
    host: str
    path: str
    content_type: str = ""
    length: int | None = None
    """Content-Length; None when there is none or it is no number."""


def refusal_of(incoming: Incoming, request: Request) -> tuple[int, str] | None:
    """HTTP status and words for what is refused before its body is read; None when the body may be read."""
    if incoming.host != request.host or incoming.path != request.path:
        return 404, "There is nothing here."
    if incoming.method != "POST":
        return 405, "Only a sign-on is awaited here."
    if incoming.content_type.split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return 415, "Only a sign-on is awaited here."
    if incoming.length is None:
        return 411, "The form does not say how long it is."
    if not 0 <= incoming.length <= MAX_BODY:
        return 413, "The form is too large."
    return None


def response_in(body: bytes, request: Request) -> str | None:
    """The form's SAMLResponse when it answers this request, else None. Whether it is genuine is for the judge."""
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=8)
        given = fields.get("SAMLResponse", [])
        if len(given) != 1:
            return None
        root = parse(read(given[0]).xml)
    except (Unreadable, ValueError):
        return None
    answers = root.get("InResponseTo") == request.id and local_name(root) == "Response"
    return given[0] if answers else None
