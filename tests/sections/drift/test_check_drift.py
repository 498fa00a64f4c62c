"""20 · Whatever moves after an onboarding is in the table, with who did it, and writes nothing."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from human import Human
from live_play import LiveStage, at_the_screen
from onboarding import (
    application,
    change_application,
    change_console,
    change_principal,
    finding,
    onboard,
    open_settings,
    principal,
    unassign,
    wrong,
)
from portal import GRETA, by_hand
from stage import Stage

from flexsso_helpers.errors import NotProven
from flexsso_helpers.plan import Evidence, Plan
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.server.seed import AUTOMATION_CLIENT
from flexsso_helpers.rehearsal.world.clock import iso
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections import drift
from flexsso_helpers.session import Session

DAY = 86400.0
GUID = "f1e55000-0000-4000-8000-0000000000cc"
LOG = {"sign_in": {"audit_log": True}}


def over(stage: Stage, **how: Any) -> tuple[Plan, Evidence]:
    """One look of 20, which writes nothing; a failed proof is returned."""

    async def go() -> tuple[Plan, Evidence]:
        session = await stage.open(apply=False, **how)
        plan = await drift.plan(session)
        return plan, await evidence_of(session)

    before = stage.writes
    found = asyncio.run(go())
    assert stage.writes == before
    return found


async def evidence_of(session: Session) -> Evidence:
    try:
        return await drift.verify(session)
    except NotProven:
        return (await drift.STEP._examined(session))[1]


def shown(stage: Stage, cell: Callable[[Session], Awaitable[Any]]) -> str:
    async def go() -> str:
        return str((await cell(await stage.open(apply=False)))._repr_mimebundle_()["text/plain"])

    return asyncio.run(go())


def test_nothing_moved(configured: Stage) -> None:
    plan, evidence = over(configured)
    assert open_settings(plan) == []
    assert {change.setting[:2] for change in plan.changes} >= {"01", "02", "03", "04", "05", "06", "07", "08"}
    assert evidence.outcome == 0
    assert evidence.facts["Days until something expires"].startswith("1,09")


def group_claim(stage: Stage) -> None:
    change_application(stage.world, groupMembershipClaims="SecurityGroup")


def reply_url(stage: Stage) -> None:
    web = application(stage.world)["web"]
    change_application(stage.world, web=web | {"redirectUris": ["https://desk.contoso.com/acs"]})


def nobody_told(stage: Stage) -> None:
    change_principal(stage.world, notificationEmailAddresses=[])


def bo_taken_off(stage: Stage) -> None:
    unassign(stage.world, "Bo Agent")


def other_issuer(stage: Stage) -> None:
    connection = stage.world.store.all("flex_connection")[0]
    change_console(stage.world, sso_url=connection["sso_url"].replace("saml2", "saml"))


EDITS: dict[str, tuple[Callable[[Stage], None], list[str], int]] = {
    "a group claim": (group_claim, ["04 · Group claim"], 2),
    "another reply URL": (reply_url, ["02 · Reply URL", "02 · Other reply URL https://desk.contoso.com/acs"], 2),
    "nobody is told": (nobody_told, ["03 · Expiry notifications go to"], 2),
    "somebody taken off": (bo_taken_off, ["07 · User bo.agent@contoso.com"], 2),
    "another address in Console": (other_issuer, [], 1),
}


@pytest.mark.thinned(5)
@pytest.mark.parametrize("name", EDITS)
def test_what_moved_is_in_the_table(name: str, configured: Stage) -> None:
    edit, settings, outcome = EDITS[name]
    edit(configured)
    plan, evidence = over(configured)
    assert (open_settings(plan), evidence.outcome) == (settings, outcome)
    assert wrong(evidence)


@pytest.mark.full
@pytest.mark.parametrize("name", EDITS)
def test_live_it_is_the_same_table(name: str, proved_world: World, tmp_path: Path) -> None:
    stage = LiveStage(tmp_path, world=proved_world.copy())
    edit, settings, outcome = EDITS[name]
    edit(stage)
    with at_the_screen(stage, Human(stage)):
        plan, evidence = over(stage)
    assert (open_settings(plan), evidence.outcome) == (settings, outcome)
    assert wrong(evidence)


def test_a_tenant_that_was_never_set_up(empty: Stage) -> None:
    plan, evidence = over(empty)
    assert "01 · Enterprise application" in open_settings(plan)
    assert evidence.outcome in (2, 3)
    assert evidence.facts["Days until something expires"] == "not known"


def test_somebody_deleted_the_application(configured: Stage) -> None:
    world = configured.world
    for kind, entry in (("servicePrincipal", principal(world)), ("application", application(world))):
        world.store.remove(kind, entry["id"], at=world.clock.now)
    world.advance(600.0)
    plan, evidence = over(configured)
    assert "01 · Enterprise application" in open_settings(plan)
    assert evidence.outcome != 0


@pytest.mark.full
def test_worst_of_the_sections_wins(configured: Stage) -> None:
    group_claim(configured)
    other_issuer(configured)
    _, evidence = over(configured)
    assert evidence.outcome == 1
    assert "fail" in evidence.verdict


@pytest.mark.thinned(6)
@pytest.mark.parametrize(
    ("left", "state", "level", "outcome"),
    [
        (91, "holds", "error", 0),
        (89, "wrong", "warning", 0),
        (45, "wrong", "warning", 0),
        (29, "waiting", "error", 3),
        (6, "wrong", "error", 1),
        (-1, "wrong", "error", 1),
    ],
)
def test_marks_of_the_certificate(left: int, state: str, level: str, outcome: int, configured: Stage) -> None:
    configured.world.advance((1095 - left) * DAY - 3600.0)
    _, evidence = over(configured)
    found = finding(evidence, "S28", "Active certificate")
    assert (found.state, found.level, evidence.outcome) == (state, level, outcome)
    assert f"{left}" in evidence.facts["Days until something expires"].replace(",", "")
    if state != "holds":
        assert "security" in found.received or "@" in found.received
        assert "21 · Rotate certificate" in found.fix


def test_people_who_cannot_use_it(configured: Stage) -> None:
    world = configured.world
    role = next(each["id"] for each in application(world)["appRoles"] if each["value"] == "agent")
    for name in ("dee.disabled@contoso.com", "nia.nomail@contoso.com", "rhea.reader@contoso.com"):
        user = objects.user_by_name(world, name)
        assert user is not None
        objects.assign(world, principal(world), user, "user", role, at=world.clock.now)
    rhea = objects.user_by_name(world, "rhea.reader@contoso.com")
    assert rhea is not None
    world.store.remove("user", rhea["id"], at=world.clock.now)
    world.advance(600.0)
    _, evidence = over(configured)
    assert "dee.disabled" in finding(evidence, "D24", "Assigned by name, and the account is disabled").received
    assert "nia.nomail" in finding(evidence, "S56", "Assigned by name, and without").received
    assert "Rhea Reader" in finding(evidence, "D24", "Assigned by name, and not in Entra").received
    assert "Dee Disabled" in finding(evidence, "D25", "07 · Assigned and not in the file").received


@pytest.mark.full
def test_who_changed_what(configured: Stage) -> None:
    configured.changes |= LOG
    sp = principal(configured.world)["id"]
    assert finding(over(configured)[1], "G107").state == "unknown"  # no ledger here tells our last write
    by_hand(configured, "PATCH", f"/servicePrincipals/{sp}", {"notificationEmailAddresses": []})
    asyncio.run(onboard(configured, since="03", until="03"))
    configured.world.advance(600.0)
    assert finding(over(configured)[1], "G107").received == "none"
    by_hand(configured, "PATCH", f"/servicePrincipals/{sp}", {"notificationEmailAddresses": ["a@contoso.com"]})
    by_hand(configured, "PATCH", f"/servicePrincipals/{sp}", {"notes": "ours"})
    text = shown(configured, drift.history)
    lines = [line for line in text.splitlines() if GRETA in line]
    assert len(lines) == 2
    assert "NotificationEmailAddresses" in text
    assert "03" in lines[0]
    assert "not managed" in lines[1]
    assert "ada.admin@contoso.com" not in text
    _, evidence = over(configured)
    found = finding(evidence, "G107")
    assert found.received == "1 change of what is managed, 1 of what is not"
    assert evidence.outcome == 2


def test_without_the_right_it_says_what_it_takes(configured: Stage) -> None:
    text = shown(configured, drift.history)
    assert "could not look" in text
    assert "sign_in.audit_log: true" in text
    _, evidence = over(configured)
    assert finding(evidence, "G107").state == "unknown"
    assert evidence.outcome == 0


def policy(name: str, *, state: str = "enabled", controls: tuple[str, ...] = ("mfa",), **applications: Any) -> Any:
    conditions = {"applications": {"includeApplications": ["All"], "excludeApplications": [], **applications}}
    grant = {"operator": "OR", "builtInControls": list(controls)}
    return {"id": name, "displayName": name, "state": state, "conditions": conditions, "grantControls": grant}


def test_conditional_access_that_meets_it(configured: Stage) -> None:
    world = configured.world
    configured.changes |= {"sign_in": {"user": GRETA}}
    mine = application(world)["appId"]
    for each in (
        policy("MFA for all"),
        policy("Off", state="disabled"),
        policy("Not for Flex", excludeApplications=[mine]),
        policy("Travel alone", includeApplications=["f1e55000-0000-4000-8000-0000000000ab"]),
        policy("Block Flex", controls=("block",), includeApplications=[mine]),
        policy("Tried out", state="enabledForReportingButNotEnforced", controls=("block",)),
    ):
        world.store.put("conditionalAccessPolicy", each["id"], each, at=world.clock.now - DAY)
    _, evidence = over(configured)
    assert finding(evidence, "G108", "Conditional Access policies").received == (
        "“MFA for all” (mfa), “Tried out” (block, reports only)"
    )
    blocking = finding(evidence, "G108", "Conditional Access that blocks")
    assert (blocking.received, blocking.level) == ("“Block Flex” (block)", "warning")


@pytest.mark.full
def test_the_secret_of_unattended_runs_ends_too(configured: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    world = configured.world
    configured.changes |= {
        "sign_in": {"method": "client_secret", "client_id": AUTOMATION_CLIENT, "secret": "env:SECRET", "user": None}
    }
    [app] = world.store.find("application", "appId", AUTOMATION_CLIENT)
    for days, state in ((200, "holds"), (20, "wrong")):
        end = {"keyId": GUID, "endDateTime": iso(world.clock.now + days * DAY + 3600.0)}
        world.store.put("application", app["id"], app | {"passwordCredentials": [end]}, at=world.clock.now)
        world.advance(600.0)
        _, evidence = over(configured)
        found = finding(evidence, "S82")
        assert (found.state, found.level) == (state, "warning")
        assert evidence.facts["Days until something expires"] == f"{days}: client secret"
        assert f"{days} days until something expires" in shown(configured, drift.expiry)


def test_what_ends_when_names_who_gets_the_mails(configured: Stage) -> None:
    configured.world.advance(1040 * DAY)
    text = shown(configured, drift.expiry)
    assert "60 days" in text
    told = json.dumps(principal(configured.world)["notificationEmailAddresses"])
    assert told != "[]"
    assert all(address in text for address in json.loads(told))
