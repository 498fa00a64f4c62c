"""What is disturbed: from nothing, an adoption, a change of certificates, a change of people, an undo; in stretches.

A stretch is one section of one flow, from a snapshot of the world in which it begins, so that a case takes a second.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from onboarding import STEPS, made_by_hand
from preparations import AUDITOR
from stage import Stage, through

from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections import undo, user_changes
from flexsso_helpers.sections.rotation.step import STEPS as PHASES
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session

DAY = 86400.0
NEXT_MONTH = b"user,role\nsol.supervisor@contoso.com,admin\nbo.agent@contoso.com,agent\nrhea.reader@contoso.com,agent\n"
ROTATED = ("stage", "activate", "06", "08", "clean_up")
Go = Callable[[Session], Awaitable[Evidence]]


@dataclass(frozen=True)
class Stretch:
    """One section of a flow; `world` and `runs` are where it begins, not to be changed."""

    flow: str
    name: str
    go: Go
    world: World
    runs: Path
    """What earlier runs have left: an undo reads their ledgers."""
    count: int
    changes: Mapping[str, Any] = field(default_factory=dict)

    def stage(self, folder: Path) -> Stage:
        """A stage over a copy of the world, which writes into this folder."""
        shutil.copytree(self.runs, folder, dirs_exist_ok=True)
        stage = Stage(folder, world=self.world.copy(), changes=self.changes)
        stage._runs = self.count
        return stage


def section(step: Step[Any]) -> Go:
    """Plan, change and prove, as a runner with --apply --allow-removals does."""

    async def go(session: Session) -> Evidence:
        session.may_remove = True
        return (await through(session, step))[2]

    return go


async def people(session: Session) -> Evidence:
    """A list comes in and 22 follows it."""
    form = user_changes.form(session)
    drop = form.drops["people"]
    drop.content, drop.name = NEXT_MONTH, "people.csv"
    drop.turn += 1
    return await section(user_changes.STEP)(session)


def _along(flow: str, stage: Stage, parts: Mapping[str, Go]) -> Iterator[Stretch]:
    """The stretches of a flow; the stage goes along."""
    for name, go in parts.items():
        kept = Path(mkdtemp(prefix="matrix-"))
        shutil.copytree(stage.folder, kept, dirs_exist_ok=True)
        yield Stretch(flow, name, go, stage.world.copy(), kept, stage._runs, stage.changes)
        asyncio.run(_once(stage, go))
        stage.world.advance(600.0)


async def _once(stage: Stage, go: Go) -> None:
    await go(await stage.open())


def stretches(*flows: str, keys: Path | None = None) -> Iterator[Stretch]:
    """Those of the flows with these names, in order. Keys that are made are kept in the folder `keys`."""
    sections = {number: section(step) for number, step in STEPS.items()}
    scratch = Stage(Path(mkdtemp(prefix="matrix-")), world=World(folder=keys))
    yield from (each for each in _along("from scratch", scratch, sections) if "from scratch" in flows)
    if "adoption" in flows:
        adopted = Stage(Path(mkdtemp(prefix="matrix-")), world=World(folder=keys))
        adopted.changes = {"application": {"app_id": made_by_hand(adopted.world, appRoles=[AUDITOR])}}
        yield from _along("adoption", adopted, sections)
    if "rotation" in flows:
        rotated = _from(scratch)
        rotated.world.advance(300 * DAY)
        phases = {name: section(step) for name, step in PHASES.items()}
        yield from _along("rotation", rotated, {name: {**sections, **phases}[name] for name in ROTATED})
    if "user changes" in flows:
        yield from _along("user changes", _from(scratch), {"22": people})
    if "undo" in flows:
        yield from _along("undo", _from(scratch), {"29": section(undo.STEP)})


FLOWS = ("from scratch", "adoption", "rotation", "user changes", "undo")


def _from(other: Stage) -> Stage:
    folder = Path(mkdtemp(prefix="matrix-"))
    shutil.copytree(other.folder, folder, dirs_exist_ok=True)
    stage = Stage(folder, world=other.world.copy())
    stage._runs = other._runs
    return stage
