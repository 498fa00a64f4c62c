"""An account that is still on Legacy single sign-on is brought to Enhanced, and can be taken back for 30 days."""

import asyncio
from pathlib import Path

import pytest
from onboarding import DOCUMENTED, STEPS, finding, onboard
from stage import Stage, through

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.person.browsing import Browser
from flexsso_helpers.rehearsal.flex import legacy_realm


@pytest.fixture
def on_legacy(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    legacy_realm.plant(stage.world)
    return stage


def console(stage: Stage) -> Browser:
    """Flex Console's page, in a person's browser."""
    browser = Browser(stage.rehearsal_client.home, stage.rehearsal_client.browser())
    browser.open(stage.rehearsal_client.face(CONSOLE_SSO_PAGE))
    return browser


@pytest.mark.full
def test_before_anybody_starts_the_migration_the_runbook_waits_for_it(on_legacy: Stage) -> None:
    async def look() -> None:
        session = await on_legacy.open()
        start = await STEPS["00"].verify(session)
        assert start.outcome == 3
        assert finding(start, "F19").state == "waiting"
        await through(session, STEPS["01"])
        plan, applied, _ = await through(session, STEPS["02"])
        assert applied.made == ()
        assert "Flex Console" in applied.why_not
        assert [str(change.should_be) for change in plan.open] == ["known after Flex Console shows it"] * 2

    asyncio.run(look())


@pytest.mark.full
def test_the_migration_ends_in_a_proved_sign_on_and_is_finished_then(on_legacy: Stage) -> None:
    page = console(on_legacy)
    page.press("Start setup")
    page.press("Create new SSO connection")
    done = asyncio.run(onboard(on_legacy))
    assert [evidence.outcome for _, _, evidence in done.values()] == [2] * len(DOCUMENTED)
    assert legacy_realm.in_force(on_legacy.world)
    page = console(on_legacy)
    assert page.heading == "Validate the new SSO connection"
    page.press("Finish")
    assert not legacy_realm.in_force(on_legacy.world)
    again = asyncio.run(onboard(on_legacy))
    assert [evidence.outcome for _, _, evidence in again.values()] == [0] * len(DOCUMENTED)


@pytest.mark.full
def test_after_the_switch_back_the_runbook_says_that_nothing_leads_to_flex(on_legacy: Stage) -> None:
    page = console(on_legacy)
    page.press("Start setup")
    page.press("Create new SSO connection")
    asyncio.run(onboard(on_legacy))
    console(on_legacy).press("Finish")
    on_legacy.world.advance(29 * 86400.0)
    page = console(on_legacy)
    page.open(on_legacy.rehearsal_client.face(f"{CONSOLE_SSO_PAGE}/legacy"))
    page.press("Switch back to Legacy")

    async def look() -> list[str]:
        session = await on_legacy.open(apply=False)
        evidence = (await STEPS["06"]._examined(session))[1]
        return [each.title for each in evidence.findings if each.fails]

    assert "A started login leads to" in asyncio.run(look())
