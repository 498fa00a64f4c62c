"""Every open question: who judges it, or why a first contact cannot."""

from collections.abc import Sequence
from dataclasses import dataclass

from flexsso_helpers.first_contact.verdicts import (
    at_flex,
    in_console,
    of_assignments,
    of_certificates,
    of_policies,
    of_sign_ons,
    of_the_application,
    of_the_sign_in,
)
from flexsso_helpers.first_contact.verdicts.traffic import Judge, Said, Traffic, Untold
from flexsso_helpers.traffic import Exchange

JUDGES: dict[str, Judge] = {
    **of_the_sign_in.JUDGES,
    **at_flex.JUDGES,
    **of_the_application.JUDGES,
    **of_certificates.JUDGES,
    **of_policies.JUDGES,
    **of_assignments.JUDGES,
    **of_sign_ons.JUDGES,
    **in_console.JUDGES,
}
NOT_LOOKED_AT = "a first contact does not look at it"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was observed of one open question."""

    quirk: str
    alternative: str = ""
    """Empty where it cannot be told."""
    why: str = ""
    """Why it cannot be told, or who said it."""
    attested: bool = False
    """Whether a person said it, and no program saw it."""
    evidence: str = ""
    """The exchange that was looked at last, redacted."""


def verdicts(exchanges: Sequence[Exchange], quirks: Sequence[str]) -> list[Verdict]:
    """One verdict a question, in the order in which they were named."""
    return [_verdict(Traffic(exchanges), quirk) for quirk in quirks]


def _verdict(traffic: Traffic, quirk: str) -> Verdict:
    judge = JUDGES.get(quirk)
    if judge is None:
        return Verdict(quirk=quirk, why=NOT_LOOKED_AT)
    try:
        found = judge(traffic)
        said = "a person said so" if isinstance(found, Said) else ""
        return Verdict(quirk=quirk, alternative=str(found), why=said, attested=bool(said), evidence=traffic.evidence)
    except Untold as reason:
        return Verdict(quirk=quirk, why=str(reason), evidence=traffic.evidence)
