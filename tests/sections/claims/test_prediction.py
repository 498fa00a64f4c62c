"""What is predicted of a response, held against what the rehearsal's sign-in service really issues."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onboarding import STEPS, change_policy, forget_sign_ons, onboard, principal
from stage import Stage

from flexsso_helpers.rehearsal.entra import claims as entra_claims
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.resources.claims_schema import NAME_ID, Claim, of_entry
from flexsso_helpers.sections.claims.prediction import Said, predict
from flexsso_helpers.sections.claims.preview_of_people import preview
from flexsso_helpers.sections.claims.sign_on_forecast import forecast
from flexsso_helpers.views.shown import text_of

EXTENSION = "extension_0123456789abcdef0123456789abcdef_site"
CORE = ("http://schemas.microsoft.com/identity/claims/", "http://schemas.microsoft.com/claims/")
SOURCES = (
    *("mail", "displayname", "userprincipalname", "localuserprincipalname", "department", "telephonenumber"),
    *("othermail", "extensionattribute1", "extensionattribute15", "onpremisessamaccountname", "assignedroles"),
)
SCHEMA = [
    {"Source": "user", "ID": "mail", "SamlClaimType": NAME_ID},
    *({"Source": "user", "ID": source, "SamlClaimType": f"c_{source}"} for source in SOURCES),
    {"Source": "user", "ExtensionID": EXTENSION, "SamlClaimType": "site"},
    {"Value": "Contoso", "SamlClaimType": "company"},
    {"Value": "x", "SamlClaimType": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"},
]

text = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=30)
maybe = st.one_of(st.none(), text)
address = st.one_of(st.none(), st.just(""), st.builds("{}@contoso.com".format, text), st.just("a_x.com#EXT#@c.com"))
people = st.fixed_dictionaries(
    {
        "id": st.uuids().map(str),
        "mail": address,
        "displayName": text,
        "givenName": maybe,
        "surname": maybe,
        "userPrincipalName": st.builds("{}@contoso.com".format, text),
        "userType": st.sampled_from(["Member", "Guest"]),
        "department": maybe,
        "businessPhones": st.lists(text, max_size=2),
        "otherMails": st.lists(text, max_size=3),
        "onPremisesSamAccountName": maybe,
        "onPremisesExtensionAttributes": st.one_of(
            st.none(), st.fixed_dictionaries({"extensionAttribute1": maybe, "extensionAttribute15": maybe})
        ),
        EXTENSION: st.one_of(st.none(), text, st.booleans(), st.integers(), st.lists(text, max_size=3)),
    }
)
roles = st.lists(st.sampled_from(["admin", "agent", "supervisor", "wfo.full_access"]), unique=True)


def issued(world: World, person: dict[str, Any], held: Sequence[str]) -> tuple[str | None, dict[str, tuple[str, ...]]]:
    try:
        subject = entra_claims.subject(world, principal(world), person, list(held), wanted_format=entra_claims.EMAIL)
    except SignInRefusal:
        return None, {}
    return subject.value, {each.name: each.values for each in subject.attributes if not each.name.startswith(CORE)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(people, roles, st.sampled_from(["mail", "userprincipalname", "department"]), st.sampled_from(["true", "false"]))
def test_the_prediction_is_what_the_sign_in_service_issues(
    spare: World, person: dict[str, Any], held: list[str], source: str, basic: str
) -> None:
    schema = [{**SCHEMA[0], "ID": source}, *SCHEMA[1:]]
    change_policy(spare, "claimsMappingPolicy", "ClaimsMappingPolicy", ClaimsSchema=schema, IncludeBasicClaimSet=basic)
    said = predict([of_entry(entry) for entry in schema], person, held, basic=basic == "true")
    name_id, attributes = issued(spare, person, held)
    assert said.name_id == name_id
    if name_id is not None:
        assert said.attributes == attributes


@pytest.fixture
def spare(proved_world: World) -> World:
    """A world to change as often as one likes."""
    return proved_world.copy()


def test_it_holds_for_everyone_of_the_company(proved_world: World) -> None:
    world = proved_world.copy()
    claims = _claims(world)
    for person in world.store.all("user"):
        held = entra_claims.roles_of(world, principal(world), person) or []
        said = predict(claims, person, held)
        name_id, attributes = issued(world, person, held)
        assert said.name_id == name_id
        assert name_id is None or said.attributes == attributes


def test_of_more_than_fifty_claims_the_rest_is_not_foreseen(proved_world: World) -> None:
    schema = [SCHEMA[0], *({"Value": str(n), "SamlClaimType": f"a{n}"} for n in range(60))]
    said = predict([of_entry(entry) for entry in schema], {"mail": "a@contoso.com"}, ())
    assert len(said.attributes) == 49


def test_what_cannot_be_known_is_said_and_not_guessed() -> None:
    transformed = {"Source": "transformation", "TransformationID": "Join", "SamlClaimType": "joined"}
    missing = {"Source": "user", "ExtensionID": EXTENSION, "SamlClaimType": "site"}
    said = predict([of_entry(transformed), of_entry(missing)], {"mail": "a@contoso.com"}, ())
    assert said == Said(
        unsure=(
            "without a claims policy Entra sends an id of its own making, which cannot be foreseen",
            "joined comes from transformation.Join, which cannot be foreseen",
            f"site comes from user.{EXTENSION}, which cannot be foreseen",
        )
    )


def _claims(world: World) -> tuple[Claim, ...]:
    from test_claim_attributes import schema

    return tuple(of_entry(entry) for entry in schema(world))


def shown(stage: Stage, *people: str) -> str:
    async def run() -> str:
        session = await stage.open(apply=False)
        return (await preview(session, *people)).html.replace("<wbr/>", "")

    before = stage.writes
    text = asyncio.run(run())
    assert stage.writes == before
    return text


def test_the_preview_shows_now_and_after_side_by_side(configured: Stage) -> None:
    configured.changes |= {"attributes": [{"name": "title.string", "source": "user.jobtitle"}]}
    text = shown(configured, "bo.agent@contoso.com", "nobody@contoso.com")
    assert "Bo Agent" in text
    assert "title = &quot;Contact centre agent&quot;" in text or 'title = "Contact centre agent"' in text
    assert "client:bo_2Eagent_40contoso_2Ecom" in text
    assert "Not in this tenant: nobody@contoso.com." in text
    assert "no NameID changes" in text


def test_the_preview_warns_of_an_empty_mail_and_of_a_bad_type(configured: Stage) -> None:
    configured.changes |= {"attributes": [{"name": "skill.int", "source": "user.jobtitle"}]}
    text = shown(configured, "nia.nomail@contoso.com", "bo.agent@contoso.com")
    assert "Empty: email" in text
    assert "A typed claim has a value of another type" in text
    assert "none: Flex would refuse the sign-on" in text


def test_the_preview_stands_before_anything_is_made(empty: Stage) -> None:
    text = shown(empty)
    assert "Ada Admin" in text
    assert "without a claims policy Entra sends an id of its own making" in text
    assert "Nobody is assigned yet" in text
    assert "supervisor (planned)" in text
    assert "Flex would refuse" not in text


def test_whose_name_id_changes_is_listed_by_name_and_with_the_worker(configured: Stage) -> None:
    configured.changes |= {"test_sign_ons": ["mia.married@contoso.com"]}
    asyncio.run(onboard(configured, since="08"))
    configured.changes |= {"name_id": "userprincipalname"}
    text = shown(configured)
    assert "a new, billed worker beside mia.maiden@contoso.com" in text
    assert "1 worker would be doubled and billed again" in text
    assert "bo.agent@contoso.com" not in text

    async def planned() -> str:
        session = await configured.open(apply=False)
        await preview(session)
        await STEPS["04"].plan(session)
        return (session.folder / "ledger.jsonl").read_text()

    assert "mia." not in asyncio.run(planned())


@pytest.mark.full
def test_a_worker_that_is_there_under_the_new_name_is_not_doubled(configured: Stage) -> None:
    for name_id in ("userprincipalname", "mail"):
        configured.changes |= {"test_sign_ons": ["mia.married@contoso.com"], "name_id": name_id}
        forget_sign_ons(configured.world)
        asyncio.run(onboard(configured, since="04"))
        configured.world.advance(600.0)
    configured.changes |= {"name_id": "userprincipalname"}
    text = shown(configured)
    assert "1 of 16" in text
    assert "known already as mia.married@contoso.com" in text
    assert "beside" not in text


def test_everyone_is_judged_before_anybody_signs_on(configured: Stage) -> None:
    async def run() -> str:
        session = await configured.open(apply=False)
        return (await forecast(session)).html.replace("<wbr/>", "")

    text = asyncio.run(run())
    assert "nia.nomail@contoso.com" in text
    assert "There is nothing to note about 14 of 16 assigned people." in text
    assert "bo.agent@contoso.com" not in text


def test_where_nobody_is_assigned_nobody_is_said_to_pass(before: Callable[[str], Stage]) -> None:
    """08 before 07."""

    async def run() -> str:
        return text_of(await forecast(await before("07").open(apply=False)))

    text = asyncio.run(run())
    assert text.lower().count("nobody is assigned") == 1
    assert "07 · Assign users comes first." in text
    assert "would" not in text.replace("would say", "")
