"""What a pasted sign-in error means: Entra's numbers and Flex's own texts.

The prefix decides, never the number alone: Twilio's 70002 and Entra's AADSTS70002 have nothing in common.
"""

import re
from dataclasses import dataclass

from flexsso_helpers.entra_numbers import numbers_in
from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.parameters import shapes
from flexsso_helpers.saml.entra_errors import ENTRA, UNKNOWN
from flexsso_helpers.saml.flex_errors import FLEX, UNKNOWN_FLEX

_TWILIO = "https://www.twilio.com/docs/api/errors"
_IN_A_LOG = re.compile(
    r"""(?:sign-?in\s+error\s+code|errorCode|error_codes)["']?\W{0,4}(\d{5,8})(?!\d)""", re.IGNORECASE
)
"""How Entra's sign-in logs and answers name a number without its prefix."""
_BESIDE = re.compile(r"(?:code|error|failed|twilio|flex)\W{0,4}(\d{5,7})(?!\d)", re.IGNORECASE)
_OF_SIGN_ON = ("45", "70")
"""How Twilio's numbers about Flex and about signing on begin; any other number in a text may be anything."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One error in plain words. `notebook` is the two-digit number, empty when no notebook can mend it."""

    code: str
    """Such as `AADSTS50105` or `Flex 45050`; empty for a text without a number."""
    meaning: str
    fix: str
    notebook: str = ""
    trace_id: str = ""
    correlation_id: str = ""
    request_id: str = ""
    timestamp: str = ""
    link: str = ""
    """Microsoft's or Twilio's own page about the number."""

    @property
    def ids(self) -> dict[str, str]:
        """What Microsoft's support asks for, as far as the text holds it."""
        named = {
            "Request ID": self.request_id, "Trace ID": self.trace_id, "Correlation ID": self.correlation_id,
            "Timestamp": self.timestamp,
        }  # fmt: skip
        return {name: value for name, value in named.items() if value}

    @property
    def next_step(self) -> str:
        """The fix as a sentence that names its notebook."""
        return fix_in(self.notebook, self.fix) if self.notebook else self.fix


def explain(text: str, *, login: str = "https://login.microsoftonline.com") -> Explanation | None:
    """Explain an error page or message that somebody pasted; None when it holds nothing known.

    `login` is the origin of the cloud's sign-in service, for the link. Several AADSTS numbers in one text: the first
    that the table knows wins. A text of Flex is recognised by its words, or by a Twilio number beside them.
    """
    text = shapes.plain(text[:200_000])
    numbers = (
        numbers_in(text)
        or _IN_A_LOG.findall(text)
        or [
            number
            for number in _BESIDE.findall(text)
            if number in ENTRA and not (len(number) == 5 and number.startswith(_OF_SIGN_ON))
        ]
    )
    known = [number for number in numbers if number in ENTRA]
    if numbers:
        number = (known or numbers)[0]
        meaning, fix, notebook = ENTRA.get(number, UNKNOWN)
        return Explanation(
            code=f"AADSTS{number}",
            meaning=meaning,
            fix=fix,
            notebook=notebook,
            trace_id=_after(r"Trace ?ID", text),
            correlation_id=_after(r"Correlation ?ID", text),
            request_id=_after(r"Request ?ID", text),
            timestamp=_after(r"Timestamp", text, r"[0-9T:\-. ]{10,40}Z"),
            link=f"{login}/error?code={number}",
        )
    return _of_flex(text)


def _of_flex(text: str) -> Explanation | None:
    numbers = _BESIDE.findall(text)
    for number, words, meaning, fix, notebook in FLEX:
        if (number and number in numbers) or (words and re.search(words, text, re.IGNORECASE)):
            link = f"{_TWILIO}/{number}" if number else ""
            code = f"Flex {number}" if number else ""
            return Explanation(code=code, meaning=meaning, fix=fix, notebook=notebook, link=link)
    unknown = next((number for number in numbers if len(number) == 5 and number.startswith(_OF_SIGN_ON)), None)
    if unknown is None:
        return None
    meaning, fix, notebook = UNKNOWN_FLEX
    return Explanation(code=f"Flex {unknown}", meaning=meaning, fix=fix, notebook=notebook, link=f"{_TWILIO}/{unknown}")


def _after(label: str, text: str, value: str = r"[0-9a-f\-]{36}") -> str:
    found = re.search(rf"{label}\"?\s{{0,8}}[:=]?\s{{0,8}}\"?({value})", text, re.IGNORECASE)
    return found.group(1).strip() if found else ""
