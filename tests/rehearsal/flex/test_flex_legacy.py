"""Legacy single sign-on: its login, its end, the migration to Enhanced, and the way back."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flex_signer import ENTITY_ID, ISSUER, REPLY_URL, SSO_URL, Response, key
from flex_stage import Checks, Make, Stage, error, heading, shown, signed_in, stage_without
from test_flex_console import buttons

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.rehearsal.flex import legacy_realm, seed

CHECKS = Checks()
LEGACY = f"https://iam.twilio.com/v1/Accounts/{seed.ACCOUNT_SID}"
ACS, AUDIENCE = f"{LEGACY}/saml2", f"{LEGACY}/saml2/metadata"
APP = "https://own.example.com/flex"
DAY = 86400.0


def on_legacy(make: Make, **quirks: str) -> Stage:
    """An account that nobody has migrated; its certificate is the one that the tests sign with."""
    stage = make(saved=False, **{"legacy": "working", **quirks})
    legacy_realm.plant(stage.world, certificate=key().pem, issuer=ISSUER, sso_url=SSO_URL)
    return stage


def authenticate(stage: Stage) -> Any:
    return stage.http.post(f"{LEGACY}/authenticate", json={"products": ["flex"], "resource": APP})


def answered(stage: Stage, **changed: Any) -> Any:
    """The answer of the Legacy reply URL to a login that was started for an application of one's own."""
    location = authenticate(stage).json()["location"]
    relay_state = parse_qs(urlsplit(location).query).get("RelayState", [""])[0]
    made = Response(destination=ACS, recipient=ACS, audiences=(AUDIENCE,)).but(**changed)
    return stage.deliver(made.field(), relay_state, url=ACS)


def migrated(make: Make, way: str) -> Stage:
    """The migration up to its validation, as a person walks it."""
    stage = on_legacy(make)
    assert buttons(stage.get(CONSOLE_SSO_PAGE)) == ["Start setup", "Edit identity provider data"]
    chosen = stage.follow(stage.post(f"{CONSOLE_SSO_PAGE}/start"))
    assert buttons(chosen) == ["Modify existing SSO connection", "Create new SSO connection"]
    stage.post(f"{CONSOLE_SSO_PAGE}/migration", way=way)
    assert shown(stage.get(CONSOLE_SSO_PAGE), "entity-id") == ENTITY_ID
    stage.confirm()
    if way == "create":
        assert heading(stage.get(CONSOLE_SSO_PAGE)) == "Enter identity provider data"
        stage.save()
    return stage


def switched_back(stage: Stage) -> Any:
    return stage.follow(stage.post(f"{CONSOLE_SSO_PAGE}/switch-back"))


@CHECKS("F16")
def modify_existing(make: Make) -> None:
    stage = migrated(make, "modify")
    page = stage.get(CONSOLE_SSO_PAGE)
    assert heading(page) == "Validate the new SSO connection"
    assert (shown(page, "issuer"), shown(page, "sso-url")) == (ISSUER, SSO_URL)
    assert signed_in(stage.sign_on())


@CHECKS("F17")
def thirty_days(make: Make) -> None:
    for days, back in ((0, True), (30, True), (31, False)):
        stage = migrated(make, "create")
        stage.post(f"{CONSOLE_SSO_PAGE}/finish")
        assert authenticate(stage).json()["code"] == 70251
        stage.world.advance(max(days * DAY - 1, 0))
        page = switched_back(stage)
        assert bool(error(page)) is not back
        assert (authenticate(stage).status_code == 200) is back
        assert (shown(stage.get(CONSOLE_SSO_PAGE), "entity-id") == ENTITY_ID) is not back


@CHECKS("F115")
def start(make: Make) -> None:
    location = authenticate(on_legacy(make)).json()["location"]
    assert location.startswith(f"{SSO_URL}?SAMLRequest=")


@CHECKS("F116")
def no_realm(make: Make) -> None:
    assert authenticate(make(legacy="working")).json().get("code") == 70251


@CHECKS("F117")
def wrong_issuer(make: Make) -> None:
    stage = on_legacy(make)
    wrong = "https://sts.windows.net/00000000-0000-4000-8000-000000000009/"
    answer = answered(stage, issuer=wrong)
    assert (answer.status_code, answer.json()["code"]) == (401, 70004)
    assert f"Was '{wrong}', but expected '{ISSUER}'" in answer.json()["message"]
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert stage.names() == []


@CHECKS("F118")
def token_in_the_address(make: Make) -> None:
    stage = on_legacy(make)
    answer = answered(stage)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{APP}?")
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert set(query) == {"Token", "Identity", "Roles", "Expiration"}
    assert (query["Identity"], query["Roles"]) == (["bo_2Eagent_40contoso_2Ecom"], ["agent"])
    valid = stage.http.post(f"{LEGACY}/Tokens/validate", json={"token": query["Token"][0]}, auth=stage.auth).json()
    assert valid["realm_user_id"] == "bo.agent@contoso.com"


@CHECKS("F119")
def no_name_id(make: Make) -> None:
    more = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:InvalidNameIDPolicy"/>'
    answer = answered(on_legacy(make), status="urn:oasis:names:tc:SAML:2.0:status:Requester", status_more=more)
    assert answer.status_code == 401
    assert answer.headers.get("www-authenticate", "").startswith("Basic")


@CHECKS("F120")
def retired(make: Make) -> None:
    stage = on_legacy(make, legacy="retired")
    for answer in (authenticate(stage), stage.post(ACS), stage.get(AUDIENCE)):
        assert answer.status_code == 410
    assert "70251" in error(stage.hosted())
    assert authenticate(on_legacy(make)).status_code == 200


@pytest.mark.parametrize("number", CHECKS)
def test_rule_holds(number: str) -> None:
    CHECKS[number](stage_without())


@pytest.mark.parametrize("number", CHECKS)
def test_the_check_of_a_rule_fails_without_the_rule(number: str) -> None:
    with pytest.raises(AssertionError):
        CHECKS[number](stage_without(number))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"signer": key("another")}, 70252),
        ({"audiences": (ENTITY_ID,)}, 70252),
        ({"destination": REPLY_URL}, 70252),
        ({"claims": {"roles": "agent"}}, 45050),
    ],
    ids=["another key", "the audience of Enhanced", "the reply URL of Enhanced", "a claim is missing"],
)
def test_legacy_judges_as_strictly_as_enhanced(changed: dict[str, Any], code: int) -> None:
    stage = on_legacy(stage_without())
    answer = answered(stage, **changed)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert stage.names() == []


def test_hosted_flex_signs_on_by_legacy_until_the_new_connection_works() -> None:
    stage = on_legacy(stage_without())
    request, relay_state = stage.asked(stage.hosted())
    assert request.get("AssertionConsumerServiceURL") == ACS
    made = Response(in_response_to=request.get("ID"), destination=ACS, recipient=ACS, audiences=(AUDIENCE,))
    arrived = stage.follow(stage.deliver(made.field(), relay_state, url=ACS))
    assert signed_in(arrived)
    assert shown(arrived, "roles") == "agent"


def test_both_ways_work_while_the_new_connection_is_validated_and_only_one_afterwards() -> None:
    stage = migrated(stage_without(), "create")
    assert signed_in(stage.sign_on())
    assert authenticate(stage).status_code == 200
    stage.post(f"{CONSOLE_SSO_PAGE}/finish")
    assert heading(stage.get(CONSOLE_SSO_PAGE)) == "Single sign-on (SSO)"
    assert signed_in(stage.sign_on())
    assert authenticate(stage).json()["code"] == 70251


def test_after_switching_back_the_migration_can_begin_again() -> None:
    stage = migrated(stage_without(), "modify")
    page = switched_back(stage)
    assert buttons(page) == ["Start setup", "Edit identity provider data"]
    assert shown(page, "legacy-acs-url") == ACS
    assert authenticate(stage).status_code == 200


def test_the_kept_connection_has_a_page_that_says_until_when() -> None:
    stage = migrated(stage_without(), "create")
    stage.post(f"{CONSOLE_SSO_PAGE}/finish")
    page = stage.get(f"{CONSOLE_SSO_PAGE}/legacy")
    assert "until 2026-12-02" in page.text
    assert buttons(page) == ["Switch back to Legacy"]
    stage.world.advance(31 * DAY)
    assert buttons(stage.get(f"{CONSOLE_SSO_PAGE}/legacy")) == []


def test_an_account_can_be_put_on_legacy_to_practise() -> None:
    stage = Stage()
    page = stage.follow(stage.post(f"{CONSOLE_SSO_PAGE}/practice"))
    assert buttons(page) == ["Start setup", "Edit identity provider data"]
    assert "retired" in page.text
    assert shown(page, "certificate") == "stored, valid until 2028-11-01"
    assert stage.config().json() == {"config_list": []}


def test_the_data_of_legacy_can_be_replaced_and_an_empty_box_keeps_the_certificate() -> None:
    stage = on_legacy(stage_without())
    path = f"{CONSOLE_SSO_PAGE}/legacy-data"
    stage.post(path, certificate="", issuer="https://sts.windows.net/other/", sso_url=SSO_URL)
    page = stage.get(CONSOLE_SSO_PAGE)
    assert shown(page, "issuer") == "https://sts.windows.net/other/"
    assert shown(page, "certificate").startswith("stored, valid until")
    assert answered(stage).json()["code"] == 70004


def test_no_migration_is_begun_where_there_is_nothing_to_migrate() -> None:
    stage = Stage()
    for path in ("migration", "finish", "switch-back"):
        stage.post(f"{CONSOLE_SSO_PAGE}/{path}", way="create")
    assert shown(stage.get(CONSOLE_SSO_PAGE), "issuer") == ISSUER
