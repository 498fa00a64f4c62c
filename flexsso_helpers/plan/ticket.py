"""What came of a section as plain text to paste into a ticket. It names checks by their numbers, and nobody by name."""

from flexsso_helpers.output import clean
from flexsso_helpers.plan.changes import count
from flexsso_helpers.plan.evidence import Evidence, Finding, State
from flexsso_helpers.plan.nameless import meaning
from flexsso_helpers.reference import line

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
    by what its number means, which says what is expected and not what was found.
    """
    target = evidence.target
    mark = "REHEARSAL · " if target.rehearsal else ""
    head = [
        f"{mark}Flex SSO · {target.title} · {evidence.section} · {evidence.title}: {evidence.verdict}",
        f"Entra tenant {target.tenant_id} · Twilio account {target.account_sid}",
    ]
    told = [finding for finding in evidence.findings if finding.state != "holds"]
    lines = list(dict.fromkeys(_line(finding, names=names, planned=bool(evidence.planned)) for finding in told))
    holding = len(evidence.findings) - len(told)
    held = [f"{count(holding, 'check')} {'holds' if holding == 1 else 'hold'}."] if holding else []
    facts = [f"{name}: {words}" for name, words in evidence.facts.items()] if names else []
    return clean("\n".join([*head, *lines, *held, *facts]))


def _line(finding: Finding, *, names: bool, planned: bool) -> str:
    word = _WORDS[finding.state]
    if finding.state == "wrong":
        word = "to look at" if not finding.fails else "not yet" if planned else word
    if names:
        said = f" {finding.said}" if finding.said else ""
        return f"- {finding.check} {word}{said}: {finding.title} ({finding.beside})"
    # A title tells what was found. What a number means is how it should be: beside what is wrong that has to be said.
    expected = "; expected" if finding.state == "wrong" and word != "not yet" and line(finding.check) else ""
    return f"- {finding.check} {word}{expected}: {meaning(finding.check, finding.title)}"
