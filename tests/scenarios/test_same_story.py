"""What the cells of a notebook show and what the ledger notes are the same story: of each tenant as it is found,
approved by the start of the run, ticked by a person, or not approved at all.
"""

import asyncio
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any, Literal

import pytest
from onboarding import DOCUMENTED, STEPS
from preparations import PREPARATIONS
from scenario import Scenario, load
from stage import Stage
from test_scenarios import AS_LARGE_AS_THEY_ARE

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.ledger import CHANGES, read_ledger
from flexsso_helpers.plan import Plan
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.session import ApprovalCell, Session
from flexsso_helpers.views.shown import text_of

How = Literal["start", "tick", "nobody"]


def shows_something(path: Path) -> bool:
    """Not where the tenant cannot be opened, or 01 cannot tell which application is meant."""
    refused = load(path).expect.refused
    return refused is None or refused.notebook not in (None, "00")


TOLD = [each for each in AS_LARGE_AS_THEY_ARE if shows_something(each.values[0])]  # type: ignore[arg-type]


class Notebooks:
    """The cells of all notebooks, executed once; what each showed, by section and cell, as it is kept."""

    def __init__(self, session: Session, how: How, approve: list[str]) -> None:
        self.session, self.how, self.approve = session, how, approve
        self.shown: dict[tuple[str, str], str] = {}

    async def go(self, stage: Stage, scenario: Scenario) -> "Notebooks":
        for number in DOCUMENTED:
            if self.how != "nobody":  # what others do meanwhile, they do to what was made
                for name in scenario.meanwhile.get(number, ()):  # type: ignore[call-overload]
                    await PREPARATIONS[name](stage)
            try:
                await self._notebook(number)
            except FlexSSOError:
                break  # a person would stop here too; what was shown until then has to be true
        return self

    async def _notebook(self, number: str) -> None:
        step = STEPS[number]
        plan = await step.plan(self.session)
        self._show(number, "plan", plan)
        approval = self.session.approval(plan)
        self._show(number, "approval", approval)
        self._tick(plan, approval)
        self._show(number, "applied", await step.apply(self.session, plan, approval))
        self._show(number, "evidence", await step.verify(self.session))

    def _tick(self, plan: Plan, approval: ApprovalCell) -> None:
        """After the box was shown: what is kept of it was drawn before."""
        if self.how == "tick" and plan.open:
            approval._box.tick.value = True
            for change in plan.open:
                if change.setting in self.approve and change.key in approval._box.name_ticks:
                    approval._box.name_ticks[change.key].value = True

    def _show(self, number: str, cell: str, thing: object) -> None:
        bundle: Any = thing
        html = re.sub("<style>.*?</style>|<[^>]*>", "", bundle._repr_mimebundle_()["text/html"])
        self.shown[number, cell] = " ".join(text_of(thing).split())
        self.shown[number, f"{cell} as HTML"] = re.sub(r"\s", "", unescape(html))


def told_apart(notebooks: Notebooks) -> list[str]:
    """Where the two tell different stories."""
    lines, shown = read_ledger(notebooks.session.folder), notebooks.shown
    made = {line["section"]: line for line in read_ledger(notebooks.session.folder, CHANGES)}
    wrong = []
    for line in lines:
        number, kind = line["section"], line["kind"]
        if kind == "evidence" and line["verdict"] not in shown.get((number, "evidence"), line["verdict"]):
            wrong.append(f"{number}: the proof is noted as {line['verdict']}")
        if kind == "plan" and line["open"] and f"Plan {line['digest'][:12]}" not in shown[number, "plan"]:
            wrong.append(f"{number}: another plan is noted")
        if kind == "applied" and (card := shown.get((number, "applied"))):
            wrong += [f"{number}: {words}" for words in _applied(card, line)]
            wrong += [f"{number}: {words}" for words in _changes(shown[number, "applied as HTML"], line, made)]
    for (number, cell), text in shown.items():
        if cell == "approval" and re.search(r"\bnot approved\b|✓|✗", text):
            wrong.append(f"{number}: the box says whether it was approved, before it was")
    return wrong


def _applied(card: str, line: Mapping[str, Any]) -> list[str]:
    wrong = []
    count = f"{line['made']} change{'s' if line['made'] != 1 else ''} made" if line["made"] else "nothing changed"
    if count not in card:
        wrong.append(f"noted is {count}")
    approved = f"Approved by {line['approved_by']} · " if line["approved_by"] else ""
    if approved not in card or (not approved and "Approved by" in card):
        wrong.append(f"noted is the approval of {line['approved_by'] or 'nobody'}")
    if approved and f"plan {line['plan'][:12]}" not in card:
        wrong.append("another plan is noted")
    if approved and ("ticked ·" in card) != line["by_hand"]:
        wrong.append(f"by hand is noted as {line['by_hand']}")
    return wrong


def _changes(card: str, line: Mapping[str, Any], kept: Mapping[str, Any]) -> list[str]:
    """Each setting that is kept as changed stands on the card; of very many the rest is folded there too."""
    made = kept[line["section"]]["made"] if line["made"] else []
    if len(made) != line["made"]:
        return [f"{len(made)} changes are kept of {line['made']}"]
    return [f"{each['setting']} is kept" for each in made if re.sub(r"\s", "", each["setting"]) not in card]


async def executed(stage: Stage, scenario: Scenario, how: How) -> Notebooks:
    for name in scenario.seed:
        await PREPARATIONS[name](stage)
    session = await stage.open(apply=how == "start")
    return await Notebooks(session, how, scenario.approve).go(stage, scenario)


@pytest.mark.sampled(24)
@pytest.mark.full
@pytest.mark.parametrize("how", ["start", "tick", "nobody"])
@pytest.mark.parametrize("path", TOLD, ids=lambda path: path.stem)
def test_the_notebooks_and_the_ledger_tell_the_same_story(
    path: Path, how: How, worlds: Mapping[str, World], tmp_path: Path
) -> None:
    scenario = load(path)
    stage = Stage(tmp_path, world=scenario.world(worlds), changes=scenario.parameters)
    notebooks = asyncio.run(executed(stage, scenario, how))
    assert notebooks.shown
    assert told_apart(notebooks) == []
    approved = [line for line in read_ledger(notebooks.session.folder) if line.get("approved_by")]
    assert {line["by_hand"] for line in approved} <= {how == "tick"}
    assert not (approved and how == "nobody")


@pytest.mark.full
def test_a_ledger_that_tells_another_story_is_found(worlds: Mapping[str, World], tmp_path: Path) -> None:
    path = next(each for each in Path(__file__).parent.glob("files/half_finished_before_05.yaml"))
    scenario = load(path)
    stage = Stage(tmp_path, world=scenario.world(worlds), changes=scenario.parameters)
    notebooks = asyncio.run(executed(stage, scenario, "tick"))
    assert told_apart(notebooks) == []
    file = notebooks.session.folder / "ledger.jsonl"
    told = file.read_text("utf-8")
    for there, instead in (
        ('"by_hand": true', '"by_hand": false'),
        ('"approved_by": "ada', '"approved_by": "eve'),
        ('"verdict": "proved', '"verdict": "refused'),
        ('"made": 3', '"made": 2'),
    ):
        assert there in told, there
        file.write_text(told.replace(there, instead), "utf-8")
        assert told_apart(notebooks), there
    file.write_text(told, "utf-8")


def test_a_value_of_the_form_is_told_by_the_plan_and_kept_with_the_change(
    worlds: Mapping[str, World], tmp_path: Path
) -> None:
    async def go() -> tuple[str, str, str, Session]:
        session = await Stage(tmp_path, world=worlds["03"].copy()).open(apply=False)
        form = STEPS["03"].form(session)
        form.inputs["signing.valid_days"].value = "365"
        plan = await STEPS["03"].plan(session)
        approval = session.approval(plan)
        approval._box.tick.value = True
        applied = await STEPS["03"].apply(session, plan, approval)
        return form.labels(["signing.valid_days"])[0], text_of(plan), text_of(applied), session

    label, plan, applied, session = asyncio.run(go())
    assert f"Saved from the form into the tenant's file: {label}." in " ".join(plan.split())
    (line,) = read_ledger(session.folder, CHANGES)
    values = [each["should_be"] for each in line["made"]]
    assert "a new one, valid for 365 days, active" in values
    assert "365" in plan
    assert "365" in applied
