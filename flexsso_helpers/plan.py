"""Plans, approvals, findings and evidence as plain data: nothing here reads, writes or waits."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from flexsso_helpers.errors import NotProven

Kind = Literal["+", "~", "-", "="]
Level = Literal["error", "warning", "info"]
State = Literal["holds", "wrong", "waiting", "unknown"]
Outcome = Literal[0, 1, 2, 3]

PROVED: Outcome = 0
FAILED: Outcome = 1
CHANGED: Outcome = 2
WAITING: Outcome = 3


def worst(outcomes: Iterable[int]) -> int:
    """The outcome of a whole: 1 before 3 before 2 before 0; of nothing, 0 (DESIGN section 2)."""
    return max(outcomes, key=(PROVED, CHANGED, WAITING, FAILED).index, default=PROVED)


@dataclass(frozen=True)
class Pending:
    """A value that an earlier notebook will create; a dry run over an empty tenant shows it as "known after 01"."""

    after: str

    def __str__(self) -> str:
        """What the plan shows."""
        return f"known after {self.after}"


Value = str | bool | int | None | Pending | tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One setting: how it stands, how it should be, and why.

    kind: `+` is new, `~` replaces a value of ours or of Microsoft's template, `-` takes something away that somebody
    put there, `=` is already right. `named` changes (removals, privacy) are approved one by one, apart from the rest.
    `undo` says what cannot be put back; empty means exactly reversible.
    """

    setting: str
    now: Value
    should_be: Value
    kind: Kind
    reason: str = ""
    instructions: tuple[str, ...] = ()
    undo: str = ""
    named: bool = False

    @property
    def open(self) -> bool:
        """Whether there is something to do."""
        return self.kind != "="

    @property
    def by_name(self) -> bool:
        """Whether this needs an approval of its own: every removal, and what was marked so (D17)."""
        return self.open and (self.named or self.kind == "-")


def compare(
    setting: str, now: Value, should_be: Value, *, reason: str = "", instructions: tuple[str, ...] = (), undo: str = ""
) -> Change:
    """The change that leads from `now` to `should_be`; `=` when they are equal, `+` when there was nothing."""
    kind: Kind = "=" if now == should_be else "+" if now in (None, "", (), False) else "~"
    return Change(
        setting=setting, now=now, should_be=should_be, kind=kind, reason=reason, instructions=instructions, undo=undo
    )


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a plan would touch. Part of its digest, so an approval never carries over to another tenant."""

    tenant: str
    """The parameter file's name."""
    title: str
    cloud: str
    tenant_id: str
    account_sid: str
    application: str
    """Display name of the enterprise application."""

    @property
    def rehearsal(self) -> bool:
        """Whether this is practice."""
        return self.cloud == "rehearsal"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a section would do, and from which reading of the tenant it concluded that."""

    section: str
    """Two-digit number of the notebook."""
    title: str
    target: Target
    changes: tuple[Change, ...]
    read: str
    """SHA-256 of what was read, in canonical form."""
    unseen: tuple[str, ...] = ()
    """What could not be previewed, in words."""

    @property
    def open(self) -> tuple[Change, ...]:
        """The changes that remain to be made."""
        return tuple(change for change in self.changes if change.open)

    @property
    def pending(self) -> bool:
        """Whether something depends on a value that does not exist yet, so that applying now is impossible."""
        return any(isinstance(value, Pending) for change in self.open for value in (change.now, change.should_be))

    @property
    def digest(self) -> str:
        """SHA-256 over target, section, what was read and what will be written; keys sorted."""
        content = {
            "section": self.section,
            "target": asdict(self.target),
            "read": self.read,
            "changes": [asdict(change) for change in self.changes],
        }
        return digest_of(content)


def digest_of(content: object) -> str:
    """SHA-256 (hex) of plain data in canonical JSON: sorted keys, no blanks."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Approval:
    """What a person agreed to: the digest of one plan, and the removals and disclosures by name."""

    digest: str
    given: bool
    names: frozenset[str] = frozenset()
    """Settings of the changes that need a name."""

    def covers(self, plan: Plan, change: Change) -> bool:
        """Whether this change of this plan may be made."""
        return self.given and self.digest == plan.digest and (not change.by_name or change.setting in self.names)


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What a section did: the changes it made, and those that it left because they were not approved."""

    section: str
    title: str
    target: Target
    made: tuple[Change, ...] = ()
    left: tuple[Change, ...] = ()
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check: configured beside received, and the next step. `check` is a number of the facts (D.., S.., F..)."""

    check: str
    title: str
    level: Level
    state: State
    configured: str = ""
    received: str = ""
    fix: str = ""
    """One sentence that names the notebook."""

    @property
    def fails(self) -> bool:
        """Only an error that is wrong fails."""
        return self.level == "error" and self.state == "wrong"


@dataclass(frozen=True, kw_only=True)
class Evidence:
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

    @property
    def outcome(self) -> Outcome:
        """0 proved and nothing changed, 2 proved and changed or changes planned, 3 a person is awaited, 1 failed."""
        if any(finding.fails for finding in self.findings):
            return CHANGED if self.planned else FAILED
        if any(finding.state == "waiting" for finding in self.findings):
            return WAITING
        return CHANGED if self.planned or self.made else PROVED

    @property
    def verdict(self) -> str:
        """The outcome in words."""
        wrong = sum(finding.fails for finding in self.findings)
        if self.planned:
            return f"not proved: {count(self.planned, 'change')} planned"
        if wrong:
            return f"{wrong} of {count(len(self.findings), 'check')} {'fails' if wrong == 1 else 'fail'}"
        if self.outcome == WAITING:
            return "waiting for a person"
        return "proved" + (f", {count(self.made, 'change')} made" if self.made else ", nothing changed")

    def require(self) -> None:
        """Raise NotProven when a check fails and no planned change would explain it."""
        if self.outcome != FAILED:
            return
        failing = [finding for finding in self.findings if finding.fails]
        raise NotProven(
            "\n".join(f"{finding.title} ({finding.check}): {_beside(finding)}" for finding in failing),
            why="The settings of this section were in place, and these checks still fail.",
            fix="\n".join(dict.fromkeys(finding.fix for finding in failing if finding.fix)),
            notebook=self.section,
        )


def _beside(finding: Finding) -> str:
    return f"configured {finding.configured or 'nothing'}, received {finding.received or 'nothing'}"


def count(number: int, noun: str) -> str:
    """`1 change`, `2 changes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def sort_worst_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Failing errors first, then what is wrong otherwise, what waits, what is unknown, what holds."""

    def rank(finding: Finding) -> int:
        if finding.state == "wrong":
            return ("error", "warning", "info").index(finding.level)
        return 3 + ("waiting", "unknown", "holds").index(finding.state)

    return tuple(sorted(findings, key=rank))
