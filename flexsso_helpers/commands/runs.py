"""`flexsso runs prune`: what runs left long ago and nothing rests on any more."""

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from flexsso_helpers import places
from flexsso_helpers.commands.command_line import misused
from flexsso_helpers.commands.moments import moment_given
from flexsso_helpers.fleet.record import results
from flexsso_helpers.history import history_of
from flexsso_helpers.ledger import NOTES, read_ledger, writes
from flexsso_helpers.plan import FAILED, PROVED

runs = typer.Typer(no_args_is_help=True, help="What runs have left in runs/.")
_RUN = re.compile(r"(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)(-\d+)?")
_FLEET = re.compile(r"fleet-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)(-\d+)?\.(json|html)")


@runs.callback()
def _group() -> None:
    """Keep `prune` a command of its own, also while there is no other."""


@runs.command()
def prune(
    older_than: Annotated[str, typer.Option("--older-than", help="How old, or since when: 30d, 2026-01-31.")],
    keep_proofs: Annotated[
        bool, typer.Option("--keep-proofs", help="Keep the newest proof of each step, and the run that it names.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
) -> None:
    """Remove runs that began long ago, and what fleets left then. A run that wrote, or has a note, always stays: undo
    and the change record rest on it.
    """
    moment = misused(lambda: moment_given(older_than, datetime.now(UTC)))
    found = removable(places.runs(), moment, keep_proofs=keep_proofs)
    failed = {} if dry_run else {each.path: error for each in found if (error := _removed(each.path))}
    gone = [each for each in found if each.path not in failed]
    size = sum(each.size for each in gone) / 1e6
    verb = "would be removed" if dry_run else "removed"
    for each in gone:
        print(f"{each.path.relative_to(places.runs())}")
    print(f"{len(gone):,} {verb}, {size:,.1f} MB, from before {moment:%Y-%m-%d %H:%M} UTC.")
    for line in failed.values():
        print(line)
    if failed:
        print("Make the folder writable for this account (FLEXSSO_RUNS names another one), and run this again.")
    raise typer.Exit(FAILED if failed else PROVED)


@dataclass(frozen=True)
class Old:
    """Something that nothing rests on, and its bytes."""

    path: Path
    size: int


def removable(runs: Path, before: datetime, *, keep_proofs: bool) -> list[Old]:
    """The runs and fleet records that began before this moment and may go, in their order."""
    fleets = [path for path in sorted(runs.glob("fleet-*")) if _began(_FLEET, path.name, before)]
    tenants = sorted(path for path in runs.glob("*") if path.is_dir() and not path.name.startswith("."))
    gone = [path for tenant in tenants for path in _of(tenant, before, keep_proofs=keep_proofs)]
    return [Old(path, _size(path)) for path in (*fleets, *gone)]


def _of(tenant: Path, before: datetime, *, keep_proofs: bool) -> list[Path]:
    old = [path for path in sorted(tenant.iterdir()) if _began(_RUN, path.name, before) and not path.is_symlink()]
    if not old:
        return []
    if not keep_proofs:
        return [path for path in old if not _needed(path)]
    proving = {proof.run for proof in history_of(tenant).proofs.values()}
    going = [path for path in old if path not in proving and not _needed(path)]
    named = _named(tenant, {path.name for path in going})
    return [path for path in going if path.name not in named]


def _named(tenant: Path, going: set[str]) -> set[str]:
    """The runs that results of those that stay lead to: a look's notebooks and page are in an earlier run.

    By their names alone: the folder of all runs may have been moved meanwhile.
    """
    stay = [each for each in results(tenant) if Path(each.get("folder") or "").name not in going]
    executed = [each.get("as_good_as") or "" for result in stay for each in result["notebooks"]]
    pages = [Path(each.get("handover") or "").parent for each in stay]
    return {Path(path).name for path in (*executed, *pages)}


def _needed(run: Path) -> bool:
    """Whether undo or the change record needs it, or a person wrote something down there."""
    return (run / NOTES).exists() or bool(list(writes(read_ledger(run))))


def _began(name: re.Pattern[str], given: str, before: datetime) -> bool:
    found = name.fullmatch(given)
    return found is not None and datetime.strptime(found[1], "%Y-%m-%dT%H-%M-%SZ").replace(tzinfo=UTC) < before


def _size(path: Path) -> int:
    return sum(each.lstat().st_size for each in (path, *path.rglob("*")) if not each.is_dir())


def _removed(path: Path) -> str:
    """Remove it; why that failed, or nothing."""
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        return f"{error.filename or path} cannot be removed: {error.strerror}"
    return ""
