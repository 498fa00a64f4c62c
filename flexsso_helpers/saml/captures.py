"""Recordings of a browser as JSON: HAR with bodies in any of its notations, SAML-tracer, and single objects."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from flexsso_helpers.saml.document import Unreadable
from flexsso_helpers.saml.texts import FIELD, RELAY, Posted, in_page, in_text


def in_capture(text: str) -> list[Posted]:
    """The responses that a recording holds, in its order: those that were posted, else those on a page that posts.

    Raises Unreadable when there is none, and says what is there instead.
    """
    try:
        capture = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("S01", "This looks like a capture file (JSON), but it is cut or damaged.") from error
    entries = _entries(capture)
    posted = [each for entry in entries for each in _of(entry.get("request", entry), _url(entry))]
    posted = posted or [each for entry in entries for each in _of(entry.get("response", {}), _url(entry))]
    return posted or _none(text, entries)


def _entries(capture: object) -> list[dict[str, object]]:
    """The requests of a HAR (`log.entries[]`) or SAML-tracer export (`requests[]`), else the whole as one."""
    log = capture.get("log", capture) if isinstance(capture, dict) else capture
    listed = log.get("entries", log.get("requests")) if isinstance(log, dict) else None
    if not isinstance(listed, list):
        return [{"request": capture}]
    return [each for each in listed if isinstance(each, dict)]


def _request(entry: Mapping[str, object]) -> Mapping[str, object]:
    request = entry.get("request", entry)
    return request if isinstance(request, Mapping) else {}


def _url(entry: Mapping[str, object]) -> str:
    url = _request(entry).get("url", "")
    return url if isinstance(url, str) else ""


def _of(part: object, url: str) -> list[Posted]:
    """What one request, or one answer, holds. A name that is said twice in it is the same field."""
    fields: dict[str, str] = {}
    for each in _fields(part):
        if each.value:
            fields.setdefault(FIELD, each.value)
            url = each.url or url
        if each.relay is not None:
            fields.setdefault(RELAY, each.relay)
    return [Posted(fields[FIELD], fields.get(RELAY), url)] if FIELD in fields else []


def _fields(node: object) -> Iterator[Posted]:
    """Form fields in any of the usual notations: name/value objects, pairs, keys, an encoded body, a page, XML."""
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            name, value = part.get("name"), part.get("value")
            pairs = [(name, value), *part.items()]
            yield from (_field(str(key), one) for key, one in pairs if key in (FIELD, RELAY) and isinstance(one, str))
            if part.get("encoding") == "base64" or part.get("isBase64Encoded"):
                pending.append(_plain(part.get("text", part.get("body"))))
            pending += reversed(list(part.values()))
        elif isinstance(part, list):
            if len(part) == 2 and part[0] in (FIELD, RELAY) and isinstance(part[1], str):
                yield _field(part[0], part[1])
            pending += reversed(part)
        elif isinstance(part, str) and part.lstrip().startswith("<"):
            yield from in_page(part)
        elif isinstance(part, str) and FIELD in part:
            yield from in_text(part)


def _field(name: str, value: str) -> Posted:
    return Posted(value, None) if name == FIELD else Posted("", unquote(value) if "%" in value else value)


def _plain(text: object) -> str:
    try:
        return base64.b64decode(str(text)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _none(text: str, entries: list[dict[str, object]]) -> list[Posted]:
    if "access_token" in text or "id_token" in text:
        raise Unreadable("S01", "This is a token answer (OAuth), not a SAML response.")
    posts = [each for each in map(_request, entries) if each.get("method") == "POST"]
    empty = [str(each.get("url", "")).partition("?")[0] for each in posts if not each.get("postData")]
    if empty and "SAMLResponse" not in text:
        why = f"It holds a POST to {empty[-1]}, but not what was sent: the browser left the bodies out."
        fix = "In the browser's developer tools choose “Save all as HAR with content”, or copy the field SAMLResponse."
        raise Unreadable("S01", "The recording holds no bodies.", why=why, fix=fix)
    if "SAMLRequest" in text:
        why = (
            "The recording stopped too early, or the browser forgot it when the page changed (“Preserve log” was off)."
        )
        raise Unreadable("S01", "The capture holds the request to Entra, but not the response.", why=why)
    number = f"{len(entries)} request{'' if len(entries) == 1 else 's'}"
    raise Unreadable("S01", f"The capture holds {number} and no SAMLResponse among them ({len(posts)} of them posts).")
