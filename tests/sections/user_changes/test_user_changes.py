"""A list comes in: who joins, leaves, changes role, or would be somebody new; what ends at Twilio, and only by name."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from entra_circumstances import change_user
from human import Human
from live_play import LiveStage, at_the_screen
from onboarding import assignments_of, finding, onboard, open_settings, worker_of
from preparations import rhea_assigned_by_hand
from stage import Stage, approved

from flexsso_helpers.errors import NotProven, ParametersError, StalePlan
from flexsso_helpers.ledger import read_ledger
from flexsso_helpers.plan import Applied, Evidence, Plan
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.flex import workers
from flexsso_helpers.rehearsal.world import journal
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections import user_changes
from flexsso_helpers.session import Session

ADA, SOL, BO, RHEA = ("ada.admin", "sol.supervisor", "bo.agent", "rhea.reader")
LIST = "People in the tenant’s file"
NO_GROUPS: dict[str, Any] = {"assignments": {"groups": []}}


def csv(**roles: str) -> bytes:
    lines = [f"{name.replace('_', '.')}@contoso.com,{role}" for name, role in roles.items()]
    return "\n".join(["user,role", *lines]).encode("utf-8-sig")


NEXT_MONTH = csv(sol_supervisor="admin", bo_agent="agent", rhea_reader="agent")


def dropped(session: Session, data: bytes) -> Any:
    """The file dropped on the form of 22."""
    form = user_changes.form(session)
    drop = form.drops["people"]
    drop.content, drop.name = data, "people.csv"
    drop.turn += 1
    return form


async def change(stage: Stage, data: bytes | None, *, removals: bool = True) -> tuple[Plan, Applied, Evidence]:
    session = await stage.open()
    if data is not None:
        dropped(session, data)
    plan = await user_changes.plan(session)
    names = [change.setting for change in plan.open if change.by_name and removals]
    applied = await user_changes.apply(session, plan, approved(plan, *names))
    return plan, applied, await user_changes.verify(session)


def names_at_flex(world: World) -> set[str]:
    """Of those who sign on; others come from Console."""
    kinds = {"worker": "friendly_name", "flex_user": "name_id"}
    names = {f"{kind} {each[name].partition('@')[0]}" for kind, name in kinds.items() for each in world.store.all(kind)}
    return {name for name in names if name.endswith((ADA, SOL, BO, RHEA))}


def test_who_joins_leaves_and_changes_role(configured: Stage) -> None:
    plan, applied, evidence = asyncio.run(change(configured, NEXT_MONTH))
    assert {each.setting: (each.kind, each.should_be) for each in plan.open} == {
        LIST: ("~", "3 users: 1 who joins, 1 who leaves, 1 with another role"),
        "User sol.supervisor@contoso.com": ("~", "admin"),
        "User rhea.reader@contoso.com": ("+", "agent"),
        "Assignment of ada.admin@contoso.com": ("-", None),
        "ada.admin@contoso.com at Flex": ("-", None),
    }
    assert len(applied.made) == 5
    held = [(who, role) for who, role in assignments_of(configured.world) if "Flex" not in who]
    assert held == [("Bo Agent", "agent"), ("Rhea Reader", "agent"), ("Sol Supervisor", "admin")]
    assert names_at_flex(configured.world) == {f"{kind} {who}" for kind in ("worker", "flex_user") for who in (SOL, BO)}
    assert evidence.verdict == "proved, 5 changes made"
    users = journal.tenant_values(configured.world)["assignments"]["users"]
    assert [each["user"].partition("@")[0] for each in users] == [SOL, BO, RHEA]


def test_a_second_time_there_is_nothing_to_do(configured: Stage) -> None:
    asyncio.run(change(configured, NEXT_MONTH))
    writes = configured.writes
    plan, _, evidence = asyncio.run(change(configured, NEXT_MONTH))
    assert (plan.open, evidence.outcome, configured.writes) == ((), 0, writes)


def test_without_names_nobody_is_removed_and_nobody_ended_and_the_next_look_says_so(configured: Stage) -> None:
    there = names_at_flex(configured.world)
    _, applied, evidence = asyncio.run(change(configured, NEXT_MONTH, removals=False))
    assert [each.kind for each in applied.left] == ["-", "-"]
    assert names_at_flex(configured.world) == there
    assert ("Ada Admin", "admin") in assignments_of(configured.world)
    assert evidence.planned == 2
    left = finding(evidence, "S95").received
    assert left == "ada.admin@contoso.com (Flex user and worker)"


def test_the_ledger_has_the_end_at_twilio_before_it_is_sent_and_names_nobody(configured: Stage) -> None:
    asyncio.run(change(configured, NEXT_MONTH))
    lines = read_ledger(configured.folder / "run-1")
    (intent,) = [line for line in lines if line.get("service") == "flex"]
    assert intent["path"].endswith("/Users/Deprovision")
    assert intent["before"].keys() == {"flex_user_sid", "worker_sid"}
    answer = next(line for line in lines if line["kind"] == "answer" and line["entry"] == intent["n"])
    assert answer["status"] == 200
    assert "ada.admin" not in json.dumps([intent, answer])


def test_a_worker_without_a_flex_user_is_ended_too(configured: Stage) -> None:
    world = configured.world
    for user in world.store.all("flex_user"):
        world.store.remove("flex_user", user["sid"], at=world.clock.now)
    asyncio.run(change(configured, NEXT_MONTH))
    assert names_at_flex(world) == {f"worker {who}" for who in (SOL, BO)}


def test_whoever_a_group_still_lets_in_keeps_the_worker(configured: Stage) -> None:
    plan, _, _ = asyncio.run(change(configured, csv(ada_admin="admin", sol_supervisor="supervisor")))
    (leaves,) = [each for each in plan.open if each.kind == "-"]
    assert leaves.setting == "Assignment of bo.agent@contoso.com"
    assert "the group Flex Agents still lets them in" in leaves.reason
    assert worker_of(configured.world, "bo.agent@contoso.com")


@pytest.mark.full
def test_whom_somebody_else_assigned_is_left_alone(configured: Stage) -> None:
    asyncio.run(rhea_assigned_by_hand(configured))
    plan, _, _ = asyncio.run(change(configured, csv(sol_supervisor="supervisor", bo_agent="agent")))
    assert "Rhea" not in str(plan.changes)
    assert ("Rhea Reader", "agent") in assignments_of(configured.world)


@pytest.mark.full
def test_whom_these_notebooks_assigned_leaves_also_when_the_file_forgot_them(tmp_path: Path) -> None:
    stage = Stage(tmp_path, changes=NO_GROUPS)
    asyncio.run(onboard(stage, until="07"))
    stage.world.advance(600.0)
    kept = [{"user": f"{who}@contoso.com", "role": who.split(".")[1]} for who in (SOL, BO)]
    stage.changes = {"assignments": {"groups": [], "users": kept}}
    plan, _, _ = asyncio.run(change(stage, None))
    assert open_settings(plan) == ["Assignment of ada.admin@contoso.com"]
    assert [who for who, _ in assignments_of(stage.world)] == ["Bo Agent", "Sol Supervisor"]


@pytest.mark.parametrize("practice", ["simulated", pytest.param("live", marks=pytest.mark.full)])
def test_an_assignment_by_hand_between_plan_and_change_stops_it(
    practice: str, proved_world: World, tmp_path: Path
) -> None:
    configured = live(tmp_path, proved_world) if practice == "live" else Stage(tmp_path, world=proved_world.copy())

    async def go() -> None:
        with at_the_screen(configured, Human(configured)):
            session = await configured.open()
        dropped(session, NEXT_MONTH)
        plan = await user_changes.plan(session)
        await rhea_assigned_by_hand(configured)
        await user_changes.apply(session, plan, approved(plan))

    writes = configured.writes
    with pytest.raises(StalePlan) as caught:
        asyncio.run(go())
    assert "rhea.reader@contoso.com" in str(caught.value)
    assert configured.writes == writes


def married(world: World) -> None:
    """Bo gets another mail address; Entra keeps the former one."""
    proxies = ["SMTP:bo.newname@contoso.com", "smtp:bo.agent@contoso.com"]
    change_user(world, "bo.agent@contoso.com", mail="bo.newname@contoso.com", proxyAddresses=proxies)
    world.advance(600.0)


def test_a_renamed_mail_address_would_be_somebody_new_and_the_first_worker_is_not_ended(configured: Stage) -> None:
    married(configured.world)
    plan, _, evidence = asyncio.run(change(configured, None))
    assert plan.open == ()
    assert "bo.agent@contoso.com would be somebody new to Flex" in plan.remarks[0]
    assert finding(evidence, "S50").received == "bo.agent@contoso.com (known as bo.agent@contoso.com)"


def test_when_the_new_address_has_signed_on_the_earlier_worker_can_be_ended(configured: Stage) -> None:
    married(configured.world)
    workers.create(configured.world, "bo.newname@contoso.com", "{}")
    plan, _, evidence = asyncio.run(change(configured, None))
    (ends,) = plan.open
    assert (ends.setting, ends.kind) == ("bo.agent@contoso.com at Flex", "-")
    assert "signs on as bo.newname@contoso.com now" in ends.reason
    assert finding(evidence, "S95").received == "nobody"
    assert workers.by_name(configured.world, "bo.newname@contoso.com")


def test_a_leaver_whose_account_is_gone_is_found_at_flex_by_name(configured: Stage) -> None:
    world = configured.world
    sol = objects.user_by_name(world, "sol.supervisor@contoso.com")
    assert sol
    for entry in world.store.find("appRoleAssignment", "principalId", sol["id"]):
        world.store.remove("appRoleAssignment", entry["id"], at=world.clock.now)
    world.store.remove("user", sol["id"], at=world.clock.now)
    world.advance(600.0)

    async def go() -> Plan:
        session = await configured.open()
        dropped(session, csv(ada_admin="admin", bo_agent="agent"))
        return await user_changes.plan(session)

    assert open_settings(asyncio.run(go())) == [LIST, "sol.supervisor@contoso.com at Flex"]


def test_a_bad_line_and_nothing_of_the_file_is_taken(configured: Stage) -> None:
    async def go() -> tuple[Any, Plan]:
        session = await configured.open()
        form = dropped(session, csv(sol_supervisor="agnet", bo_agent="agent"))
        return form, await user_changes.plan(session)

    form, plan = asyncio.run(go())
    assert "line 2: role" in form._notes["people"].value
    assert plan.open == ()


@pytest.mark.full
def test_an_unknown_person_is_said_and_not_planned(configured: Stage) -> None:
    data = csv(ada_admin="admin", sol_supervisor="supervisor", bo_agent="agent", nobody="agent")
    with pytest.raises(NotProven, match=r"found nobody@contoso\.com"):
        asyncio.run(change(configured, data))

    async def look() -> Plan:
        return await user_changes.plan(await configured.open())

    plan = asyncio.run(look())
    assert (plan.open, plan.remarks) == ((), ("Not in Entra, so not planned: nobody@contoso.com.",))


def file_with_csv(folder: Path, text: str, world: World) -> Stage:
    (folder / "people.csv").write_text(text, "utf-8")
    changes = {"assignments": {"csv": "people.csv", "users": [], "groups": []}}
    return Stage(folder, world=world.copy(), changes=changes)


def test_a_list_from_a_csv_file_stays_in_that_file(tmp_path: Path, proved_world: World) -> None:
    text = "user;role\nada.admin@contoso.com;admin\nbo.agent@contoso.com;agent\n"
    stage = file_with_csv(tmp_path, text, proved_world)
    asyncio.run(change(stage, csv(bo_agent="agent", rhea_reader="agent")))
    text = (tmp_path / "people.csv").read_bytes().decode("utf-8-sig")
    assert text.split() == ["user;role", "bo.agent@contoso.com;agent", "rhea.reader@contoso.com;agent"]


def test_users_of_both_places_are_not_mixed_up(tmp_path: Path, proved_world: World) -> None:
    stage = file_with_csv(tmp_path, "user,role\nbo.agent@contoso.com,agent\n", proved_world)
    stage.changes["assignments"]["users"] = [{"user": "ada.admin@contoso.com", "role": "admin"}]
    before = (tmp_path / "people.csv").read_bytes()
    with pytest.raises(ParametersError, match=r"names ada\.admin@contoso\.com itself"):
        asyncio.run(change(stage, csv(bo_agent="agent", rhea_reader="agent")))
    assert (tmp_path / "people.csv").read_bytes() == before


def test_a_csv_file_that_is_not_there_is_told_with_22(tmp_path: Path, proved_world: World) -> None:
    async def look() -> None:
        user_changes.form(await Stage(tmp_path, world=proved_world.copy()).open(), str(tmp_path / "people.csv"))

    with pytest.raises(ParametersError, match=r"people\.csv does not exist") as caught:
        asyncio.run(look())
    assert caught.value.notebook == "22"


def live(folder: Path, world: World) -> LiveStage:
    return LiveStage(folder, world=world.copy())


@pytest.mark.full
def test_live_the_list_is_written_into_the_tenants_file_by_the_change_and_not_before(
    tmp_path: Path, proved_world: World
) -> None:
    stage = live(tmp_path, proved_world)

    async def go() -> None:
        with at_the_screen(stage, Human(stage)):
            session = await stage.open()
        dropped(session, NEXT_MONTH)
        plan = await user_changes.plan(session)
        assert "rhea" not in stage.file.read_text("utf-8")
        await user_changes.apply(session, plan, approved(plan))

    asyncio.run(go())
    text = stage.file.read_text("utf-8")
    assert "user: rhea.reader@contoso.com" in text
    assert "- user: ada.admin@contoso.com" not in text


def test_a_list_beside_the_tenants_file_counts_where_nobody_dropped_one(tmp_path: Path, proved_world: World) -> None:
    stage = live(tmp_path, proved_world)
    (tmp_path / "rehearsal.people.csv").write_bytes(NEXT_MONTH)

    async def look() -> Plan:
        with at_the_screen(stage, Human(stage)):
            session = await stage.open()
        return await user_changes.plan(session)

    plan = asyncio.run(look())
    assert "User rhea.reader@contoso.com" in open_settings(plan)
    assert plan.remarks[0] == "The list is that of rehearsal.people.csv beside the tenant’s file."
