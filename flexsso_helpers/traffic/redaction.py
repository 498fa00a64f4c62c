"""Redaction by a list of what may stay: whatever is not a word of the protocol becomes a placeholder.

A list of what has to go would miss the next name. Texts, numbers, keys, paths and hosts all go this way, and equal
values become equal placeholders, numbered in the order in which they were met.
"""

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import etree

from flexsso_helpers.traffic.exchange import Exchange, Plain
from flexsso_helpers.traffic.vocabulary import CLAIMS, HOSTS, KEYS, LOGIN_HOST, PATHS, TEXTS, WORDS
from flexsso_helpers.wire.listening import Heard

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SID = re.compile(r"([A-Z]{2})[0-9a-fA-F]{32}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(Z|[+-]\d\d:\d\d)")
DURATION = re.compile(r"P(?:\d{1,4}[YMWD])*(?:T(?:\d{1,4}[HMS])+)?")
CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,59}")
NUMBER_OF_ENTRA = re.compile(r"AADSTS\d{4,8}")
BYTES = ("key", "customKeyIdentifier", "thumbprint")
OF_AN_ERROR = ("message", "innerError", "target", "error_description", "more_info")
"""What stands beside a code that a service gave, and not beside somebody's own word."""
LARGEST = 1000
MOST = 2_000_000
"""Bytes of an answer beyond which it is not looked into."""


class Redactor:
    """The placeholders of one recording."""

    def __init__(self) -> None:
        """Nothing was met yet."""
        self._met: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def exchanges(self, heard: Heard, *, trial: str, at: float) -> Iterator[Exchange]:
        """What was heard, redacted; of a batch each entry by itself."""
        sent, answer = _json(heard.sent), _json(heard.answer)
        if urlsplit(heard.url).path.endswith("/$batch") and isinstance(sent, dict) and isinstance(answer, dict):
            yield from self._entries(heard, sent, answer, trial=trial, at=at)
            return
        location = heard.headers.get("location", "") or (str(answer.get("location")) if _leads(answer) else "")
        shown = self.plain(_xml(heard.answer) if answer is None else answer)
        if asked := _request(location):
            shown = {**(shown if isinstance(shown, dict) else {}), "request": self.plain(asked)}
        parts = urlsplit(heard.url)
        yield Exchange(
            trial=trial,
            at=at,
            method=heard.method,
            place=self.place(heard.url),
            query=tuple(sorted(self._key(name) for name in parse_qs(parts.query, keep_blank_values=True))),
            status=heard.status,
            to=self.place(location) if location else "",
            waits="retry-after" in heard.headers,
            sent=self.plain(sent),
            answer=shown if shown is not None else _words(heard.answer),
        )

    def _entries(self, heard: Heard, sent: Any, answer: Any, *, trial: str, at: float) -> Iterator[Exchange]:
        asked = {str(each.get("id")): each for each in sent.get("requests", ()) if isinstance(each, dict)}
        base = heard.url.rpartition("/$batch")[0]
        for each in answer.get("responses", ()):
            entry = asked.get(str(each.get("id")))
            if entry is None:
                continue
            single = Heard(
                method=str(entry.get("method")),
                url=f"{base}{entry.get('url')}",
                sent=json.dumps(entry.get("body")).encode() if entry.get("body") else b"",
                status=int(each.get("status") or 0),
                headers={str(name).lower(): str(value) for name, value in (each.get("headers") or {}).items()},
                answer=json.dumps(each.get("body")).encode() if each.get("body") is not None else b"",
            )
            yield from self.exchanges(single, trial=trial, at=at)

    def place(self, url: str) -> str:
        """Host and path of an address."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        known = host in HOSTS or LOGIN_HOST.fullmatch(host)
        segments = [self._segment(unquote(each)) for each in parts.path.split("/")]
        return (host if known else self._placeholder("host", host) if host else "") + "/".join(segments)

    def _segment(self, text: str) -> str:
        if not text or text in PATHS:
            return text
        return self._text(text, free=False)

    def plain(self, value: Plain, name: str = "", *, code: bool = False) -> Plain:
        """A JSON value, redacted. `code`: it stands in the answer of a refusal, where codes are the service's own."""
        if isinstance(value, dict):
            own = any(each in value for each in OF_AN_ERROR)
            return {self._key(each): self.plain(inner, each, code=own) for each, inner in value.items()}
        if isinstance(value, list):
            return [self.plain(each, name, code=code) for each in value]
        if isinstance(value, str):
            return self._of_name(value, name, code=code)
        if isinstance(value, int | float) and not isinstance(value, bool):
            kept = abs(value) < LARGEST or (code and name in ("code", "error_codes"))
            return value if kept else "number"
        return value

    def _key(self, name: str) -> str:
        return name if name in KEYS or name in CLAIMS else self._placeholder("key", name)

    def _of_name(self, text: str, name: str, *, code: bool) -> Plain:
        if name == "message" and code:
            return " … ".join(known for known in TEXTS if known in text)
        if code and name in ("code", "error", "suberror") and CODE.fullmatch(text):
            return text
        if name == "attributes" and isinstance(inner := _json(text.encode()), dict):
            return self.plain(inner)
        if name in BYTES and text:
            return self._placeholder(f"bytes({_length(text)})", text)
        return self._text(text)

    def _text(self, text: str, *, free: bool = True) -> str:
        if free and (text == "" or text in WORDS or NUMBER_OF_ENTRA.fullmatch(text)):
            return text
        if found := TIME.fullmatch(text):
            digits = found[1]
            fraction = f".{'0' * len(digits) if not digits.strip('0') else '9' * len(digits)}" if digits else ""
            return f"0000-00-00T00:00:00{fraction}Z"
        if text and DURATION.fullmatch(text):
            return text
        if found := SID.fullmatch(text):
            return self._placeholder(found[1], text)
        if text.startswith(("http://", "https://")):
            scheme, _, _ = text.partition("://")
            local = urlsplit(text).hostname == "localhost"
            return self._placeholder(f"{scheme} of this machine" if local else "address", text)
        kind = "id" if GUID.fullmatch(text) else "mail" if "@" in text else "urn" if text.startswith("urn:") else "text"
        return self._placeholder(kind, text)

    def _placeholder(self, kind: str, text: str) -> str:
        known = self._met.get(text)
        if known is None:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            known = self._met[text] = f"{kind}-{self._counts[kind]}"
        return known


def _json(content: bytes) -> Any:
    """What JSON says; None for anything else."""
    try:
        return json.loads(content) if content and len(content) < MOST else None
    except ValueError:
        return None


def _leads(answer: Any) -> bool:
    return isinstance(answer, dict) and isinstance(answer.get("location"), str)


def _length(text: str) -> int:
    try:
        return len(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        return len(text)


def _root(content: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except (ValueError, etree.XMLSyntaxError):
        return None


def _xml(content: bytes) -> Plain:
    """Of an XML document: its root's local name, whether that carries a prefix, and how many certificates it shows."""
    root = _root(content) if content.lstrip(b"\xef\xbb\xbf \n").startswith(b"<?xml") else None
    if root is None:
        return None
    name = etree.QName(root).localname
    shown = [_sha1("".join((each.text or "").split())) for each in root.iter("{*}X509Certificate")]
    told = {"xml": name if name in WORDS else "text", "prefixed": root.prefix is not None, "certificates": len(shown)}
    return {**told, "thumbprints": shown}


def _sha1(certificate: str) -> str:
    """As Graph names it."""
    try:
        return hashlib.sha1(base64.b64decode(certificate), usedforsecurity=False).hexdigest().upper()
    except ValueError:
        return ""


def _request(location: str) -> dict[str, Any]:
    """What an identity provider is asked for by the address of a redirect; empty where nothing is."""
    packed = parse_qs(urlsplit(location).query).get("SAMLRequest")
    try:
        root = _root(zlib.decompress(base64.b64decode(packed[0]), -15)) if packed else None
    except (ValueError, zlib.error):
        root = None
    if root is None:
        return {}
    policy = root.find("{*}NameIDPolicy")
    return {
        "NameIDPolicy": policy.get("Format", "") if policy is not None else None,
        "ForceAuthn": root.get("ForceAuthn"),
    }


def _words(content: bytes) -> Plain:
    """The known texts in whatever else was answered, such as a page."""
    text = content[:MOST].decode("utf-8", "replace")
    found = [known for known in TEXTS if known in text]
    return {"message": " … ".join(found)} if found else None
