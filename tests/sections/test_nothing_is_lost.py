"""What others put there stays: it goes only when its removal is approved by name, and then alone."""

import asyncio
import json
from typing import Any

import pytest
from onboarding import (
    STEPS,
    application,
    assignments_of,
    certificates,
    change_application,
    change_policy,
    change_principal,
    onboard,
    policies_of,
    principal,
    unassign,
)
from stage import Stage, approved, through

from flexsso_helpers.plan import Applied
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.credentials import make_certificate
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

OURS = "urn:flex:JQf1e55000000000000000000000000001"
OUR_URL = "https://login.flex.us1.twilio.com/login/callback?connection=JQf1e55000000000000000000000000001"
FOREIGN_URIS = ["https://one.contoso.com/saml", "https://two.contoso.com/saml"]
FOREIGN_URLS = ["https://one.contoso.com/acs", "https://two.contoso.com/acs"]
READER = {
    "id": "f1e55000-0000-4000-8000-0000000000aa", "allowedMemberTypes": ["User", "Application"], "displayName": "Reads",
    "description": "Reads reports", "isEnabled": False, "value": "reader", "origin": "Application",
}  # fmt: skip


async def apply(stage: Stage, number: str, *names: str) -> Applied:
    """Plan and apply one section; of the removals only those with these names are approved."""
    session = await stage.open()
    plan = await STEPS[number].plan(session)
    applied = await STEPS[number].apply(session, plan, approved(plan, *names))
    stage.world.advance(600.0)
    return applied


def left(applied: Applied) -> list[str]:
    return [change.setting for change in applied.left]


def definition(policy: Document) -> Any:
    return json.loads(policy["definition"][0])


def claims_policy(world: World, name: str = "Twilio Flex") -> Document:
    found = [policy for policy in world.store.all("claimsMappingPolicy") if policy["displayName"].startswith(name)]
    assert len(found) == 1, [policy["displayName"] for policy in found]
    return found[0]


def hang(world: World, policy: Document, owner: Document, *, kind: str = "claimsMappingPolicy") -> None:
    objects.attach(world, kind, "servicePrincipal", owner["id"], policy["id"], at=world.clock.now)
    world.advance(600.0)


def unhang(world: World, policy: Document, owner: Document) -> None:
    objects.detach(world, "servicePrincipal", owner["id"], policy["id"], at=world.clock.now)
    world.advance(600.0)


def with_claims(world: World, *names: str) -> None:
    schema = definition(claims_policy(world))["ClaimsMappingPolicy"]["ClaimsSchema"]
    extra = [{"Source": "user", "ID": "jobtitle", "SamlClaimType": name} for name in names]
    change_policy(world, "claimsMappingPolicy", "ClaimsMappingPolicy", ClaimsSchema=[*schema, *extra])


def test_roles_of_others_stay_to_the_letter_when_ours_are_written(configured: Stage) -> None:
    roles = [role for role in application(configured.world)["appRoles"] if role["value"] != "agent"]
    change_application(configured.world, appRoles=[READER, *roles])
    asyncio.run(apply(configured, "05"))
    after = application(configured.world)["appRoles"]
    assert [role for role in after if role["value"] != "agent"] == [READER, *roles]
    assert [role["value"] for role in after if role["isEnabled"] and role["value"]] == ["admin", "supervisor", "agent"]


def test_a_second_certificate_stays_beside_the_active_one(configured: Stage) -> None:
    second = add_certificate(configured.world, days=900)
    active = principal(configured.world)["preferredTokenSigningKeyThumbprint"]
    change_principal(configured.world, notificationEmailAddresses=[])
    asyncio.run(apply(configured, "03"))
    after = principal(configured.world)
    assert len(certificates(after)) == 2
    assert after["preferredTokenSigningKeyThumbprint"] == active != second


def test_an_expired_certificate_gives_way_to_the_valid_one_that_is_there_and_stays(configured: Stage) -> None:
    configured.world.advance(900 * 86400.0)
    second = add_certificate(configured.world, days=900)
    configured.world.advance(300 * 86400.0)
    before = certificates(principal(configured.world))
    applied = asyncio.run(apply(configured, "03"))
    after = principal(configured.world)
    assert [change.setting for change in applied.made] == ["Token-signing certificate"]
    assert applied.made[0].reason == "activates the valid certificate that is already there"
    assert after["preferredTokenSigningKeyThumbprint"] == second
    assert certificates(after) == before


def test_foreign_identifiers_and_reply_urls_stay_when_ours_are_added(configured: Stage) -> None:
    web = application(configured.world)["web"]
    change_application(configured.world, identifierUris=FOREIGN_URIS, web=web | {"redirectUris": FOREIGN_URLS})
    applied = asyncio.run(apply(configured, "02"))
    after = application(configured.world)
    assert after["identifierUris"] == [OURS, *FOREIGN_URIS]
    assert after["web"]["redirectUris"] == [OUR_URL, *FOREIGN_URLS]
    assert after["web"]["homePageUrl"] == web["homePageUrl"]
    assert left(applied) == [f"Other reply URL {url}" for url in FOREIGN_URLS] + [
        f"Other identifier {uri}" for uri in FOREIGN_URIS
    ]
    assert applied.why_not == "removals are approved one by one"


@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
def test_exactly_the_identifier_whose_removal_was_approved_goes(which: int, configured: Stage) -> None:
    change_application(configured.world, identifierUris=[FOREIGN_URIS[0], OURS, FOREIGN_URIS[1]])
    asyncio.run(apply(configured, "02", f"Other identifier {FOREIGN_URIS[which]}"))
    assert sorted(application(configured.world)["identifierUris"]) == sorted([OURS, FOREIGN_URIS[1 - which]])


@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
def test_exactly_the_reply_url_whose_removal_was_approved_goes(which: int, configured: Stage) -> None:
    web = application(configured.world)["web"]
    change_application(configured.world, web=web | {"redirectUris": [FOREIGN_URLS[0], OUR_URL, FOREIGN_URLS[1]]})
    asyncio.run(apply(configured, "02", f"Other reply URL {FOREIGN_URLS[which]}"))
    after = application(configured.world)
    assert sorted(after["web"]["redirectUris"]) == sorted([OUR_URL, FOREIGN_URLS[1 - which]])
    assert after["identifierUris"] == [OURS]


def test_a_run_started_without_allow_removals_leaves_them_all(configured: Stage) -> None:
    change_application(configured.world, identifierUris=[OURS, *FOREIGN_URIS])

    async def run() -> Applied:
        session = await configured.open(apply=True)
        return (await through(session, STEPS["02"]))[1]

    before = configured.writes
    assert asyncio.run(run()).made == ()
    assert configured.writes == before


def test_foreign_assignments_stay(configured: Stage) -> None:
    world, sp = configured.world, principal(configured.world)
    olga = next(user for user in world.store.all("user") if user["displayName"] == "Olga Owner")
    for role in application(world)["appRoles"]:
        if role["value"] in ("admin", None):
            objects.assign(world, sp, olga, "user", role["id"], at=world.clock.now)
    unassign(world, "Bo Agent")
    asyncio.run(apply(configured, "07"))
    after = assignments_of(world)
    assert [role for who, role in after if who == "Olga Owner"] == ["User", "admin", "msiam_access"]
    assert ("Bo Agent", "agent") in after


def test_other_notification_addresses_stay(configured: Stage) -> None:
    change_principal(configured.world, notificationEmailAddresses=["it@contoso.com", "security@contoso.com"])
    asyncio.run(apply(configured, "03"))
    assert principal(configured.world)["notificationEmailAddresses"] == [
        "it@contoso.com", "security@contoso.com", "sso-owners@contoso.com",
    ]  # fmt: skip


def test_tags_and_notes_of_others_stay(configured: Stage) -> None:
    change_principal(configured.world, tags=["HideApp"])
    change_application(configured.world, notes="Ask Olga before changing this.")
    asyncio.run(apply(configured, "01"))
    assert "HideApp" in principal(configured.world)["tags"]
    first, second = application(configured.world)["notes"].splitlines()
    assert first == "Ask Olga before changing this."
    assert second.startswith("Adopted by Flex SSO runbooks")


def test_additional_claims_stay_and_the_one_that_was_approved_goes_alone(configured: Stage) -> None:
    with_claims(configured.world, "job", "desk")
    change_policy(configured.world, "claimsMappingPolicy", "ClaimsMappingPolicy", IncludeBasicClaimSet="true")
    applied = asyncio.run(apply(configured, "04"))
    assert left(applied) == ["Additional claim job", "Additional claim desk"]
    assert names_of(configured.world) == ["NameID", "email", "full_name", "roles", "job", "desk"]
    asyncio.run(apply(configured, "04", "Additional claim job"))
    assert names_of(configured.world) == ["NameID", "email", "full_name", "roles", "desk"]


TRANSFORMATION = {
    "ID": "Joined", "TransformationMethod": "Join",
    "InputClaims": [{"ClaimTypeReferenceId": "string1", "TransformationClaimType": "string1"}],
    "InputParameters": [{"ID": "separator", "Value": "."}],
    "OutputClaims": [{"ClaimTypeReferenceId": "Joined", "TransformationClaimType": "outputClaim"}],
}  # fmt: skip


def transformed(world: World, policy: Document) -> None:
    """The policy computes one of its claims, by a key that we know nothing of."""
    content = definition(policy)
    body = content["ClaimsMappingPolicy"]
    body["ClaimsTransformations"] = [TRANSFORMATION]
    body["ClaimsSchema"].append({"Source": "transformation", "ID": "Joined", "TransformationId": "Joined",
                                 "SamlClaimType": "joined"})  # fmt: skip
    world.store.put(
        "claimsMappingPolicy", policy["id"], policy | {"definition": [json.dumps(content)]}, at=world.clock.now
    )
    world.advance(600.0)


def test_keys_of_an_adopted_policy_that_we_know_nothing_of_stay(configured: Stage) -> None:
    transformed(configured.world, claims_policy(configured.world))
    change_policy(configured.world, "claimsMappingPolicy", "ClaimsMappingPolicy", IncludeBasicClaimSet="true")
    asyncio.run(apply(configured, "04"))
    after = definition(claims_policy(configured.world))["ClaimsMappingPolicy"]
    assert after["ClaimsTransformations"] == [TRANSFORMATION]
    assert after["ClaimsSchema"][-1]["TransformationId"] == "Joined"
    assert after["IncludeBasicClaimSet"] == "false"


def test_a_shared_policy_is_copied_with_all_its_keys_and_stays_as_it_is_for_the_others(configured: Stage) -> None:
    world, sp = configured.world, principal(configured.world)
    unhang(world, claims_policy(world), sp)
    world.store.remove("claimsMappingPolicy", claims_policy(world)["id"], at=world.clock.now)
    travel = claims_policy(world, "Contoso Travel")
    transformed(world, travel)
    travel = claims_policy(world, "Contoso Travel")
    hang(world, travel, sp)
    applied = asyncio.run(apply(configured, "04"))
    assert applied.made[0].reason == "in an own copy: other applications use this policy too"
    assert claims_policy(world, "Contoso Travel") == travel
    assert policies_of(world, "claimsMappingPolicy") == [claims_policy(world)]
    assert [link["policy"] for link in world.store.all("policyLink")
            if link["object"] == principal(world, "Contoso Travel")["id"]] == [travel["id"]]  # fmt: skip
    assert names_of(world) == ["NameID", "email", "full_name", "roles", "https://travel.contoso.com/roles", "joined"]
    assert definition(claims_policy(world))["ClaimsMappingPolicy"]["ClaimsTransformations"] == [TRANSFORMATION]


@pytest.mark.parametrize(
    ("number", "kind", "body", "spoil"),
    [
        ("04", "claimsMappingPolicy", "ClaimsMappingPolicy", {"IncludeBasicClaimSet": "true"}),
        ("03", "tokenIssuancePolicy", "TokenIssuancePolicy", {"TokenResponseSigningPolicy": "TokenOnly"}),
    ],
    ids=["claims", "signing"],
)
def test_our_own_policy_is_not_edited_once_another_application_uses_it_too(
    number: str, kind: str, body: str, spoil: dict[str, Any], configured: Stage
) -> None:
    world = configured.world
    change_policy(world, kind, body, **spoil)
    borrowed = policies_of(world, kind)[0]
    travel = principal(world, "Contoso Travel")
    for policy in world.store.all(kind):
        if policy["id"] != borrowed["id"] and kind == "claimsMappingPolicy":
            unhang(world, policy, travel)
    hang(world, borrowed, travel, kind=kind)
    asyncio.run(apply(configured, number))
    assert world.store.get(kind, borrowed["id"]) == borrowed
    ours = policies_of(world, kind)
    assert len(ours) == 1
    assert ours[0]["id"] != borrowed["id"]
    assert definition(ours[0])[body][next(iter(spoil))] in ("false", "ResponseAndToken")
    if number == "03":
        assert policies_of(world, kind, owner="application") == ours


def test_another_signing_policy_on_the_application_is_exchanged_for_the_one_in_force(configured: Stage) -> None:
    world, app = configured.world, application(configured.world)
    ours = policies_of(world, "tokenIssuancePolicy")[0]
    other = ours | {"id": "f1e55000-0000-4000-8000-0000000000bb", "displayName": "Somebody's"}
    other["definition"] = [ours["definition"][0].replace("ResponseAndToken", "TokenOnly")]
    world.store.put("tokenIssuancePolicy", other["id"], other, at=world.clock.now)
    objects.detach(world, "application", app["id"], ours["id"], at=world.clock.now)
    objects.attach(world, "tokenIssuancePolicy", "application", app["id"], other["id"], at=world.clock.now)
    world.advance(600.0)
    applied = asyncio.run(apply(configured, "03"))
    assert [change.setting for change in applied.made] == ["Signing policy of the application"]
    assert policies_of(world, "tokenIssuancePolicy", owner="application") == [ours]
    assert world.store.get("tokenIssuancePolicy", other["id"]) == other


def test_microsofts_default_identifier_is_replaced_without_being_asked_by_name(tmp_path: Any) -> None:
    stage = Stage(tmp_path, world=World(quirks={"template_identifier_uris": "one_default"}))
    plan, applied, evidence = asyncio.run(onboard(stage, until="02"))["02"]
    assert plan.changes[1].now == f"api://{application(stage.world)['appId']}"
    assert (applied.left, evidence.outcome) == ((), 2)
    assert application(stage.world)["identifierUris"] == [OURS]


def test_an_adopted_application_keeps_its_name(configured: Stage) -> None:
    world = configured.world
    change_application(world, displayName="Flex, made by hand", notes=None)
    app_id = application(world, "Flex, made by hand")["appId"]
    configured.changes["application"] = {"app_id": app_id}
    applied = asyncio.run(apply(configured, "01"))
    assert [change.setting for change in applied.made] == ["Mark in its notes"]
    assert application(world, "Flex, made by hand")["notes"].startswith("Adopted by Flex SSO runbooks")


def names_of(world: World) -> list[str]:
    schema = definition(claims_policy(world))["ClaimsMappingPolicy"]["ClaimsSchema"]
    return [entry["SamlClaimType"].replace(NAME_ID, "NameID") for entry in schema]


NAME_ID = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"


def add_certificate(world: World, *, days: int) -> str:
    """A staged certificate that somebody added; its thumbprint."""
    sp, now = principal(world), world.clock.now
    made = make_certificate(world, name="CN=second", start=now, end=now + days * 86400.0)
    change_principal(
        world,
        keyCredentials=[*sp["keyCredentials"], *made.keys],
        passwordCredentials=[*sp["passwordCredentials"], made.password],
    )
    return made.thumbprint.lower()
