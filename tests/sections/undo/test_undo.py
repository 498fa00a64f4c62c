"""An undo among people who go on working: what they changed since stays, what they put beside ours stays."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from as_it_was import managed
from human import Human
from live_play import LiveStage, at_the_screen
from onboarding import (
    BY_HAND,
    application,
    change_application,
    change_principal,
    finding,
    made_by_hand,
    onboard,
    open_settings,
    principal,
)
from preparations import AUDITOR, rhea_assigned_by_hand, second_certificate
from stage import Stage, approved

from flexsso_helpers.errors import FlexSSOError, StalePlan
from flexsso_helpers.plan import Applied, Evidence, Plan
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.credentials import make_certificate, thumbprint_of
from flexsso_helpers.sections import undo


async def undone(stage: Stage, *, removals: bool = True) -> tuple[Plan, Applied]:
    session = await stage.open()
    plan = await undo.plan(session)
    names = [change.setting for change in plan.open if change.by_name and removals]
    return plan, await undo.apply(session, plan, approved(plan, *names))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Set up from nothing, with its ledger; without 08, which changes nothing in Entra. Not to be changed."""
    stage = Stage(tmp_path_factory.mktemp("whole"))
    asyncio.run(onboard(stage, until="07"))
    stage.world.advance(600.0)
    return stage


@pytest.fixture
def onboarded(whole: Stage, tmp_path: Path) -> Stage:
    """The same, with world and ledger of its own."""
    shutil.copytree(whole.folder, tmp_path / "runs")
    stage = Stage(tmp_path / "runs", world=whole.world.copy())
    stage._runs = whole._runs
    return stage


def by_hand(folder: Path, **fields: Any) -> Stage:
    """Somebody's application with our identifier, which the tenant's file adopts."""
    stage = Stage(folder)
    stage.changes = {"application": {"app_id": made_by_hand(stage.world, **fields)}}
    return stage


@pytest.mark.full
def test_what_we_made_goes_service_principal_first_and_policies_with_it(onboarded: Stage, tmp_path: Path) -> None:
    before = managed(Stage(tmp_path / "empty").world)
    plan, _ = asyncio.run(undone(onboarded))
    assert [change.kind for change in plan.open] == ["-", "-", "-"]
    assert managed(onboarded.world) == before
    deleted = [(each["_kind"], each["deletedDateTime"]) for each in onboarded.world.store.all("deleted")]
    assert {kind for kind, _ in deleted} == {"application", "servicePrincipal"}
    assert "among the deleted ones for 30 days" in plan.open[0].undo


def test_a_second_undo_plans_nothing_and_writes_nothing(onboarded: Stage) -> None:
    asyncio.run(undone(onboarded))
    writes = onboarded.writes
    plan, _ = asyncio.run(undone(onboarded))
    assert (plan.open, onboarded.writes) == ((), writes)


def test_removals_that_nobody_approved_by_name_stay(onboarded: Stage) -> None:
    before, writes = managed(onboarded.world), onboarded.writes
    _, applied = asyncio.run(undone(onboarded, removals=False))
    assert (applied.made, managed(onboarded.world), onboarded.writes) == ((), before, writes)


def a_role(stage: Stage) -> None:
    change_application(stage.world, appRoles=[*application(stage.world)["appRoles"], AUDITOR])


def an_identifier(stage: Stage) -> None:
    uris = application(stage.world)["identifierUris"]
    change_application(stage.world, identifierUris=[*uris, "https://desk.contoso.com/saml"])


def a_certificate(stage: Stage) -> None:
    asyncio.run(second_certificate(stage))


def an_assignment(stage: Stage) -> None:
    asyncio.run(rhea_assigned_by_hand(stage))


def a_secret(stage: Stage) -> None:
    change_application(stage.world, passwordCredentials=[{"keyId": "f1e55000-0000-4000-8000-0000000000cc"}])


@pytest.mark.thinned(2)
@pytest.mark.parametrize("put", [a_role, an_identifier, a_certificate, an_assignment], ids=lambda put: put.__name__)
def test_an_application_into_which_others_put_something_stays_with_it(
    put: Callable[[Stage], None], onboarded: Stage
) -> None:
    world = onboarded.world
    ours = managed(world)
    put(onboarded)
    theirs = {name: value for name, value in managed(world).items() if ours.get(name) != value}
    plan, _ = asyncio.run(undone(onboarded))
    assert "Enterprise application" not in " ".join(open_settings(plan))
    assert "holds the " in plan.remarks[0]
    app, sp = application(world), principal(world)
    assert [each for each in app["identifierUris"] if each.startswith("urn:flex:")] == []
    assert sp["preferredSingleSignOnMode"] is None
    after = json.dumps(managed(world), sort_keys=True)
    for name, value in theirs.items():
        for part in value if isinstance(value, list) else [value]:
            if part not in (ours.get(name) or ()):
                assert json.dumps(part, sort_keys=True) in after, name


@pytest.mark.full
def test_an_adopted_application_gets_back_what_it_had(tmp_path: Path) -> None:
    stage = by_hand(tmp_path, appRoles=[AUDITOR], notes="Ask Olga.")
    world = stage.world
    change_principal(world, BY_HAND, loginUrl="https://start.contoso.com", tags=["HideApp"])
    before = managed(world)
    asyncio.run(onboard(stage, until="07"))
    world.advance(600.0)
    assert managed(world) != before
    asyncio.run(undone(stage))
    assert managed(world) == before
    assert principal(world, BY_HAND)["loginUrl"] == "https://start.contoso.com"


@pytest.mark.full
def test_what_others_changed_since_is_left_and_listed(tmp_path: Path) -> None:
    stage = by_hand(tmp_path)
    world = stage.world
    change_principal(world, BY_HAND, loginUrl="https://start.contoso.com")
    asyncio.run(onboard(stage, until="07"))
    theirs = {"loginUrl": "https://other.contoso.com", "notificationEmailAddresses": ["sec@contoso.com"]}
    change_principal(world, BY_HAND, **theirs)
    plan, _ = asyncio.run(undone(stage))
    assert "Sign-on URL" in plan.remarks[0]
    assert "Sign-on URL" not in open_settings(plan)
    assert principal(world, BY_HAND).items() >= theirs.items()

    async def look() -> str:
        session = await stage.open()
        evidence = await undo.verify(session)
        return finding(evidence, "S91").received

    assert "Sign-on URL" in asyncio.run(look())


def test_a_policy_that_another_application_came_to_use_stays(onboarded: Stage) -> None:
    world = onboarded.world
    ours = next(each for each in world.store.all("claimsMappingPolicy") if each["displayName"].startswith("Twilio"))
    travel = principal(world, "Contoso Travel")
    for link in world.store.find("policyLink", "object", travel["id"]):
        objects.detach(world, link["kind"], link["object"], link["policy"], at=world.clock.now)
    objects.attach(world, "claimsMappingPolicy", "servicePrincipal", travel["id"], ours["id"], at=world.clock.now)
    world.advance(600.0)
    plan, _ = asyncio.run(undone(onboarded))
    assert "hangs on Contoso Travel too" in plan.remarks[0]
    assert world.store.get("claimsMappingPolicy", ours["id"]) == ours
    assert [link["policy"] for link in world.store.find("policyLink", "object", travel["id"])] == [ours["id"]]


@pytest.mark.full
def test_a_certificate_that_was_there_is_active_again_and_ours_goes_only_by_name(tmp_path: Path) -> None:
    stage = by_hand(tmp_path)
    world = stage.world
    now = world.clock.now
    old = make_certificate(world, name="CN=Old", start=now - 90 * 86400, end=now - 86400)
    change_principal(
        world, BY_HAND, keyCredentials=old.keys, passwordCredentials=[old.password],
        preferredTokenSigningKeyThumbprint=old.thumbprint.lower(),
    )  # fmt: skip
    asyncio.run(onboard(stage, until="03"))
    world.advance(600.0)
    plan, _ = asyncio.run(undone(stage, removals=False))
    assert "Active certificate" in open_settings(plan)
    assert principal(world, BY_HAND)["preferredTokenSigningKeyThumbprint"] == old.thumbprint.lower()
    assert len({thumbprint_of(key) for key in principal(world, BY_HAND)["keyCredentials"]}) == 2
    (ours,) = [change for change in plan.open if change.setting.startswith("Certificate ")]
    assert "nobody else has its key" in ours.undo
    asyncio.run(undone(stage))
    assert {thumbprint_of(key) for key in principal(world, BY_HAND)["keyCredentials"]} == {old.thumbprint.lower()}


def test_a_tenant_without_a_ledger_has_nothing_to_undo(configured: Stage) -> None:
    plan, _ = asyncio.run(undone(configured))

    async def look() -> tuple[int, str]:
        evidence = await undo.verify(await configured.open())
        return evidence.outcome, finding(evidence, "S90").received

    assert plan.open == ()
    assert asyncio.run(look()) == (0, "no ledger of this tenant tells of a write")


class Killed(BaseException):
    """The kernel's process ends."""


class KillAt:
    """The application; the process ends at the n-th write to Graph, before it arrives or after."""

    def __init__(self, app: Any, at: int, *, arrives: bool) -> None:
        self.app, self.at, self.arrives, self.count = app, at, arrives, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        if host != b"graph.microsoft.com" or scope["method"] == "GET" or await self._only_reads(scope, receive):
            await self.app(scope, self._receive(receive), send)
            return
        self.count += 1
        if self.count < self.at:
            await self.app(scope, self._receive(receive), send)
            return
        if self.arrives:
            await self.app(scope, self._receive(receive), _nowhere)
        raise Killed

    async def _only_reads(self, scope: Any, receive: Any) -> bool:
        self.message = await receive()
        body = self.message.get("body", b"")
        return scope["path"].endswith("/$batch") and all(
            each["method"] == "GET" for each in json.loads(body)["requests"]
        )

    def _receive(self, receive: Any) -> Any:
        message = self.__dict__.pop("message", None)

        async def again() -> Any:
            nonlocal message
            given, message = message, None
            return given or await receive()

        return again


async def _nowhere(_message: Any) -> None:
    """Nobody is there to receive it."""


WRITES = range(1, 26)


@pytest.mark.sampled(6)
@pytest.mark.thinned(100)
@pytest.mark.parametrize("arrives", [False, True], ids=["never-arrives", "arrives"])
@pytest.mark.parametrize("whose", ["made", "adopted"])
@pytest.mark.parametrize("at", WRITES)
def test_a_run_that_was_killed_at_any_write_is_undone(at: int, whose: str, arrives: bool, tmp_path: Path) -> None:
    stage = by_hand(tmp_path, appRoles=[AUDITOR]) if whose == "adopted" else Stage(tmp_path)
    before = managed(stage.world)
    killer = KillAt(stage.app, at, arrives=arrives)
    try:
        asyncio.run(onboard(stage, until="07", app=killer))
    except Killed:
        pass
    except FlexSSOError as error:
        raise AssertionError(str(error)) from error
    stage.world.advance(600.0)
    asyncio.run(undone(stage))
    assert managed(stage.world) == before


def test_an_edit_in_the_portal_between_plan_and_change_stops_it(onboarded: Stage) -> None:
    async def go() -> None:
        session = await onboarded.open()
        plan = await undo.plan(session)
        an_identifier(onboarded)
        await undo.apply(session, plan, approved(plan, *open_settings(plan)))

    before = onboarded.writes
    with pytest.raises(StalePlan):
        asyncio.run(go())
    assert onboarded.writes == before
    assert application(onboarded.world)["identifierUris"]


def test_live_it_is_the_same(tmp_path: Path) -> None:
    stage = LiveStage(tmp_path)
    before = managed(stage.world)

    async def go() -> Plan:
        with at_the_screen(stage, Human(stage)):
            await onboard(stage, until="01", apply=True)
            stage.world.advance(600.0)
            return (await undone(stage))[0]

    assert len(asyncio.run(go()).open) == 1
    assert managed(stage.world) == before


def test_what_stays_is_not_listed_as_what_comes_back(afterwards: Callable[[str], Stage]) -> None:
    async def proved() -> Evidence:
        return (await undo.STEP.examine(await afterwards("one").open(apply=False)))[1]

    left = finding(asyncio.run(proved()), "S93")
    assert left.title == "Cannot be put right"
    assert "stay at Twilio" in left.received
