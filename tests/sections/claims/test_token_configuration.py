"""04: what the application's token configuration sends is read, planned by name, taken out and proved; nothing is out
of sight, and no claims are written before they can be signed."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from onboarding import (
    STEPS,
    application,
    change_application,
    change_principal,
    finding,
    look,
    open_settings,
    policies_of,
)
from stage import Stage, approved, through

from flexsso_helpers.ledger import read_ledger
from flexsso_helpers.plan import Applied, Evidence
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.entra import claims as entra_claims
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.claims import step as claims
from flexsso_helpers.views.shown import text_of

Before = Callable[[str], Stage]


def optional(name: str, *properties: str, source: str | None = None) -> Document:
    return {"name": name, "source": source, "essential": False, "additionalProperties": list(properties)}


EXTENSION = "extension_f1e5500000004000800000000000abcd_skypeId"
# What somebody configured, and the lines of 04 that name it.
CONFIGURED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "groups": ({"groupMembershipClaims": "SecurityGroup"}, {"Group claim": "SecurityGroup"}),
    "groups of the application": ({"groupMembershipClaims": "ApplicationGroup"}, {"Group claim": "ApplicationGroup"}),
    "groups as roles": (
        {"groupMembershipClaims": "All", "optionalClaims": {"saml2Token": [optional("groups", "emit_as_roles")]}},
        {"Group claim": "All, emit_as_roles"},
    ),
    "optional": (
        {"optionalClaims": {"saml2Token": [optional("upn"), optional(EXTENSION, source="user")]}},
        {"Optional claim upn": "optional claim", f"Optional claim {EXTENSION}": "user"},
    ),
    "optional with a property": (
        {"optionalClaims": {"saml2Token": [optional("upn", "include_externally_authenticated_upn")]}},
        {"Optional claim upn": "optional claim, include_externally_authenticated_upn"},
    ),
}
OTHERS = {"idToken": [optional("auth_time")], "accessToken": [optional("ipaddr")]}


def spoil(world: World, fields: dict[str, Any]) -> None:
    change_application(world, **fields)
    if "optionalClaims" in fields:
        change_application(world, optionalClaims=fields["optionalClaims"] | OTHERS)
    world.advance(600.0)


async def apply(stage: Stage, *names: str) -> Applied:
    session = await stage.open()
    plan = await claims.plan(session)
    applied = await claims.apply(session, plan, approved(plan, *names))
    stage.world.advance(600.0)
    return applied


def sent(world: World) -> set[str]:
    """The attributes of a response about Bo, by their last part."""
    sp = objects.service_principal_of(world, application(world)["appId"])
    bo = objects.user_by_name(world, "bo.agent@contoso.com")
    assert sp
    assert bo
    issued = entra_claims.subject(world, sp, bo, ["agent"], wanted_format=entra_claims.EMAIL).attributes
    return {each.name.rsplit("/", 1)[-1] for each in issued}


@pytest.mark.thinned(5)
@pytest.mark.parametrize("case", CONFIGURED)
def test_what_is_sent_beside_the_claims_is_taken_out_by_name_only_and_proved(case: str, configured: Stage) -> None:
    fields, lines = CONFIGURED[case]
    usual = sent(configured.world)
    spoil(configured.world, fields)
    plan, evidence = asyncio.run(look(configured, "04"))
    assert {change.setting: change.now for change in plan.open} == lines
    assert all(change.by_name and change.kind == "-" for change in plan.open)
    assert isinstance(evidence, Evidence)
    leaving = finding(evidence, "D17", "What leaves the tenant").received
    assert leaving.count("(token configuration)") == len(lines)
    assert finding(evidence, "S69").state == "wrong"

    before = application(configured.world)
    assert asyncio.run(apply(configured)).made == ()
    assert application(configured.world) == before

    applied = asyncio.run(apply(configured, *lines))
    assert {change.setting for change in applied.made} == set(lines)
    app = application(configured.world)
    assert app["groupMembershipClaims"] is None
    if "optionalClaims" in fields:
        assert app["optionalClaims"] == OTHERS | {"saml2Token": []}
    assert sent(configured.world) == usual
    assert open_settings(asyncio.run(look(configured, "04"))[0]) == []
    intents = [line for line in read_ledger(configured.folder / "run-3") if line["kind"] == "intent"]
    assert len(intents) == 1
    assert set(intents[0]["before"]) == set(intents[0]["body"])


def test_the_rehearsal_sends_what_is_configured(configured: Stage) -> None:
    usual = sent(configured.world)
    spoil(
        configured.world,
        {"groupMembershipClaims": "SecurityGroup", "optionalClaims": {"saml2Token": [optional("upn")]}},
    )
    assert sent(configured.world) - usual == {"groups", "upn"}


def test_one_of_two_optional_claims_is_taken_out_and_the_other_stays_to_the_letter(configured: Stage) -> None:
    spoil(configured.world, {"optionalClaims": {"saml2Token": [optional("upn"), optional("email", "x")]}})
    asyncio.run(apply(configured, "Optional claim upn"))
    assert application(configured.world)["optionalClaims"] == OTHERS | {"saml2Token": [optional("email", "x")]}


def test_what_the_tenants_file_answers_for_stays_and_is_said(configured: Stage) -> None:
    spoil(configured.world, {"groupMembershipClaims": "SecurityGroup"})
    configured.changes["claims"] = {"acknowledged": ["groups"]}
    plan, evidence = asyncio.run(look(configured, "04"))
    assert not plan.open
    assert isinstance(evidence, Evidence)
    assert evidence.outcome == 0
    assert finding(evidence, "D17", "Acknowledged by name, of the token").configured == "groups"


@pytest.mark.parametrize(
    "fields", [{"groupMembershipClaims": "None"}, {"optionalClaims": {"saml2Token": [optional("groups")]}}]
)
def test_what_sends_nothing_is_no_change(fields: dict[str, Any], configured: Stage) -> None:
    spoil(configured.world, fields)
    assert open_settings(asyncio.run(look(configured, "04"))[0]) == []


def test_other_keys_of_the_policy_that_shape_a_response_are_shown(configured: Stage) -> None:
    from onboarding import change_policy

    change_policy(configured.world, "claimsMappingPolicy", "ClaimsMappingPolicy", audienceOverride="urn:other")
    configured.world.advance(600.0)
    _, evidence = asyncio.run(look(configured, "04"))
    assert isinstance(evidence, Evidence)
    assert finding(evidence, "D17", "Other keys of the policy").received == 'audienceOverride "urn:other"'


def test_no_claims_are_written_before_they_can_be_signed(before: Before) -> None:
    """04 before 03: the plan says so beforehand, and nothing that would end sign-ins is written, approved or not."""
    stage = before("03")
    written = stage.writes

    async def run() -> tuple[str, Applied, Evidence]:
        session = await stage.open(apply=True)
        plan, applied, evidence = await through(session, STEPS["04"])
        return " ".join(text_of(plan).split()), applied, evidence

    text, applied, evidence = asyncio.run(run())
    assert "AADSTS50146" in text
    assert applied.made == ()
    assert applied.why_not.startswith("after 03")
    assert evidence.outcome == 2
    assert stage.writes == written
    assert policies_of(stage.world, "claimsMappingPolicy") == []


def test_a_claims_policy_in_use_is_not_touched_without_an_active_certificate(configured: Stage) -> None:
    change_principal(configured.world, preferredTokenSigningKeyThumbprint=None)
    configured.changes["name_id"] = "userprincipalname"
    before = configured.writes
    applied = asyncio.run(apply(configured))
    assert applied.made == ()
    assert applied.why_not.startswith("after 03")
    assert configured.writes == before


def test_what_ends_sign_ins_until_a_later_notebook_is_said_before_the_approval(configured: Stage) -> None:
    change_principal(configured.world, appRoleAssignmentRequired=False)
    plan, _ = asyncio.run(look(configured, "02"))
    assert open_settings(plan) == ["Assignment required"]
    assert "Before you approve: whoever is not assigned can no longer sign in" in " ".join(text_of(plan).split())


def test_while_microsofts_default_claims_are_sent_neither_privacy_nor_names_are_as_they_should_be(
    before: Callable[[str], Stage], empty: Stage
) -> None:
    """Each default claim has a namespace. Without an application nothing is known to leave."""
    _, evidence = asyncio.run(look(before("04"), "04"))
    leaving, spaced = finding(evidence, "D17"), finding(evidence, "D12")
    assert (leaving.state, leaving.level, leaving.received) == ("wrong", "info", "Microsoft’s default claims")
    assert (spaced.state, spaced.received) == ("wrong", "Microsoft’s default claims")
    _, nothing = asyncio.run(look(empty, "04"))
    assert {finding(nothing, check).state for check in ("D12", "D17")} == {"unknown"}


def test_what_the_file_asks_for_and_answers_for_is_what_leaves(configured: Stage) -> None:
    _, evidence = asyncio.run(look(configured, "04"))
    assert finding(evidence, "D17").state == "holds"
    spoil(configured.world, CONFIGURED["groups"][0])
    _, evidence = asyncio.run(look(configured, "04"))
    assert finding(evidence, "D17", "What leaves").state == "wrong"
    configured.changes |= {"claims": {"acknowledged": ["groups"]}}
    _, evidence = asyncio.run(look(configured, "04"))
    leaving = finding(evidence, "D17", "What leaves")
    assert (leaving.state, leaving.configured) == ("holds", f"no more than {leaving.received}")
