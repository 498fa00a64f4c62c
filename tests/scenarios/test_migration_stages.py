"""From a proved Legacy to a proved Enhanced, interrupted at every stage: whoever opens Flex still gets in."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from legacy_play import IDENTIFIER, LEGACY, REPLY_URL, on_legacy, press
from onboarding import DOCUMENTED, STEPS, application, finding, onboard, open_settings
from stage import Stage, approved

from flexsso_helpers.person import SimulatedPerson
from flexsso_helpers.person.browsing import Browser
from flexsso_helpers.plan import Evidence, Plan
from flexsso_helpers.rehearsal.flex import legacy_realm
from flexsso_helpers.rehearsal.world.world import World

pytestmark = pytest.mark.full

BO = "bo.agent@contoso.com"
LINK = "https://flex.twilio.com/contoso-1234"
URN = "urn:flex:JQf1e55000000000000000000000000001"
ENHANCED = "https://login.flex.us1.twilio.com/login/callback?connection=JQf1e55000000000000000000000000001"
OTHERS = (f"Other reply URL {REPLY_URL}", f"Other identifier {IDENTIFIER}")


def signs_on(stage: Stage) -> bool:
    """Whether somebody who opens Flex now gets in."""
    seen = asyncio.run(SimulatedPerson(user=BO, rehearsal_client=stage.rehearsal_client).sign_on(LINK, BO))
    return bool(seen and seen.signed_in)


def from_my_apps(stage: Stage) -> str:
    """Where a tile on My Apps ends: the heading of the last page, or the address that refused."""
    browser = Browser(stage.rehearsal_client.home, stage.rehearsal_client.browser())
    app_id = application(stage.world)["appId"]
    browser.open(stage.rehearsal_client.face(f"https://launcher.myapps.microsoft.com/api/signin/{app_id}"))
    browser.fill("User name", BO)
    browser.press("Sign in")
    browser.press("Continue")
    return browser.heading


async def see(stage: Stage, number: str) -> tuple[Plan, Evidence]:
    session = await stage.open(apply=False)
    return await STEPS[number].plan(session), (await STEPS[number]._examined(session))[1]


def started(stage: Stage) -> None:
    press(stage, "Start setup", "Modify existing SSO connection")


def entra_has_both(stage: Stage) -> None:
    asyncio.run(onboard(stage, until="05"))


def console_has_switched(stage: Stage) -> None:
    asyncio.run(onboard(stage, since="06", until="06"))


def proved(stage: Stage) -> None:
    asyncio.run(onboard(stage, since="07"))


def tile_moved(stage: Stage) -> None:
    asyncio.run(onboard(stage, since="02", until="02"))


def finished(stage: Stage) -> None:
    press(stage, "Finish")


def runbook_again(stage: Stage) -> None:
    asyncio.run(onboard(stage))


STAGES: tuple[Callable[[Stage], None], ...] = (
    started, entra_has_both, console_has_switched, proved, tile_moved, finished, runbook_again,
)  # fmt: skip


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, World]:
    """The world after each stage, and before the first; not to be changed."""
    folder = tmp_path_factory.mktemp("stages")
    first = on_legacy(folder)
    asyncio.run(onboard(first))
    first.world.advance(600.0)
    stage = Stage(folder, world=first.world)
    kept = {"proved on Legacy": stage.world.copy()}
    for walk in STAGES:
        walk(stage)
        stage.world.advance(60.0)
        kept[walk.__name__] = stage.world.copy()
    return kept


@pytest.mark.parametrize("reached", ["proved on Legacy", *(walk.__name__ for walk in STAGES)])
def test_whoever_signs_on_at_this_stage_gets_in(reached: str, worlds: dict[str, World], tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=worlds[reached].copy())
    assert signs_on(stage)


@pytest.mark.parametrize("reached", ["proved on Legacy", *(walk.__name__ for walk in STAGES[:4])])
def test_a_tile_on_my_apps_works_until_it_is_moved(reached: str, worlds: dict[str, World], tmp_path: Path) -> None:
    assert from_my_apps(Stage(tmp_path, world=worlds[reached].copy())) == "Signed in to Flex"


def test_before_it_begins_00_says_that_the_account_is_on_legacy(worlds: dict[str, World], tmp_path: Path) -> None:
    _, start = asyncio.run(see(Stage(tmp_path, world=worlds["proved on Legacy"].copy()), "00"))
    said = finding(start, "F115")
    assert (said.level, said.state) == ("warning", "wrong")
    assert said.received.startswith("in force, leads to https://login.microsoftonline.com/")
    assert finding(start, "F07").configured == "2.7 or newer"


def test_the_plan_adds_the_new_values_and_keeps_the_old_ones_out_of_reach(
    worlds: dict[str, World], tmp_path: Path
) -> None:
    stage = Stage(tmp_path, world=worlds["started"].copy())

    async def go() -> None:
        session = await stage.open(apply=False)
        plan = await STEPS["02"].plan(session)
        assert open_settings(plan) == ["Reply URL", "Identifier (Entity ID)"]
        kept = {change.setting: change.reason for change in plan.changes if change.setting in OTHERS}
        assert kept == dict.fromkeys(OTHERS, "people sign on by Legacy until you press Finish in Flex Console")
        await STEPS["02"].apply(session, plan, approved(plan, *OTHERS))

    asyncio.run(go())
    entry = application(stage.world)
    assert entry["web"]["redirectUris"] == [REPLY_URL, ENHANCED]
    assert entry["identifierUris"] == [IDENTIFIER, URN]
    assert entry["defaultRedirectUri"] == REPLY_URL


def test_once_the_new_connection_works_the_start_from_my_apps_moves_before_finish(
    worlds: dict[str, World], tmp_path: Path
) -> None:
    plan, evidence = asyncio.run(see(Stage(tmp_path, world=worlds["proved"].copy()), "02"))
    assert open_settings(plan) == ["Default reply URL"]
    plan, evidence = asyncio.run(see(Stage(tmp_path, world=worlds["tile_moved"].copy()), "02"))
    assert open_settings(plan) == []
    assert "press Finish, then remove them here" in finding(evidence, "D07").fix


def test_after_finish_the_old_values_go_by_name(worlds: dict[str, World], tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=worlds["finished"].copy())

    async def go() -> None:
        session = await stage.open(apply=False)
        plan = await STEPS["02"].plan(session)
        assert open_settings(plan) == list(OTHERS)
        applied = await STEPS["02"].apply(session, plan, approved(plan))
        assert applied.made == ()
        await STEPS["02"].apply(session, plan, approved(plan, *OTHERS))

    asyncio.run(go())
    entry = application(stage.world)
    assert (entry["web"]["redirectUris"], entry["identifierUris"]) == ([ENHANCED], [URN])
    assert signs_on(stage)
    before = stage.writes
    again = asyncio.run(onboard(stage))
    assert {number: open_settings(plan) for number, (plan, _, _) in again.items()} == {n: [] for n in DOCUMENTED}
    assert stage.writes == before


def test_after_the_way_back_legacy_is_proved_again(worlds: dict[str, World], tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=worlds["proved"].copy(), changes=LEGACY)
    press(stage, "Switch back to Legacy")
    assert legacy_realm.in_force(stage.world)
    assert signs_on(stage)
