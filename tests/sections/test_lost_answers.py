"""Requests whose answer is lost, that never arrive, or that come too often: afterwards there is one of everything."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from faults import Fault, Faulty, OneAtATime
from onboarding import STEPS, application, assignments_of, certificates, onboard, policies_of, principal
from stage import Stage, through

from flexsso_helpers.errors import OutcomeUnknown, Refused, Throttled, Unreachable
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.session import Session
from flexsso_helpers.session.writing_lock import WritingLock

SP = "/v1.0/servicePrincipals/[0-9a-f-]{36}"
APP = "/v1.0/applications/[0-9a-f-]{36}"
BY_APP_ID = r"/v1.0/servicePrincipals\(appId='.*'\)"
INSTANTIATE = "/v1.0/applicationTemplates/.*/instantiate"
CERTIFICATE = f"{SP}/addTokenSigningCertificate"

# (name, up to which section, method, path)
CREATES = [
    ("certificate", "03", "POST", CERTIFICATE),
    ("signing-policy", "03", "POST", "/v1.0/policies/tokenIssuancePolicies"),
    ("signing-policy-on-the-service-principal", "03", "POST", f"{SP}/tokenIssuancePolicies/\\$ref"),
    ("signing-policy-on-the-application", "03", "POST", f"{APP}/tokenIssuancePolicies/\\$ref"),
    ("claims-policy", "04", "POST", "/v1.0/policies/claimsMappingPolicies"),
    ("claims-policy-on-the-service-principal", "04", "POST", f"{SP}/claimsMappingPolicies/\\$ref"),
]
ASSIGNMENT = ("assignment", "07", "POST", r"/v1.0/\$batch")
INSTANTIATED = ("application", "01", "POST", INSTANTIATE)
WRITES = [
    ("name-and-mark", "01", "PATCH", APP),
    ("mode", "01", "PATCH", SP),
]
FATES = {"connection-ends": 0, "504": 504}


def assert_one_of_everything(world: World, until: str) -> None:
    app, sp = application(world), principal(world)
    assert not [entry for entry in world.store.all("application") if "setup" in entry["displayName"]]
    assert len(certificates(sp)) == (until >= "03")
    for kind, section in (("tokenIssuancePolicy", "03"), ("claimsMappingPolicy", "04")):
        ours = [policy for policy in world.store.all(kind) if policy["displayName"].startswith("Twilio Flex")]
        assert len(ours) == (until >= section)
        assert policies_of(world, kind) == ours
    assert len([role for role in app["appRoles"] if role["value"]]) == 3 * (until >= "05")
    assert len(assignments_of(world)) == 5 * (until >= "07")


def answered(row: tuple[str, str, str, str], *, effect: bool, status: int) -> Fault:
    written = b'"method": "POST"' if row == ASSIGNMENT else b""
    return Fault(method=row[2], path=row[3], effect=effect, status=status, contains=written)


@pytest.mark.thinned(21)
@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize("row", [INSTANTIATED, *CREATES, ASSIGNMENT, *WRITES], ids=lambda row: row[0])
def test_what_took_effect_is_found_and_not_made_twice(
    row: tuple[str, str, str, str], fate: str, before: Callable[[str], Stage]
) -> None:
    stage, fault = before(row[1]), answered(row, effect=True, status=FATES[fate])
    done = asyncio.run(onboard(stage, since=row[1], until=row[1], app=Faulty(stage.app, fault)))
    assert all(evidence.outcome == 2 and evidence.planned == 0 for _, _, evidence in done.values())
    assert fault.sent > (row[2] == "PATCH")
    assert_one_of_everything(stage.world, row[1])


def test_an_application_that_was_made_although_graph_said_404_is_found(empty: Stage) -> None:
    fault = answered(INSTANTIATED, effect=True, status=404)
    done = asyncio.run(onboard(empty, until="01", app=Faulty(empty.app, fault)))
    assert done["01"][2].verdict == "proved, 4 changes made"
    assert fault.sent == 1
    assert_one_of_everything(empty.world, "01")


@pytest.mark.thinned(9)
@pytest.mark.parametrize("row", [INSTANTIATED, *CREATES], ids=lambda row: row[0])
def test_a_create_that_never_arrived_is_reported_and_the_next_run_completes(
    row: tuple[str, str, str, str], before: Callable[[str], Stage]
) -> None:
    stage, fault = before(row[1]), answered(row, effect=False, status=0)
    with pytest.raises(OutcomeUnknown) as caught:
        asyncio.run(onboard(stage, since=row[1], app=Faulty(stage.app, fault)))
    assert fault.sent == 1
    assert caught.value.notebook == row[1]
    assert "looks for what was made before it makes anything" in caught.value.fix
    done = asyncio.run(onboard(stage, since=row[1], until=row[1]))
    assert done[row[1]][2].verdict.startswith("proved, ")
    assert_one_of_everything(stage.world, row[1])


@pytest.mark.parametrize("fate", FATES)
def test_assignments_that_never_arrived_are_looked_for_and_then_sent_again(
    fate: str, before: Callable[[str], Stage]
) -> None:
    stage, fault = before("07"), answered(ASSIGNMENT, effect=False, status=FATES[fate])
    done = asyncio.run(onboard(stage, since="07", until="07", app=Faulty(stage.app, fault)))
    assert fault.sent == 2
    assert done["07"][2].verdict == "proved, 5 changes made"
    assert_one_of_everything(stage.world, "07")


def test_assignments_that_never_arrive_are_sent_no_more_than_three_times(before: Callable[[str], Stage]) -> None:
    stage, fault = before("07"), replace(answered(ASSIGNMENT, effect=False, status=0), times=99)
    with pytest.raises(OutcomeUnknown) as caught:
        asyncio.run(onboard(stage, since="07", until="07", app=Faulty(stage.app, fault)))
    assert (fault.sent, caught.value.notebook) == (3, "07")
    assert "5 of 5 assignments did not come through" in caught.value.what


@pytest.mark.thinned(9)
@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", APP), ("PATCH", SP), ("GET", BY_APP_ID), ("GET", "/v1.0/applications")],
    ids=["patch-application", "patch-service-principal", "get", "list"],
)  # fmt: skip
def test_what_may_be_repeated_is_repeated_when_it_never_arrived(
    method: str, path: str, fate: str, empty: Stage
) -> None:
    fault = Fault(method=method, path=path, effect=False, status=FATES[fate], times=2)
    done = asyncio.run(onboard(empty, until="02", app=Faulty(empty.app, fault)))
    assert fault.sent >= 3
    assert done["02"][2].verdict == "1 said and not yet seen, 2 changes made"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_create_is_never_sent_twice_after_a_server_error(status: int, empty: Stage) -> None:
    fault = Fault(method="POST", path=INSTANTIATE, effect=False, status=status, times=9)
    with pytest.raises(OutcomeUnknown) as caught:
        asyncio.run(onboard(empty, until="01", app=Faulty(empty.app, fault)))
    assert fault.sent == 1
    assert f"Graph answered {status}" in caught.value.why
    assert empty.writes["graph"] == 0


def test_a_create_that_was_refused_is_not_sent_again(empty: Stage) -> None:
    fault = Fault(method="POST", path=INSTANTIATE, effect=False, status=400, times=9)
    with pytest.raises(Refused) as caught:
        asyncio.run(onboard(empty, until="01", app=Faulty(empty.app, fault)))
    assert (fault.sent, caught.value.status, caught.value.notebook) == (1, 400, "00")


def test_too_many_requests_are_waited_out_as_long_as_graph_asks(empty: Stage) -> None:
    fault = Fault(method="POST", path=INSTANTIATE, effect=False, status=429, headers={"Retry-After": "97"}, times=2)
    before = empty.world.clock.now
    asyncio.run(onboard(empty, until="01", app=Faulty(empty.app, fault)))
    assert fault.sent == 3
    assert empty.world.clock.now - before > 2 * 97
    assert_one_of_everything(empty.world, "01")


def test_without_a_time_the_waiting_doubles_and_then_it_is_said(empty: Stage) -> None:
    fault = Fault(method="GET", path="/v1.0/applications", effect=False, status=429, times=99)

    async def read() -> None:
        session = await empty.open(app=Faulty(empty.app, fault))
        before = empty.world.clock.now
        with pytest.raises(Throttled):
            await session.graph.list("/applications")
        assert empty.world.clock.now - before == 1 + 2 + 4 + 8

    asyncio.run(read())
    assert fault.sent == 5


def test_waiting_takes_no_real_time(empty: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(seconds: float) -> None:
        raise AssertionError(f"slept {seconds} s")

    fault = Fault(method="PATCH", path=SP, effect=False, status=429, headers={"Retry-After": "60"})
    monkeypatch.setattr("flexsso_helpers.wire.clock.asyncio.sleep", never)
    asyncio.run(onboard(empty, until="01", app=Faulty(empty.app, fault)))
    assert fault.sent >= 2


def test_a_network_that_stays_away_ends_in_words(empty: Stage) -> None:
    fault = Fault(method="GET", path=".*", effect=False, times=999, error=lambda: httpx.ConnectError("no route"))

    async def run() -> None:
        session = await empty.open(app=Faulty(empty.app))
        session.graph.sending.adapter._http_client._transport = httpx.ASGITransport(app=Faulty(empty.app, fault))
        await STEPS["01"].plan(session)

    with pytest.raises(Unreachable) as caught:
        asyncio.run(run())
    assert fault.sent == 5
    assert caught.value.notebook == "00"


@pytest.mark.full
@pytest.mark.parametrize("code", ["404", "400"])
def test_taking_a_shared_policy_off_whose_answer_was_lost_counts_as_done(code: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=World(quirks={"unlink_error": code}))
    asyncio.run(onboard(stage, until="03"))
    world = stage.world
    travel = world.store.all("claimsMappingPolicy")[0]
    objects.attach(
        world, "claimsMappingPolicy", "servicePrincipal", principal(world)["id"], travel["id"], at=world.clock.now
    )
    world.advance(600.0)
    fault = Fault(method="DELETE", path=f"{SP}/claimsMappingPolicies/.*", effect=True)
    asyncio.run(onboard(stage, until="04", app=Faulty(stage.app, fault)))
    assert fault.sent == 2
    assert [policy["displayName"][:18] for policy in policies_of(world, "claimsMappingPolicy")] == [
        "Twilio Flex claims"
    ]


async def on_a_machine_of_its_own(stage: Stage) -> Session:
    """A session that no lock of this machine keeps from writing."""
    session = await stage.open()
    session.lock = WritingLock(session.folder / "writing.lock")
    return session


def test_of_two_racing_runs_the_younger_withdraws(empty: Stage) -> None:
    empty.app = OneAtATime(empty.app)
    empty.rehearsal_client = replace(empty.rehearsal_client, app=empty.app)

    async def race() -> None:
        sessions = [await on_a_machine_of_its_own(empty), await on_a_machine_of_its_own(empty)]
        done = await asyncio.gather(*(through(session, STEPS["01"]) for session in sessions))
        assert [evidence.outcome for _, _, evidence in done] == [2, 2]

    asyncio.run(race())
    assert_one_of_everything(empty.world, "01")
    gone = empty.world.store.all("deleted")
    assert sorted(entry["_kind"] for entry in gone) == ["application", "servicePrincipal"]
    assert gone[0]["createdDateTime"] >= application(empty.world)["createdDateTime"]


def test_a_run_that_comes_after_the_other_has_named_its_application_withdraws_too(empty: Stage) -> None:
    async def race() -> None:
        first = await on_a_machine_of_its_own(empty)

        async def other_run_first(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
            if scope["method"] == "POST" and scope["path"].endswith("/instantiate"):
                await through(first, STEPS["01"])
            await empty.app(scope, receive, send)

        second = await empty.open(app=other_run_first)
        _, _, evidence = await through(second, STEPS["01"])
        assert evidence.outcome == 2

    asyncio.run(race())
    assert_one_of_everything(empty.world, "01")
    assert len(empty.world.store.all("deleted")) == 2
