"""All tenants that left something in `runs/`, seen together: of each step of each tenant the newest word counts.

Runs of all, of one tenant, of some steps and nightly looks leave results; here they make one standing a tenant.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flexsso_helpers import places
from flexsso_helpers.fleet.record import in_order, last_proved, records, results
from flexsso_helpers.fleet.standing import Result, Standing, is_wrong, standing
from flexsso_helpers.history import history_of
from flexsso_helpers.ledger import NOTES
from flexsso_helpers.notebooks import STEPS
from flexsso_helpers.plan import FAILED, WAITING, worst
from flexsso_helpers.plan.progress import Point

Record = Mapping[str, Any]
_NUMBERS = tuple(each.number for each in STEPS)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One tenant: how it stands, what its notebooks told last, and what somebody noted."""

    standing: Standing
    notebooks: tuple[Mapping[str, Any], ...] = ()
    """Of each step its newest record; of other notebooks one that is newer than those."""
    looked: str = ""
    """When something looked at it last, by the session's clock; empty when nothing did."""
    days_ago: int = 0
    """Whole days since then, by this machine's clock."""
    notes: tuple[Point, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Overview:
    """All of them, worst first. `names` says whether people are named."""

    tenants: tuple[Seen, ...] = ()
    names: bool = False


def overview(*, names: bool = False) -> Overview:
    """What `runs/` tells. With `names`, addresses of people stay in what is shown, and open notes are read too."""
    return gathered(places.runs(), datetime.now(UTC), names=names)


def gathered(runs: Path, now: datetime, *, names: bool = False) -> Overview:
    """As `overview`, of this folder at this moment."""
    found = {folder.name: each for folder in _folders(runs) if (each := _of(folder, now, names=names))}
    for fleet in records(runs):  # oldest first
        for stands in fleet.tenants:
            # one that ran and left nothing of its own, such as a broken file; who was not run is told nothing new of
            if stands.outcome is not None and not stands.folder:
                found[stands.tenant] = _told_by_the_fleet(found.get(stands.tenant), stands)
    order = in_order([each.standing for each in found.values()])
    return Overview(tenants=tuple(found[each.tenant] for each in order), names=names)


def latest(newest_first: Sequence[Result]) -> Result:
    """One result that says of each step what was said last. A step that nobody ran beside others has no proof yet, and
    one that a run did not come to has failed.
    """
    said = _newest(newest_first, lambda _record: True)
    if not said.keys().isdisjoint(_NUMBERS):
        said = {each.number: _not_run(each.file) for each in STEPS} | said
    ended = [said[number] for number in sorted(said)]
    notebooks = [each if each["outcome"] is not None else {**each, "outcome": FAILED} for each in ended]
    certified = next((result["certificate"] for result in newest_first if result.get("certificate")), None)
    outcome = worst(each["outcome"] for each in notebooks)
    return {**newest_first[0], "notebooks": notebooks, "outcome": outcome, "certificate": certified}


def _newest(newest_first: Sequence[Result], counts: Callable[[Record], bool]) -> dict[str, Record]:
    """Of each notebook its newest record that counts; of others than steps only one that is newer than those."""
    said: dict[str, Record] = {}
    for result in newest_first:
        steps = not said.keys().isdisjoint(_NUMBERS)
        for record in filter(counts, result["notebooks"]):
            number = record["notebook"][:2]
            if number in _NUMBERS or not steps:
                said.setdefault(number, record)
    return said


def _has_looked(record: Record) -> bool:
    """Whether it got as far as its checks; what an error stopped before says nothing about them."""
    return bool(record["checks"]) or (record["outcome"] is not None and not record["error"])


def _not_run(file: str) -> Mapping[str, Any]:
    return {
        "notebook": file.removesuffix(".ipynb"),
        "outcome": WAITING,
        "verdict": "no proof yet",
        "error": "",
        "checks": (),
    }


def _folders(runs: Path) -> Iterator[Path]:
    return (path for path in sorted(runs.glob("*")) if path.is_dir() and not path.name.startswith("."))


def _of(folder: Path, now: datetime, *, names: bool) -> Seen | None:
    newest_first: list[Result] = []
    looked: set[str] = set()
    certified: Result | None = None
    for result in results(folder):
        if not result["notebooks"]:
            continue
        newest_first.append(result)
        looked.update(each["notebook"][:2] for each in result["notebooks"] if _has_looked(each))
        certified = certified or (result if result.get("certificate") else None)
        if certified and looked.issuperset(_NUMBERS):
            break  # nothing older is asked for
    if not newest_first:
        return None
    whole, last = latest(newest_first), newest_first[0]
    proved = last_proved(folder.parent, folder.name, _NUMBERS)
    stands = standing(whole)
    left = certified["certificate"]["days_left"] - _days_since(certified, now) if certified else None
    checks = (check for record in _newest(newest_first, _has_looked).values() for check in record["checks"])
    return Seen(
        standing=replace(
            stands,
            days_left=left,
            moved=sum(map(is_wrong, checks)),
            proved_at=_session_end(proved) if proved else "",
        ),
        notebooks=tuple(whole["notebooks"]),
        looked=_session_end(last),
        days_ago=_days_since(last, now),
        notes=_notes(folder) if names else (),
    )


def _days_since(result: Result, now: datetime) -> int:
    return (now - datetime.fromisoformat(result["ended"])).days


def completed(stands: Standing, folder: Path, now: datetime) -> Standing:
    """One that failed, with what runs of this tenant (their folder) saw before: the certificate, and wrong checks."""
    if stands.outcome != FAILED or (seen := _of(folder, now, names=False)) is None:
        return stands
    known = seen.standing
    moved = stands.moved or known.moved
    if stands.days_left is not None:
        return replace(stands, moved=moved)
    return replace(stands, moved=moved, not_after=known.not_after, days_left=known.days_left)


def _session_end(result: Result) -> str:
    """By the session's clock, which is another one in a rehearsal; by the machine's where nothing tells it."""
    return max((each["session_ended"] or "" for each in result["notebooks"]), default="") or str(result["ended"])


def _notes(folder: Path) -> tuple[Point, ...]:
    """Open notes: they are for somebody, or due."""
    if not any(folder.glob(f"*/{NOTES}")):
        return ()
    found = history_of(folder)
    texts = {str(note["text"]) for note in found.notes}
    return tuple(point for point in found.progress().points if point.title in texts)


def _told_by_the_fleet(seen: Seen | None, stands: Standing) -> Seen:
    """With a line of a run that did not come to look at it, where that is newer."""
    if seen is None:
        return Seen(standing=stands)
    kept = seen.standing
    if kept.ended >= stands.ended:
        return seen
    known = {name: getattr(kept, name) for name in ("not_after", "days_left", "proved_at", "moved")}
    return replace(seen, standing=replace(stands, **known))
