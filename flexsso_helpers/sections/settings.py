"""Settings as rows: one row gives the plan's line, the proof's line and what is written, so that they cannot differ."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from flexsso_helpers.plan import Change, Finding, Value, compare, in_words
from flexsso_helpers.plan.findings import judged

S = TypeVar("S")
Where = Literal["application", "service principal", "signing policy", "Flex Console"]


@dataclass(frozen=True, kw_only=True)
class Setting(Generic[S]):
    """One property that should have one value. `S` is the state that a section reads."""

    key: str
    """By what code knows it; plans and proofs show the titles."""
    title: str
    now: Callable[[S], Value]
    wanted: Value
    reason: str = ""
    instructions: tuple[str, ...] = ()
    undo: str = ""
    quiet: bool = False
    """Whether the plan passes it over where it is right."""
    check: str = ""
    """The number of the proof's line; empty for what no line proves."""
    more: Callable[[S], str] = lambda _state: ""
    """What the proof adds to what is now, in words."""
    proof: str = ""
    """The title of the proof's line, where it says more than the plan's."""
    on: Where = "service principal"
    body: Mapping[str, Any] = field(default_factory=dict)
    """The property as Graph takes it; empty where a section writes in a way of its own."""


def planned(rows: Iterable[Setting[S]], state: S, *, absent: Value = None) -> tuple[Change, ...]:
    """The plan's lines. `absent` stands in for what is now, where the object does not exist yet."""
    return tuple(
        compare(
            row.title,
            absent or row.now(state),
            row.wanted,
            reason=row.reason,
            instructions=row.instructions,
            undo=row.undo,
            key=row.key,
        )
        for row in rows
        if not (row.quiet and row.now(state) == row.wanted)
    )


def proved(rows: Iterable[Setting[S]], state: S, *, known: bool, fix: str) -> tuple[Finding, ...]:
    """The proof's lines; all unknown where nothing could be read."""
    return tuple(
        judged(
            row.check,
            row.proof or row.title,
            in_words(row.wanted),
            in_words(row.now(state)) + row.more(state),
            (row.now(state) or None) == (row.wanted or None) if known else "unknown",
            fix,
        )
        for row in rows
        if row.check
    )


def body(rows: Iterable[Setting[S]], keys: Collection[str], on: Where) -> dict[str, Any]:
    """What to write to one object for the settings with these keys."""
    return {name: value for row in rows if row.key in keys and row.on == on for name, value in row.body.items()}


def keys(changes: Iterable[Change]) -> set[str]:
    """Which settings these changes are for."""
    return {change.key for change in changes}
