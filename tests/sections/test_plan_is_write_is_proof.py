"""Whatever is written is planned and proved: each effect of each write, taken back alone, is seen by the same section.

So a write that is lost, or that somebody takes back later, never leaves a section that says "proved, nothing changed".
"""

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from faults import host_of
from flows import FLOWS, PHASES, Stretch, section, stretches
from onboarding import STEPS
from stage import Stage

from flexsso_helpers.errors import FlexSSOError, NotProven
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections import undo, user_changes
from flexsso_helpers.sections.step import Step

KINDS = (
    "application", "servicePrincipal", "claimsMappingPolicy", "tokenIssuancePolicy", "policyLink", "appRoleAssignment",
)  # fmt: skip
CHECKED: dict[str, Step[Any]] = {**STEPS, **PHASES, "22": user_changes.STEP, "29": undo.STEP}
Documents = dict[tuple[str, str], Document]


def documents(world: World) -> Documents:
    store = world.store
    named = store._db.execute(f"SELECT kind, key FROM places WHERE kind IN {KINDS}").fetchall()
    return {(kind, key): body for kind, key in named if (body := store.get(kind, key)) is not None}


@dataclass
class Effect:
    """What one write did."""

    what: str
    before: Documents
    after: Documents

    def taken_back(self, world: World) -> bool:
        """Put back what it did and nobody did since; whether there was anything."""
        now, changed = documents(world), False
        for place in {*self.before, *self.after}:
            was, made, stands = self.before.get(place), self.after.get(place), now.get(place)
            if was == made or (stands is None and made is not None):
                continue
            body = was
            if was is not None and made is not None and stands is not None:
                moved = [name for name in {*was, *made} if was.get(name) != made.get(name) == stands.get(name)]
                kept = {name: value for name, value in stands.items() if name not in moved}
                body = kept | {name: was[name] for name in moved if name in was}
            if body == stands:
                continue
            changed = True
            if body is None:
                world.store.remove(*place, at=world.clock.now)
            else:
                world.store.put(*place, body, at=world.clock.now)
        world.advance(600.0)
        return changed


class Effects:
    """The application; notes what each write to Graph does."""

    def __init__(self, app: Any, world: World) -> None:
        self.app, self.world = app, world
        self.noted: list[Effect] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not host_of(scope).startswith("graph.") or scope["method"] == "GET":
            await self.app(scope, receive, send)
            return
        before = documents(self.world)
        await self.app(scope, receive, send)
        after = documents(self.world)
        if after != before:
            self.noted.append(Effect(f"{scope['method']} {scope['path']}", before, after))


def unseen(stretch: Stretch, folder: Path) -> Iterator[str]:
    """The writes of a stretch whose effect, taken back, its section does not see."""
    stage = stretch.stage(folder / "made")
    effects = Effects(stage.app, stage.world)

    async def go() -> None:
        await stretch.go(await stage.open(app=effects, unattended=True))

    asyncio.run(go())
    stage.world.advance(600.0)
    for number, effect in enumerate(effects.noted):
        world = stage.world.copy()
        if not effect.taken_back(world):
            continue
        looking = Stage(folder / str(number), world=world, changes=stretch.changes)
        looking._runs = stage._runs
        if stretch.name == "29":
            shutil.copytree(stage.folder, looking.folder, dirs_exist_ok=True)
        if not asyncio.run(_noticed(looking, CHECKED[stretch.name])):
            yield f"{stretch.flow} · {stretch.name} · {effect.what}: {_told(effect)}"


async def _noticed(stage: Stage, step: Step[Any]) -> bool:
    try:
        session = await stage.open(apply=False)
        plan = await step.plan(session)
        if plan.open:
            return True
        evidence = await step.verify(session)
    except NotProven:
        return True
    except FlexSSOError as error:
        return bool(error.fix)
    return evidence.outcome != 0


def _told(effect: Effect) -> str:
    moved = [place for place in {*effect.before, *effect.after} if effect.before.get(place) != effect.after.get(place)]
    fields = {
        name
        for place in moved
        for name in {*effect.before.get(place, {}), *effect.after.get(place, {})}
        if effect.before.get(place, {}).get(name) != effect.after.get(place, {}).get(name)
    }
    return json.dumps([sorted({kind for kind, _ in moved}), sorted(fields)])


@pytest.mark.full
@pytest.mark.parametrize("flow", FLOWS)
def test_no_effect_of_any_write_is_taken_back_unseen(flow: str, tmp_path: Path) -> None:
    found = [told for number, each in enumerate(stretches(flow)) for told in unseen(each, tmp_path / str(number))]
    assert found == []


@pytest.mark.full
def test_what_03_writes_is_planned_and_proved(before: Callable[[str], Stage], tmp_path: Path) -> None:
    stage = before("03")
    stage.folder.mkdir(exist_ok=True)
    stretch = Stretch("from scratch", "03", section(STEPS["03"]), stage.world, tmp_path / "none", 0)
    (tmp_path / "none").mkdir()
    assert list(unseen(stretch, tmp_path)) == []


def test_a_write_that_no_line_names_is_found(before: Callable[[str], Stage], tmp_path: Path) -> None:
    """The same section, which writes a homepage besides and never looks at it again."""
    stage = before("05")

    async def go(session: Any) -> None:
        await section(STEPS["05"])(session)
        found = stage.world.store.all("application")[-1]["id"]
        await session.graph.patch(f"/applications/{found}", {"notes": "x"}, why="A test", before={})

    (tmp_path / "none").mkdir()
    stretch = Stretch("from scratch", "05", go, stage.world, tmp_path / "none", 0)
    assert [told.partition(": ")[2] for told in unseen(stretch, tmp_path)] == ['[["application"], ["notes"]]']
