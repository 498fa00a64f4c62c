"""What the documentation of claims policies has beside our four claims is known, and stays when 04 writes."""

import asyncio
import json

from onboarding import STEPS, change_policy, look, open_settings, policies_of
from stage import Stage, through

from flexsso_helpers.resources.claims_schema import NAME_ID

BODY = "ClaimsMappingPolicy"
FOUR = {NAME_ID: "mail", "email": "mail", "full_name": "displayname", "roles": "assignedroles"}
BESIDE = {
    "GroupFilter": {"MatchOn": "displayname", "Type": "prefix", "Value": "Flex"},
    "issuerWithApplicationId": "false",
    "audienceOverride": "urn:flex:JQf1e55000000000000000000000000001",
}


def body_of(stage: Stage) -> dict[str, object]:
    (policy,) = policies_of(stage.world, "claimsMappingPolicy")
    return dict(json.loads(policy["definition"][0])[BODY])


def by_hand(stage: Stage, **fields: object) -> None:
    schema = [{"Source": "User", "ID": of, "SamlClaimType": name} for name, of in FOUR.items()]
    change_policy(stage.world, "claimsMappingPolicy", BODY, ClaimsSchema=schema, **BESIDE, **fields)
    stage.world.advance(600.0)


def test_the_other_spelling_of_a_source_is_no_change(configured: Stage) -> None:
    by_hand(configured)
    plan, evidence = asyncio.run(look(configured, "04"))
    assert open_settings(plan) == []
    assert evidence.outcome == 0


def test_what_the_policy_holds_beside_its_claims_stays(configured: Stage) -> None:
    by_hand(configured, IncludeBasicClaimSet="true")

    async def mend() -> list[str]:
        session = await configured.open()
        return open_settings((await through(session, STEPS["04"]))[0])

    assert asyncio.run(mend()) == ["Microsoft’s default claims"]
    body = body_of(configured)
    assert {key: body[key] for key in BESIDE} == BESIDE
    assert body["IncludeBasicClaimSet"] == "false"
