"""All tenants that left something in `runs/`, seen together: of each step of each tenant the newest word counts.

Runs of all, of one tenant, of some steps and nightly looks leave results; here they make one standing a tenant.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flexsso_helpers import places
from flexsso_helpers.fleet.record import in_order, last_proved, numbers_of, records, results
from flexsso_helpers.fleet.standing import SKIPPED, Result, Standing, standing
from flexsso_helpers.history import history_of
from flexsso_helpers.ledger import NOTES
from flexsso_helpers.notebooks import STEPS
from flexsso_helpers.plan import FAILED, WAITING, worst
from flexsso_helpers.plan.progress import Point

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
            if stands.words != SKIPPED and not stands.folder:  # it left nothing of its own, such as a broken file
                found[stands.tenant] = _told_by_the_fleet(found.get(stands.tenant), stands)
    order = in_order([each.standing for each in found.values()])
    return Overview(tenants=tuple(found[each.tenant] for each in order), names=names)


def latest(newest_first: Sequence[Result]) -> Result:
    """One result that says of each step what was said last. A step that nobody ran beside others has no proof yet, and
    one that a run did not come to has failed.
    """
    said: dict[str, Mapping[str, Any]] = {}
    for result in newest_first:
        steps = not said.keys().isdisjoint(_NUMBERS)
        for record in result["notebooks"]:
            number = record["notebook"][:2]
            if number in _NUMBERS or not steps:
                said.setdefault(number, record)
    if not said.keys().isdisjoint(_NUMBERS):
        said = {each.number: _not_run(each.file) for each in STEPS} | said
    ended = [said[number] for number in sorted(said)]
    notebooks = [each if each["outcome"] is not None else {**each, "outcome": FAILED} for each in ended]
    certified = next((result["certificate"] for result in newest_first if result.get("certificate")), None)
    outcome = worst(each["outcome"] for each in notebooks)
    return {**newest_first[0], "notebooks": notebooks, "outcome": outcome, "certificate": certified}


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
    for result in results(folder):
        newest_first.append(result)
        if numbers_of(result).issuperset(_NUMBERS):
            break  # nothing older is asked for
    if not newest_first:
        return None
    whole, last = latest(newest_first), newest_first[0]
    ago = (now - datetime.fromisoformat(last["ended"])).days
    proved = last_proved(folder.parent, folder.name, _NUMBERS)
    stands = standing(whole)
    left = None if stands.days_left is None else stands.days_left - ago
    return Seen(
        standing=replace(stands, days_left=left, proved_at=_session_end(proved) if proved else ""),
        notebooks=tuple(whole["notebooks"]),
        looked=_session_end(last),
        days_ago=ago,
        notes=_notes(folder) if names else (),
    )


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
    known = {"not_after": kept.not_after, "days_left": kept.days_left, "proved_at": kept.proved_at}
    return replace(seen, standing=replace(stands, **known))  # type: ignore[arg-type]
