"""Every twilio-python call that this project needs, or may, works unchanged against the rehearsal.

Each line of the table is one call, made by the real SDK, and what it must bring. The last test holds the table against
a list of them, so that none goes missing.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flex_stage import Stage
from stage import InProcessAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from flexsso_helpers.clouds import FLEX_API, FLEX_SERVICES
from flexsso_helpers.rehearsal.flex import seed

pytestmark = pytest.mark.usefixtures("conforming")

USERS = f"{FLEX_API}/v1/Instances/{seed.INSTANCE_SID}/Users"
V4 = f"{FLEX_API}/v4/Instances/{seed.INSTANCE_SID}/Users"
JSON_BODY = {"Content-Type": "application/json"}
BO = {"username": "bo.agent@contoso.com", "full_name": "Bo Agent", "email": "bo@contoso.com", "roles": ["agent"]}
OWNER = "olga_2Eowner_40contoso_2Ecom"
Call = Callable[[Stage], object]


def workspace(stage: Stage) -> Any:
    return sdk(stage).taskrouter.v1.workspaces(seed.WORKSPACE_SID)


def client(stage: Stage, *credentials: str, **where: str) -> Any:
    """The SDK with its own HTTP client, whose connections end in the rehearsal."""
    http = TwilioHttpClient()
    http.session.mount("https://", InProcessAdapter(stage.app))
    return Client(*credentials, http_client=http, **where)


def sdk(stage: Stage) -> Any:
    return client(stage, seed.API_KEY, seed.SECRET, seed.ACCOUNT_SID)


def body(answer: Any) -> Any:
    return json.loads(answer.text)


def first_user(stage: Stage) -> str:
    return str(body(sdk(stage).request("GET", USERS))["users"][0]["flex_user_sid"])


def provisioned(stage: Stage) -> Any:
    return sdk(stage).request("POST", f"{V4}/Provision", data=BO, headers=JSON_BODY)


def deprovisioned(stage: Stage) -> int:
    sid = body(provisioned(stage))["flex_user_sid"]
    gone = sdk(stage).request("POST", f"{V4}/Deprovision", data={"flex_user_sid": sid}, headers=JSON_BODY)
    return int(gone.status_code)


def refused(call: Callable[[], object]) -> tuple[str, int, int | None]:
    """The class of the SDK's exception, its status and its code; lists hide both in their second argument."""
    try:
        call()
    except TwilioRestException as error:
        return "TwilioRestException", error.status, error.code
    except TwilioException as error:
        return "TwilioException", error.args[1].status_code, json.loads(error.args[1].text)["code"]
    raise AssertionError("it was not refused")


def walked_pages(stage: Stage) -> list[str]:
    """All workers, two a page, by the addresses of the next pages."""
    page = workspace(stage).workers.page(page_size=2)
    names = [worker.friendly_name for worker in page]
    while page.next_page_url:
        assert page.next_page_url.startswith("https://taskrouter.twilio.com/")
        page = workspace(stage).workers.get_page(page.next_page_url)
        names += [worker.friendly_name for worker in page]
    return names


def walked_users(stage: Stage) -> int:
    """All Flex users, one a page; the SDK has no list of them, so `next_page_url` is followed by hand."""
    url, seen = f"{USERS}?PageSize=1", 0
    while url:
        listed = body(sdk(stage).request("GET", url))
        seen, url = seen + len(listed["users"]), listed["meta"]["next_page_url"]
        assert url is None or url.startswith(f"{USERS}?")
    return seen


THREE = len(seed.CONSOLE_USERS)
CALLS: dict[str, tuple[Call, object]] = {
    "configuration().fetch() with an API key": (
        lambda s: sdk(s).flex_api.v1.configuration().fetch().taskrouter_workspace_sid,
        seed.WORKSPACE_SID,
    ),
    "configuration().fetch() with the auth token": (
        lambda s: client(s, seed.ACCOUNT_SID, seed.SECRET).flex_api.v1.configuration().fetch().status,
        "ok",
    ),
    "no credentials": (lambda s: client(s, "", "").username or None, None),
    "workers.list()": (lambda s: len(workspace(s).workers.list()), THREE),
    "workers.list(page_size=1000)": (lambda s: len(workspace(s).workers.list(page_size=1000)), THREE),
    "workers.list(limit=)": (lambda s: len(workspace(s).workers.list(limit=2)), 2),
    "workers.list(friendly_name=)": (
        lambda s: [worker.friendly_name for worker in workspace(s).workers.list(friendly_name=OWNER)],
        [OWNER],
    ),
    "workers.list(target_workers_expression=)": (
        lambda s: len(workspace(s).workers.list(target_workers_expression="email == 'olga.owner@contoso.com'")),
        1,
    ),
    "workers.stream()": (lambda s: len(list(workspace(s).workers.stream(page_size=1))), THREE),
    "workers.page() and get_page(next_page_url)": (lambda s: len(walked_pages(s)), THREE),
    "workers(sid).fetch()": (
        lambda s: workspace(s).workers(workspace(s).workers.list()[0].sid).fetch().friendly_name,
        OWNER,
    ),
    "workspaces.list(friendly_name=)": (
        lambda s: [each.sid for each in sdk(s).taskrouter.v1.workspaces.list(friendly_name="Flex Task Assignment")],
        [seed.WORKSPACE_SID],
    ),
    "workspaces(sid).fetch()": (lambda s: workspace(s).fetch().friendly_name, "Flex Task Assignment"),
    "flex_user().fetch()": (
        lambda s: sdk(s).flex_api.v2.flex_user(seed.INSTANCE_SID, first_user(s)).fetch().username,
        "olga.owner@contoso.com",
    ),
    "flex_user().update()": (
        lambda s: sdk(s).flex_api.v2.flex_user(seed.INSTANCE_SID, first_user(s)).update(locale="de-DE").locale,
        "de-DE",
    ),
    "request() of the users, page by page": (walked_users, THREE),
    "request() of a user by name": (
        lambda s: len(body(sdk(s).request("GET", V4, params={"Username": "dev.desk@contoso.com"}))["users"]),
        1,
    ),
    "request() with a JSON body: Provision": (lambda s: provisioned(s).status_code, 201),
    "request() with a JSON body: Deprovision": (deprovisioned, 204),
    "fetch of what is not there": (
        lambda s: refused(lambda: workspace(s).workers("WK" + "0" * 32).fetch()),
        ("TwilioRestException", 404, 20404),
    ),
    "fetch with a wrong secret": (
        lambda s: refused(
            lambda: client(s, seed.API_KEY, "wrong", seed.ACCOUNT_SID).flex_api.v1.configuration().fetch()
        ),
        ("TwilioRestException", 401, 20003),
    ),
    "list with a wrong secret": (
        lambda s: refused(
            client(s, seed.API_KEY, "wrong", seed.ACCOUNT_SID).taskrouter.v1.workspaces(seed.WORKSPACE_SID).workers.list
        ),
        ("TwilioException", 401, 20003),
    ),
    "region= leads to another host, which does not know the key": (
        lambda s: refused(
            lambda: (
                client(s, seed.API_KEY, seed.SECRET, seed.ACCOUNT_SID, region="ie1").flex_api.v1.configuration().fetch()
            )
        ),
        ("TwilioRestException", 401, 20003),
    ),
}

NAMED = (
    "configuration().fetch()",
    "workers.list(friendly_name=)",
    "workers.list(target_workers_expression=)",
    "workers.list(limit=)",
    "workers.list(page_size=1000)",
    "workers(sid).fetch()",
    "workspaces.list(friendly_name=)",
    "workers.stream()",
    "workers.page()",
    "next_page_url",
    "flex_user().fetch()",
    "flex_user().update()",
    "request() of the users",
    "request() of a user by name",
    "Provision",
    "Deprovision",
    "no credentials",
    "auth token",
    "API key",
    "region=",
)
"""All of them, but for OAuth by `credential_provider`: the rehearsal plays no Twilio token service."""


@pytest.mark.parametrize("call", CALLS)
def test_the_sdk_call_works_unchanged(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_REGION", "TWILIO_EDGE"):
        monkeypatch.delenv(name, raising=False)
    make, wanted = CALLS[call]
    assert make(Stage()) == wanted


def test_every_call_that_the_facts_name_is_made() -> None:
    assert [name for name in NAMED if not any(name in call for call in CALLS)] == []


def test_more_than_three_expressions_in_a_second_are_refused_the_way_lists_are() -> None:
    stage = Stage()
    ask = "email == 'olga.owner@contoso.com'"
    for _ in range(3):
        workspace(stage).workers.list(target_workers_expression=ask)
    outcome = refused(lambda: workspace(stage).workers.list(target_workers_expression=ask))
    assert outcome == ("TwilioException", 429, 20429)


@pytest.mark.parametrize("path", ["/v1/Flex/Authentication/Config", "/v1/Configuration/Public"])
def test_calls_for_anyone_are_made_without_the_sdk_and_need_no_key(path: str) -> None:
    host = FLEX_SERVICES if "Authentication" in path else FLEX_API
    answer = Stage().get(f"{host}{path}", AccountSid=seed.ACCOUNT_SID)
    assert answer.status_code == 200
    assert seed.ACCOUNT_SID in answer.text
