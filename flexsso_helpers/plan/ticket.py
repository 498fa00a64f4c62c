"""What came of a section as plain text to paste into a ticket. It names checks by their numbers, and nobody by name."""

from flexsso_helpers.output import clean
from flexsso_helpers.plan.changes import count
from flexsso_helpers.plan.evidence import Evidence, Finding, State
from flexsso_helpers.plan.nameless import meaning

_WORDS: dict[State, str] = {
    "wrong": "fails",
    "waiting": "waits for a person",
    "said": "said by a person, not seen",
    "unknown": "could not be looked at",
    "holds": "holds",
}


def ticket(evidence: Evidence, *, names: bool = False) -> str:
    """Some lines: whose, which section, the verdict, what does not hold and why, and how much holds.

    Titles, values and facts may name people, so they are left out unless `names` are asked for: a check is then told
    by what its number means.
    """
    target = evidence.target
    mark = "REHEARSAL · " if target.rehearsal else ""
    head = [
        f"{mark}Flex SSO · {target.title} · {evidence.section} · {evidence.title}: {evidence.verdict}",
        f"Entra tenant {target.tenant_id} · Twilio account {target.account_sid}",
    ]
    told = [finding for finding in evidence.findings if finding.state != "holds"]
    lines = list(dict.fromkeys(_line(finding, names=names) for finding in told))
    holding = len(evidence.findings) - len(told)
    facts = [f"{name}: {words}" for name, words in evidence.facts.items()] if names else []
    return clean("\n".join([*head, *lines, *([f"{count(holding, 'check')} hold."] if holding else []), *facts]))


def _line(finding: Finding, *, names: bool) -> str:
    wrong = finding.state == "wrong" and finding.level != "error"
    word = "to look at" if wrong else _WORDS[finding.state]
    what = finding.title if names else meaning(finding.check, finding.title)
    beside = f" ({finding.beside})"
    said = f" {finding.said}" if names and finding.said else ""
    return f"- {finding.check} {word}{said}: {what}{beside if names else ''}"
