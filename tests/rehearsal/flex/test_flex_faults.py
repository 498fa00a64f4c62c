"""Faults on the hosts of Twilio: in Twilio's shape, so that the SDK and the runbook's gateway read them as theirs."""

import asyncio
import json
from typing import Any

import pytest
from flex_stage import Checks, Make, Stage, stage_without
from stage import InProcessWire

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE, FLEX_API, FLEX_SERVICES, GLOBAL, TASKROUTER
from flexsso_helpers.errors import Throttled
from flexsso_helpers.flex import Flex
from flexsso_helpers.rehearsal.flex import seed
from flexsso_helpers.rehearsal.world.faults import Faults
from flexsso_helpers.wire import Wire

CHECKS = Checks()
WORKERS = f"{TASKROUTER}/v1/Workspaces/{seed.WORKSPACE_SID}/Workers"
ADDRESSES = (
    f"{FLEX_SERVICES}/v1/Flex/Authentication/Config?AccountSid={seed.ACCOUNT_SID}",
    f"{FLEX_API}/v1/Configuration",
    WORKERS,
    "https://iam.twilio.com/v1/Accounts/AC/saml2",
    CONSOLE_SSO_PAGE,
)


def scripted(stage: Stage, *rules: dict[str, Any]) -> Stage:
    stage.world.faults = Faults(rules)
    return stage


@CHECKS("F109")
def every_host(make: Make) -> None:
    for fault, status, code in (
        ({"fault": "throttle"}, 429, 20429),
        ({"fault": "unavailable_before"}, 503, 20503),
        ({"fault": "claims_challenge"}, 401, 20003),
    ):
        for address in ADDRESSES:
            stage = scripted(make(), {"match": {"host": "*.twilio.com"}, **fault})
            answer = stage.get(address, auth=stage.auth)
            assert answer.status_code == status, address
            body = answer.json()
            assert set(body) == {"code", "message", "more_info", "status"}
            assert (body["code"], body["status"]) == (code, status)
            assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"


@pytest.mark.parametrize("number", CHECKS)
def test_rule_holds(number: str) -> None:
    CHECKS[number](stage_without())


@pytest.mark.parametrize("number", CHECKS)
def test_the_check_of_a_rule_fails_without_the_rule(number: str) -> None:
    with pytest.raises(AssertionError):
        CHECKS[number](stage_without(number))


@pytest.mark.parametrize(("retry_after", "header"), [(7, "7"), ("absent", None)])
def test_throttling_says_how_long_or_not(retry_after: object, header: str | None) -> None:
    stage = scripted(Stage(), {"fault": "throttle", "retry_after": retry_after})
    answer = stage.get(WORKERS, auth=stage.auth)
    assert answer.headers.get("retry-after") == header
    assert stage.get(WORKERS, auth=stage.auth).status_code == 200


def test_an_answer_can_be_cut_off() -> None:
    stage = scripted(Stage(), {"match": {"path": "*/Workers"}, "fault": "truncated"})
    with pytest.raises(json.JSONDecodeError):
        stage.get(WORKERS, auth=stage.auth).json()
    assert len(stage.get(WORKERS, auth=stage.auth).json()["workers"]) == len(seed.CONSOLE_USERS)


def gateway(stage: Stage, waited: list[float]) -> Flex:
    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    wire = InProcessWire(hosts=Wire.for_cloud(GLOBAL).hosts, loopback="http://127.0.0.1", app=stage.app)
    return Flex(
        account_sid=seed.ACCOUNT_SID,
        api_key=seed.API_KEY,
        secret=lambda: seed.SECRET,
        wire=wire,
        sleep=sleep,
    )


@pytest.mark.parametrize(
    ("rule", "waits"),
    [
        ({"fault": "throttle", "retry_after": 9}, [9.0]),
        ({"fault": "throttle", "retry_after": "absent", "times": 3}, [1.0, 2.0, 4.0]),
        ({"fault": "unavailable_before", "times": 2}, [1.0, 2.0]),
        ({"fault": "truncated"}, [1.0]),
        ({"fault": "slow", "seconds": 30}, []),
    ],
    ids=["429 with Retry-After", "429 without", "503 twice", "cut off", "slow"],
)
def test_the_runbooks_gateway_waits_a_fault_out(rule: dict[str, Any], waits: list[float]) -> None:
    waited: list[float] = []
    stage = scripted(Stage(), {"match": {"host": "taskrouter.twilio.com"}, **rule})
    found = asyncio.run(gateway(stage, waited).workers(seed.WORKSPACE_SID))
    assert len(found) == len(seed.CONSOLE_USERS)
    assert waited == waits


def test_a_fault_that_stays_is_told_with_twilios_words() -> None:
    stage = scripted(Stage(), {"match": {"host": "flex-api.twilio.com"}, "fault": "throttle", "times": 99})
    with pytest.raises(Throttled) as caught:
        asyncio.run(gateway(stage, []).configuration())
    assert caught.value.code == "20429"
