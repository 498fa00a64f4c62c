"""What Flex Console makes of the identity provider's data: what it sees at once, and what only the login (F11-F15)."""

import re
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from flexsso_helpers.rehearsal.world.world import World

PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
STRICT = re.compile(
    r"(-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/=]{1,64}\n-----END CERTIFICATE-----\n*)+"
)
"""PEM to the letter (RFC 7468): lines of 64 characters, and nothing but certificates."""


class BadSettings(Exception):
    """Identity provider data that no login can use. `number` is the rule."""

    def __init__(self, number: str, message: str) -> None:
        super().__init__(message)
        self.number, self.message = number, message


def certificates(world: World, text: str) -> tuple[x509.Certificate, ...]:
    """The certificates of the box. Raises `BadSettings` when there is none, or one too many (F11, F12)."""
    found = PEM.findall(text)
    if not found:
        raise BadSettings("F11", "X.509 Certificate: paste the whole PEM text, including all dashes.")
    strict = world.rules.on("F12") and world.quirks.value("certificate_box") == "strict"
    if strict and not STRICT.fullmatch(text):
        text = "the lines are not those of a PEM certificate: 64 characters each, and nothing before or after."
        raise BadSettings("F12", f"X.509 Certificate: {text}")
    if len(found) > 1 and world.rules.on("F12"):
        if world.quirks.value("multi_cert") == "refuse":
            raise BadSettings("F12", "X.509 Certificate: the box takes one certificate, not several.")
        if world.quirks.value("multi_cert") == "first":
            found = found[:1]
    try:
        return tuple(x509.load_pem_x509_certificate(block.encode()) for block in found)
    except ValueError as error:
        raise BadSettings("F11", "X.509 Certificate: this text is no certificate.") from error


def is_web_address(url: str) -> bool:
    """An absolute http or https URL without white space."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", url)


def usable(world: World, settings: dict[str, Any]) -> None:
    """Raises `BadSettings` for what no login can use (F11)."""
    certificates(world, settings["certificate"])
    if not settings["issuer"].strip():
        raise BadSettings("F11", "Identity Provider Issuer: this field is needed.")
    if not is_web_address(settings["sso_url"]):
        raise BadSettings("F11", "Single Sign-On URL: this is not a web address.")


def refused_at_once(world: World, settings: dict[str, Any], *, self_hosted: bool) -> str | None:
    """Why Console does not save these settings; None when it does."""
    trusted: list[str] = settings["trusted_urls"]
    if world.rules.on("F14") and any("*" in url for url in trusted):
        return "Trusted URLs: wildcards are not accepted."
    if self_hosted and world.rules.on("F15") and not (settings["default_redirect_url"] and trusted):
        return "A self-hosted Flex needs a Default Redirect URL and Trusted URLs."
    try:
        usable(world, settings)
    except BadSettings as error:
        at_once = error.number == "F12" or (world.rules.on("F11") and world.quirks.value("bad_settings_at") == "save")
        return error.message if at_once else None
    return None
