"""Run All as on a live tenant: a person who has done nothing yet, and nothing approved. All is explained, no error."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from onboarding import STEPS, finding
from stage import Stage, through

from flexsso_helpers.person import PersonAtTheConsole
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.session import Session
from flexsso_helpers.views.shown import text_of


async def live(stage: Stage) -> Session:
    session = await stage.open(apply=False)
    session.person = PersonAtTheConsole("ada.admin@contoso.com")
    return session


async def run_all(stage: Stage) -> dict[str, tuple[int, str]]:
    """Outcome and what is shown, by notebook; boxes that nobody ticks."""
    session = await live(stage)
    found = {}
    for number in STEPS:
        shown = []
        if number != "00":
            plan = await STEPS[number].plan(session)
            shown = [plan, session.approval(plan), await STEPS[number].apply(session, plan, session.approval(plan))]
        evidence = await STEPS[number].verify(session)
        found[number] = evidence.outcome, "\n".join(text_of(each) for each in (*shown, evidence))
    return found


def test_over_an_empty_tenant_everything_is_planned_or_waits(empty: Stage) -> None:
    before = empty.writes
    found = asyncio.run(run_all(empty))
    assert {number: outcome for number, (outcome, _) in found.items() if outcome == 1} == {}
    assert "known after Flex Console" in found["02"][1]
    assert "Finish the set-up" not in found["00"][1]
    assert empty.writes == before


@pytest.mark.full
def test_over_a_finished_tenant_there_is_nothing_to_do(configured: Stage) -> None:
    before = configured.writes
    found = asyncio.run(run_all(configured))
    assert {number: outcome for number, (outcome, _) in found.items()} == dict.fromkeys(STEPS, 0)
    assert configured.writes == before


@pytest.mark.full
@pytest.mark.parametrize("since", ["03", "06", "08"])
def test_half_way_nothing_fails_that_a_plan_or_a_person_explains(
    since: str, snapshots: dict[str, World], tmp_path: Path
) -> None:
    stage = Stage(tmp_path, world=snapshots[since].copy())
    before = stage.writes
    found = asyncio.run(run_all(stage))
    assert [number for number, (outcome, _) in found.items() if outcome == 1] == []
    assert {found[number][0] for number in STEPS if number >= since} <= {2, 3}
    assert stage.writes == before


def test_console_before_02_is_sent_to_02_first(before: Callable[[str], Stage]) -> None:
    stage = before("02")

    async def run() -> Evidence:
        await through(await stage.open(apply=True), STEPS["03"])
        return await STEPS["06"].verify(await live(stage))

    first = finding(asyncio.run(run()), "D21")
    assert (first.state, first.received) == ("waiting", "nobody has said so yet")
    assert first.fix.startswith("02 · Basic SAML configuration comes first")
