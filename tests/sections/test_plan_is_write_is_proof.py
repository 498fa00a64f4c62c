"""Whatever is written is planned and proved: each effect of each write, taken back alone, is seen by the same section.

It opens a line of the plan that was approved, and a check reads otherwise. So a write that is lost, or that somebody
takes back later, never leaves a section that says "proved, nothing changed".
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
from flows import FLOWS, PHASES, Go, Stretch, people, section, stretches
from onboarding import STEPS, application, principal
from stage import Stage

from flexsso_helpers.errors import Ambiguous, NotProven
from flexsso_helpers.ledger import CHANGES, read_ledger, writes
from flexsso_helpers.plan import Evidence, Finding, Plan
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections import undo, user_changes
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session

KINDS = (
    "application", "servicePrincipal", "claimsMappingPolicy", "tokenIssuancePolicy", "policyLink", "appRoleAssignment",
    "flex_connection", "worker", "flex_user",
)  # fmt: skip
CHECKED: dict[str, Step[Any]] = {**STEPS, **PHASES, "22": user_changes.STEP, "29": undo.STEP}
PEOPLES = ("login.flex.us1.twilio.com", "iam.twilio.com")
"""Where people sign on, which makes their workers: no write of ours."""
GO_ALONG = {"defaultRedirectUri": "web", "passwordCredentials": "keyCredentials"}
"""Fields that are one setting with another: without a default the first reply URL is it; a certificate's password."""
SAYS_IT_ALL = {"Signing policy of the service principal": "Signing option"}
"""A line that is shown only where the other one, which was approved, does not tell what is missing."""
BY_PLAN_ALONE = {"Mark in its notes", "Tags of a SAML application"}
"""Nobody's sign-on hangs on them: that they are open is all that their proof says."""
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
            if (
                was == made
                or (stands is None and made is not None)
                or (stands is None and not _possible(place, was, now))
            ):
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


def _possible(place: tuple[str, str], body: Document | None, now: Documents) -> bool:
    """Whether this can be there alone: Entra ends with an application whatever hangs on it."""
    there = {each for kind, key in now for each in (key, str(now[kind, key].get("appId")))}
    wanted = {"servicePrincipal": "appId", "policyLink": "object", "appRoleAssignment": "resourceId"}.get(place[0])
    return wanted is None or body is None or str(body[wanted]) in there


class Effects:
    """The application; notes what each write does, at whichever host: each field of an object by itself."""

    def __init__(self, app: Any, world: World) -> None:
        self.app, self.world = app, world
        self.noted: list[Effect] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "GET":
            await self.app(scope, receive, send)
            return
        before = documents(self.world)
        await self.app(scope, receive, send)
        after = documents(self.world)
        what, alone = f"{scope['method']} {scope['path']}", scope["method"] == "PATCH"
        if host_of(scope) in PEOPLES or after == before:
            return
        if scope["path"].endswith("/$batch") or alone:
            places = [place for place in {*before, *after} if before.get(place) != after.get(place)]
            self.noted += [Effect(what, was, made) for place in places for was, made in _parts(place, before, after)]
        else:
            self.noted.append(Effect(what, before, after))


def _parts(place: tuple[str, str], before: Documents, after: Documents) -> Iterator[tuple[Documents, Documents]]:
    """What became of one object; of one that was changed, what became of each field."""
    was, made = before.get(place), after.get(place)
    if was is None or made is None:
        yield {place: was} if was else {}, {place: made} if made else {}
        return
    for name in sorted({*was, *made} - {"version", *GO_ALONG}):
        fields = [name, *(each for each, leader in GO_ALONG.items() if leader == name)]
        if any(was.get(each) != made.get(each) for each in fields):
            yield {place: was}, {place: was | {each: made[each] for each in fields if each in made}}


def unseen(stretch: Stretch, folder: Path) -> Iterator[str]:
    """The writes of a stretch whose effect, taken back, its section does not see; and by what it is not seen."""
    stage = stretch.stage(folder / "made")
    effects = Effects(stage.app, stage.world)

    async def go() -> None:
        await stretch.go(await stage.open(app=effects, unattended=True))

    asyncio.run(go())
    stage.world.advance(600.0)
    run = stage.folder / f"run-{stage._runs}"
    meant = {f"{each.intent['method']} {each.intent['path']}" for each in writes(read_ledger(run))}
    approved = {change["setting"] for line in read_ledger(run, CHANGES) for change in line["made"]}
    _, read = _looked(stage, stretch, stage.world.copy(), folder / "end")
    for number, effect in enumerate(effects.noted):
        world = stage.world.copy()
        if not effect.taken_back(world):
            continue
        try:
            lines, now_read = _looked(stage, stretch, world, folder / str(number))
        except Ambiguous:  # it cannot be told from another's, which is said with the way out
            continue
        reopened = {SAYS_IT_ALL.get(line, line) for line in lines} & approved
        seen = {
            "intent in the ledger": "/$batch" in effect.what or effect.what.replace("/v1.0", "") in meant,
            "line of the approved plan": bool(reopened),
            "check that reads it": read != now_read or (bool(reopened) and reopened <= BY_PLAN_ALONE),
        }
        if missing := [by for by, there in seen.items() if not there]:
            yield f"{stretch.flow} · {stretch.name} · {effect.what}, no {', no '.join(missing)}: {_told(effect)}"


def _looked(stage: Stage, stretch: Stretch, world: World, folder: Path) -> tuple[set[str], list[Finding]]:
    """What a later run of the section would change in this world, and what its checks read there."""
    looking, step = Stage(folder, world=world, changes=stretch.changes), CHECKED[stretch.name]
    shutil.copytree(stage.folder, looking.folder, dirs_exist_ok=True)
    looking._runs = stage._runs

    async def look() -> tuple[Plan, Evidence]:
        session = await looking.open(apply=False)
        plan = await step.plan(session)
        try:
            return plan, await step.verify(session)
        except NotProven:
            return plan, (await step.examine(session))[1]

    plan, evidence = asyncio.run(look())
    return {change.setting for change in plan.open}, list(evidence.findings)


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


def told(found: Iterator[str]) -> list[str]:
    """What was found, without the address."""
    return [each[each.index(", no ") + 2 :] for each in found]


def beginning(flow: str, name: str, stage: Stage, go: Go) -> Stretch:
    stage.folder.mkdir(exist_ok=True)
    return Stretch(flow, name, go, stage.world, stage.folder, stage._runs)


def test_a_write_that_no_line_names_and_no_check_reads_is_found(
    afterwards: Callable[[str], Stage], tmp_path: Path
) -> None:
    """The same section, which writes notes besides and never looks at them again."""
    stage = afterwards("05")

    async def go(session: Session) -> Evidence:
        evidence = await section(STEPS["05"])(session)
        path = f"/applications/{application(stage.world)['id']}"
        await session.graph.patch(path, {"notes": "x"}, why="A test", before={})
        return evidence

    found = told(unseen(beginning("from scratch", "05", stage, go), tmp_path / "looked"))
    assert found == ['no line of the approved plan, no check that reads it: [["application"], ["notes"]]']


@pytest.mark.full
def test_a_write_that_only_a_later_plan_would_name_is_found(afterwards: Callable[[str], Stage], tmp_path: Path) -> None:
    """03 has nothing to do, and writes the addresses all the same."""
    stage, name = afterwards("03"), "notificationEmailAddresses"
    entry = principal(stage.world)

    async def go(session: Session) -> Evidence:
        evidence = await section(STEPS["03"])(session)
        for value in ([], entry[name]):
            await session.graph.patch(f"/servicePrincipals/{entry['id']}", {name: value}, why="A test", before={})
        return evidence

    found = told(unseen(beginning("from scratch", "03", stage, go), tmp_path / "looked"))
    assert found == [f'no line of the approved plan: [["servicePrincipal"], ["{name}"]]']


@pytest.mark.full
def test_a_write_to_twilio_of_which_nothing_tells_is_found(afterwards: Callable[[str], Stage], tmp_path: Path) -> None:
    """22, which ends a worker besides whom no list names."""
    stage = afterwards("22")
    (other, *_) = (each for each in stage.world.store.all("worker") if "bo.agent" not in json.dumps(each))

    async def go(session: Session) -> Evidence:
        evidence = await people(session)
        workspace = (await session.flex.configuration()).workspace_sid
        await session.flex.delete_worker(workspace, other["sid"])
        return evidence

    (found,) = told(unseen(beginning("user changes", "22", stage, go), tmp_path / "looked"))
    assert found.startswith('no intent in the ledger, no line of the approved plan, no check that reads it: [["worker')


@pytest.mark.full
def test_a_worker_alone_that_is_ended_is_planned_and_proved(afterwards: Callable[[str], Stage], tmp_path: Path) -> None:
    stage = afterwards("22")
    for user in stage.world.store.all("flex_user"):
        stage.world.store.remove("flex_user", user["sid"], at=stage.world.clock.now)
    stretch = beginning("user changes", "22", stage, people)
    assert list(unseen(stretch, tmp_path / "looked")) == []
    run = max((tmp_path / "looked" / "made").glob("run-*"))
    meant = {each.intent["method"] for each in writes(read_ledger(run)) if each.intent["service"] == "flex"}
    assert meant == {"DELETE"}
