"""The handover page: what was set up and proved for one tenant, for whoever keeps it running afterwards."""

from collections.abc import Sequence
from pathlib import Path

from flexsso_helpers.ledger import read_evidence, write_whole
from flexsso_helpers.plan import Evidence, Finding
from flexsso_helpers.plan.cards import of_evidence
from flexsso_helpers.views import Shown, card, document

FILE = "handover.html"

REHEARSED = (
    "This was a rehearsal: no account was touched, and nothing here says anything about a live tenant. "
    "The rehearsal follows public documentation and reports; first contact with a real tenant is still to come."
)


def _leaves(finding: Finding) -> bool:
    """The line of 04 that names what a response carries (D17)."""
    return finding.check == "D17" and finding.level == "info"


def write_handover(folder: Path) -> Path | None:
    """Write `handover.html` into a run's folder from the evidence it holds; None when there is no evidence."""
    evidence = read_evidence(folder)
    if not evidence:
        return None
    path = folder / FILE
    write_whole(path, document(f"Handover · {evidence[0].target.title}", handover(evidence)))
    return path


def handover(evidence: Sequence[Evidence]) -> list[Shown]:
    """The page's cards: the tenant, the sign-ons that were proved, what leaves the tenant, and each section's proof."""
    target = evidence[0].target
    rehearsed = target.rehearsal
    summary = card(
        title=target.title,
        subtitle="single sign-on from Microsoft Entra ID to Twilio Flex",
        badge="REHEARSAL" if rehearsed else "LIVE",
        facts=[
            ("Entra tenant", target.tenant_id),
            ("Enterprise application", target.application),
            ("Twilio account", target.account_sid),
            *((name, words) for each in evidence if each.section == "06" for name, words in each.facts.items()),
            *((f"{each.section} · {each.title}", each.verdict) for each in evidence),
        ],
        note=REHEARSED if rehearsed else "",
    )
    people = [(name, words) for each in evidence if each.section == "08" for name, words in each.facts.items()]
    leaving = [finding.received for each in evidence for finding in each.findings if _leaves(finding)]
    extra = [card(title="Sign-ons that were proved", facts=people)] if people else []
    if leaving:
        extra.append(
            card(
                title="What leaves the tenant",
                facts=[("Stored by Flex in worker attributes", leaving[0])],
                footer="Flex overwrites these at every sign-on. A claim no longer sent leaves its old value.",
            )
        )
    return [summary, *extra, *(of_evidence(each) for each in evidence)]
