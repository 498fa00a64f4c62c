"""From whatever a person has to the XML of the response; each wrong thing is called by its name (S01–S06)."""

import base64
import binascii
import html
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from flexsso_helpers.saml.document import MAX_BYTES, Unreadable, parse, require_response

__all__ = ["Captured", "Unreadable", "read"]

MAX_CAPTURE = 64 << 20
"""Bytes of a browser capture (HAR); they hold whole web pages."""
_FIELD = "SAMLResponse"
_RELAY = "RelayState"
_FORM_VALUE = re.compile(
    rf"""(?:^|[&?\s"'{{,;])({_FIELD}|{_RELAY})["']?\s*[=:]\s*["']?(.*?)(?=[&"',;}}]|\s+{_RELAY}\b|\Z)""", re.DOTALL
)
_PAGE = re.compile(r"<(!doctype html|html|head|body|form|input|div)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Captured:
    """A response as it was captured: its XML, and the RelayState that came beside it, None when that is not known."""

    xml: bytes
    relay_state: str | None = None


def read(given: str | bytes) -> Captured:
    """Find the SAML response in what somebody copied or saved.

    Takes the bare base64 of the form field, `SAMLResponse=…&RelayState=…`, a HAR file or a SAML-tracer export (the
    first POST with a SAMLResponse), a saved form page, or the XML itself. Raises Unreadable, with the rule's number.
    """
    data = given.encode("utf-8", errors="replace") if isinstance(given, str) else given
    if len(data) > MAX_CAPTURE:
        raise Unreadable("S05", "The file is larger than 64 MiB.", fix="Save the capture of one sign-on only.")
    text = _text(data).strip().strip("\ufeff\u200b").strip()
    if text.startswith("&lt;"):  # copied from a page's source
        text = html.unescape(text)
        data = text.encode()
    if not text:
        raise Unreadable("S01", "Nothing was given.")
    if text.startswith(("{", "[")):
        return _from_json(text)
    if text.startswith("<"):
        return _from_markup(data, text)
    fields: dict[str, str] = dict(reversed(_FORM_VALUE.findall(text)))
    if text.startswith(("http://", "https://")) and not fields.get(_FIELD):
        raise _link(text)
    if fields.get(_FIELD):
        relay = fields.get(_RELAY)
        return Captured(xml=_decoded(fields[_FIELD]), relay_state=None if relay is None else unquote(relay))
    return Captured(xml=_decoded(text.strip("\"'")))


def _text(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def _from_markup(data: bytes, text: str) -> Captured:
    if _PAGE.match(text):
        fields = _inputs(text)
        if fields.get(_FIELD):
            return Captured(xml=_decoded(fields[_FIELD]), relay_state=fields.get(_RELAY))
        if "AADSTS" in text or "trouble signing you in" in text:
            raise _error_page()
        raise Unreadable("S01", "This is a web page without a SAMLResponse in it.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Captured(xml=_checked(data))
    return Captured(xml=_checked(data.strip() if data.lstrip().startswith(b"<") else text.encode()))


def _inputs(page: str) -> dict[str, str]:
    """The fields of a saved page; the first of each name counts."""
    root = etree.fromstring(page, etree.HTMLParser(no_network=True, huge_tree=False, recover=True))
    inputs = [] if root is None else [node for node in root.iter("input") if node.get("name")]
    return {str(node.get("name")): node.get("value", "") for node in reversed(inputs)}


def _from_json(text: str) -> Captured:
    """Walk the capture in its order; the shapes of HAR and SAML-tracer differ, the names in them do not."""
    try:
        capture = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("S01", "This looks like a capture file (JSON), but it is cut or damaged.") from error
    requests = list(_requests(capture))
    for request in requests:
        fields = dict(reversed(list(_fields(request))))
        if fields.get(_FIELD):
            return Captured(xml=_decoded(fields[_FIELD]), relay_state=fields.get(_RELAY))
    if "access_token" in text or "id_token" in text:
        raise Unreadable("S01", "This is a token answer (OAuth), not a SAML response.")
    if "SAMLRequest" in text:
        why = (
            "The recording stopped too early, or the browser forgot it when the page changed (“Preserve log” was off)."
        )
        raise Unreadable("S01", "The capture holds the request to Entra, but not the response.", why=why)
    raise Unreadable("S01", f"The capture holds {len(requests)} requests and no SAMLResponse among them.")


def _requests(capture: object) -> Iterator[object]:
    """The POST requests of a HAR (`log.entries[].request`) or SAML-tracer export (`requests[]`), else the whole."""
    log = capture.get("log", capture) if isinstance(capture, dict) else capture
    listed = log.get("entries", log.get("requests")) if isinstance(log, dict) else None
    if not isinstance(listed, list):
        yield capture
        return
    for entry in listed:
        request = entry.get("request", entry) if isinstance(entry, dict) else entry
        if isinstance(request, dict) and request.get("method", "POST") == "POST":
            yield request


def _fields(node: object) -> Iterator[tuple[str, str]]:
    """Form fields in any of the usual notations: name/value objects, pairs, keys, or an encoded body."""
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            name, value = part.get("name"), part.get("value")
            if name in (_FIELD, _RELAY) and isinstance(value, str):
                yield name, unquote(value) if "%" in value else value
            pairs = [(key, one) for key, one in part.items() if key in (_FIELD, _RELAY) and isinstance(one, str)]
            yield from pairs
            pending += reversed(list(part.values()))
        elif isinstance(part, list):
            if len(part) == 2 and part[0] in (_FIELD, _RELAY) and isinstance(part[1], str):
                yield part[0], part[1]
            pending += reversed(part)
        elif isinstance(part, str) and f"{_FIELD}=" in part[:MAX_BYTES]:
            yield from ((name, unquote(value)) for name, value in _FORM_VALUE.findall(part[: 2 * MAX_BYTES]))


def _decoded(value: str) -> bytes:
    """Strict base64: Python would otherwise drop foreign characters silently and judge another message."""
    text = unquote(value) if "%" in value else value
    compact = "".join(text.split())
    if len(compact) > 2 * MAX_BYTES:
        raise Unreadable(
            "S05", "The text is too long for a login response.", fix="Copy only the form field SAMLResponse."
        )
    try:
        data = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _foreign(text) from error
    if (request := _inflated(data)) is not None:
        what = "AuthnRequest" if b"AuthnRequest" in request[:2000] else "message of the redirect binding"
        raise Unreadable("S02", f"This is a compressed {what}, not the response.")
    if not data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t").startswith(b"<"):
        twice = data[:8] in (b"PHNhbWxw", b"PD94bWwg", b"PFJlc3Bv")
        if twice:
            raise Unreadable("S01", "The response was encoded to base64 twice.")
        raise _foreign(text)
    return _checked(data)


def _checked(xml: bytes) -> bytes:
    """The XML as given, once its root is a Response."""
    require_response(parse(xml))
    return xml


def _inflated(data: bytes) -> bytes | None:
    try:
        text = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, MAX_BYTES)
    except zlib.error:
        return None
    return text if text.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<") else None


def _link(text: str) -> Unreadable:
    if "SAMLRequest=" in text:
        return Unreadable("S02", "This is the address that carries Flex's request to Entra, not the response.")
    return Unreadable("S01", "This is a web address, not a SAML response.")


def _error_page() -> Unreadable:
    return Unreadable(
        "S01",
        "This is an error page of Entra: no response was sent.",
        fix="Paste its text into the field for error messages in 08 · Test sign-on.",
    )


def _foreign(text: str) -> Unreadable:
    """Name what it is instead."""
    for pattern, what in _KINDS:
        if re.search(pattern, text):
            return _error_page() if what == "error" else Unreadable("S01", f"This is {what}, not a SAML response.")
    if re.fullmatch(r"[A-Za-z0-9+/=\s]+", text):
        return Unreadable("S01", "The text was cut: as base64 it is not complete, or it holds no XML.")
    return Unreadable("S01", "This is not a SAML response, and nothing we know.")


_KINDS = (
    (r"AADSTS\d+", "error"),
    (r"^\s*(?:Bearer\s+)?eyJ[\w-]+\.[\w-]+\.", "a token (JWT)"),
    (r"-----BEGIN", "a certificate or key"),
    (r"(?i)^\s*(?:set-)?cookie:|ESTSAUTH|(?:^|;\s*)[\w.-]+=[^;]*;\s*[\w.-]+=", "a cookie"),
    (r"^\s*(?:curl |fetch\()", "a command copied from the browser, without the form data"),
    (r"SAMLRequest[=:]", "the request to Entra"),
)
