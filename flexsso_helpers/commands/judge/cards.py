"""How a verdict looks: what is wrong or not known, worst first, and the worker that Flex would make of it."""

from collections.abc import Mapping

from flexsso_helpers.clouds import is_rehearsal_tenant
from flexsso_helpers.commands.judge.verdict import Verdict
from flexsso_helpers.plan import Finding, count
from flexsso_helpers.plan.nameless import nameless
from flexsso_helpers.saml.checks.report import FLEX_ONLY, shown
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.views import Cell, Row, Shown, card
from flexsso_helpers.views.shown import stack
from flexsso_helpers.views.table import Badge, Style

_COLUMNS = ("Verdict", "Check", "Expected", "Found", "Meaning", "What to do")
_PROFILES = {"flex": "judged for Flex", "saml": "judged as any SAML application would"}
_STYLES: dict[str, Style] = {"accepted": "ok", "undecided": "wait"}
# What these checks show says nothing of a person: addresses, certificates, times, settings, names of claims.
_IMPERSONAL = frozenset(
    f"S{number:02}" for number in (*range(1, 46), 54, 57, 58, 59, 65, 67, 69, 71, *range(73, 79), 80, 81)
)
_NOT_SAID = "Nothing: no signature vouches for what the response says."


def of_verdict(verdict: Verdict, *, names: bool = True) -> Shown:
    """Two cards; for what is no response only the first, and without `names` neither worker nor person."""
    worker = () if verdict.word == "unreadable" or not names else (_of_worker(verdict),)
    return stack(_of_response(verdict, names), *worker)


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
