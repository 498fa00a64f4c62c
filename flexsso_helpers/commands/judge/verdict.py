"""The verdict on one file: a response judged, an error page explained, anything else called by its name. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from flexsso_helpers.plan import Finding
from flexsso_helpers.saml.aadsts import Explanation
from flexsso_helpers.saml.checks import advice
from flexsso_helpers.saml.diagnosis import Judgement, judge
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.given import NO_RESPONSE, NoResponse, read_given
from flexsso_helpers.saml.values import moment
from flexsso_helpers.saml.worker import BadClaim, expected_worker
from flexsso_helpers.views import Shown
from flexsso_helpers.views.document import document

Word = Literal["accepted", "rejected", "undecided", "unreadable"]
EXIT_CODES: dict[Word, int] = {"accepted": 0, "rejected": 1, "undecided": 3, "unreadable": 3}
_KEYS = ("check", "title", "level", "state", "configured", "received", "fix")
_TIMES = ("S39", "S40", "S41", "S42")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of one file."""

    expected: Expected
    judgement: Judgement
    word: Word
    chosen: str = ""
    """Which response was judged and why, where there was more than one."""
    flex: Mapping[str, object] = field(default_factory=dict)
    """The worker that Flex would make (`friendly_name`, `attributes`, `channels`), or why it would not (`refused`);
    empty as long as no signature vouches for the values."""

    @property
    def exit_code(self) -> int:
        """0 accepted, 1 rejected, 3 undecided or unreadable."""
        return EXIT_CODES[self.word]

    @property
    def vouched(self) -> bool:
        """Whether a verified signature covers the values: only then are they shown as true (S23)."""
        return _vouched(self.judgement)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known before the checks: what was judged, what is missing, and for which moment to judge."""
        judged = self.judgement
        missing = f"It cannot be judged without the tenant's certificate. {advice.CERTIFICATE}"
        late = any(each.check in _TIMES and each.state == "wrong" for each in judged.findings)
        kept = f"To judge one that was kept for the moment at which it was issued, add --at {moment_shown(judged.at)}."
        said = {self.chosen: True, missing: self.word == "undecided", kept: late and moment_shown(judged.at) != ""}
        return tuple(sentence for sentence, holds in said.items() if sentence and holds)

    def as_json(self) -> dict[str, object]:
        """Plain data. `name_id` and `attributes` only say what a verified signature covers."""
        judged = self.judgement
        return {
            "verdict": self.word,
            "profile": self.expected.profile,
            "notes": list(self.notes),
            "findings": [{key: getattr(finding, key) for key in _KEYS} for finding in judged.findings],
            "name_id": judged.name_id,
            "attributes": {name: list(values) for name, values in judged.attributes.items()},
            "signed": dict(judged.signed),
            "flex": dict(self.flex),
        }

    def card(self, *, names: bool = True) -> Shown:
        """For people: what is wrong or not known, worst first, then the worker that Flex would make.

        Without `names` nothing in it says who the person is.
        """
        from flexsso_helpers.commands.judge import cards  # drawn late: the cards know this class

        return cards.of_verdict(self, names=names)

    def page(self, *, names: bool = False) -> str:
        """The cards as a page in one file, to attach to a ticket."""
        return document("What the SAML response proves", [self.card(names=names)])

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        return self.card()._repr_mimebundle_(**kwargs)


def judge_given(data: bytes, expected: Expected) -> Verdict:
    """Judge the bytes of a file in any shape that `reading.read` takes. Never raises for what the file holds.

    An error page of Entra or Flex is no response, and is explained.
    """
    given = read_given(data, reply_url=expected.reply_url)
    if isinstance(given, NoResponse):
        return _no_response(given, expected)
    judgement = judge(given.xml, expected)
    return Verdict(
        expected=expected,
        judgement=judgement,
        word="accepted" if judgement.accepted else "rejected" if judgement.judged else "undecided",
        chosen=given.chosen,
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
    other = expected.profile == "saml"
    if told and other:
        meaning, fix = advice.about_error(told.meaning, told.fix, told.notebook)
        told = replace(told, meaning=meaning, fix=fix, notebook="")
    finding = Finding(
        check=error.check,
        title="This is an error message of the sign-in, not a response" if told else error.title,
        level="error",
        state="wrong",
        received=_said(told) if told else f"{error.what} {error.why}".strip(),
        fix=" ".join(filter(None, (told.next_step, told.link)))
        if told
        else advice.to_mend(error.check)
        if other
        else error.fix,
    )
    return Verdict(
        expected=expected,
        judgement=Judgement(findings=(finding,), accepted=False),
        word="unreadable" if error.check in NO_RESPONSE else "rejected",
    )


def moment_shown(text: str) -> str:
    """A moment as `--at` takes it; empty for what is none."""
    at = moment(text)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""


def _said(told: Explanation) -> str:
    named = (f"{name}: {value}" for name, value in told.ids.items())
    return " · ".join(filter(None, (told.code, told.meaning, *named)))
