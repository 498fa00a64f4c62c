"""05 and Flex Insights: seven roles more where the file wants them, and none of ours is taken away unasked."""

import asyncio
from pathlib import Path

import pytest
from onboarding import application, assignments_of, change_application, look, onboard, open_settings, wrong
from stage import Stage, approved

from flexsso_helpers.parameters import INSIGHTS
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.app_roles import step as app_roles

ALL = {"insights": True}
BEYOND = "App role agent beyond the file"


def over(world: World, folder: Path, **changes: object) -> Stage:
    return Stage(folder, world=world.copy(), changes=changes)


def roles(world: World) -> dict[str, str]:
    return {role["value"] or role["displayName"]: role["id"] for role in application(world)["appRoles"]}


async def apply(stage: Stage, *names: str) -> None:
    session = await stage.open()
    plan = await app_roles.plan(session)
    await app_roles.apply(session, plan, approved(plan, *names))
    stage.world.advance(600.0)


@pytest.mark.full
def test_true_means_all_seven_beside_every_role_that_was_there(proved_world: World, tmp_path: Path) -> None:
    stage = over(proved_world, tmp_path, **ALL)
    before = application(stage.world)["appRoles"]
    asyncio.run(onboard(stage, since="05", until="05"))
    after = application(stage.world)["appRoles"]
    assert [role for role in after if role["value"] not in INSIGHTS] == before
    assert {role["value"] for role in after} >= set(INSIGHTS)
    counted = stage.writes
    second = asyncio.run(onboard(stage, since="05", until="05"))
    assert (stage.writes, second["05"][2].outcome) == (counted, 0)


def test_a_list_means_those_alone(proved_world: World, tmp_path: Path) -> None:
    stage = over(proved_world, tmp_path, insights=["wfo.data_analyst"])
    plan, _ = asyncio.run(look(stage, "05"))
    assert open_settings(plan) == ["App role wfo.data_analyst"]
    assert [change.instructions for change in plan.open] == [("D19",)]


def test_an_insights_role_that_somebody_made_by_hand_is_adopted(proved_world: World, tmp_path: Path) -> None:
    stage = over(proved_world, tmp_path, insights=["wfo.full_access"])
    by_hand = {
        "id": "f1e55000-0000-4000-8000-0000000000ab", "allowedMemberTypes": ["User"], "isEnabled": True,
        "displayName": "WFO Full Access", "description": "By hand", "value": "wfo.full_access", "origin": "Application",
    }  # fmt: skip
    change_application(stage.world, appRoles=[*application(stage.world)["appRoles"], by_hand])
    plan, evidence = asyncio.run(look(stage, "05"))
    assert open_settings(plan) == []
    assert isinstance(evidence, Evidence)
    assert evidence.outcome == 0
    without, _ = asyncio.run(look(over(stage.world, tmp_path / "without"), "05"))
    assert open_settings(without) == []


@pytest.mark.full
def test_a_role_of_ours_that_left_the_file_stays_until_its_removal_is_named(
    proved_world: World, tmp_path: Path
) -> None:
    people = {"users": [{"user": "ada.admin@contoso.com", "role": "admin"}], "groups": []}
    stage = over(proved_world, tmp_path, roles=["admin", "supervisor"], assignments=people)
    plan, evidence = asyncio.run(look(stage, "05"))
    assert [(change.setting, change.kind) for change in plan.open] == [(BEYOND, "-")]
    assert plan.open[0].reason == "made here, no longer in the file; 2 assignments of it go too"
    assert isinstance(evidence, Evidence)
    assert wrong(evidence) == ["D18"]
    asyncio.run(apply(stage))
    assert "agent" in roles(stage.world)
    asyncio.run(apply(stage, BEYOND))
    assert roles(stage.world).keys() == roles(proved_world).keys() - {"agent"}
    assert not [who for who, role in assignments_of(stage.world) if role == "agent"]


def test_a_role_that_comes_back_has_the_id_it_had(proved_world: World, tmp_path: Path) -> None:
    people = {"users": [{"user": "ada.admin@contoso.com", "role": "admin"}], "groups": []}
    stage = over(proved_world, tmp_path, roles=["admin", "supervisor"], assignments=people)
    asyncio.run(apply(stage, BEYOND))
    assert roles(stage.world).keys() < roles(proved_world).keys()
    back = over(stage.world, tmp_path / "back")
    asyncio.run(onboard(back, since="05", until="05"))
    assert roles(back.world) == roles(proved_world)
