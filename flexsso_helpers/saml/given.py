"""What somebody copied or saved of a sign-on: a response, an error of Entra or Flex in any form, or something else.

One reading serves the judge and the field of notebook 08, so that both take the same things and say the same of them.
"""

import re
from dataclasses import dataclass

from lxml import etree

from flexsso_helpers.saml import reading
from flexsso_helpers.saml.aadsts import Explanation, explain
from flexsso_helpers.saml.entra_errors import ENTRA
from flexsso_helpers.saml.flex_errors import FLEX
from flexsso_helpers.saml.reading import Captured, Unreadable

NO_RESPONSE = frozenset({"S01", "S02", "S03", "S06"})
"""What is no response at all. A DOCTYPE or a monstrous size (S04, S05) is an attack, and no error message either."""
ERROR_PAGE = 1 << 20
"""Bytes of a file in which an error message is looked for."""

_UNSEEN = ("script", "style", "noscript", "template", "title")
_NUMBER = re.compile(r"\s*(?:AADSTS)?\s?(\d{5,7})\s*", re.IGNORECASE)


@dataclass(frozen=True)
class NoResponse:
    """What is no response: why it cannot be read as one, and what it says where it is an error of the sign-in."""

    unreadable: Unreadable
    explanation: Explanation | None = None


def read_given(given: str | bytes, *, reply_url: str | None = None) -> Captured | NoResponse:
    """The response in what was given, else what it is instead. Never raises for what it holds."""
    data = given.encode("utf-8", errors="replace") if isinstance(given, str) else given
    try:
        return reading.read(data, reply_url=reply_url)
    except Unreadable as error:
        return NoResponse(error, _explained(data) if error.check in NO_RESPONSE else None)


def _explained(data: bytes) -> Explanation | None:
    """What a saved error page or a copied error text means. What a person would see goes before a page's scripts."""
    text = reading.text_of(data[:ERROR_PAGE])
    number = _NUMBER.fullmatch(text)
    if number:
        return explain(_prefixed(number[1]))
    return (explain(_visible(text)) if "<" in text else None) or explain(text)


def _prefixed(number: str) -> str:
    """A number that somebody typed alone: Flex's where its table has it and Entra's has not."""
    of_flex = any(number == code for code, *_ in FLEX)
    return f"error code {number}" if of_flex and number not in ENTRA else f"AADSTS{number}"


def _visible(page: str) -> str:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(page.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        return ""
    shown = [] if root is None else [node for node in root.iter("*") if node.tag not in _UNSEEN]
    return " ".join(text for node in shown for text in (node.text, *(child.tail for child in node)) if text)
