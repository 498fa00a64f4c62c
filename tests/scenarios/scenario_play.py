"""A scenario played: the runbook over a tenant twice, held against what its file expects."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from onboarding import DOCUMENTED, STEPS, open_settings
from preparations import PREPARATIONS
from scenario import Refused, Scenario
from stage import Stage, approved
from standing import lost, standing

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.plan import PROVED, WAITING, Evidence, Plan
from flexsso_helpers.rehearsal.flex import workers
from flexsso_helpers.rehearsal.world.world import World

SMALL = 600
"""Requests that a run takes at most, of a company of the usual size."""
LONGEST = 12_000
"""Characters of what a section shows as text."""


class Run:
    """One run of the whole runbook: what each section planned, and its evidence."""

    def __init__(self) -> None:
        self.planned: dict[str, list[str]] = {}
        self.evidence: list[Evidence] = []
        self.error: FlexSSOError | None = None

    async def go(self, stage: Stage, approve: list[str], before: Callable[[str], Awaitable[None]]) -> "Run":
        try:
            session = await stage.open()
            await STEPS["00"].verify(session)
            for number in DOCUMENTED:
                await before(number)
                step = STEPS[number]
                plan = await step.plan(session)
                self.planned[number] = open_settings(plan)
                readable(plan)
                await step.apply(session, plan, approved(plan, *approve))
                self.evidence.append(await step.verify(session))
                readable(self.evidence[-1])
            await before("09")
        except FlexSSOError as error:
            self.error = error
        return self


def readable(shown: Plan | Evidence) -> None:
    """However many people there are, what is shown can be read, and does not fill the notebook."""
    assert 0 < len(str(shown._repr_mimebundle_()["text/plain"])) < LONGEST


async def nobody(_number: str) -> None:
    """Nobody does anything by hand."""


async def play(stage: Stage, scenario: Scenario, runs: Callable[[], Run] = Run, requests: int = SMALL) -> None:
    """Twice: nothing that stood is lost but what the scenario names, and the second run writes nothing.

    `runs` makes a run, by default one without anybody, which takes at most so many `requests`. Nobody has to be there
    for the second one, unless the first was refused.
    """
    wanted, world = scenario.expect, stage.world
    for name in scenario.seed:
        await PREPARATIONS[name](stage)
    stood = [standing(world)]

    async def by_hand(number: str) -> None:
        for name in scenario.meanwhile.get(number, ()):  # type: ignore[call-overload]
            await PREPARATIONS[name](stage)
            stood.append(standing(world))

    asked = world.requests
    run = await runs().go(stage, scenario.approve, by_hand)
    assert world.requests - asked <= max(requests, wanted.requests or 0)
    assert run.error is None or wanted.refused is not None, run.error
    if wanted.refused is not None:
        as_expected(run.error, wanted.refused)
    else:
        assert {number: as_told(run.planned[number], like) for number, like in wanted.planned.items()} == wanted.planned
        assert awaited(run, stage) == wanted.waits
        assert signed_on(run) == {user: f"roles {', '.join(roles)}" for user, roles in wanted.signs_on.items()}
        assert {name: attributes_of(world, name, like) for name, like in wanted.workers.items()} == wanted.workers
    assert sorted({text for before in stood for text in lost(before, standing(world))}) == wanted.gone
    world.advance(600.0)
    before = stage.writes
    again = await (runs if wanted.refused else Run)().go(stage, [], nobody)
    if wanted.refused is not None:
        as_expected(again.error, wanted.refused)
        assert stage.writes | {"sign_ins": 0} == before | {"sign_ins": 0}  # a sign-on that fails is tried again
        return
    assert again.error is None, again.error
    assert [setting for settings in again.planned.values() for setting in settings] == wanted.left
    assert awaited(again, stage) == wanted.waits
    assert wanted.left or {each.outcome for each in again.evidence} == {PROVED}
    assert stage.writes == before


def as_told(planned: list[str], like: list[str] | int) -> list[str] | int:
    """As the file tells it: by name, or how many."""
    return planned if isinstance(like, list) else len(planned)


def as_expected(error: FlexSSOError | None, wanted: Refused) -> None:
    assert error is not None, "it was not refused"
    assert (type(error).__name__, error.notebook or None) == (wanted.error, wanted.notebook), error
    assert [words for words in wanted.says if words not in str(error)] == [], error


def awaited(run: Run, stage: Stage) -> dict[str, str]:
    """What a person is told, by section; addresses as the world knows them, wherever this person finds them."""
    told = {
        each.section: [finding.fix for finding in each.findings if finding.state == "waiting"]
        for each in run.evidence
        if each.outcome == WAITING
    }
    return {
        section: fixes[0].replace(f"{stage.rehearsal_client.home}/", "https://")
        for section, fixes in told.items()
        if fixes
    }


def signed_on(run: Run) -> dict[str, str]:
    return {user: words.split(" · ")[0] for user, words in run.evidence[-1].facts.items()}


def attributes_of(world: World, name: str, like: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the worker's attributes that are asked for."""
    found = workers.by_name(world, name)
    assert found is not None, [each["friendly_name"] for each in world.store.all("worker")]
    attributes = json.loads(found["attributes"])
    return {key: attributes.get(key) for key in like}
