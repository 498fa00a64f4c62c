"""What is no response, called by its name, so that nobody looks for the fault in Flex or in Entra (S01, S02)."""

import re

from flexsso_helpers.saml.document import Unreadable

_KINDS = (
    (r"AADSTS\s?\d+", "error"),
    (r"\A\s*(?:Bearer\s+)?eyJ[\w-]+\.[\w-]+\.", "a token (JWT)"),
    (r"-----BEGIN ", "a certificate or key"),
    (r"(?i)content-disposition:\s*form-data", "a form of several parts, without the field SAMLResponse"),
    (r"\A\s*(?:curl(?:\.exe)?\s|(?:await )?fetch\(|\$session\b|Invoke-WebRequest\b)",
     "a command copied from the browser, without the form data"),
    (r"SAMLRequest[\"']?\s*[=:]", "the request to Entra"),
    (r"(?i)\A\s*(?:set-)?cookie:|ESTSAUTH|(?:\A|;\s*)[\w.-]{1,64}=[^;\s]*;\s*[\w.-]{1,64}=", "a cookie"),
)  # fmt: skip
# Words have blanks between them and vowels enough; a run of base64 has neither.
_BASE64 = re.compile(r"(?=[^\s]{24}|[A-Za-z0-9+/\s]*=\s*\Z)[A-Za-z0-9+/=\s]+")


def called_by_name(text: str) -> Unreadable:
    """The error that says what this text is instead of a response."""
    text = text[:200_000]
    for pattern, what in _KINDS:
        if re.search(pattern, text):
            return error_page() if what == "error" else Unreadable("S01", f"This is {what}, not a SAML response.")
    if _BASE64.fullmatch(text.strip()):
        return Unreadable("S01", "The text was cut: as base64 it is not complete, or it holds no XML.")
    return Unreadable("S01", "This is not a SAML response, and nothing we know.")


def link(text: str) -> Unreadable:
    """The error for a web address."""
    if "SAMLRequest=" in text:
        return Unreadable("S02", "This is the address that carries the request to Entra, not the response.")
    return Unreadable("S01", "This is a web address, not a SAML response.")


def error_page() -> Unreadable:
    """The error for a page or text of Entra."""
    return Unreadable(
        "S01",
        "This is an error page of Entra: no response was sent.",
        fix="Paste its text into the field for error messages in 08 · Test the sign-on.",
    )
