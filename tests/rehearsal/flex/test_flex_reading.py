"""What anyone, and what an API key, can read of the Flex account, with the real Twilio SDK where it can."""

from typing import Any

import pytest
from flex_signer import ISSUER, SSO_URL, key
from flex_stage import Checks, Make, Stage, stage_without
from twilio.base.exceptions import TwilioRestException

from flexsso_helpers.clouds import FLEX_API, FLEX_SERVICES, TASKROUTER
from flexsso_helpers.rehearsal.flex import seed, workers

CHECKS = Checks()
CONFIG = f"{FLEX_SERVICES}/v1/Flex/Authentication/Config"
OTHER_ACCOUNT = "AC" + "0" * 32


def listed(stage: Stage, **query: str) -> list[dict[str, Any]]:
    answer = stage.config(**query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["config_list"]
    return found


def change_account(stage: Stage, **changed: Any) -> None:
    home = {**workers.account(stage.world), **changed}
    stage.world.store.put("flex_account", home["sid"], home, at=stage.world.clock.now)


@CHECKS("F01")
def shapes(make: Make) -> None:
    for quirk in ("400", "404"):
        stage = make(bad_id_status=quirk)
        assert stage.config(AccountSid="AC123").status_code == int(quirk)
        assert stage.config(SSOProfileSid="jq" + "0" * 32).status_code == int(quirk)
        assert stage.config(FlexInstanceSid="GO" + "G" * 32).status_code == int(quirk)


@CHECKS("F08")
def no_writing(make: Make) -> None:
    stage = make()
    for url in (f"{FLEX_API}/v1/Configuration/SSO", CONFIG):
        assert stage.http.post(url, auth=stage.auth, json={"active": False}).status_code == 404
    assert listed(stage)[0]["active"] is True


@CHECKS("F10")
def before_saving(make: Make) -> None:
    assert listed(make(saved=False)) == []
    entry = listed(make(saved=False, listed_before_save="yes"))[0]
    assert entry["active"] is False
    early = make(saved=False, listed_before_save="yes", active_before_save="true")
    assert listed(early)[0]["active"] is True


@CHECKS("F18")
def secrets(make: Make) -> None:
    stage = make()
    stage.save(default_redirect_url="https://own.example.com/flex")
    said = stage.config().text
    for url in (f"{FLEX_API}/v1/Configuration", f"{TASKROUTER}/v1/Workspaces/{seed.WORKSPACE_SID}/Workers"):
        said += stage.http.get(url, auth=stage.auth).text
    for hidden in (ISSUER, SSO_URL, "own.example.com", key().pem.splitlines()[1]):
        assert hidden not in said


@CHECKS("F19")
def anyone(make: Make) -> None:
    entry = {
        "account_sid": seed.ACCOUNT_SID,
        "instance_sid": seed.INSTANCE_SID,
        "connection_name": seed.CONNECTION,
        "client_id": seed.CLIENT_ID,
        "active": True,
        "app_type": "flex",
    }
    answer = make().config()
    assert answer.status_code == 200
    assert answer.json() == {"config_list": [entry]}
    assert len(seed.CLIENT_ID) == 32


@CHECKS("F20")
def selectors(make: Make) -> None:
    stage = make()
    for selector, good, other in (
        ("FlexInstanceSid", seed.INSTANCE_SID, "GO" + "0" * 32),
        ("SSOProfileSid", seed.CONNECTION, "JQ" + "0" * 32),
        ("RuntimeDomain", "contoso-1234", "fabrikam-1"),
        ("RuntimeDomain", "contoso-1234.twil.io", "fabrikam-1.twil.io"),
        ("AppType", "flex", "other"),
    ):
        assert len(listed(stage, **{selector: good})) == 1
        assert listed(stage, **{selector: other}) == []
    long_only = make(runtime_domain_match="twil_io")
    assert listed(long_only, RuntimeDomain="contoso-1234") == []
    assert len(listed(long_only, RuntimeDomain="contoso-1234.twil.io")) == 1


@CHECKS("F21")
def no_connection(make: Make) -> None:
    for quirk, status in (("empty", 200), ("404", 404)):
        stage = make(saved=False, no_connection=quirk)
        assert stage.config().status_code == status


@CHECKS("F22")
def unknown_account(make: Make) -> None:
    for quirk, status in (("empty", 200), ("404", 404), ("400", 400)):
        assert make(unknown_account=quirk).config(AccountSid=OTHER_ACCOUNT).status_code == status


@CHECKS("F23")
def leaked_credentials(make: Make) -> None:
    stage = make()
    answer = stage.get(CONFIG, auth=stage.auth, AccountSid=seed.ACCOUNT_SID)
    assert answer.json()["config_list"][0]["active"] is True
    assert stage.logged.get("rule") == "F23"


@CHECKS("F24")
def credentials(make: Make) -> None:
    stage = make()
    assert stage.sdk.flex_api.v1.configuration().fetch().account_sid == seed.ACCOUNT_SID
    for wrong in (None, (seed.API_KEY, "wrong"), ("SK" + "0" * 32, seed.SECRET)):
        answer = stage.get(f"{FLEX_API}/v1/Configuration", auth=wrong)
        assert answer.status_code == 401
        assert answer.json()["code"] == 20003


@CHECKS("F114")
def regions(make: Make) -> None:
    stage = make()
    elsewhere = "https://flex-api.ie1.twilio.com/v1/Configuration"
    for key_sid, url in ((seed.IE1_KEY, f"{FLEX_API}/v1/Configuration"), (seed.API_KEY, elsewhere)):
        answer = stage.get(url, auth=(key_sid, seed.SECRET))
        assert (answer.status_code, answer.json().get("code")) == (401, 20003)
    assert stage.get(elsewhere, auth=(seed.IE1_KEY, seed.SECRET)).status_code == 404
    spaces = "https://taskrouter.ie1.twilio.com/v1/Workspaces"
    for path in ("", f"/{seed.WORKSPACE_SID}/Workers"):
        answer = stage.get(f"{spaces}{path}", auth=(seed.API_KEY, seed.SECRET))
        assert (answer.status_code, answer.json().get("code")) == (401, 20003)
    assert stage.get(spaces, auth=(seed.IE1_KEY, seed.SECRET)).json()["workspaces"] == []
    inside = stage.get(f"{spaces}/{seed.WORKSPACE_SID}/Workers", auth=(seed.IE1_KEY, seed.SECRET))
    assert inside.status_code == 404


@CHECKS("F25")
def path_case(make: Make) -> None:
    stage = make()
    assert stage.get(f"{FLEX_API}/v1/configuration", auth=stage.auth).status_code == 404


@CHECKS("F26")
def missing_configuration(make: Make) -> None:
    for changed, code in (({"status": "none"}, 45101), ({"workspace_sid": ""}, 45103)):
        for quirk in ("404", "400"):
            stage = make(flex_missing_status=quirk)
            change_account(stage, **changed)
            answer = stage.get(f"{FLEX_API}/v1/Configuration", auth=stage.auth)
            assert (answer.status_code, answer.json().get("code")) == (int(quirk), code)


@CHECKS("F27")
def runtime_domain(make: Make) -> None:
    for quirk, domain in (("bare", "contoso-1234"), ("url", "https://flex.twilio.com/contoso-1234")):
        found = make(runtime_domain_form=quirk).sdk.flex_api.v1.configuration().fetch()
        assert found.runtime_domain == domain


@CHECKS("F28")
def ui_version(make: Make) -> None:
    for version in ("2.9.0", "~2.9", "2"):
        stage = make()
        change_account(stage, ui_version=version)
        assert stage.sdk.flex_api.v1.configuration().fetch().ui_version == version


@CHECKS("F29")
def status(make: Make) -> None:
    for value in ("ok", "inprogress", "notstarted"):
        stage = make()
        change_account(stage, status=value)
        assert stage.sdk.flex_api.v1.configuration().fetch().status == value


@CHECKS("F30")
def public_configuration(make: Make) -> None:
    stage = make()
    found = {
        "runtime_domain": "contoso-1234",
        "account_sid": seed.ACCOUNT_SID,
        "public_attributes": {"loginPopup": False},
    }
    for query in ({"AccountSid": seed.ACCOUNT_SID}, {"RuntimeDomain": "contoso-1234"}):
        answer = stage.get(f"{FLEX_API}/v1/Configuration/Public", **query)
        assert answer.status_code == 200
        assert answer.json() == {"configurations": [found]}
    unknown = stage.get(f"{FLEX_API}/v1/Configuration/Public", RuntimeDomain="fabrikam-1")
    assert unknown.json() == {"configurations": []}


@CHECKS("F31")
def popup(make: Make) -> None:
    for quirk, both in (("public", (True, False)), ("ui", (False, True))):
        stage = make(popup_wins=quirk)
        stage.save(login_popup="on")
        found = stage.sdk.flex_api.v1.configuration().fetch()
        assert (found.public_attributes["loginPopup"], found.ui_attributes["loginPopup"]) == both


@pytest.mark.parametrize("number", CHECKS)
def test_rule_holds(number: str) -> None:
    CHECKS[number](stage_without())


@pytest.mark.parametrize("number", CHECKS)
def test_the_check_of_a_rule_fails_without_the_rule(number: str) -> None:
    with pytest.raises((AssertionError, TwilioRestException)):
        CHECKS[number](stage_without(number))


def test_reading_writes_nothing() -> None:
    stage = Stage()
    before = stage.world.store.dump()
    stage.config()
    stage.sdk.flex_api.v1.configuration().fetch()
    stage.sdk.taskrouter.v1.workspaces(seed.WORKSPACE_SID).workers.list()
    assert stage.world.store.dump() == before
