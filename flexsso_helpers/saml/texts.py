"""A SAMLResponse in whatever text it was copied with: a form, a command, a page, a mail, a note with a fence around."""

import email
import email.policy
import html
import quopri
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

FIELD = "SAMLResponse"
RELAY = "RelayState"
_NAMED = re.compile(
    rf"""(?:^|[&?\s"'`{{,;>|])({FIELD}|{RELAY})["'`]?"""
    r"""(?:\s*[=:]\s*|\s*\|\s*|[ \t]*\r?\n\s*|\t)(?:[|>]-?[ \t]*\n\s*)?["'`]?"""
)
_PART = re.compile(
    rf'name="?({FIELD}|{RELAY})"?[^\r\n]{{0,200}}\r?\n(?:[^\r\n]+\r?\n){{0,8}}\r?\n(.*?)(?=\r?\n--|\Z)', re.DOTALL
)
_SENT_TO = re.compile(r"""(?:curl|-Uri|fetch\(|^POST)\s*["'$]*(https?://[^\s"'`<>]+)""", re.MULTILINE)
_VALUE = re.compile(r"[A-Za-z0-9+/=%_\s-]*")
_RELAY_VALUE = re.compile(r"""[^&"'`\s|]*""")
_RELAY_LINE = re.compile(r"""[^"'`\t\r\n|]*""")
_SAML_ROOT = r"(?:[\w.-]{1,64}:)?Response"
_XML = re.compile(rf"<{_SAML_ROOT}[\s>]")
_XML_END = re.compile(rf"</{_SAML_ROOT}\s*>")
_LINES = re.compile(
    r"(?:^[ \t>|*-]*[A-Za-z0-9+/=%]{20,}[ \t]*(?:\r?\n|\Z))+(?:^[ \t>|]*[A-Za-z0-9+/=%]{1,76}[ \t]*$)?", re.M
)
_WORD = re.compile(r"[A-Za-z0-9+/=%_-]{200,}")
_HEADERS = re.compile(r"(?:[A-Za-z][A-Za-z-]{1,40}:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}\s*\n")
_To = str | Callable[[re.Match[str]], str]
_SHELLS: tuple[tuple[str, tuple[tuple[str, _To], ...]], ...] = (
    (r"\^\"|\^%|\^\r?\n", ((r"\^\r?\n\s*", " "), (r'"\^%"', "%"), (r"\^(.)", r"\1"))),
    (r"Invoke-WebRequest|\$session\b", ((r"`\r?\n\s*", " "), (r"`(.)", r"\1"))),
    (
        r"\A\s*curl\b|\bfetch\(",
        (
            (r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16))),
            (r"\\x([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16))),
            (r"\\r", "\r"),
            (r"\\n", "\n"),
            (r"\\(.)", r"\1"),
        ),
    ),
)
"""How a shell's quoting is recognised, and undone: the command line of Windows, PowerShell, bash and JavaScript."""


@dataclass(frozen=True)
class Posted:
    """A response as it was found: the field's value, or XML; what came beside it, and where it was sent."""

    value: str
    relay: str | None
    url: str = ""


def in_text(text: str) -> Iterator[Posted]:
    """The responses in a text, the surest reading first. Some of the later ones may be none at all."""
    text = _unquoted(text)
    yield from _fields(text)
    if found := xml_in(text):
        yield Posted(found, None)
    if _HEADERS.match(text):
        yield from _in_mail(text)
    if re.search(r"=\r?\n", text) and "=3D" in text:
        yield from _fields(quopri.decodestring(text.encode()).decode("utf-8", "replace"))
    blocks = sorted(_LINES.findall(text), key=len, reverse=True)[:3]
    yield from (Posted(re.sub(r"(?m)^[ \t>|*-]+", "", block), None) for block in blocks if len(block) > 200)
    yield from (Posted(word, None) for word in sorted(_WORD.findall(text), key=len, reverse=True)[:3])


def in_page(page: str) -> Iterator[Posted]:
    """The forms of a page with a response in them; then what its text shows."""
    if FIELD not in page and "&lt;" not in page and not _XML.search(page):
        return
    if found := xml_in(page):
        yield Posted(found, None)
        return
    root = etree.fromstring(page, etree.HTMLParser(no_network=True, huge_tree=False, recover=True))
    if root is None:
        return
    inputs = [node for node in root.iter("input", "textarea") if node.get("name") in (FIELD, RELAY)]
    fields = {node.get("name"): node.get("value") or node.text or "" for node in reversed(inputs)}
    if fields.get(FIELD):
        actions = [form.get("action", "") for form in root.iter("form")]
        yield Posted(fields[FIELD], fields.get(RELAY), actions[0] if actions else "")
        return
    yield from in_text("\n".join(str(part) for part in root.itertext()))


def xml_in(text: str) -> str:
    """The XML of a Response that stands in a text, plain or as a page's source; empty when there is none."""
    for each in (text, html.unescape(text) if "&lt;" in text else ""):
        start = _XML.search(each)
        ends = list(_XML_END.finditer(each)) if start else []
        if start and ends and ends[-1].end() > start.start():
            return each[start.start() : ends[-1].end()]
    return ""


def _unquoted(text: str) -> str:
    for sign, changes in _SHELLS:
        if re.search(sign, text[:4000]) or (sign.startswith(r"\^") and re.search(sign, text)):
            for pattern, to in changes:
                text = re.sub(pattern, to, text)
            return text
    return text


def _fields(text: str) -> Iterator[Posted]:
    """Names and values as forms write them, in one line or each on its own, or as parts of a body."""
    addresses = [(found.start(), found[1]) for found in _SENT_TO.finditer(text)]
    url = addresses[0][1] if addresses else ""
    if parts := {name: value.strip() for name, value in reversed(_PART.findall(text))}:
        yield Posted(parts.get(FIELD, ""), parts.get(RELAY), url)
        return
    values: dict[str, list[tuple[str, int]]] = {FIELD: [], RELAY: []}
    names = list(_NAMED.finditer(text))
    for number, found in enumerate(names):
        end = names[number + 1].start() if number + 1 < len(names) else len(text)
        on_its_line = found.start() == 0 or found[0][0].isspace()
        pattern = _VALUE if found[1] == FIELD else _RELAY_LINE if on_its_line else _RELAY_VALUE
        value = pattern.match(text, found.end(), max(end, found.end()))
        said = value[0].strip() if value else ""
        if said or found[1] == RELAY:
            values[found[1]].append((said, found.start()))
    relay = unquote(values[RELAY][0][0]) if values[RELAY] else None
    for each, start in values[FIELD]:
        url = next((address for at, address in reversed(addresses) if at < start), url)
        yield Posted(each, relay, url)
        if "\n" in each:  # what follows in the next lines may be another field
            yield Posted(each.split()[0], relay, url)
            yield Posted(each.partition("\n\n")[0], relay, url)
    if relay is not None and not values[FIELD]:
        yield Posted("", relay)


def _in_mail(text: str) -> Iterator[Posted]:
    message = email.message_from_string(text, policy=email.policy.default)
    for part in message.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and content:
            inner = content.decode("utf-8", "replace")
            yield from in_page(inner) if inner.lstrip().startswith("<") else in_text_of_mail(inner)


def in_text_of_mail(text: str) -> Iterator[Posted]:
    """The same for a mail's body, which is no mail itself."""
    return in_text(text if not _HEADERS.match(text) else f"\n{text}")
