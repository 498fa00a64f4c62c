"""The verdict on one file: a response judged, an error page explained, anything else named; and its card."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from flexsso_helpers.clouds import is_rehearsal_tenant
from flexsso_helpers.plan import Finding, count
from flexsso_helpers.plan.nameless import nameless
from flexsso_helpers.saml.aadsts import Explanation
from flexsso_helpers.saml.checks import advice
from flexsso_helpers.saml.checks.report import FLEX_ONLY, shown
from flexsso_helpers.saml.diagnosis import Judgement, judge
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.given import NO_RESPONSE, NoResponse, read_given
from flexsso_helpers.saml.values import moment
from flexsso_helpers.saml.worker import BadClaim, expected_worker
from flexsso_helpers.views import Cell, Row, Shown, card
from flexsso_helpers.views.document import document
from flexsso_helpers.views.shown import stack
from flexsso_helpers.views.table import Badge, Style

Word = Literal["accepted", "rejected", "undecided", "unreadable"]
EXIT_CODES: dict[Word, int] = {"accepted": 0, "rejected": 1, "undecided": 3, "unreadable": 3}
_KEYS = ("check", "title", "level", "state", "configured", "received", "fix")
_TIMES = ("S39", "S40", "S41", "S42")
_COLUMNS = ("Verdict", "Check", "Expected", "Found", "Meaning", "What to do")
_PROFILES = {"flex": "judged for Flex", "saml": "judged as any SAML application would"}
_STYLES: dict[str, Style] = {"accepted": "ok", "undecided": "wait"}
# What these checks show says nothing of a person: addresses, certificates, times, settings, names of claims.
_IMPERSONAL = frozenset(
    f"S{number:02}" for number in (*range(1, 46), 54, 57, 58, 59, 65, 67, 69, 71, *range(73, 79), 80, 81)
)
_NOT_SAID = "Nothing: no signature vouches for what the response says."


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
        worker = () if self.word == "unreadable" or not names else (_of_worker(self),)
        return stack(_of_response(self, names), *worker)

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


def _of_response(verdict: Verdict, names: bool) -> Shown:
    findings = [each if names else nameless(each, impersonal=_IMPERSONAL) for each in verdict.judgement.findings]
    open_ones = [finding for finding in findings if finding.state != "holds" and _matters(finding, verdict.expected)]
    holding = dict.fromkeys(finding.check for finding in findings if finding.state == "holds")
    holds = f"{count(len(holding), 'check')} {'holds' if len(holding) == 1 else 'hold'}"
    return card(
        title="SAML response",
        subtitle=_PROFILES[verdict.expected.profile],
        right=Cell(verdict.word, _STYLES.get(verdict.word, "no")),
        badge=_badge(verdict.expected),
        columns=_COLUMNS if open_ones else (),
        rows=[_row(finding) for finding in open_ones],
        facts=() if verdict.word == "unreadable" else _facts(verdict, names),
        note=" ".join(verdict.notes),
        footer=f"{holds}." if holding else "",
    )


def _matters(finding: Finding, expected: Expected) -> bool:
    """To the owner of another application: not what only Flex asks for, nor what no option could tell."""
    return expected.profile == "flex" or (
        finding.check not in FLEX_ONLY and (finding.state != "unknown" or finding.fix != "")
    )


def _badge(expected: Expected) -> Badge:
    if expected.tenant_id is None:
        return ""
    return "REHEARSAL" if is_rehearsal_tenant(expected.tenant_id) else "LIVE"


def _row(finding: Finding) -> Row:
    verdicts = {
        "wrong": Cell("fails", "no") if finding.fails else Cell("look", "wait"),
        "said": Cell("said", "said", sub=finding.said),
        "waiting": Cell("waits", "wait"),
        "unknown": Cell("not known", "muted"),
    }
    cells = (
        verdicts[finding.state],
        finding.check,
        Cell(finding.configured, "value"),
        Cell(finding.received, "value"),
        finding.title,
        finding.fix if finding.state == "wrong" or (finding.state == "unknown" and "--" in finding.fix) else "",
    )
    return Row(cells, "bad" if finding.fails else "")


def _facts(verdict: Verdict, names: bool) -> list[tuple[str, Cell]]:
    judged = verdict.judgement
    parts = " and ".join(part for part, verified in judged.signed.items() if verified)
    facts = [
        ("Judged for", Cell(f"{verdict.expected.at:%Y-%m-%d %H:%M:%S} UTC")),
        ("Verified", Cell(f"signature of the {parts}" if parts else "nothing")),
    ]
    facts += [("Certificate", Cell(each.sha1, "value", sub=each.subject)) for each in judged.certificates]
    facts += [("Flow", Cell(each.title)) for each in judged.findings if each.check == "S44" and each.level == "info"]
    if verdict.vouched and names:
        facts.append(("NameID", Cell(shown(judged.name_id), "value")))
    return [*facts, ("SHA-256", Cell(judged.sha256, "value"))]


def _of_worker(verdict: Verdict) -> Shown:
    worker, title = verdict.flex, "What Flex would make of it"
    if "friendly_name" not in worker:
        return card(title=title, badge=_badge(verdict.expected), footer=str(worker.get("refused", _NOT_SAID)))
    rows = [Row((name, Cell(_words(value), "value"))) for name, value in _parts(worker)]
    return card(
        title=title,
        subtitle="the worker and its attributes",
        right="" if verdict.word == "accepted" else Cell("if it were accepted", "muted"),
        badge=_badge(verdict.expected),
        columns=("Name", "Value"),
        rows=rows,
    )


def _parts(worker: Mapping[str, object]) -> list[tuple[str, object]]:
    attributes, channels = worker["attributes"], worker["channels"]
    assert isinstance(attributes, dict)
    assert isinstance(channels, dict)
    named = [(f"{key} of channel {name}", value) for name, each in channels.items() for key, value in each.items()]
    return [("friendly_name", worker["friendly_name"]), *attributes.items(), *named]


def _words(value: object) -> str:
    return shown(value if isinstance(value, list) else str(value))
