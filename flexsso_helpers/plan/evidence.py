"""Findings and evidence: what was checked, what holds, and the outcome of a section."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from flexsso_helpers.errors import NotProven
from flexsso_helpers.plan.changes import Target, count
from flexsso_helpers.plan.drawing import ShowsItself
from flexsso_helpers.views.shown import Shown

Level = Literal["error", "warning", "info"]
State = Literal["holds", "said", "wrong", "waiting", "unknown"]
Outcome = Literal[0, 1, 2, 3]

PROVED: Outcome = 0
FAILED: Outcome = 1
CHANGED: Outcome = 2
WAITING: Outcome = 3


_BADNESS = (PROVED, CHANGED, WAITING, FAILED)


def worst(outcomes: Iterable[int]) -> int:
    """The outcome of a whole: 1 before 3 before 2 before 0; of nothing, 0."""
    return max(outcomes, key=_BADNESS.index, default=PROVED)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check: configured beside received (shown as expected and found), and the next step.
    `check` is a number with a line in docs/ (D, S, F, G).

    `holds` and `wrong` are what a program saw at the far end. `said` is what a person told us and nobody saw; it never
    turns into `holds` by being repeated.
    """

    check: str
    title: str
    level: Level
    state: State
    configured: str = ""
    received: str = ""
    fix: str = ""
    """One sentence that names the notebook."""
    said: str = ""
    """Who said it and when, such as `by Ada Admin on 2026-03-02`; only with the state `said`."""
    backed: bool = False
    """Something that was seen speaks for what was said: it then counts for the outcome, and is still shown as said."""

    headline: bool = False
    """It is what the section is about: shown even where many checks hold and the rest is folded."""

    @property
    def fails(self) -> bool:
        """Only an error that is wrong fails."""
        return self.level == "error" and self.state == "wrong"

    @property
    def beside(self) -> str:
        """What is expected beside what was found, in words."""
        return f"expected {self.configured or 'nothing'}, found {self.received or 'nothing'}"


@dataclass(frozen=True, kw_only=True)
class Evidence(ShowsItself):
    """What a section's verify found, with what had been planned and made before."""

    section: str
    title: str
    target: Target
    findings: tuple[Finding, ...]
    planned: int = 0
    """Changes that are still open."""
    made: int = 0
    """Changes that this run made."""
    facts: dict[str, str] = field(default_factory=dict)
    """Further values worth keeping for the reader, such as the worker that a sign-on made."""
    parts: tuple[Outcome, ...] = ()
    """Outcomes of the sections that this looks at together: the worst of them is the outcome."""

    @property
    def outcome(self) -> Outcome:
        """0 proved and nothing changed, 2 proved and changed or changes planned, 3 a person is awaited, 1 failed."""
        if self.parts:
            return max(self.parts, key=_BADNESS.index)
        if any(finding.fails for finding in self.findings):
            return CHANGED if self.planned else FAILED
        if any(finding.state == "waiting" for finding in self.findings):
            return WAITING
        if self.planned or self.made:
            return CHANGED  # what was said a moment ago is for a later notebook of this run to see
        return WAITING if self.only_said else PROVED

    @property
    def only_said(self) -> int:
        """How many checks rest on a person's word alone, with nothing seen that speaks for it."""
        return sum(finding.state == "said" and not finding.backed for finding in self.findings)

    @property
    def failed(self) -> bool:
        """Whether a check fails although nothing is planned."""
        return self.outcome == FAILED

    @property
    def verdict(self) -> str:
        """The outcome in words."""
        wrong = sum(finding.fails for finding in self.findings)
        if any(finding.state == "waiting" for finding in self.findings) and not wrong:
            return "waiting for a person" + (f", {count(self.made, 'change')} made" if self.made else "")
        if self.planned and not (self.parts and self.failed):
            return f"not proved: {count(self.planned, 'change')} planned" + (f", {self.made} made" if self.made else "")
        if wrong:
            return f"{wrong} of {count(len(self.findings), 'check')} {'fails' if wrong == 1 else 'fail'}"
        made = f", {count(self.made, 'change')} made" if self.made else ", nothing changed"
        if self.only_said:
            return f"{self.only_said} said and not yet seen{made}"
        return f"proved{made}" if self.anything_known else f"nothing to prove{made if self.made else ''}"

    @property
    def anything_known(self) -> bool:
        """Whether any check holds, or was said; without one, nothing was proved, however little fails."""
        return any(finding.state in ("holds", "said") for finding in self.findings)

    def require(self) -> None:
        """Raise NotProven when a check fails and no planned change would explain it."""
        if not self.failed:
            return
        failing = [finding for finding in self.findings if finding.fails]
        raise NotProven(
            "\n".join(few([f"{finding.title} ({finding.check}): {finding.beside}" for finding in failing])),
            why="" if self.section == "00" else "The settings of this section are in place, and this still fails.",
            fix="\n".join(few(list(dict.fromkeys(finding.fix for finding in failing if finding.fix)), 3)),
            notebook=self.section,
        )


@dataclass(frozen=True, kw_only=True)
class EvidenceInSession(Evidence):
    """The same for a person who goes from notebook to notebook; how far they have come stands below it."""

    progress: Shown


def few(lines: Sequence[str], most: int = 5) -> list[str]:
    """The first lines of a message, and how many more there are; a message that fills a screen is not read."""
    return [*lines] if len(lines) <= most else [*lines[: most - 1], f"… and {len(lines) - most + 1} more"]


def sort_worst_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What decides the verdict first: failing errors, what waits, what was only said; then what to look at, what is
    unknown, what holds. Among these, headlines first.
    """

    def rank(finding: Finding) -> tuple[int, bool]:
        kind = finding.level if finding.state == "wrong" else finding.state
        order = ("error", "waiting", "said", "warning", "info", "unknown", "holds")
        return order.index(kind), not finding.headline

    return tuple(sorted(findings, key=rank))
