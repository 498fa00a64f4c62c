"""Changes, plans and approvals as plain data: nothing here reads, writes or waits."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

from flexsso_helpers.plan.drawing import ShowsItself

Kind = Literal["+", "~", "-", "="]
STOPPED = "an error stopped it"
"""Why changes were left, of those that an error broke off; ` half way` follows where some were made."""


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
    agreed: bool = False
    """The tenant's file holds the approval by name already."""
    waits: str = ""
    """What has to be there first, in words, though the value is known: until then this is planned and not made."""
    breaks: str = ""
    """What this would end or change for people who sign in today, in words; told before it is approved."""
    key: str = ""
    """By what code knows the setting, whatever plans call it; where none is given, its name."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.key or self.setting)

    def as_kept(self) -> dict[str, Any]:
        """What digests and ledgers hold: all that people were shown, and not the key."""
        return {name: value for name, value in asdict(self).items() if name != "key"}

    @property
    def open(self) -> bool:
        """Whether there is something to do."""
        return self.kind != "="

    @property
    def pending(self) -> bool:
        """Whether this waits for a value that does not exist yet, or for something that has to be there first."""
        return bool(self.waits) or isinstance(self.now, Pending) or isinstance(self.should_be, Pending)

    @property
    def by_name(self) -> bool:
        """Whether this needs an approval of its own: every removal, and what was marked so (D17)."""
        return self.open and (self.named or self.kind == "-")


def compare(
    setting: str,
    now: Value,
    should_be: Value,
    *,
    reason: str = "",
    instructions: tuple[str, ...] = (),
    undo: str = "",
    key: str = "",
) -> Change:
    """The change that leads from `now` to `should_be`; `=` when they are equal, `+` when there was nothing."""
    fresh = isinstance(now, Pending) or now in (None, "", (), False)
    kind: Kind = "=" if now == should_be else "+" if fresh else "~"
    return Change(
        setting=setting,
        now=now,
        should_be=should_be,
        kind=kind,
        reason=reason,
        instructions=instructions,
        undo=undo,
        key=key,
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
class Plan(ShowsItself):
    """What a section would do, and what it read of the tenant to conclude so."""

    section: str
    """Two-digit number of the notebook."""
    title: str
    target: Target
    changes: tuple[Change, ...]
    read: str
    """SHA-256 of what was read, in canonical form."""
    unseen: tuple[str, ...] = ()
    """What could not be previewed, in words."""
    asks: str = ""
    """What ticking the box says, where it is not "make these changes"."""
    remarks: tuple[str, ...] = ()
    """What is asked for and cannot be planned, such as a name that nobody has; whole sentences."""
    edits: tuple[str, ...] = ()
    """Which values of the tenant's file or of the form were taken over for this plan; whole sentences."""

    @property
    def open(self) -> tuple[Change, ...]:
        """The changes that remain to be made."""
        return tuple(change for change in self.changes if change.open)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over target, section, what was read and what will be written; keys sorted."""
        content = {
            "section": self.section,
            "target": asdict(self.target),
            "read": self.read,
            "changes": [change.as_kept() for change in self.changes],
        }
        return digest_of(content)


def digest_of(content: object) -> str:
    """SHA-256 (hex) of plain data in canonical JSON: sorted keys, no blanks."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_read(content: object) -> str:
    """The same of what was read from a service: Graph returns lists in any order, so order does not count."""
    return digest_of(_without_order(content))


def _without_order(content: object) -> object:
    if isinstance(content, dict):
        return {key: _without_order(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return sorted((_without_order(each) for each in content), key=digest_of)
    return content


@dataclass(frozen=True, kw_only=True)
class Approval:
    """What a person agreed to: the digest of one plan, and the removals and disclosures by name."""

    digest: str
    given: bool
    names: frozenset[str] = frozenset()
    """Keys of the changes that need a name."""
    by_hand: bool = False
    """Ticked by a person in this session, rather than approved by the start of the run."""

    def covers(self, plan: Plan, change: Change) -> bool:
        """Whether this change of this plan may be made."""
        return self.given and self.digest == plan.digest and (not change.by_name or change.key in self.names)


@dataclass(frozen=True, kw_only=True)
class Applied(ShowsItself):
    """What a section did: the changes it made, and those that it left because they were not approved.

    Who approved it, and when, is empty where nothing was approved.
    """

    section: str
    title: str
    target: Target
    made: tuple[Change, ...] = ()
    left: tuple[Change, ...] = ()
    why_not: str = ""
    plan: str = ""
    """Digest of the plan that was approved."""
    approved_by: str = ""
    """The signed-in account's name."""
    approved_at: str = ""
    """When the approval was read, in ISO 8601."""
    by_hand: bool = False
    """Ticked in this session, rather than approved by the start of the run."""
    again: bool = False
    """Asked for once more: it was made already, and nothing was written now."""
    told: str = ""
    """What came of it, in sentences, where nobody can read it back."""


def count(number: int, noun: str) -> str:
    """`1 change`, `2 changes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def in_words(value: Value) -> str:
    """A value for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == ():
        return "none"
    if value == "":
        return "empty"
    return ", ".join(value) if isinstance(value, tuple) else str(value)
