"""What the doctor says: one line a check, in three states, with the fix below it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from flexsso_helpers.output import clean

State = Literal["good", "look", "bad"]
SIGNS: dict[State, str] = {"good": "✓", "look": "!", "bad": "✗"}


@dataclass(frozen=True)
class Line:
    """One check: `part` is where it belongs, `said` what was found; `look` is allowed, and worth knowing."""

    part: str
    state: State
    said: str
    fix: str = ""


def failed(lines: Sequence[Line]) -> bool:
    """Whether something has to be mended."""
    return any(line.state == "bad" for line in lines)


def text(lines: Sequence[Line]) -> str:
    """The lines for a terminal, their parts named once."""
    shown, before = [], ""
    width = max((len(line.part) for line in lines), default=0)
    for line in lines:
        part = line.part if line.part != before else ""
        before = line.part
        shown.append(f"{SIGNS[line.state]} {part:<{width}}  {line.said}")
        shown += [f"  {'':<{width}}  → {line.fix}"] if line.fix else []
    bad, look = (sum(line.state == state for line in lines) for state in ("bad", "look"))
    verdict = f"✗ {bad} to mend." if bad else "✓ Ready."
    return clean("\n".join([*shown, "", verdict + (f" {look} worth knowing." if look else "")]))


def as_json(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The lines as plain data."""
    return [asdict(line) for line in lines]
