"""01: one application of ours, whatever it is called, with both its halves; a second one is never made unseen."""

import asyncio
from collections.abc import Callable

import pytest
from onboarding import (
    NAME,
    STEPS,
    application,
    change_application,
    finding,
    look,
    made_by_hand,
    onboard,
    principal,
    proof,
)
from stage import Stage, through

from flexsso_helpers.errors import Ambiguous, FlexSSOError, WaitedTooLong
from flexsso_helpers.plan import Evidence, Plan
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.app_roles import step as app_roles
from flexsso_helpers.views.shown import text_of

NEW = "Contoso Flex"
Before = Callable[[str], Stage]


def applications(world: World) -> list[str]:
    return sorted(str(each["displayName"]) for each in world.store.all("application"))


def lose_principal(world: World, name: str = NAME) -> None:
    sp = principal(world, name)
    world.store.remove("servicePrincipal", sp["id"], at=world.clock.now)
    world.advance(600.0)


@pytest.mark.parametrize("number", ["02", "03", "08"])
def test_a_name_corrected_after_01_renames_the_application_and_makes_no_second_one(number: str, before: Before) -> None:
    stage = before(number)
    there = len(applications(stage.world))
    mine = application(stage.world)["id"]
    stage.changes["application"] = {"name": NEW}

    async def run() -> Plan:
        plan, _, _ = await through(await stage.open(apply=True), STEPS["01"])
        return plan

    plan = asyncio.run(run())
    change = plan.open[0]
    assert (len(plan.open), change.setting, change.now, change.should_be) == (1, "Enterprise application", NAME, NEW)
    assert (change.kind, change.undo) == ("~", "")
    assert len(applications(stage.world)) == there
    assert application(stage.world, NEW)["id"] == mine


def test_the_name_typed_into_the_form_after_01_ran_does_the_same(before: Before) -> None:
    stage = before("02")
    there = len(applications(stage.world))

    async def run() -> str:
        session = await stage.open(apply=True)
        STEPS["01"].form(session).inputs["application.name"].value = NEW
        plan, _, _ = await through(session, STEPS["01"])
        return text_of(plan)

    said = [line for line in asyncio.run(run()).splitlines() if line.split()[:3] == ["~", "Enterprise", "application"]]
    assert [(NAME in line, NEW in line) for line in said] == [(True, True)]
    assert len(applications(stage.world)) == there
    assert NEW in applications(stage.world)


@pytest.mark.parametrize("number", ["02", "08"])
def test_two_that_bear_our_mark_are_named_both(number: str, before: Before) -> None:
    stage = before(number)
    ours = application(stage.world)
    made_by_hand(stage.world, NEW, "", notes=ours["notes"])
    twin = application(stage.world, NEW)
    stage.world.advance(600.0)

    async def ask(number: str) -> str:
        with pytest.raises(Ambiguous) as caught:
            await STEPS[number].plan(await stage.open())
        return caught.value.what

    said = asyncio.run(ask("01"))
    assert ours["appId"] in said
    assert twin["appId"] in said
    _, zero = asyncio.run(look(stage, "00"))
    assert isinstance(zero, Evidence)
    assert twin["appId"] in finding(zero, "D01", "Other applications for Flex").received

    stage.changes["application"] = {"app_id": ours["appId"]}
    evidence = asyncio.run(proof(asyncio.run(stage.open()), "01"))
    assert twin["appId"] in finding(evidence, "D01", "Other applications with our mark").received


def test_a_new_name_that_somebody_elses_application_has_is_not_doubled(before: Before) -> None:
    stage = before("02")
    stage.changes["application"] = {"name": "Contoso Travel"}
    with pytest.raises(Ambiguous, match="without our mark"):
        asyncio.run(look(stage, "01"))


@pytest.mark.parametrize("adopted", [False, True], ids=["ours", "somebody's"])
def test_a_registration_without_its_service_principal_gets_one_as_a_planned_change(
    adopted: bool, before: Before
) -> None:
    stage = before("03")
    name = NAME
    if adopted:
        app_id = made_by_hand(stage.world, "Registration", "")
        stage.changes["application"] = {"app_id": app_id}
        name = "Registration"
    lose_principal(stage.world, name)
    started = stage.world.clock.now
    plan, evidence = asyncio.run(look(stage, "01"))
    assert "Service principal" in [change.setting for change in plan.open]
    assert isinstance(evidence, Evidence)
    assert finding(evidence, "D01", "Application and").received == f"{name}, without its service principal"
    done = asyncio.run(onboard(stage, until="01"))["01"][2]
    assert done.outcome == 2
    assert principal(stage.world, name)["preferredSingleSignOnMode"] == "saml"
    assert stage.world.clock.now - started < 120
    assert asyncio.run(onboard(stage, until="01"))["01"][0].open == ()


def test_one_that_is_there_and_not_seen_yet_counts(before: Before) -> None:
    """Graph refuses the second, and what was there all the time is waited for."""
    stage = before("02")
    sp = principal(stage.world)

    async def run() -> None:
        session = await stage.open(apply=True)
        from flexsso_helpers.sections.enterprise_application.creation import make_principal

        await make_principal(session, str(sp["appId"]))

    asyncio.run(run())
    assert principal(stage.world)["id"] == sp["id"]


def test_roles_that_somebody_else_took_away_meanwhile_are_not_waited_for(before: Before) -> None:
    stage = before("05")
    world, slept = stage.world, list[float]()

    async def run() -> FlexSSOError:
        session = await stage.open(apply=True)
        plan = await app_roles.plan(session)
        sleep = session.clock.sleep

        async def meanwhile(seconds: float) -> None:
            slept.append(seconds)
            change_application(world, appRoles=[])
            await sleep(seconds)

        session.clock.sleep = meanwhile  # type: ignore[method-assign]
        with pytest.raises(WaitedTooLong) as caught:
            await app_roles.apply(session, plan, session.approval(plan))
        return caught.value

    error = asyncio.run(run())
    assert "Somebody else has written the app roles since" in error.why
    assert sum(slept) < 200


def test_a_written_value_that_somebody_overwrites_is_not_waited_for(before: Before) -> None:
    stage = before("03")
    world, slept = stage.world, list[float]()
    change_application(world, displayName="Odd name")
    world.advance(600.0)

    async def run() -> FlexSSOError:
        session = await stage.open(apply=True)
        plan = await STEPS["01"].plan(session)
        sleep = session.clock.sleep

        async def meanwhile(seconds: float) -> None:
            slept.append(seconds)
            for name in (NAME, "Odd name"):
                if name in applications(world):
                    change_application(world, name, displayName="Third name")
            await sleep(seconds)

        session.clock.sleep = meanwhile  # type: ignore[method-assign]
        with pytest.raises(WaitedTooLong) as caught:
            await STEPS["01"].apply(session, plan, session.approval(plan))
        return caught.value

    error = asyncio.run(run())
    assert error.why == "Enterprise application is now Third name: somebody else wrote it after this run did."
    assert sum(slept) < 200
