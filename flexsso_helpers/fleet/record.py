"""The record of a run of many: `runs/fleet-<time>.json`, and its page beside it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flexsso_helpers.fleet.standing import BEST_FIRST, ORDER, Standing, is_proved
from flexsso_helpers.ledger import write_whole

SCHEMA_VERSION = 1
RESULT = "result.json"
_KNOWN = {each.name for each in fields(Standing)}


@dataclass(frozen=True)
class Fleet:
    """What one run of many came to: worst first, and by name within that."""

    started: str
    ended: str
    asked: Mapping[str, Any] = field(default_factory=dict)
    """What was asked of all: the command, whether changes were approved, which steps."""
    tenants: tuple[Standing, ...] = ()

    def count(self, words: str) -> int:
        """How many stand so."""
        return sum(each.words == words for each in self.tenants)

    @property
    def totals(self) -> str:
        """How many stand how, in words: `198 proved, 2 failed`."""
        return ", ".join(f"{self.count(words):,} {words}" for words in BEST_FIRST if self.count(words))


def in_order(tenants: Sequence[Standing]) -> tuple[Standing, ...]:
    """Worst first; by name within that."""
    return tuple(sorted(tenants, key=lambda each: (ORDER.index(each.words), each.tenant)))


def leave(runs: Path, fleet: Fleet, page: str) -> Path:
    """Write record and page into the folder of runs, and return where the record is. Nothing is written over."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    taken = [path for path in runs.glob(f"fleet-{stamp}*.json") if path.is_file()]
    path = runs / f"fleet-{stamp}{f'-{len(taken) + 1}' if taken else ''}.json"
    runs.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path.with_suffix(".html"), page)
    write_whole(path, json.dumps({"schema_version": SCHEMA_VERSION, **asdict(fleet)}, ensure_ascii=False, indent=1))
    return path


def read(path: Path) -> Fleet:
    """A record as it was left. Raises OSError and ValueError; a key that this version does not know is passed over."""
    kept = json.loads(path.read_text("utf-8"))
    try:
        tenants = tuple(
            Standing(**{name: value for name, value in each.items() if name in _KNOWN}) for each in kept["tenants"]
        )
        return Fleet(started=kept["started"], ended=kept["ended"], asked=kept["asked"], tenants=tenants)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path.name} is no record of a fleet") from error


def records(runs: Path) -> Iterator[Fleet]:
    """All records that can be read, oldest first."""
    for path in sorted(runs.glob("fleet-*.json")):
        try:
            fleet = read(path)
        except (OSError, ValueError):
            continue
        yield fleet


def results(folder: Path) -> Iterator[Mapping[str, Any]]:
    """What the runs of a tenant came to, newest first; what lacks what a result must have is passed over."""
    for path in sorted(folder.glob(f"*/{RESULT}"), reverse=True):
        try:
            result: Any = json.loads(path.read_text("utf-8"))
            _refuse_incomplete(result)
        except (OSError, ValueError, KeyError, TypeError):
            continue
        yield result


def last_proved(runs: Path, tenant: str, notebooks: Sequence[str] = ()) -> Mapping[str, Any] | None:
    """The newest result of a tenant that proved these notebooks (by number) or, when none are named, all it ran."""
    proved = (each for each in results(runs / tenant) if is_proved(each) and numbers_of(each).issuperset(notebooks))
    return next(proved, None)


def _refuse_incomplete(result: Mapping[str, Any]) -> None:
    """Raises KeyError, TypeError or ValueError: one spoiled file must not end what is shown of all tenants."""
    _get(result, "tenant", "file", "rehearsal", "outcome", "error", "started", "folder", "handover")
    datetime.fromisoformat(result["ended"])
    for record in result["notebooks"]:
        _get(record, "notebook", "outcome", "verdict", "error", "session_ended")
        for check in record["checks"]:
            _get(check, "check", "title", "level", "state")
    if certificate := result.get("certificate"):
        _get(certificate, "not_after", "days_left")


def _get(given: Mapping[str, Any], *keys: str) -> None:
    for key in keys:
        given[key]


def numbers_of(result: Mapping[str, Any]) -> set[str]:
    """The notebooks that it tells of, by number."""
    return {record["notebook"][:2] for record in result["notebooks"]}
