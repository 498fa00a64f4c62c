"""In which way two addresses differ: the sentence that saves a consultant from comparing letters."""

import re
from collections.abc import Callable
from urllib.parse import unquote

from flexsso_helpers.clouds import FLEX_LOGIN_HOST

CONNECTION = re.compile(r"JQ[0-9a-fA-F]{32}")
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
LEGACY = re.compile(
    r"https://(?:iam\.twilio\.com/v1|preview\.twilio\.com/iam)/Accounts/AC[0-9a-fA-F]{32}/saml2(?:/metadata)?/?"
)
_TWILIO = re.compile(r"https?://([a-z0-9-]+\.)*twilio\.com(/.*)?", re.IGNORECASE)
_ENHANCED = re.compile(rf"https?://{FLEX_LOGIN_HOST}/.*", re.IGNORECASE)
_TENANT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


def connection_in(text: str | None) -> str | None:
    """The JQ… in an address or identifier."""
    found = CONNECTION.search(text or "")
    return found.group() if found else None


def account_in(text: str | None) -> str | None:
    """The AC… in an address or identifier of Legacy."""
    found = _ACCOUNT.search(text or "")
    return found.group() if found else None


def is_legacy(text: str | None) -> bool:
    """Whether it is an address or identifier of Legacy single sign-on."""
    return LEGACY.fullmatch(text or "") is not None


def foreign_value(text: str | None) -> str:
    """What a value of Twilio's is, when it is not one of today's Flex single sign-on (S38); "" when it may be one.

    Console has a single sign-on of its own, another product whose values are easily mistaken for these.
    """
    text = text or ""
    if LEGACY.fullmatch(text):
        return "the value of the old (Legacy) Flex single sign-on"
    if _TWILIO.fullmatch(text) and not _ENHANCED.fullmatch(text):
        return "the value of another Twilio product"
    return ""


def tenant_in(text: str | None) -> str | None:
    """The tenant id in an issuer, lower case."""
    found = _TENANT.search(text or "")
    return found.group().lower() if found else None


def difference(configured: str, received: str) -> str:
    """How `received` differs from `configured`, as the end of a sentence; "" when they are equal."""
    for says, test in _TESTS:
        if configured != received and test(configured, received):
            return says
    if configured == received:
        return ""
    at = next((i for i, (a, b) in enumerate(zip(configured, received, strict=False)) if a != b), None)
    if at is None:
        at = min(len(configured), len(received))
    return f"differs from character {at + 1} on: “{configured[at : at + 20]}” became “{received[at : at + 20]}”"


def _other(find: re.Pattern[str]) -> Callable[[str, str], bool]:
    def test(configured: str, received: str) -> bool:
        ours, theirs = find.search(configured), find.search(received)
        return bool(ours and theirs and ours.group().lower() != theirs.group().lower())

    return test


_TESTS = (
    ("is empty", lambda _, received: not received),
    ("has blanks around it", lambda configured, received: configured.strip() == received.strip()),
    ("lacks the final slash", lambda configured, received: configured == received + "/"),
    ("has a final slash too many", lambda configured, received: configured + "/" == received),
    (
        "begins with http instead of https",
        lambda a, b: b.startswith("http://") and a == b.replace("http://", "https://", 1),
    ),
    ("is percent-encoded", lambda configured, received: configured == unquote(received)),
    (
        "has the prefix spn:",
        lambda configured, received: received.lower() in (f"spn:{configured}".lower(), f"urn:spn:{configured}".lower()),
    ),
    ("differs in letter case", lambda configured, received: configured.lower() == received.lower()),
    ("is the value of the old (Legacy) Flex single sign-on", lambda _, received: bool(LEGACY.fullmatch(received))),
    ("is the value of another Twilio product", lambda _, received: bool(foreign_value(received))),
    ("belongs to another Flex connection", _other(CONNECTION)),
    ("belongs to another tenant", _other(_TENANT)),
    (
        "lacks ?connection=JQ…",
        lambda configured, received: "?connection=" in configured and configured.startswith(received),
    ),
    ("is a sign-in address instead of the Microsoft Entra Identifier", lambda a, b: "sts." in a and "login." in b),
)
