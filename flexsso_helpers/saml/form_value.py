"""From the value of the form field to the XML: base64 in every state in which people copy it (S01, S02, S03, S06)."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

from flexsso_helpers.saml.document import MAX_BYTES, Unreadable, parse, require_response
from flexsso_helpers.saml.foreign import called_by_name

_DECLARED = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}?encoding=["']utf-(?:8|16)["'][^>]{0,200}\?>""", re.I
)
_CUT = "The text was cut: the end of the response is missing."


def decoded(value: str) -> bytes:
    """The XML in a form's value. Raises Unreadable; what it says is of the value as it was given.

    Strict base64, because Python would otherwise drop foreign characters silently and judge another message. Lost
    padding is put back, a `+` that a form made a blank is restored, base64url and the redirect binding are taken.
    """
    text = unquote(value) if "%" in value else value
    if len("".join(text.split())) > 2 * MAX_BYTES:
        raise Unreadable(
            "S05", "The text is too long for a login response.", fix="Copy only the form field SAMLResponse."
        )
    first: Unreadable | None = None
    for data in _bytes_of(text):
        try:
            return _message(data, text)
        except Unreadable as error:
            first = first or error
    raise first or called_by_name(text)


def checked(xml: bytes) -> bytes:
    """The XML, once its root is a Response. What declares another encoding than it has is read as what it is."""
    try:
        require_response(parse(xml))
    except Unreadable as error:
        plain = undeclared(xml) if error.check == "S03" else xml
        if plain == xml:
            raise
        require_response(parse(plain))
        return plain
    return xml


def undeclared(xml: bytes) -> bytes:
    """XML in UTF-8 without its declaration, where that may have named the wrong one of UTF-8 and UTF-16."""
    try:
        if xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
            xml = xml.decode("utf-16").encode()
        elif 0 in xml[:4]:
            xml = xml.decode("utf-16-be" if xml[0] == 0 else "utf-16-le").encode()
        xml.decode()
    except UnicodeDecodeError:
        return xml
    return _DECLARED.sub(b"", xml)


def _bytes_of(text: str) -> Iterator[bytes]:
    """The readings of a base64 text, the likeliest first."""
    compact = "".join(text.split())
    letters = [compact]
    if " " in text.strip():
        letters.append("".join(text.strip().replace(" ", "+").split()))
    if not re.search(r"[+/]", compact):
        letters.append(compact.translate({ord("-"): "+", ord("_"): "/"}))
    for each in dict.fromkeys(letters):
        try:
            yield base64.b64decode(each.rstrip("=") + "=" * (-len(each.rstrip("=")) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue


def _message(data: bytes, text: str) -> bytes:
    inflated = _inflated(data)
    if inflated is not None:
        try:
            return checked(inflated)
        except Unreadable as error:
            what = "AuthnRequest" if b"AuthnRequest" in inflated[:2000] else "message of the redirect binding"
            raise Unreadable("S02", f"This is a compressed {what}, not the response.") from error
    bare = data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t")
    if not bare.startswith(b"<"):
        if data[:8] in (b"PHNhbWxw", b"PD94bWwg", b"PFJlc3Bv"):
            raise Unreadable("S01", "The response was encoded to base64 twice.")
        raise called_by_name(text)
    try:
        return checked(data)
    except Unreadable as error:
        if error.check == "S03" and not bare.rstrip(b"\0 \r\n\t").endswith(b">"):
            raise Unreadable("S01", _CUT) from error
        raise


def _inflated(data: bytes) -> bytes | None:
    for window in (-zlib.MAX_WBITS, zlib.MAX_WBITS | 32):  # bare, or with the header of zlib or gzip
        try:
            text = zlib.decompressobj(window).decompress(data, MAX_BYTES)
        except zlib.error:
            continue
        if text.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<"):
            return text
    return None
