"""Scenarios as files: a tenant as it is found, what is expected of the runbook there, and nothing left to do after it.

A file is one scenario; `Scenario` says what may stand in it. Each is run twice: the second run plans only what was
left to a person (`left`), and writes nothing.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from onboarding import DOCUMENTED, STEPS, open_settings
from preparations import PREPARATIONS
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from stage import Stage, approved

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.world import World

FILES = sorted((Path(__file__).parent / "files").glob("*.yaml"))
Number = Literal["00", "01", "02", "03", "04", "05", "06", "07", "08"]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Refused(Part):
    """The error that ends the run: its name, the notebook it names, and words that a person reads in it."""

    error: str
    notebook: Number
    says: str


class Expect(Part):
    """Settings planned, of the sections that are named, and the end: who signs on with which roles, or a refusal."""

    planned: dict[Number, list[str]] = {}
    left: list[str] = []
    """Removals that nobody approved: the second run shows them again."""
    signs_on: dict[str, list[str]] = {}
    refused: Refused | None = None

    @model_validator(mode="after")
    def _one_end(self) -> "Expect":
        if bool(self.signs_on) == bool(self.refused):
            raise ValueError("expect either signs_on or refused")
        if self.refused and (self.planned or self.left):
            raise ValueError("what is planned and left is told of a run that ends in sign-ons")
        return self


class Scenario(Part):
    """`before`: the notebook before which an earlier run ended (09: it was whole). `approve`: removals by name."""

    title: str
    before: Literal["01", "02", "03", "04", "05", "06", "07", "08", "09"] = "01"
    seed: list[str] = []
    quirks: dict[str, str] = {}
    parameters: dict[str, Any] = {}
    approve: list[str] = []
    expect: Expect


def load(path: Path) -> Scenario:
    return Scenario.model_validate(yaml.safe_load(path.read_text("utf-8")))


async def go(stage: Stage, scenario: Scenario) -> tuple[dict[str, list[str]], Evidence]:
    """The whole runbook once: what each section planned, and the evidence of the last."""
    session = await stage.open()
    await STEPS["00"].verify(session)
    planned = {}
    for number in DOCUMENTED:
        step = STEPS[number]
        plan = await step.plan(session)
        planned[number] = open_settings(plan)
        await step.apply(session, plan, approved(plan, *scenario.approve))
        evidence = await step.verify(session)
    return planned, evidence


async def play(stage: Stage, scenario: Scenario) -> None:
    for name in scenario.seed:
        await PREPARATIONS[name](stage)
    wanted, refused = scenario.expect, None
    try:
        planned, evidence = await go(stage, scenario)
    except FlexSSOError as error:
        refused = error
    if refused is not None or wanted.refused is not None:
        assert wanted.refused is not None, refused
        assert refused is not None, "it was not refused"
        assert (type(refused).__name__, refused.notebook) == (wanted.refused.error, wanted.refused.notebook), refused
        assert wanted.refused.says in str(refused)
        return
    assert {number: planned[number] for number in wanted.planned} == wanted.planned
    signed_on = {user: words.split(" · ")[0] for user, words in evidence.facts.items()}
    assert signed_on == {user: f"roles {', '.join(roles)}" for user, roles in wanted.signs_on.items()}
    stage.world.advance(600.0)
    before = stage.writes
    again, _ = await go(stage, scenario)
    assert [setting for settings in again.values() for setting in settings] == wanted.left
    assert stage.writes == before


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_tenant_as_it_is_found(path: Path, worlds: Mapping[str, World], tmp_path: Path) -> None:
    scenario = load(path)
    world = World(worlds[scenario.before].store.copy(), quirks=scenario.quirks)
    asyncio.run(play(Stage(tmp_path, world=world, changes=scenario.parameters), scenario))


def test_there_are_many() -> None:
    assert len(FILES) >= 25
    assert len({load(path).title for path in FILES}) == len(FILES)
    assert {name for path in FILES for name in load(path).seed} <= set(PREPARATIONS)


@pytest.mark.parametrize(
    "more",
    [
        {"sead": []},
        {"expect": {"signs_on": {}}},
        {"expect": {"signs_on": {"a": []}, "planed": {}}},
        {"before": "10"},
        {"expect": {"refused": {"error": "Refused", "notebook": "01", "says": ""}, "planned": {"01": []}}},
    ],
    ids=["key", "no end", "key below expect", "notebook", "plan of a refused run"],
)
def test_what_a_scenario_does_not_know_is_refused(more: dict[str, Any]) -> None:
    plain = {"title": "Plain", "expect": {"signs_on": {"bo.agent@contoso.com": ["agent"]}}}
    assert Scenario.model_validate(plain).before == "01"
    with pytest.raises(ValidationError):
        Scenario.model_validate(plain | more)
