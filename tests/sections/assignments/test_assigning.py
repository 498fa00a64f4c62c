"""07: Insights roles beside the Flex role, removals only where the file is exact and approved by name, many at once."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from onboarding import application, assignments_of, finding, look, onboard, open_settings
from stage import Stage, approved

from flexsso_helpers.errors import ParametersError, Refused, Throttled
from flexsso_helpers.ledger import read_ledger
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.world.faults import Faults
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.assignments import step as assignments

SOL = "sol.supervisor@contoso.com"
INLINE = "/v1.0/servicePrincipals/*/appRoleAssignedTo"
BOTH = ["wfo.team_leader", "wfo.data_analyst"]
Before = Callable[[str], Stage]


def people(*insights: str, **more: Any) -> dict[str, Any]:
    """Ada and Sol as in the rehearsal's file, Sol with these Insights roles; nobody else."""
    sol = {"user": SOL, "role": "supervisor"} | ({"insights": list(insights)} if insights else {})
    users = [{"user": "ada.admin@contoso.com", "role": "admin"}, sol]
    return {"insights": BOTH, "assignments": {"users": users, "groups": [], **more}}


def assign_to(stage: Stage, script: list[dict[str, Any]]) -> Evidence:
    """Run 07 under these faults."""
    stage.world.faults = Faults(script)
    evidence = asyncio.run(onboard(stage, since="07", until="07"))["07"][2]
    assert all(rule.fired for rule in stage.world.faults.rules)
    return evidence


@pytest.mark.full
def test_each_insights_role_is_an_assignment_of_its_own(proved_world: World, tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=proved_world.copy(), changes=people(*BOTH))
    done = asyncio.run(onboard(stage, since="05", until="07"))
    assert open_settings(done["07"][0]) == [f"User {SOL}, {role}" for role in BOTH]
    assert {change.instructions for change in done["07"][0].open} == {("D26",)}
    assert {role for who, role in assignments_of(stage.world) if who == "Sol Supervisor"} == {"supervisor", *BOTH}
    counted = stage.writes
    again = asyncio.run(onboard(stage, since="05", until="07"))
    assert all(not plan.open for plan, _, _ in again.values())
    assert stage.writes == counted


def test_before_05_nobody_has_the_role_and_its_assignment_waits(proved_world: World, tmp_path: Path) -> None:
    """Nobody has it is known now, and what they will have too."""
    stage = Stage(tmp_path, world=proved_world.copy(), changes=people("wfo.team_leader"))
    plan, _ = asyncio.run(look(stage, "07"))
    assert [(change.now, change.should_be, change.pending) for change in plan.open] == [(None, "wfo.team_leader", True)]
    counted = stage.writes
    _, applied, _ = asyncio.run(onboard(stage, since="07", until="07"))["07"]
    assert (applied.made, applied.why_not, stage.writes) == ((), "after 05, which makes the role", counted)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"user": SOL, "role": "agent", "insights": BOTH}, "opens only to supervisor or admin"),
        ({"user": SOL, "role": "admin", "insights": ["wfo.full_access"]}, "`insights` of the tenant does not offer"),
        ({"user": SOL, "role": "admin", "insights": ["wfo.dataanalyst"]}, "did you mean wfo.data_analyst?"),
        ({"user": SOL, "role": "admin", "insights": [BOTH[0], BOTH[0]]}, "a second time"),
    ],
    ids=["agent", "not-offered", "misspelt", "twice"],
)
def test_what_cannot_be_assigned_is_refused_in_the_file(tmp_path: Path, entry: dict[str, Any], words: str) -> None:
    stage = Stage(tmp_path, changes={"insights": BOTH, "assignments": {"users": [entry]}})
    with pytest.raises(ParametersError, match=words):
        asyncio.run(stage.open())


def test_an_insights_role_of_a_group_is_refused_with_the_way(tmp_path: Path) -> None:
    group = {"group": "Flex Supervisors", "role": "supervisor", "insights": BOTH}
    with pytest.raises(ParametersError, match="assigned to each person"):
        asyncio.run(Stage(tmp_path, changes={"insights": BOTH, "assignments": {"groups": [group]}}).open())


def test_an_insights_role_that_opens_nothing_is_named(proved_world: World, tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=proved_world.copy(), changes=people("wfo.team_leader"))
    asyncio.run(onboard(stage, since="05", until="07"))
    by_hand = stage.world.store.all("appRoleAssignment")
    bo = next(each for each in by_hand if each["principalDisplayName"] == "Bo Agent")
    role = next(each["id"] for each in application(stage.world)["appRoles"] if each["value"] == "wfo.team_leader")
    principal = stage.world.store.get("user", bo["principalId"])
    sp = stage.world.store.get("servicePrincipal", bo["resourceId"])
    assert principal
    assert sp
    objects.assign(stage.world, sp, principal, "user", role, at=stage.world.clock.now)
    stage.world.advance(600.0)
    _, evidence = asyncio.run(look(stage, "07"))
    assert isinstance(evidence, Evidence)
    assert finding(evidence, "S63").received == "Bo Agent as wfo.team_leader"


def test_nobody_is_removed_unless_the_file_is_exact_and_the_name_approved(proved_world: World, tmp_path: Path) -> None:
    plain, _ = asyncio.run(look(Stage(tmp_path, world=proved_world.copy(), changes=people()), "07"))
    assert not plain.open
    stage = Stage(tmp_path, world=proved_world.copy(), changes=people(exact=True))
    before = assignments_of(stage.world)

    async def apply(*names: str) -> list[str]:
        session = await stage.open()
        plan = await assignments.plan(session)
        done = await assignments.apply(session, plan, approved(plan, *names))
        stage.world.advance(600.0)
        assert {change.kind for change in plan.open} == {"-"}
        return [change.setting for change in done.made]

    assert asyncio.run(apply()) == []
    assert assignments_of(stage.world) == before
    name = "User Bo Agent as agent, not in the file"
    assert asyncio.run(apply(name)) == [name]
    assert set(before) - set(assignments_of(stage.world)) == {("Bo Agent", "agent")}
    note = next(line for line in read_ledger(tmp_path / "run-2") if line["kind"] == "intent")
    assert set(note["before"]) == {"id", "principalId", "resourceId", "appRoleId"}
    assert "Bo" not in str(note)


def test_a_name_that_is_nobody_holds_removals_back(proved_world: World, tmp_path: Path) -> None:
    changes = people(exact=True)
    changes["assignments"]["users"].append({"user": "bo.newname@contoso.com", "role": "agent"})
    plan, _ = asyncio.run(look(Stage(tmp_path, world=proved_world.copy(), changes=changes), "07"))
    assert not plan.open


def test_a_busy_graph_is_waited_for_entry_by_entry(before: Before) -> None:
    stage = before("07")
    start = stage.world.clock.now
    script = [
        {"match": {"method": "POST", "path": INLINE, "nth": 2}, "fault": "throttle", "retry_after": 40, "times": 2}
    ]
    evidence = assign_to(stage, script)
    assert evidence.verdict == "proved, 5 changes made"
    assert stage.world.clock.now - start >= 40
    assert len(assignments_of(stage.world)) == 5
    intents = [line for line in read_ledger(stage.folder / "run-1") if line["kind"] == "intent"]
    assert len(intents) == 5


@pytest.mark.parametrize("fault", ["unavailable_before", "unavailable_after", "conflict"])
def test_one_entry_in_trouble_is_made_once(before: Before, fault: str) -> None:
    stage = before("07")
    evidence = assign_to(stage, [{"match": {"method": "POST", "path": INLINE, "nth": 3}, "fault": fault}])
    assert evidence.verdict == "proved, 5 changes made"
    assert len(assignments_of(stage.world)) == 5


@pytest.mark.thinned(5)
@pytest.mark.parametrize("fault", ["unavailable_after", "drop_after", "drop_before", "truncated", "throttle"])
def test_a_whole_batch_in_trouble_is_made_once(before: Before, fault: str) -> None:
    stage = before("07")
    # The first three batches of this run look people up: for the plan, before the writes.
    evidence = assign_to(stage, [{"match": {"method": "POST", "path": "/v1.0/$batch", "nth": 3}, "fault": fault}])
    assert evidence.verdict == "proved, 5 changes made"
    assert len(assignments_of(stage.world)) == 5


def test_without_an_end_it_is_said_and_nothing_is_made(before: Before) -> None:
    stage = before("07")
    script = [{"match": {"method": "POST", "path": INLINE}, "fault": "throttle", "times": None}]
    with pytest.raises(Throttled, match="5 of 5 assignments did not come through"):
        assign_to(stage, script)
    assert assignments_of(stage.world) == []


def test_a_group_that_is_refused_keeps_nobody_else_out(before: Before) -> None:
    stage = before("07")
    for sku in stage.world.store.all("subscribedSku"):
        stage.world.store.remove("subscribedSku", sku["id"], at=stage.world.clock.now)
    stage.world.advance(600.0)
    with pytest.raises(Refused, match="2 of 5 assignments did not come through"):
        assign_to(stage, [])
    assert [role for _, role in assignments_of(stage.world)] == ["admin", "agent", "supervisor"]
