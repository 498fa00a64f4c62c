"""What a run takes away does not go unseen: each thing that may be lost is named when it is."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from onboarding import application, change_application, change_principal, change_worker, principal, unassign
from preparations import (
    AUDITOR,
    PREPARATIONS,
    Preparation,
    foreign_notification,
    foreign_role,
    rhea_assigned_by_hand,
    second_certificate,
)
from scenario import Scenario
from scenario_play import play
from stage import Stage
from standing import lost, standing

from flexsso_helpers.rehearsal.directory.credentials import thumbprint_of
from flexsso_helpers.rehearsal.world.world import World

BO = "bo.agent@contoso.com"


async def nothing_more(_stage: Stage) -> None:
    """As an ordinary onboarding left it."""


def role(world: World) -> None:
    change_application(world, appRoles=[each for each in application(world)["appRoles"] if each["id"] != AUDITOR["id"]])


def role_renamed(world: World) -> None:
    roles = application(world)["appRoles"]
    change_application(world, appRoles=[each | {"description": None} if each == AUDITOR else each for each in roles])


def certificate(world: World) -> None:
    entry = principal(world)
    active = entry["preferredTokenSigningKeyThumbprint"]
    change_principal(world, keyCredentials=[key for key in entry["keyCredentials"] if thumbprint_of(key) == active])


def address(world: World) -> None:
    change_principal(world, notificationEmailAddresses=["sso-owners@contoso.com"])


def assignment(world: World) -> None:
    unassign(world, "Rhea Reader")


def reply_url(world: World) -> None:
    change_application(world, web=application(world)["web"] | {"redirectUris": ["https://other.example.com"]})


def travel_claims(world: World) -> None:
    kind = "claimsMappingPolicy"
    policy = next(each for each in world.store.all(kind) if each["displayName"].endswith("Travel claims"))
    body = json.loads(policy["definition"][0])
    body["ClaimsMappingPolicy"]["ClaimsSchema"] = []
    world.store.put(kind, policy["id"], policy | {"definition": [json.dumps(body)]}, at=world.clock.now)


def travel_policy_taken_off(world: World) -> None:
    link = next(each for each in world.store.all("policyLink") if each["object"] != principal(world)["id"])
    world.store.remove("policyLink", f"{link['policy']}:{link['kind']}:{link['object']}", at=world.clock.now)


def attribute(world: World) -> None:
    change_worker(world, BO, full_name="")


@pytest.mark.parametrize(
    ("stands", "take", "says"),
    [
        (foreign_role, role, "application Twilio Flex · appRoles auditor"),
        (foreign_role, role_renamed, "application Twilio Flex · appRoles auditor description"),
        (second_certificate, certificate, "servicePrincipal Twilio Flex · keyCredentials CN=Staged by hand"),
        (foreign_notification, address, "servicePrincipal Twilio Flex · notificationEmailAddresses security@"),
        (rhea_assigned_by_hand, assignment, "appRoleAssignment Rhea Reader as agent in Twilio Flex"),
        (nothing_more, reply_url, "application Twilio Flex · web redirectUris https://login.flex."),
        (nothing_more, travel_claims, "claimsMappingPolicy Contoso Travel claims · definition ClaimsMappingPolicy "),
        (nothing_more, travel_policy_taken_off, "policyLink Contoso Travel claims on servicePrincipal Contoso Travel"),
        (nothing_more, attribute, "worker bo.agent@contoso.com · attributes full_name"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_is_taken_away_is_named(
    stands: Preparation, take: Callable[[World], None], says: str, worlds: Mapping[str, World], tmp_path: Path
) -> None:
    stage = Stage(tmp_path, world=worlds["09"].copy())
    asyncio.run(stands(stage))
    before = standing(stage.world)
    assert lost(before, standing(stage.world)) == []
    take(stage.world)
    (found,) = lost(before, standing(stage.world))
    assert found.startswith(says)


@pytest.mark.full
def test_a_scenario_in_which_something_is_taken_away_unsaid_is_not_passed(
    worlds: Mapping[str, World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def taken(stage: Stage) -> None:
        role(stage.world)

    monkeypatch.setitem(PREPARATIONS, "taken", taken)  # type: ignore[arg-type]
    expect = {
        "planned": {"05": []},
        "signs_on": {f"{who}@contoso.com": [who.split(".")[1]] for who in ("ada.admin", "sol.supervisor", "bo.agent")},
    }
    told = {"title": "T", "before": "09", "seed": ["foreign_role"], "meanwhile": {"05": ["taken"]}, "expect": expect}
    scenario = Scenario.model_validate(told)
    with pytest.raises(AssertionError, match="appRoles auditor"):
        asyncio.run(play(Stage(tmp_path, world=scenario.world(worlds)), scenario))
    expect["gone"] = ["application Twilio Flex · appRoles auditor"]  # type: ignore[assignment]
    scenario = Scenario.model_validate(told)
    asyncio.run(play(Stage(tmp_path, world=scenario.world(worlds)), scenario))
