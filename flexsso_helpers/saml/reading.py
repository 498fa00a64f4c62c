"""From whatever a person has to the XML of the response; each wrong thing is called by its name (S01–S06)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from flexsso_helpers.saml.captures import in_capture
from flexsso_helpers.saml.document import Unreadable
from flexsso_helpers.saml.foreign import called_by_name, error_page, link
from flexsso_helpers.saml.form_value import checked, decoded, undeclared
from flexsso_helpers.saml.texts import FIELD, Posted, in_page, in_text, xml_in

__all__ = ["Captured", "Unreadable", "read"]

MAX_CAPTURE = 64 << 20
"""Bytes of a browser capture (HAR); they hold whole web pages."""
_PAGE = re.compile(
    r"<(!doctype html|html|head|body|form|input|div|p|pre|code|span|table|textarea|title|script|br)\b", re.IGNORECASE
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BETWEEN = "[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
"""What web pages, chats and PDFs leave between letters."""
_INVISIBLE = "\ufeff\u200b\u200e\u200f\xa0 \t\r\n"


@dataclass(frozen=True, kw_only=True)
class Captured:
    """A response as it was captured: its XML, and the RelayState that came beside it, None when that is not known."""

    xml: bytes
    relay_state: str | None = None
    chosen: str = ""
    """Which one it is and why, in a sentence, where there was more than one."""


def read(given: str | bytes, *, reply_url: str | None = None) -> Captured:
    """Find the SAML response in what somebody copied or saved; docs/judge.md lists the shapes, each with a test.

    Of several the one that was posted to `reply_url` counts, else the last: before it stands what another identity
    provider sent to Entra. Raises Unreadable, with the rule's number.
    """
    data = given.encode("utf-8", errors="replace") if isinstance(given, str) else given
    if len(data) > MAX_CAPTURE:
        raise Unreadable("S05", "The file is larger than 64 MiB.", fix="Save the capture of one sign-on only.")
    text = text_of(data).strip(_INVISIBLE)
    if not text:
        raise Unreadable("S01", "Nothing was given.")
    if text.startswith(("{", "[")):
        return _one_of(in_capture(text), text, reply_url)
    if text.startswith("<"):
        return _from_markup(data, text, reply_url)
    if text.startswith("&lt;") and (found := xml_in(text)):  # copied from a page's source
        return Captured(xml=checked(found.encode()))
    if re.fullmatch(r"https?://\S+", text) and "SAMLResponse=" not in text:
        raise link(text)
    text = re.sub(_BETWEEN, "", text)
    bare = text.strip("\"'`“”‘’")
    return _one_of([*in_text(text), Posted(bare, None)], bare, reply_url)


def text_of(data: bytes) -> str:
    """The text of a file: what its mark says, UTF-16 without one, else UTF-8."""
    if data[:2] in _UTF16:
        return data.decode("utf-16", errors="replace")
    if data[:200].count(0) * 4 > len(data[:200]):
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def _from_markup(data: bytes, text: str, reply_url: str | None) -> Captured:
    page = _below_comments(text)
    if _PAGE.match(page):
        if found := list(in_page(page)):
            return _one_of(found, page, reply_url, other=_no_response_page(page))
        raise _no_response_page(page)
    if data[:2] in _UTF16:
        return Captured(xml=checked(data))
    whole = data.strip() if data.lstrip().startswith(b"<") else text.encode()
    try:
        return Captured(xml=checked(whole))
    except Unreadable as error:
        # Something may stand behind the response, as where a page's text was copied to its end.
        found_xml = xml_in(text) if error.check == "S03" and not text.startswith("<?") else ""
        if not found_xml or found_xml == text:
            raise
        return Captured(xml=checked(undeclared(found_xml.encode())))


def _below_comments(text: str) -> str:
    """A page without the comments before it, as Entra's begin; anything else as it is."""
    at = 0
    while text.startswith("<!--", at) and (end := text.find("-->", at + 4)) > 0:
        at = end + 3 + len(text[end + 3 : end + 200]) - len(text[end + 3 : end + 200].lstrip())
    return text[at:] if _PAGE.match(text, at) else text


def _no_response_page(page: str) -> Unreadable:
    if re.search(r"AADSTS|trouble signing you in", page):
        return error_page()
    return Unreadable("S01", "This is a web page without a SAMLResponse in it.")


def _one_of(found: Iterable[Posted], text: str, reply_url: str | None, *, other: Unreadable | None = None) -> Captured:
    """The response to judge, of all that can be read. What cannot is a reading that was wrong, or not whole."""
    readable: dict[bytes, Posted] = {}
    errors: list[Unreadable] = []
    relay = None
    for each in found:
        relay = each.relay if relay is None else relay
        if not each.value:
            continue
        try:
            xml = checked(each.value.encode()) if each.value.startswith("<") else decoded(each.value)
        except Unreadable as error:
            errors.append(error)
        else:
            before = readable.get(xml)
            readable[xml] = before if before and (before.url or not each.url) else each
    if not readable:
        # What a field holds is meant; of a text without one, the whole says best what it is.
        raise other or (errors[0 if FIELD in text else -1] if errors else called_by_name(text))
    judged = [xml for xml, each in readable.items() if reply_url and _same(each.url, reply_url)] or [*readable]
    xml = judged[-1]
    posted = readable[xml]
    return Captured(
        xml=xml,
        relay_state=relay if posted.relay is None else posted.relay,
        chosen=_chosen(posted, len(readable), to_us=len(judged) < len(readable)) if len(readable) > 1 else "",
    )


def _chosen(posted: Posted, number: int, *, to_us: bool) -> str:
    place = urlsplit(posted.url)
    where = f", to {place.scheme}://{place.netloc}{place.path}" if place.netloc else ""
    why = f"the one that was sent to the reply URL{where}" if to_us else f"the last one{where}"
    return f"{number} different responses were found; judged is {why}."


def _same(url: str, reply_url: str) -> bool:
    return url == reply_url or url.partition("?")[0] == reply_url.partition("?")[0]
