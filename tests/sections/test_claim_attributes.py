"""Further attributes (D20, D33): from the tenant's file to the worker, each approved by name (D17)."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from onboarding import STEPS, finding, look, onboard, open_settings, policies_of, principal, worker_of
from stage import Stage, approved, through

from flexsso_helpers.rehearsal import journal
from flexsso_helpers.rehearsal.world import World

EXTENSION = "extension_0123456789abcdef0123456789abcdef_site"
ATTRIBUTES = [
    {"name": "department", "source": "user.department"},
    {"name": "skill.int", "source": "user.extensionattribute3"},
    {"name": "languages.stringarray", "source": "user.extensionattribute4"},
    {"name": "site", "source": EXTENSION},
    {"name": "remote.boolean", "value": "true"},
    {"name": "channel.chat.capacity", "value": "3"},
]
NAMES = [each["name"] for each in ATTRIBUTES]
SETTINGS = [f"Claim {name}" for name in NAMES]
PERSON = {
    "department": "Service",
    "onPremisesExtensionAttributes": {"extensionAttribute3": "7", "extensionAttribute4": "de, en"},
    EXTENSION: "Berlin",
}


def furnish(world: World, who: str = "bo.agent@contoso.com", **fields: Any) -> None:
    user = next(each for each in world.store.all("user") if each["userPrincipalName"] == who)
    world.store.put("user", user["id"], user | (fields or PERSON), at=world.clock.now)


def schema(world: World) -> list[dict[str, str]]:
    body: list[dict[str, str]] = json.loads(policies_of(world, "claimsMappingPolicy")[0]["definition"][0])[
        "ClaimsMappingPolicy"
    ]["ClaimsSchema"]
    return body


def names(world: World) -> list[str]:
    return [entry["SamlClaimType"] for entry in schema(world)][4:]


def test_acknowledged_attributes_reach_the_worker_with_their_types(tmp_path: Path) -> None:
    stage = Stage(tmp_path, changes={"attributes": ATTRIBUTES, "claims": {"acknowledged": NAMES}})
    for who in ("ada.admin@contoso.com", "sol.supervisor@contoso.com", "bo.agent@contoso.com"):
        furnish(stage.world, who)

    done = asyncio.run(onboard(stage))
    assert names(stage.world) == NAMES
    assert done["08"][2].outcome == 2
    worker = worker_of(stage.world, "bo.agent@contoso.com")
    attributes = json.loads(worker["attributes"])
    assert {name: attributes.get(name) for name in ("department", "skill", "languages", "site", "remote")} == {
        "department": "Service",
        "skill": 7,
        "languages": ["de", "en"],
        "site": "Berlin",
        "remote": True,
    }
    assert worker["channels"]["chat"] == {"capacity": 3}

    before = stage.writes
    stage.world.advance(600.0)
    again = asyncio.run(onboard(stage))
    assert {number: each[2].outcome for number, each in again.items()} == dict.fromkeys(again, 0)
    assert stage.writes == before


def test_what_nobody_acknowledged_stays_out_however_the_run_was_started(configured: Stage) -> None:
    configured.changes |= {"attributes": ATTRIBUTES[:2], "claims": {"acknowledged": ["skill.int"]}}

    async def run() -> Any:
        session = await configured.open(apply=True)
        session.may_remove = True
        return await through(session, STEPS["04"])

    plan, applied, evidence = asyncio.run(run())
    assert open_settings(plan) == SETTINGS[:2]
    assert [change.setting for change in applied.made] == ["Claim skill.int"]
    assert applied.why_not == "what else leaves the tenant is approved one by one"
    assert names(configured.world) == ["skill.int"]
    assert (evidence.outcome, evidence.verdict) == (2, "not proved: 1 change planned")


def test_an_approval_by_name_is_noted_in_the_file(configured: Stage) -> None:
    configured.changes |= {"attributes": ATTRIBUTES[:2]}

    async def run() -> None:
        session = await configured.open(apply=False)
        plan = await STEPS["04"].plan(session)
        await STEPS["04"].apply(session, plan, approved(plan, "Claim department"))
        assert session.tenant.claims.acknowledged == ("department",)

    asyncio.run(run())
    assert names(configured.world) == ["department"]
    assert journal.desk(configured.world)["claims"] == {"acknowledged": ["department"]}
    configured.world.advance(600.0)
    plan, evidence = asyncio.run(look(configured, "04"))
    assert open_settings(plan) == ["Claim skill.int"]
    assert finding(evidence, "D17", "Acknowledged").configured == "department"


def test_an_attribute_with_another_source_is_a_disclosure_too(configured: Stage) -> None:
    configured.changes |= {"attributes": ATTRIBUTES[:1], "claims": {"acknowledged": ["department"]}}
    asyncio.run(onboard(configured, since="04", until="04"))
    configured.world.advance(600.0)
    configured.changes["attributes"] = [{"name": "department", "source": "user.city"}]
    configured.changes["claims"] = {"acknowledged": []}
    plan, _, evidence = asyncio.run(onboard(configured, since="04", until="04"))["04"]
    assert open_settings(plan) == ["Claim department"]
    assert schema(configured.world)[4]["ID"] == "department"
    assert finding(evidence, "D17", "Sent, and nobody").received == "department"


def test_a_claim_of_others_that_the_file_answers_for_stays_and_is_no_warning(configured: Stage) -> None:
    configured.changes |= {"attributes": ATTRIBUTES[:1], "claims": {"acknowledged": ["department"]}}
    asyncio.run(onboard(configured, since="04", until="04"))
    configured.world.advance(600.0)
    del configured.changes["attributes"]
    before = configured.writes
    plan, applied, evidence = asyncio.run(onboard(configured, since="04", until="04"))["04"]
    assert open_settings(plan) == []
    assert applied.made == ()
    assert evidence.outcome == 0
    assert not [each for each in evidence.findings if each.state == "wrong"]
    assert configured.writes == before


def test_a_typed_value_that_does_not_fit_stops_the_sign_on_and_the_proof_says_so(configured: Stage) -> None:
    configured.changes |= {"attributes": ATTRIBUTES[1:2], "claims": {"acknowledged": ["skill.int"]}}
    furnish(configured.world, onPremisesExtensionAttributes={"extensionAttribute3": "seven"})
    asyncio.run(onboard(configured, since="04", until="04"))
    assert principal(configured.world)
    assert names(configured.world) == ["skill.int"]


@pytest.mark.parametrize("name", ["contact_uri", "routing"])
def test_a_reserved_name_in_the_policy_fails_until_it_is_removed(configured: Stage, name: str) -> None:
    from test_nothing_is_lost import with_claims

    with_claims(configured.world, name)
    plan, evidence = asyncio.run(look(configured, "04"))
    assert open_settings(plan) == [f"Additional claim {name}"]
    assert finding(evidence, "S67").fails
