"""Further attributes (D20, D33): from the tenant's file to the worker, each approved by name (D17)."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from onboarding import (
    STEPS,
    change_worker,
    finding,
    forget_sign_ons,
    look,
    onboard,
    open_settings,
    policies_of,
    proof,
    worker_of,
)
from stage import Stage, approved, through

from flexsso_helpers.rehearsal.world import journal
from flexsso_helpers.rehearsal.world.world import World

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


@pytest.mark.full
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
    bo = [each for each in done["08"][2].findings if each.check in ("D20", "D33") and "bo.agent" in each.title]
    assert {each.title.split()[1]: (each.received, each.state) for each in bo} == {
        "department": ('"Service"', "holds"),
        "skill": ("7", "holds"),
        "languages": ('["de", "en"]', "holds"),
        "site": ('"Berlin"', "holds"),
        "remote": ("true", "holds"),
    }

    before = stage.writes
    stage.world.advance(600.0)
    again = asyncio.run(onboard(stage))
    assert {number: each[2].outcome for number, each in again.items()} == dict.fromkeys(again, 0)
    assert stage.writes == before

    change_worker(stage.world, "bo.agent@contoso.com", skill="7")
    _, evidence = asyncio.run(look(stage, "08"))
    found = finding(evidence, "D20", "Worker’s skill · bo.agent")
    assert (found.configured, found.received, found.fails) == ("7", '"7"', True)


@pytest.mark.full
@pytest.mark.parametrize("stored", ["skill", "skill.int"])
def test_whether_flex_takes_the_type_off_the_name_makes_no_difference(configured: Stage, stored: str) -> None:
    configured.world.quirks.chosen["strip_suffix"] = "true" if stored == "skill" else "false"
    configured.changes |= {"attributes": ATTRIBUTES[1:2], "claims": {"acknowledged": ["skill.int"]}}
    furnish(configured.world)
    forget_sign_ons(configured.world)
    evidence = asyncio.run(onboard(configured, since="04"))["08"][2]
    assert finding(evidence, "D20", f"Worker’s {stored} · bo.agent").state == "holds"


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
    assert (evidence.outcome, evidence.verdict) == (2, "not proved: 1 change planned, 1 made")


def test_an_approval_by_name_is_noted_in_the_file(configured: Stage) -> None:
    configured.changes |= {"attributes": ATTRIBUTES[:2]}

    async def run() -> None:
        session = await configured.open(apply=False)
        plan = await STEPS["04"].plan(session)
        await STEPS["04"].apply(session, plan, approved(plan, "Claim department"))
        assert session.tenant.claims.acknowledged == ("department",)

    asyncio.run(run())
    assert names(configured.world) == ["department"]
    assert journal.tenant_values(configured.world)["claims"] == {"acknowledged": ["department"]}
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


@pytest.mark.full
def test_a_typed_value_that_does_not_fit_stops_the_sign_on_and_the_judge_says_why(configured: Stage) -> None:
    configured.changes |= {"attributes": ATTRIBUTES[1:2], "claims": {"acknowledged": ["skill.int"]}}
    furnish(configured.world, onPremisesExtensionAttributes={"extensionAttribute3": "seven"})
    forget_sign_ons(configured.world)
    asyncio.run(onboard(configured, since="04", until="07"))

    async def run() -> Any:
        session = await configured.open()
        plan = await STEPS["08"].plan(session)
        await STEPS["08"].apply(session, plan, session.approval(plan))
        return await proof(session, "08")

    wrong = [each for each in asyncio.run(run()).findings if each.fails]
    assert {each.check for each in wrong} >= {"S66", "D29"}
    assert all("bo.agent@contoso.com" in each.title for each in wrong)


@pytest.mark.parametrize("name", ["contact_uri", "routing"])
def test_a_reserved_name_in_the_policy_fails_until_it_is_removed(configured: Stage, name: str) -> None:
    from test_nothing_is_lost import with_claims

    with_claims(configured.world, name)
    plan, evidence = asyncio.run(look(configured, "04"))
    assert open_settings(plan) == [f"Additional claim {name}"]
    assert finding(evidence, "S67").fails
