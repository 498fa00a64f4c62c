"""The verdict on one file: a response judged, an error page explained, anything else called by its name. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flexsso_helpers.plan import Finding
from flexsso_helpers.saml.aadsts import Explanation
from flexsso_helpers.saml.diagnosis import Judgement, judge
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.given import NO_RESPONSE, NoResponse, read_given
from flexsso_helpers.saml.worker import BadClaim, expected_worker
from flexsso_helpers.views import Shown

Word = Literal["accepted", "rejected", "unreadable"]
EXIT_CODES: dict[Word, int] = {"accepted": 0, "rejected": 1, "unreadable": 3}
_KEYS = ("check", "level", "state", "configured", "received", "fix")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of one file."""

    expected: Expected
    judgement: Judgement
    word: Word
    flex: Mapping[str, object] = field(default_factory=dict)
    """The worker that Flex would make (`friendly_name`, `attributes`, `channels`), or why it would not (`refused`);
    empty as long as no signature vouches for the values."""

    @property
    def exit_code(self) -> int:
        """0 accepted, 1 rejected, 3 unreadable."""
        return EXIT_CODES[self.word]

    @property
    def vouched(self) -> bool:
        """Whether a verified signature covers the values: only then are they shown as true (S23)."""
        return _vouched(self.judgement)

    def as_json(self) -> dict[str, object]:
        """Plain data. `name_id` and `attributes` only say what a verified signature covers."""
        judged = self.judgement
        return {
            "verdict": self.word,
            "profile": self.expected.profile,
            "findings": [{key: getattr(finding, key) for key in _KEYS} for finding in judged.findings],
            "name_id": judged.name_id,
            "attributes": {name: list(values) for name, values in judged.attributes.items()},
            "signed": dict(judged.signed),
            "flex": dict(self.flex),
        }

    def card(self) -> Shown:
        """For people: what is wrong or not known, worst first, then the worker that Flex would make."""
        from flexsso_helpers.commands.judge import cards  # drawn late: the cards know this class

        return cards.of_verdict(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        return self.card()._repr_mimebundle_(**kwargs)


def judge_given(data: bytes, expected: Expected) -> Verdict:
    """Judge the bytes of a file in any shape that `reading.read` takes. Never raises for what the file holds.

    An error page of Entra or Flex is no response, and is explained.
    """
    given = read_given(data)
    if isinstance(given, NoResponse):
        return _no_response(given, expected)
    judgement = judge(given.xml, expected)
    return Verdict(
        expected=expected,
        judgement=judgement,
        word="accepted" if judgement.accepted else "rejected",
        flex=_worker(judgement) if _vouched(judgement) else {},
    )


def _vouched(judgement: Judgement) -> bool:
    return any(finding.check == "S23" and finding.state == "holds" for finding in judgement.findings)


def _worker(judgement: Judgement) -> dict[str, object]:
    try:
        return expected_worker(judgement.name_id or "", judgement.attributes)
    except BadClaim as error:
        return {"refused": error.what}


def _no_response(given: NoResponse, expected: Expected) -> Verdict:
    error, told = given.unreadable, given.explanation
    finding = Finding(
        check=error.check,
        title="This is an error message of the sign-in, not a response" if told else error.title,
        level="error",
        state="wrong",
        received=_said(told) if told else f"{error.what} {error.why}".strip(),
        fix=" ".join(filter(None, (told.next_step, told.link))) if told else error.fix,
    )
    return Verdict(
        expected=expected,
        judgement=Judgement(findings=(finding,), accepted=False),
        word="unreadable" if error.check in NO_RESPONSE else "rejected",
    )


def _said(told: Explanation) -> str:
    ids = (("Trace ID", told.trace_id), ("Correlation ID", told.correlation_id), ("Timestamp", told.timestamp))
    named = (f"{name}: {value}" for name, value in ids if value)
    return " · ".join(filter(None, (told.code, told.meaning, *named)))
