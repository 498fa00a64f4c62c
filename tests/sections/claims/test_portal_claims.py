"""The claims in the admin center's own store: an opt-in, never both at once, and nothing of others lost on the way."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from onboarding import (
    STEPS,
    change_policy,
    finding,
    look,
    onboard,
    open_settings,
    policies_of,
    principal,
    worker_of,
)
from stage import Stage, approved
from test_claim_attributes import ATTRIBUTES, NAMES, furnish
from test_nothing_is_lost import with_claims

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.plan import Applied
from flexsso_helpers.rehearsal.graph import claims_policy
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

PAGE = "customClaimsPolicy"
PORTAL = {"claims": {"store": "portal_policy"}}
SWITCH = "Claims are kept in"
USER = {"@odata.type": "#microsoft.graph.sourcedAttribute", "source": "user", "isExtensionAttribute": False}
RULES = [
    {"condition": None, "attribute": USER | {"id": " jobTitle"}, "transformations": []},
    {"condition": {"userType": "allGuests"}, "attribute": USER | {"id": "companyname"}, "transformations": []},
]


def custom(name: str, rules: list[dict[str, Any]]) -> Document:
    return {
        "@odata.type": "#microsoft.graph.customClaim",
        "name": name,
        "configurations": rules,
        "tokenFormat": ["saml"],
    }


def page(world: World) -> Document:
    found = world.store.get(PAGE, principal(world)["id"])
    assert found is not None
    return found


def by_hand(world: World, *claims: Document) -> None:
    """What somebody saved on the page Attributes & Claims, before any policy."""
    sp = principal(world)["id"]
    body = {"id": sp, "includeBasicClaimSet": True, "includeApplicationIdInIssuer": True, "claims": list(claims)}
    world.store.put(PAGE, sp, body, at=world.clock.now)
    world.advance(600.0)


def sent(world: World) -> list[str]:
    return [claim.get("name", "NameID") for claim in page(world)["claims"]]


async def apply(stage: Stage, *names: str) -> Applied:
    session = await stage.open()
    plan = await STEPS["04"].plan(session)
    applied = await STEPS["04"].apply(session, plan, approved(plan, *names))
    stage.world.advance(600.0)
    return applied


@pytest.mark.full
@pytest.mark.parametrize(("shape", "answer"), [("object", "204"), ("list", "201"), ("wrapped", "200")])
def test_a_whole_onboarding_by_the_page_ends_in_a_sign_on_and_a_quiet_second_run(
    shape: str, answer: str, tmp_path: Path
) -> None:
    claims = {"store": "portal_policy", "acknowledged": NAMES}
    world = World(quirks={"claims_policy_shape": shape, "claims_policy_put": answer})
    stage = Stage(tmp_path, world=world, changes={"attributes": ATTRIBUTES, "claims": claims})
    for who in ("ada.admin@contoso.com", "sol.supervisor@contoso.com", "bo.agent@contoso.com"):
        furnish(stage.world, who)
    done = asyncio.run(onboard(stage))
    assert done["08"][2].outcome == 2
    assert policies_of(stage.world, "claimsMappingPolicy") == []
    assert sent(stage.world) == ["NameID", "email", "full_name", "roles", *NAMES]
    attributes = json.loads(worker_of(stage.world, "bo.agent@contoso.com")["attributes"])
    assert (attributes["skill"], attributes["site"], attributes["remote"]) == (7, "Berlin", True)

    before = stage.writes
    stage.world.advance(600.0)
    again = asyncio.run(onboard(stage))
    assert {number: each[2].outcome for number, each in again.items()} == dict.fromkeys(again, 0)
    assert stage.writes == before


def test_switching_to_the_page_is_planned_and_takes_the_policy_off(configured: Stage) -> None:
    with_claims(configured.world, "job", "https://x.example/level")
    configured.changes |= PORTAL
    plan, evidence = asyncio.run(look(configured, "04"))
    assert open_settings(plan) == [SWITCH, "Additional claim job", "Additional claim https://x.example/level"]
    assert (plan.open[0].now, plan.open[0].should_be) == ("claims mapping policy", "the admin center’s page")
    assert finding(evidence, "G37").received == "claims mapping policy"
    asyncio.run(apply(configured))
    assert policies_of(configured.world, "claimsMappingPolicy") == []
    assert page(configured.world)["includeBasicClaimSet"] is False
    assert sent(configured.world) == ["NameID", "email", "full_name", "roles", "job", "level"]
    assert page(configured.world)["claims"][-1]["namespace"] == "https://x.example"
    assert [each for each in configured.world.store.all("claimsMappingPolicy") if "Twilio" in each["displayName"]]


def test_switching_back_carries_what_others_added_and_says_what_is_ignored(configured: Stage) -> None:
    configured.changes |= PORTAL
    asyncio.run(apply(configured))
    body = page(configured.world)
    by_hand(configured.world, *body["claims"], custom("job", RULES[:1]))
    del configured.changes["claims"]
    plan, _ = asyncio.run(look(configured, "04"))
    assert open_settings(plan) == [SWITCH, "Microsoft’s default claims", "Additional claim job"]
    asyncio.run(apply(configured))
    entries = json.loads(policies_of(configured.world, "claimsMappingPolicy")[0]["definition"][0])
    names = [entry["SamlClaimType"] for entry in entries["ClaimsMappingPolicy"]["ClaimsSchema"]]
    assert names[1:] == ["email", "full_name", "roles", "job"]
    _, evidence = asyncio.run(look(configured, "04"))
    assert finding(evidence, "G37").state == "holds"
    assert finding(evidence, "G41").received == "NameID, email, full_name, roles, job"
    assert len(policies_of(configured.world, "claimsMappingPolicy")) == 1


def test_rules_of_others_stay_to_the_letter_on_the_page(before: Any) -> None:
    stage: Stage = before("04")
    by_hand(stage.world, custom("job", RULES))
    stage.changes |= PORTAL
    asyncio.run(apply(stage))
    assert page(stage.world)["claims"][-1]["configurations"] == RULES
    assert page(stage.world)["includeApplicationIdInIssuer"] is True


def test_rules_that_a_mapping_policy_cannot_say_are_not_lost(before: Any) -> None:
    stage: Stage = before("04")
    by_hand(stage.world, custom("job", RULES))
    writes = stage.writes
    with pytest.raises(ParametersError, match="The claim job has rules of its own"):
        asyncio.run(apply(stage))
    assert stage.writes == writes
    applied = asyncio.run(apply(stage, "Additional claim job"))
    assert "Additional claim job" in [change.setting for change in applied.made]


def test_a_transformation_is_not_lost_on_the_way_to_the_page(configured: Stage) -> None:
    from test_wrong_settings import claims

    joined = {"Source": "transformation", "TransformationID": "Join", "SamlClaimType": "joined"}
    claims(configured.world, lambda schema: [*schema, joined])
    configured.changes |= PORTAL
    with pytest.raises(ParametersError, match="The claim joined has rules of its own"):
        asyncio.run(apply(configured))
    assert len(policies_of(configured.world, "claimsMappingPolicy")) == 1


@pytest.mark.full
@pytest.mark.parametrize("quirk", [("claims_policy_absent", "empty"), ("claims_policy_put", "200")])
def test_what_no_source_settles_about_the_page_makes_no_difference(before: Any, quirk: tuple[str, str]) -> None:
    stage: Stage = before("04")
    stage.world.quirks.chosen[quirk[0]] = quirk[1]
    stage.changes |= PORTAL
    done = asyncio.run(onboard(stage, since="04"))
    assert done["08"][2].outcome == 2


ISSUER = {"issuerWithApplicationId": True}
AUDIENCE = {"audienceOverride": "https://x.example"}
FILTER = {"GroupFilter": {"MatchOn": "displayname", "Type": "prefix", "Value": "Flex"}}


def mapping(world: World) -> dict[str, Any]:
    (policy,) = policies_of(world, "claimsMappingPolicy")
    return dict(json.loads(policy["definition"][0])["ClaimsMappingPolicy"])


def shape(world: World, **keys: Any) -> None:
    """What somebody wrote into the policy in force, beside its claims."""
    change_policy(world, "claimsMappingPolicy", "ClaimsMappingPolicy", **keys)
    world.advance(600.0)


def test_keys_of_others_stay_where_claims_are_written_anew(configured: Stage) -> None:
    shape(configured.world, IncludeBasicClaimSet="true", **ISSUER, **AUDIENCE, **FILTER)
    assert asyncio.run(apply(configured)).made
    body = mapping(configured.world)
    assert body["IncludeBasicClaimSet"] == "false"
    assert (ISSUER | AUDIENCE | FILTER).items() <= body.items()


def test_keys_that_both_stores_have_move_with_the_claims_there_and_back(configured: Stage) -> None:
    shape(configured.world, **ISSUER, **AUDIENCE)
    configured.changes |= PORTAL
    asyncio.run(apply(configured))
    held = {"includeApplicationIdInIssuer": True, **AUDIENCE}
    assert held.items() <= page(configured.world).items()
    _, evidence = asyncio.run(look(configured, "04"))
    told = finding(evidence, "D17", "Other keys of the policy").received
    assert told == 'audienceOverride "https://x.example", includeApplicationIdInIssuer true'
    del configured.changes["claims"]
    asyncio.run(apply(configured))
    assert (ISSUER | AUDIENCE).items() <= mapping(configured.world).items()


def test_a_key_without_a_name_in_the_other_store_is_not_lost(configured: Stage) -> None:
    shape(configured.world, **AUDIENCE, **FILTER)
    configured.changes |= PORTAL
    writes = configured.writes
    with pytest.raises(ParametersError, match="cannot move to portal policy with the key GroupFilter"):
        asyncio.run(apply(configured))
    assert configured.writes == writes
    assert (AUDIENCE | FILTER).items() <= mapping(configured.world).items()


def test_a_filter_of_the_page_is_not_lost_on_the_way_to_a_policy(configured: Stage) -> None:
    configured.changes |= PORTAL
    asyncio.run(apply(configured))
    kept = {"@odata.type": "#microsoft.graph.groupClaimFilter", "matchOn": "displayName", "type": "prefix"}
    sp = principal(configured.world)["id"]
    body = page(configured.world) | {"groupFilter": kept | {"value": "Flex"}}
    configured.world.store.put(PAGE, sp, body, at=configured.world.clock.now)
    configured.world.advance(600.0)
    del configured.changes["claims"]
    writes = configured.writes
    with pytest.raises(ParametersError, match="cannot move to mapping policy with the key groupFilter"):
        asyncio.run(apply(configured))
    assert configured.writes == writes


def test_a_new_page_does_not_leave_the_issuer_to_a_default(configured: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(claims_policy.EMPTY, "includeApplicationIdInIssuer", True)
    configured.changes |= PORTAL
    asyncio.run(apply(configured))
    assert page(configured.world)["includeApplicationIdInIssuer"] is False


def test_a_page_answered_below_value_is_not_taken_for_an_empty_one(before: Any) -> None:
    stage: Stage = before("04")
    by_hand(stage.world, custom("job", RULES))
    stage.world.quirks.chosen["claims_policy_shape"] = "wrapped"
    stage.changes |= PORTAL
    asyncio.run(apply(stage))
    assert "job" in sent(stage.world)
