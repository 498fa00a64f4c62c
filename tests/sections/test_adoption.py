"""An application that somebody else made: found, compared setting by setting beforehand, and left what is its own."""

import asyncio
from typing import Any

import pytest
from onboarding import (
    BY_HAND,
    OURS,
    STEPS,
    application,
    change_application,
    change_principal,
    finding,
    look,
    made_by_hand,
    onboard,
    open_settings,
    principal,
)
from stage import Stage, through

from flexsso_helpers.errors import Ambiguous, Refused
from flexsso_helpers.plan import Plan
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.resources.application import others_for_flex
from flexsso_helpers.sections import adoption
from flexsso_helpers.views.shown import text_of

KNOWN = {
    "flex": {
        "connection": {
            "reply_url": f"https://login.flex.us1.twilio.com/login/callback?connection={OURS[9:]}", "identifier": OURS,
        }
    }
}  # fmt: skip
OTHERS = "urn:flex:JQf1e55000000000000000000000000077"


async def first(stage: Stage) -> tuple[Plan, str]:
    session = await stage.open(apply=False)
    return await STEPS["01"].plan(session), " ".join(text_of(await adoption.differences(session)).split())


@pytest.fixture
def known(tmp_path: Any) -> Stage:
    """An empty tenant whose file holds reply URL and identifier already."""
    return Stage(tmp_path, changes=KNOWN)


@pytest.mark.full
@pytest.mark.parametrize("by", ["identifier", "application-id"])
def test_it_is_adopted_under_its_own_name_and_marked_as_adopted(by: str, empty: Stage) -> None:
    app_id = made_by_hand(empty.world, identifier=OURS if by == "identifier" else "", notes="Ask Pat first")
    empty.changes |= KNOWN
    if by == "application-id":
        empty.changes["application"] = {"app_id": app_id}
    plan, _ = asyncio.run(first(empty))
    assert open_settings(plan) == ["Mark in its notes", "Tags of a SAML application"]
    asyncio.run(onboard(empty))
    there = application(empty.world, BY_HAND)
    assert there["appId"] == app_id
    assert there["identifierUris"] == [OURS]
    assert there["notes"].startswith("Ask Pat first\nAdopted by Flex SSO runbooks (")
    assert [entry["displayName"] for entry in empty.world.store.all("application")].count("Twilio Flex") == 0


@pytest.mark.full
def test_the_second_run_finds_it_again_and_plans_nothing(known: Stage) -> None:
    made_by_hand(known.world)
    asyncio.run(onboard(known))
    known.world.advance(600.0)

    async def again() -> dict[str, list[str]]:
        session = await known.open(apply=False)
        return {number: open_settings((await through(session, STEPS[number]))[0]) for number in STEPS}

    before = known.writes
    assert asyncio.run(again()) == {number: [] for number in STEPS}
    assert known.writes == before


def test_every_setting_is_compared_before_anything_changes(known: Stage) -> None:
    world = known.world
    made_by_hand(world, web=application_web(logoutUrl="https://contoso.com/out"), groupMembershipClaims="SecurityGroup")
    change_principal(world, BY_HAND, tags=["HideApp"], loginUrl="https://contoso.com/start")
    roles = application(world, BY_HAND)["appRoles"]
    reader = dict(roles[0], id=world.new_id("appRole"), value="reader", displayName="Reads")
    change_application(world, BY_HAND, appRoles=[*roles, reader])
    before = known.writes
    plan, said = asyncio.run(first(known))
    assert plan.open
    assert known.writes == before
    for text in (
        f"01 · Adoption · “{BY_HAND}”", "Mark in its notes no yes 01", "Reply URL none https://login.flex",
        "Sign-on URL https://contoso.com/start empty 02", "Token-signing certificate", "Claim email none user.mail 04",
        "App role admin none enabled, for users and groups 05", "User bo.agent@contoso.com",
        "Sign-out URL https://contoso.com/out stays", "Group claim SecurityGroup none 04", "Other tags HideApp stays",
    ):  # fmt: skip
        assert text in said, text
    assert "reader stays" in said


def application_web(**fields: Any) -> dict[str, Any]:
    return {"redirectUris": [], "homePageUrl": None, "redirectUriSettings": []} | fields


def test_what_the_table_says_stays_does_stay(known: Stage) -> None:
    world = known.world
    made_by_hand(world, web=application_web(logoutUrl="https://contoso.com/out"), groupMembershipClaims="SecurityGroup",
                 serviceManagementReference="SVC-1")  # fmt: skip
    change_principal(world, BY_HAND, tags=["HideApp"])
    assert "Service management reference SVC-1 stays" in asyncio.run(first(known))[1]
    asyncio.run(onboard(known))
    there = application(world, BY_HAND)
    assert there["web"]["logoutUrl"] == "https://contoso.com/out"
    assert (there["groupMembershipClaims"], there["serviceManagementReference"]) == ("SecurityGroup", "SVC-1")
    assert "HideApp" in principal(world, BY_HAND)["tags"]


def test_with_nothing_to_adopt_it_says_so_and_how(empty: Stage) -> None:
    _, said = asyncio.run(first(empty))
    assert "nothing to adopt" in said
    assert "write its Application ID into tenant.application.app_id" in said


def test_our_own_application_is_not_called_adopted(configured: Stage) -> None:
    _, said = asyncio.run(first(configured))
    assert "01 · The application as it is" in said
    assert " 0 would change" in said


def test_one_that_only_has_the_name_is_described_and_not_taken(empty: Stage) -> None:
    app_id = made_by_hand(empty.world, "Twilio Flex", OTHERS)
    with pytest.raises(Ambiguous) as caught:
        asyncio.run(first(empty))
    assert f"{app_id} (made 2026-08-04, {OTHERS})" in caught.value.what


def test_before_our_own_identifier_is_known_no_second_application_is_made(empty: Stage) -> None:
    app_id = made_by_hand(empty.world, identifier=OTHERS)
    with pytest.raises(Ambiguous) as caught:
        asyncio.run(first(empty))
    assert f"“{BY_HAND}” {app_id} (made 2026-08-04, {OTHERS})" in caught.value.what
    empty.changes |= KNOWN
    assert open_settings(asyncio.run(first(empty))[0])[0] == "Enterprise application"


def test_another_accounts_application_that_these_notebooks_made_is_no_riddle(empty: Stage) -> None:
    made_by_hand(empty.world, identifier=OTHERS, notes="Set up by Flex SSO runbooks (0123abcd)")
    assert open_settings(asyncio.run(first(empty))[0])[0] == "Enterprise application"


def test_other_applications_for_flex_are_found_by_their_template(known: Stage) -> None:
    made_by_hand(known.world, "Flex of Asia", OTHERS)
    made_by_hand(
        known.world,
        "Legacy Flex",
        "https://iam.twilio.com/v1/Accounts/ACf1e55000000000000000000000000001/saml2/metadata",
    )
    made_by_hand(known.world)

    async def look() -> list[str]:
        return [str(entry["displayName"]) for entry in await others_for_flex(await known.open(apply=False))]

    assert sorted(asyncio.run(look())) == ["Flex of Asia", "Legacy Flex"]


REFERENCE = {"application": {"service_management_reference": "SVC-004711"}}


@pytest.mark.full
def test_a_tenant_that_demands_a_reference_gets_it_at_the_creation(tmp_path: Any) -> None:
    stage = Stage(tmp_path, world=World(quirks={"require_service_reference": "on_update"}), changes=REFERENCE)
    evidence = asyncio.run(onboard(stage))
    assert [each[2].outcome for each in evidence.values()] == [2] * 8
    assert application(stage.world)["serviceManagementReference"] == "SVC-004711"


def test_an_adopted_application_without_a_reference_is_refused_at_its_first_change_and_the_file_mends_it(
    known: Stage,
) -> None:
    made_by_hand(known.world)
    known.world.quirks.chosen["require_service_reference"] = "on_update"

    async def adopt() -> list[str]:
        session = await known.open()
        return open_settings((await through(session, STEPS["01"]))[0])

    with pytest.raises(Refused) as caught:
        asyncio.run(adopt())
    assert (caught.value.code, caught.value.notebook) == ("ServiceTreeValueMissing", "01")
    assert "tenant.application.service_management_reference" in caught.value.fix
    known.changes |= REFERENCE
    assert "Service management reference" in asyncio.run(adopt())


def test_a_reference_is_written_where_it_is_missing_or_another(configured: Stage) -> None:
    configured.changes |= REFERENCE

    async def mend() -> list[str]:
        session = await configured.open()
        return open_settings((await through(session, STEPS["01"]))[0])

    assert asyncio.run(mend()) == ["Service management reference"]
    configured.world.advance(600.0)
    assert application(configured.world)["serviceManagementReference"] == "SVC-004711"
    assert asyncio.run(mend()) == []


def test_the_header_counts_the_rows(known: Stage) -> None:
    made_by_hand(known.world, web=application_web(logoutUrl="https://contoso.com/out"))

    async def lines() -> list[str]:
        return text_of(await adoption.differences(await known.open(apply=False))).splitlines()

    head, *rows = asyncio.run(lines())
    stays = sum(row.startswith("  = ") for row in rows)
    others = sum(row.startswith(("  + ", "  ~ ", "  - ")) for row in rows)
    assert f"{others} would change · {stays} stay" in head
    assert stays > 3


def test_one_that_is_to_be_adopted_is_among_what_00_expects(known: Stage) -> None:
    made_by_hand(known.world)
    _, evidence = asyncio.run(look(known, "00"))
    meant = finding(evidence, "G26")
    assert "01 adopts it" in meant.received
    assert "one to adopt" in meant.configured
