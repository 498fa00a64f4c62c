"""07 reads, shows and judges every assignment of the application, whoever made the role, and each name of the file."""

import asyncio
from typing import Any

import pytest
from onboarding import STEPS, application, assignments_of, change_application, finding, look, principal, proof
from stage import Stage, approved

from flexsso_helpers.parameters import INSIGHTS
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.resources.application import find
from flexsso_helpers.resources.test_users import roles_by_user
from flexsso_helpers.sections.assignments import step as assignments
from flexsso_helpers.views.shown import text_of

NOBODY = "00000000-0000-0000-0000-000000000000"
ROLE = "f1e55000-0000-4000-8000-00000000r01e".replace("r", "0").replace("l", "1")


def role(value: str | None, *, enabled: bool = True) -> Document:
    return {"id": ROLE, "allowedMemberTypes": ["User"], "displayName": "Somebody's", "description": "x",
            "isEnabled": enabled, "value": value, "origin": "Application"}  # fmt: skip


# How an assignment of somebody outside the file came about, and what its role is called.
MADE = {
    "default access": (None, NOBODY, "Default Access"),
    "role without a value": (role(None), ROLE, "Somebody's (no value)"),
    "foreign role": (role("auditor"), ROLE, "auditor"),
    "disabled role": (role("auditor", enabled=False), ROLE, "auditor (disabled)"),
    "role that is gone": (None, ROLE, f"a role that is not there ({ROLE})"),
}


def user(world: World, name: str) -> Document:
    return next(each for each in world.store.all("user") if each["displayName"] == name)


def give(world: World, holder: Document, role_id: str, kind: str = "user") -> None:
    objects.assign(world, principal(world), holder, kind, role_id, at=world.clock.now)
    world.advance(600.0)


def role_id(world: World, value: str) -> str:
    return str(next(each["id"] for each in application(world)["appRoles"] if each["value"] == value))


def outsider(world: World) -> Document:
    held = {name for name, _ in assignments_of(world)}
    return next(each for each in world.store.all("user") if each["displayName"] not in held and each["mail"]
                and each["displayName"].startswith("Rhea"))  # fmt: skip


@pytest.mark.thinned(5)
@pytest.mark.parametrize("made", MADE)
def test_whoever_is_assigned_by_whatever_role_is_listed_and_removed_by_name_only(made: str, configured: Stage) -> None:
    world = configured.world
    extra, given, title = MADE[made]
    if extra:
        change_application(world, appRoles=[*application(world)["appRoles"], extra])
    rhea = outsider(world)
    give(world, rhea, given)
    name = rhea["displayName"]
    plan, evidence = asyncio.run(look(configured, "07"))
    assert not plan.open
    assert isinstance(evidence, Evidence)
    assert finding(evidence, "D25", "Assigned and not").received == f"{name} as {title}"
    worthless = [each.received for each in evidence.findings if each.title == "Assigned without a role in Flex"]
    assert worthless == ([] if made == "foreign role" else [f"{name} as {title}"])

    configured.changes["assignments"] = {"exact": True}

    async def remove(*names: str) -> list[str]:
        session = await configured.open()
        plan = await assignments.plan(session)
        assert {(change.kind, change.by_name) for change in plan.open} == {("-", True)}
        applied = await assignments.apply(session, plan, approved(plan, *names))
        world.advance(600.0)
        return [change.setting for change in applied.made]

    setting = f"User {name} as {title}, not in the file"
    assert asyncio.run(remove()) == []
    assert asyncio.run(remove(setting)) == [setting]
    assert not [each for each in world.store.all("appRoleAssignment") if each["principalId"] == rhea["id"]]


def test_everybody_who_is_assigned_stands_in_the_list_of_people(configured: Stage) -> None:
    rhea = outsider(configured.world)
    give(configured.world, rhea, NOBODY)

    async def text() -> str:
        return (await assignments.assigned_people(await configured.open())).text

    line = next(line for line in asyncio.run(text()).splitlines() if rhea["displayName"] in line)
    assert "not in the file" in line
    assert "Default Access" in line


def test_one_person_with_two_assignments_that_sound_alike_is_removed_one_by_one(configured: Stage) -> None:
    world = configured.world
    twins = [role(None), role(None) | {"id": ROLE[:-1] + "f"}]
    change_application(world, appRoles=[*application(world)["appRoles"], *twins])
    rhea = outsider(world)
    for each in twins:
        give(world, rhea, str(each["id"]))
    configured.changes["assignments"] = {"exact": True}
    plan, _ = asyncio.run(look(configured, "07"))
    assert len({change.setting for change in plan.open}) == len(plan.open) == 2


def test_another_application_that_holds_a_role_is_shown_and_left_alone(configured: Stage) -> None:
    world = configured.world
    give(world, principal(world, "Contoso Travel"), role_id(world, "agent"), "servicePrincipal")
    configured.changes["assignments"] = {"exact": True}
    plan, evidence = asyncio.run(look(configured, "07"))
    assert not plan.open
    assert isinstance(evidence, Evidence)
    assert finding(evidence, "D25", "Other applications").received == "Contoso Travel"


def test_all_ways_to_a_role_count_direct_or_by_any_number_of_groups(configured: Stage) -> None:
    """Insights by name, supervisor by one group, agent by another: each of two groups may be the last one read."""
    world = configured.world
    bo = user(world, "Bo Agent")
    insight = role("wfo.team_leader")
    change_application(world, appRoles=[*application(world)["appRoles"], insight])
    groups = [each for each in world.store.all("group") if each["displayName"] in ("Flex Supervisors", "Flex Agents")]
    for group in groups:
        if not [each for each in world.store.find("member", "member", bo["id"]) if each["group"] == group["id"]]:
            link = {"group": group["id"], "member": bo["id"], "kind": "user"}
            world.store.put("member", f"{group['id']}/{bo['id']}", link, at=world.clock.now)
    give(world, bo, ROLE)
    configured.changes["insights"] = ["wfo.team_leader"]

    async def roles() -> tuple[tuple[str, ...], Evidence]:
        session = await configured.open()
        found = await find(session)
        assert found
        return (await roles_by_user(session, found))[bo["id"]], await proof(session, "07")

    held, evidence = asyncio.run(roles())
    assert {"agent", "supervisor", "wfo.team_leader"} <= set(held)
    assert "wfo.team_leader" in INSIGHTS
    assert finding(evidence, "S63").state == "holds"


def test_who_gets_no_value_is_told_as_somebody_without_a_role(configured: Stage) -> None:
    rhea = outsider(configured.world)
    give(configured.world, rhea, NOBODY)

    async def roles() -> Any:
        session = await configured.open()
        found = await find(session)
        assert found
        return (await roles_by_user(session, found))[rhea["id"]]

    assert asyncio.run(roles()) == ()


def named(*users: dict[str, Any], groups: tuple[dict[str, Any], ...] = (), **more: Any) -> dict[str, Any]:
    return {"users": list(users), "groups": list(groups), **more}


async def plan_and_proof(stage: Stage) -> tuple[str, Evidence]:
    session = await stage.open()
    plan = await STEPS["07"].plan(session)
    return " ".join(text_of(plan).split()), await proof(session, "07")


def test_a_name_that_nobody_has_is_in_the_plan_too(configured: Stage) -> None:
    configured.changes["assignments"] = named({"user": "no.body@contoso.com", "role": "agent"}, exact=True)
    text, evidence = asyncio.run(plan_and_proof(configured))
    assert "Not in Entra, so not planned: no.body@contoso.com. Removals wait until each name is somebody." in text
    assert finding(evidence, "D24", "Does not exist").received == "no.body@contoso.com"


def test_a_name_that_nobody_has_typed_into_the_form_is_in_the_plan_too(configured: Stage) -> None:
    async def typed() -> str:
        session = await configured.open(apply=False)
        users = assignments.form(session).inputs["assignments.users"]
        users.value = f"{users.value}\nbo.agnet@contoso.com, agent"
        return " ".join(text_of(await assignments.plan(session)).split())

    assert "Not in Entra, so not planned: bo.agnet@contoso.com." in asyncio.run(typed())


def test_a_person_without_mail_or_name_is_remarked_in_the_plan_and_in_the_proof(configured: Stage) -> None:
    world = configured.world
    nia = next(each for each in world.store.all("user") if not each["mail"] and each["userType"] == "Member")
    rhea = outsider(world)
    world.store.put("user", rhea["id"], rhea | {"displayName": ""}, at=world.clock.now)
    world.advance(600.0)
    users = [nia["userPrincipalName"], rhea["userPrincipalName"]]
    configured.changes["assignments"] = named(*({"user": name, "role": "agent"} for name in users))
    text, evidence = asyncio.run(plan_and_proof(configured))
    assert "no mail address in Entra: the sign-on would fail" in text
    assert "no display name in Entra: the sign-on would fail" in text
    assert users[1] in finding(evidence, "S56", "Without a display name").received
    assert users[0] in finding(evidence, "S56", "Without a mail").received


def test_somebody_given_by_a_mail_address_is_found_and_the_user_name_offered(configured: Stage) -> None:
    world = configured.world
    rhea = outsider(world)
    more = {"mail": "rhea@contoso.com", "proxyAddresses": ["SMTP:rhea@contoso.com", "smtp:r.reader@contoso.com"]}
    world.store.put("user", rhea["id"], rhea | more, at=world.clock.now)
    world.advance(600.0)
    for given in ("rhea@contoso.com", "r.reader@contoso.com"):
        configured.changes["assignments"] = named({"user": given, "role": "agent"})
        text, evidence = asyncio.run(plan_and_proof(configured))
        said = f"{given} is a mail address of {rhea['userPrincipalName']}: write the user name."
        assert said in text
        assert said in finding(evidence, "D24", "Does not exist").fix


@pytest.mark.thinned(7)
@pytest.mark.parametrize(
    ("there", "shown"),
    [("Flex Agents ", "Flex Agents␣"), (" Flex Agents", "␣Flex Agents"),
     ("Flex\N{NO-BREAK SPACE}Agents", "Flex␣Agents"),
     ("Flex  Agents", "Flex␣␣Agents"), ("Flex \u200bAgents", "Flex [U+200B]Agents"),
     ("\ufeffFlex Agents", "[U+FEFF]Flex Agents"), ("FLEX\u2009agents\xad", "FLEX␣agents[U+00AD]")],
)  # fmt: skip
def test_a_group_whose_name_differs_in_blanks_is_shown_with_its_id(there: str, shown: str, configured: Stage) -> None:
    world = configured.world
    group = next(each for each in world.store.all("group") if each["displayName"] == "Flex Agents")
    world.store.put("group", group["id"], group | {"displayName": there}, at=world.clock.now)
    world.advance(600.0)
    configured.changes["assignments"] = named(groups=({"group": "Flex Agents", "role": "agent"},))
    _, evidence = asyncio.run(plan_and_proof(configured))
    assert f"“{shown}” (object id {group['id']})" in finding(evidence, "D24", "Does not exist").fix
