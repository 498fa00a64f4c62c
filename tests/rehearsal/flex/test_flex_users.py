"""The Flex Users API, and a user's own token."""

from typing import Any

import pytest
from flex_stage import VERIFIER, Checks, Make, Stage, signed_in, stage_without
from test_flex_login import code_of

from flexsso_helpers.clouds import FLEX_API, FLEX_SERVICES
from flexsso_helpers.rehearsal.flex import seed

CHECKS = Checks()
USERS = f"{FLEX_API}/v4/Instances/{seed.INSTANCE_SID}/Users"
LEGACY = f"https://iam.twilio.com/v1/Accounts/{seed.ACCOUNT_SID}"
BO = {"username": "bo.agent@contoso.com", "full_name": "Bo", "email": "bo.agent@contoso.com", "roles": ["agent"]}


def post(stage: Stage, url: str, body: dict[str, Any]) -> Any:
    return stage.http.post(url, json=body, auth=stage.auth)


def token_of(stage: Stage) -> str:
    fields = {"code": code_of(stage), "code_verifier": VERIFIER}
    token: str = post(stage, f"{FLEX_SERVICES}/v1/Flex/OAuth/Tokens", fields).json()["access_token"]
    return token


@CHECKS("F99")
def validate(make: Make) -> None:
    stage = make()
    answer = post(stage, f"{LEGACY}/Tokens/validate", {"token": token_of(stage)}).json()
    assert answer["valid"] is True
    assert answer["realm_user_id"] == "bo.agent@contoso.com"
    assert post(stage, f"{LEGACY}/Tokens/validate", {"token": "unknown"}).json() == {"valid": False}


@CHECKS("F100")
def info(make: Make) -> None:
    stage = make()
    answer = post(stage, f"{FLEX_API}/v1/Accounts/{seed.ACCOUNT_SID}/Tokens/Info", {"token": token_of(stage)})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["nameId"], body["identity"]) == ("bo.agent@contoso.com", "bo_2Eagent_40contoso_2Ecom")
    assert body["roles"] == ["agent"]


@CHECKS("F112")
def users(make: Make) -> None:
    stage = make()
    made = post(stage, f"{USERS}/Provision", BO)
    assert (made.status_code, post(stage, f"{USERS}/Provision", BO).json()) == (201, made.json())
    assert stage.names() == ["bo.agent@contoso.com"]
    assert stage.billed == 0
    assert signed_in(stage.sign_on())
    assert stage.billed == 1
    found = stage.get(USERS, auth=stage.auth, Username="bo.agent@contoso.com").json()["users"]
    assert [user["flex_user_sid"] for user in found] == [made.json()["flex_user_sid"]]
    sid = found[0]["flex_user_sid"]
    assert stage.sdk.flex_api.v2.flex_user(seed.INSTANCE_SID, sid).fetch().username == "bo.agent@contoso.com"
    gone = post(stage, f"{USERS}/Deprovision", {"flex_user_sid": sid})
    assert gone.status_code == 204
    assert stage.names() == []
    listed = stage.get(f"{FLEX_API}/v1/Instances/{seed.INSTANCE_SID}/Users", auth=stage.auth).json()
    assert len(listed["users"]) == len(seed.CONSOLE_USERS)
    assert listed["meta"]["next_page_url"] is None


@CHECKS("F113")
def roles(make: Make) -> None:
    stage = make()
    for wrong in (["administrator"], ["Agent"]):
        assert post(stage, f"{USERS}/Provision", {**BO, "roles": wrong}).status_code == 400
    assert stage.names() == []


@pytest.mark.parametrize("number", CHECKS)
def test_rule_holds(number: str) -> None:
    CHECKS[number](stage_without())


@pytest.mark.parametrize("number", CHECKS)
def test_the_check_of_a_rule_fails_without_the_rule(number: str) -> None:
    with pytest.raises(AssertionError):
        CHECKS[number](stage_without(number))


@pytest.mark.parametrize("path", ["/Users", "/Users/Provision"])
def test_the_users_api_needs_credentials(path: str) -> None:
    url = f"{FLEX_API}/v4/Instances/{seed.INSTANCE_SID}{path}"
    stage = Stage()
    assert (stage.get(url) if path == "/Users" else stage.post(url)).status_code == 401
