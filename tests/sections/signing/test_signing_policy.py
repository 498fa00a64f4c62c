"""One signing policy at both places, whatever hung there before and whichever place Entra refuses."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from faults import Fault, Faulty
from onboarding import application as application_of
from onboarding import finding, onboard, open_settings, policies_of, principal
from stage import Stage, through

from flexsso_helpers.errors import NotPermitted, OutcomeUnknown
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.signing import step as signing

KIND = "tokenIssuancePolicy"
ON_APPLICATION = "/v1.0/applications/[0-9a-f-]{36}/tokenIssuancePolicies/\\$ref"
ON_PRINCIPAL = "/v1.0/servicePrincipals/[0-9a-f-]{36}/tokenIssuancePolicies/\\$ref"
REFUSING = ("write_403", "write_404", "all_403", "all_400")
OURS = "Signing policy of the application"


def hang(world: World, owner: str, policy_id: str) -> None:
    holder = principal(world) if owner == "servicePrincipal" else application_of(world)
    objects.attach(world, KIND, owner, holder["id"], policy_id, at=world.clock.now)
    world.advance(600.0)


def take_off(world: World, owner: str) -> str:
    """What somebody took away by hand; the policy's id."""
    holder = principal(world) if owner == "servicePrincipal" else application_of(world)
    (policy,) = policies_of(world, KIND, owner=owner)
    objects.detach(world, owner, holder["id"], policy["id"], at=world.clock.now)
    world.advance(600.0)
    return str(policy["id"])


def at_both(world: World) -> list[list[str]]:
    return [
        [policy["id"] for policy in policies_of(world, KIND, owner=owner)]
        for owner in ("servicePrincipal", "application")
    ]


@pytest.mark.parametrize("owner", ["servicePrincipal", "application"])
def test_a_reference_that_is_missing_at_one_place_is_planned_and_put_back(owner: str, configured: Stage) -> None:
    policy = take_off(configured.world, owner)

    async def run() -> None:
        session = await configured.open()
        plan, applied, evidence = await through(session, signing.STEP)
        where = "service principal" if owner == "servicePrincipal" else "application"
        assert open_settings(plan) == [f"Signing policy of the {where}"]
        assert (applied.made, evidence.verdict) == (plan.open, "proved, 1 change made")

    asyncio.run(run())
    assert at_both(configured.world) == [[policy], [policy]]


@pytest.mark.full
def test_a_lost_reference_of_the_application_is_repaired_by_the_next_run(before: Callable[[str], Stage]) -> None:
    stage = before("03")
    fault = Fault(method="POST", path=ON_APPLICATION, effect=False)
    with pytest.raises(OutcomeUnknown):
        asyncio.run(onboard(stage, since="03", until="03", app=Faulty(stage.app, fault)))
    assert len(at_both(stage.world)[0]) == 1
    assert at_both(stage.world)[1] == []
    done = asyncio.run(onboard(stage, since="03", until="03"))
    assert "Signing policy of the application" in open_settings(done["03"][0])
    assert at_both(stage.world)[0] == at_both(stage.world)[1] != []


@pytest.mark.thinned(4)
@pytest.mark.parametrize("answer", REFUSING)
def test_where_the_service_principal_refuses_the_application_has_it_alone(
    answer: str, before: Callable[[str], Stage], tmp_path: Path
) -> None:
    world = World(before("03").world.store.copy(), quirks={"signing_policy_on_principal": answer})
    stage = Stage(tmp_path, world=world)
    _, applied, evidence = asyncio.run(onboard(stage, since="03", until="03"))["03"]
    assert evidence.verdict.startswith("proved, ")
    assert OURS in [change.setting for change in applied.made]
    assert [len(place) for place in at_both(world)] == [0, 1]
    assert finding(evidence, "D14").received.endswith("by the policy of the application")
    about = finding(evidence, "S76", "Signing policy of the service principal")
    assert about.state == "unknown"
    assert ("could not look" in about.received) == answer.startswith("all")
    ledger = (stage.folder / "run-1" / "ledger.jsonl").read_text("utf-8")
    assert ("does not hang on the service principal" in ledger) == answer.startswith("write")


@pytest.mark.thinned(4)
@pytest.mark.parametrize("answer", REFUSING)
def test_a_refusal_is_not_tried_again_by_the_next_run(
    answer: str, before: Callable[[str], Stage], tmp_path: Path
) -> None:
    world = World(before("03").world.store.copy(), quirks={"signing_policy_on_principal": answer})
    stage = Stage(tmp_path, world=world)
    asyncio.run(onboard(stage, since="03", until="03"))
    world.advance(600.0)
    writes = stage.writes
    plan, _, evidence = asyncio.run(onboard(stage, since="03", until="03"))["03"]
    assert (plan.open, evidence.outcome, stage.writes) == ((), 0, writes)


def test_a_service_principal_that_takes_it_again_gets_it_with_the_next_change(
    before: Callable[[str], Stage], tmp_path: Path
) -> None:
    world = World(before("03").world.store.copy(), quirks={"signing_policy_on_principal": "write_403"})
    stage = Stage(tmp_path, world=world)
    asyncio.run(onboard(stage, since="03", until="03"))
    world.quirks.chosen.clear()
    take_off(world, "application")
    asyncio.run(onboard(stage, since="03", until="03"))
    (one,), (other,) = at_both(world)
    assert one == other
    assert not world.store.get(KIND, one)["displayName"].endswith("only")


def test_a_refusal_of_a_moment_is_asked_again_and_leaves_no_trace_in_the_name(before: Callable[[str], Stage]) -> None:
    """As while a role that was just given is not known everywhere. Else the application has it alone for good."""
    stage = before("03")
    once = Fault(method="POST", path=ON_PRINCIPAL, effect=False, status=403)
    asyncio.run(onboard(stage, since="03", until="03", app=Faulty(stage.app, once)))
    (one,), (other,) = at_both(stage.world)
    assert one == other
    assert not stage.world.store.get(KIND, one)["displayName"].endswith("only")


def test_a_refusal_at_both_places_is_an_error(before: Callable[[str], Stage]) -> None:
    stage = before("03")
    faults = [
        Fault(method="POST", path=path, effect=False, status=403, times=9) for path in (ON_APPLICATION, ON_PRINCIPAL)
    ]
    with pytest.raises(NotPermitted) as caught:
        asyncio.run(onboard(stage, since="03", until="03", app=Faulty(stage.app, *faults)))
    assert caught.value.notebook


def test_of_two_signing_policies_of_one_service_principal_one_stays(configured: Stage) -> None:
    world = configured.world
    world.quirks.chosen = {"second_signing_policy": "both_listed"}
    ours = policies_of(world, KIND)[0]
    other = ours | {"id": "11111111-2222-4333-8444-555555555555", "displayName": "made by hand"}
    world.store.put(KIND, other["id"], other, at=world.clock.now)
    hang(world, "servicePrincipal", other["id"])
    plan, _, evidence = asyncio.run(onboard(configured, since="03", until="03"))["03"]
    assert [(change.now, change.should_be) for change in plan.open] == [("2 policies", "the same")]
    assert evidence.verdict == "proved, 1 change made"
    (kept,), (same,) = at_both(world)
    assert kept == same
    assert {policy["id"] for policy in world.store.all(KIND)} >= {ours["id"], other["id"]}
