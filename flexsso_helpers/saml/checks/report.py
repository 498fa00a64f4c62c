"""Collects findings: one line a check, the configured value beside the received one, and exactly one next step."""

from collections.abc import Iterable
from typing import Literal

from flexsso_helpers.plan import Finding, Level
from flexsso_helpers.saml.checks import advice

Ok = bool | None
# What only Flex demands. For any other SAML application these inform and do not reject; one may well be signed with the
# tenant's own key (S24).
FLEX_ONLY = frozenset({"S24", "S36", "S48", "S51", "S52", "S53", *(f"S{number}" for number in range(55, 71))})
_SENTENCES = ("The ", "There ", "No ", "None ", "Nothing ", "Every ", "All ", "Only ", "This ", "Agents ", "A ")
_MILDER: dict[Level, Level] = {"error": "warning", "warning": "info", "info": "info"}


class Report:
    """The findings of one judgement, in the order of the checks."""

    def __init__(self, profile: Literal["flex", "saml"]) -> None:
        """Under the profile `saml`, Flex's own demands are one level milder."""
        self._profile = profile
        self.findings: list[Finding] = []

    def say(
        self,
        check: str,
        ok: Ok,
        right: str,
        wrong: str,
        *,
        level: Level = "error",
        configured: object = "",
        received: object = "",
        fix: str = "",
        other: str = "",
        unknown: str = "",
    ) -> None:
        """Record one check: `right` is the statement that should be true, `wrong` what to say when it is not.

        `ok` None means that it could not be known; then nothing is claimed (`unknown`, or a sentence made of `right`).
        `other` is the fix for an application that is not Flex, where the check's own would not say enough.
        """
        if self._profile == "saml" and ok is not True:
            fix = advice.to_know(check) if ok is None else other or advice.to_mend(check)
        self.findings.append(
            Finding(
                check=check,
                title=wrong if ok is False else right if ok else unknown or f"Not known whether {_within(right)}",
                level=_MILDER[level] if self._profile == "saml" and check in FLEX_ONLY else level,
                state="unknown" if ok is None else "holds" if ok else "wrong",
                configured=shown(configured),
                received=shown(received),
                fix="" if ok else fix,
            )
        )

    def tell(self, check: str, what: str, *, received: object = "") -> None:
        """Record something worth knowing that is neither right nor wrong."""
        self.say(check, True, what, "", level="info", received=received)


def _within(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:] if sentence.startswith(_SENTENCES) else sentence


def shown(value: object) -> str:
    """A value as a finding shows it: lists joined, nothing as an empty text, very long texts cut."""
    if value is None:
        return ""
    text = (
        value if isinstance(value, str) else ", ".join(map(str, value)) if isinstance(value, Iterable) else str(value)
    )
    return text if len(text) <= 600 else f"{text[:600]}… ({len(text)} characters)"


def equal(configured: str | None, received: str | None) -> Ok:
    """Byte for byte; None when the configured value is not known."""
    return None if configured is None else configured == received
