"""TaskRouter as the real Twilio SDK meets it, and as its published examples show it."""

import json
from typing import Any

import pytest
from flex_stage import Checks, Make, Stage, stage_without
from twilio.base.exceptions import TwilioException, TwilioRestException

from flexsso_helpers.clouds import FLEX_API, TASKROUTER
from flexsso_helpers.rehearsal.flex import seed

CHECKS = Checks()
WORKERS = f"{TASKROUTER}/v1/Workspaces/{seed.WORKSPACE_SID}/Workers"


def workspace(stage: Stage, sid: str = seed.WORKSPACE_SID) -> Any:
    return stage.sdk.taskrouter.v1.workspaces(sid)


def refusal(call: Any) -> TwilioRestException | None:
    try:
        call()
    except TwilioRestException as error:
        return error
    return None


@CHECKS("F103")
def error_body(make: Make) -> None:
    path = f"/v1/Workspaces/{seed.WORKSPACE_SID}/Workers/WK{'0' * 32}"
    answer = make().get(f"{TASKROUTER}{path}", auth=(seed.API_KEY, seed.SECRET))
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "code": 20404,
        "message": f"The requested resource {path} was not found",
        "more_info": "https://www.twilio.com/docs/errors/20404",
        "status": 404,
    }


@CHECKS("F104")
def list_pages(make: Make) -> None:
    stage = make()
    for number in range(4):
        workspace(stage).workers.create(friendly_name=f"worker {number}")
    answer = stage.get(WORKERS, auth=stage.auth, PageSize="3").json()
    meta = answer["meta"]
    assert (meta["key"], meta["page"], meta["page_size"], meta["previous_page_url"]) == ("workers", 0, 3, None)
    assert meta["next_page_url"].startswith(f"{WORKERS}?")
    names = [worker.friendly_name for worker in workspace(stage).workers.list(page_size=3)]
    assert names[-4:] == [f"worker {number}" for number in range(4)]
    assert len(names) == 7
    default = stage.get(WORKERS, auth=stage.auth).json()["meta"]
    largest = stage.get(WORKERS, auth=stage.auth, PageSize="5000").json()["meta"]
    assert (default["page_size"], largest["page_size"], default["next_page_url"]) == (50, 1000, None)


@CHECKS("F105")
def attributes_in_lists(make: Make) -> None:
    assert all(json.loads(worker.attributes)["email"] for worker in workspace(make()).workers.list())
    silent = make(list_attributes="null")
    assert [worker.attributes for worker in workspace(silent).workers.list()] == [None] * 3
    first = workspace(silent).workers.list()[0]
    assert json.loads(workspace(silent).workers(first.sid).fetch().attributes)["email"]


@CHECKS("F106")
def attributes_are_json(make: Make) -> None:
    stage = make()
    worker = workspace(stage).workers.create(friendly_name="worker", attributes='{"a": [1]}')
    assert worker.attributes == '{"a": [1]}'
    for text in ("{", "[]", "7"):
        error = refusal(lambda text=text: workspace(stage).workers(worker.sid).update(attributes=text))
        assert error is not None
        assert error.status == 400
    assert workspace(stage).workers(worker.sid).fetch().attributes == '{"a": [1]}'


@CHECKS("F107")
def name_filter(make: Make) -> None:
    for quirk, found in (("exact", 0), ("ignore_case", 1)):
        stage = make(friendly_name_filter=quirk)
        workspace(stage).workers.create(friendly_name="Bo")
        assert len(workspace(stage).workers.list(friendly_name="Bo")) == 1
        assert len(workspace(stage).workers.list(friendly_name="bo")) == found


@CHECKS("F108")
def expressions(make: Make) -> None:
    stage = make()
    expression = "email == 'olga.owner@contoso.com'"
    for _ in range(3):
        assert len(workspace(stage).workers.list(target_workers_expression=expression)) == 1
    answer = stage.get(WORKERS, auth=stage.auth, TargetWorkersExpression=expression)
    assert (answer.status_code, answer.json().get("code")) == (429, 20429)
    stage.world.advance(1)
    assert len(workspace(stage).workers.list(target_workers_expression=expression)) == 1


@CHECKS("F110")
def other_workspace(make: Make) -> None:
    error = refusal(lambda: workspace(make(), "WS" + "0" * 32).fetch())
    assert error is not None
    assert (error.status, error.code) == (404, 20404)


@CHECKS("F111")
def unique_names(make: Make) -> None:
    stage = make()
    worker = workspace(stage).workers.create(friendly_name="Bo")
    other = workspace(stage).workers.create(friendly_name="Di")
    assert refusal(lambda: workspace(stage).workers.create(friendly_name="bO")) is not None
    assert refusal(lambda: workspace(stage).workers(other.sid).update(friendly_name="BO")) is not None
    assert workspace(stage).workers(worker.sid).update(friendly_name="BO").friendly_name == "BO"


def available(stage: Stage) -> str:
    """The activity in which people are available."""
    return str(workspace(stage).activities.list(friendly_name="Available")[0].sid)


@CHECKS("F201")
def nothing_is_dropped(make: Make) -> None:
    stage = make()
    worker = workspace(stage).workers.list()[0]
    for call in (
        lambda: workspace(stage).workers.list(task_queue_name="Everyone"),
        lambda: workspace(stage).workers.list(task_queue_sid="WQ" + "0" * 32),
        lambda: stage.sdk.flex_api.v1.configuration().fetch(ui_version="2"),
    ):
        assert outcome(call) == (400, 20001)
    url = f"{WORKERS}/{worker.sid}"
    for sent in ({"Frendlyname": "x"}, {"Attributes": "{}", "Skills": "x"}):
        assert stage.http.post(url, data=sent, auth=stage.auth).status_code == 400
    assert stage.http.post(WORKERS, data={"FriendlyName": "x"}, headers={"If-Match": "1"}, auth=stage.auth).is_error
    assert stage.http.get(url, params={"Version": "1"}, auth=stage.auth).status_code == 400
    assert workspace(stage).workers(worker.sid).fetch().date_updated == worker.date_updated


@CHECKS("F202")
def by_activity(make: Make) -> None:
    stage = make()
    olga, devi, sue = (each.sid for each in workspace(stage).workers.list())
    stage.world.advance(60)
    workspace(stage).workers(devi).update(activity_sid=available(stage))

    def found(**asked: str) -> list[str]:
        return [each.sid for each in workspace(stage).workers.list(**asked)]

    assert found(available="true") == found(available="1") == [devi]
    assert found(available="false") == found(activity_name="Offline") == [olga, sue]
    assert found(activity_sid=available(stage)) == [devi]
    assert found(ordering="DateStatusChanged:desc") == [devi, olga, sue]
    for wrong in ({"available": "yes"}, {"ordering": "FriendlyName:asc"}):
        assert outcome(lambda wrong=wrong: found(**wrong)) == (400, 20001)


@CHECKS("F203")
def only_this_version(make: Make) -> None:
    stage = make()
    worker = workspace(stage).workers(workspace(stage).workers.list()[0].sid)
    first = stage.get(f"{WORKERS}/{worker._solution['sid']}", auth=stage.auth).headers["etag"]
    worker.update(friendly_name="one", if_match=first)
    assert outcome(lambda: worker.update(friendly_name="two", if_match=first)) == (412, 20412)
    assert worker.fetch().friendly_name == "one"
    for version, status in (("999", 412), ("*", 204)):  # by hand: the SDK tells of no refusal here
        url = f"{WORKERS}/{worker._solution['sid']}"
        assert stage.http.delete(url, headers={"If-Match": version}, auth=stage.auth).status_code == status


@CHECKS("F204")
def activities(make: Make) -> None:
    stage = make()
    assert [each.friendly_name for each in workspace(stage).activities.list()] == [
        "Offline",
        "Unavailable",
        "Available",
    ]
    worker = workspace(stage).workers(workspace(stage).workers.list()[0].sid)
    changed = worker.update(activity_sid=available(stage))
    assert (changed.activity_name, changed.available, changed.activity_sid) == ("Available", True, available(stage))
    assert outcome(lambda: worker.update(activity_sid="WA" + "0" * 32)) == (400, 20001)
    lunch = workspace(stage).activities.create(friendly_name="Lunch", available=False)
    assert worker.update(activity_sid=lunch.sid).activity_name == "Lunch"
    assert workspace(stage).activities(lunch.sid).fetch().available is False
    assert outcome(lambda: workspace(stage).activities.create(friendly_name="Lunch")) == (409, 20001)
    made = workspace(stage).workers.create(friendly_name="new", activity_sid=available(stage))
    assert made.available is True


@CHECKS("F205")
def what_is_left_out(make: Make) -> None:
    stage = make()
    sid = workspace(stage).workers.list()[0].sid
    for call in (
        lambda: workspace(stage).task_queues.create(friendly_name="Everyone"),
        lambda: workspace(stage).task_queues.list(),
        lambda: workspace(stage).workflows("WW" + "0" * 32).fetch(),
        lambda: workspace(stage).update(friendly_name="Other"),
        lambda: workspace(stage).workers.statistics().fetch(),
        lambda: workspace(stage).workers(sid).worker_channels("WC" + "0" * 32).update(capacity=3),
        lambda: stage.sdk.request("POST", f"{FLEX_API}/v1/Configuration"),
    ):
        assert outcome(call)[0] == 501


def outcome(call: Any) -> tuple[int, int]:
    """Status and code of a refusal, however the SDK shows it."""
    try:
        answer = call()
    except TwilioRestException as error:
        return error.status, error.code
    except TwilioException as error:
        return error.args[1].status_code, json.loads(error.args[1].text)["code"]
    status = getattr(answer, "status_code", 200)
    return status, json.loads(answer.text).get("code", 0) if status >= 400 else 0


@pytest.mark.parametrize("host", ["taskrouter.us1.twilio.com", "taskrouter.dublin.us1.twilio.com"])
def test_a_region_and_an_edge_lead_to_the_same_workers(host: str) -> None:
    stage = Stage()
    url = WORKERS.replace("taskrouter.twilio.com", host)
    assert len(stage.get(url, auth=stage.auth).json()["workers"]) == 3
    assert stage.get(WORKERS.replace("taskrouter.", "taskrouter.mars1."), auth=stage.auth).status_code == 421


@pytest.mark.parametrize("number", CHECKS)
def test_rule_holds(number: str) -> None:
    CHECKS[number](stage_without())


@pytest.mark.parametrize("number", CHECKS)
def test_the_check_of_a_rule_fails_without_the_rule(number: str) -> None:
    with pytest.raises((AssertionError, TwilioException)):
        CHECKS[number](stage_without(number))


def test_a_worker_can_be_made_changed_and_deleted() -> None:
    stage = Stage()
    made = workspace(stage).workers.create(friendly_name="Bo", attributes='{"a":1}')
    changed = workspace(stage).workers(made.sid).update(attributes='{"a":2}')
    assert (changed.sid, changed.attributes, changed.activity_name) == (made.sid, '{"a":2}', "Offline")
    assert workspace(stage).workers(made.sid).delete() is True
    error = refusal(lambda: workspace(stage).workers(made.sid).fetch())
    assert error is not None
    assert error.code == 20404


def test_the_workspace_is_found_by_name_and_by_sid() -> None:
    stage = Stage()
    found = stage.sdk.taskrouter.v1.workspaces.list(friendly_name="Flex Task Assignment")
    assert [each.sid for each in found] == [seed.WORKSPACE_SID]
    assert stage.sdk.taskrouter.v1.workspaces.list(friendly_name="Other") == []
    assert workspace(stage).fetch().friendly_name == "Flex Task Assignment"


def test_wrong_credentials_reach_no_worker() -> None:
    assert Stage().get(WORKERS, auth=(seed.API_KEY, "wrong")).status_code == 401


def test_three_people_have_come_by_console() -> None:
    listed = [json.loads(worker.attributes) for worker in workspace(Stage()).workers.list()]
    assert [worker["email"] for worker in listed] == [name for name, _, _ in seed.CONSOLE_USERS]
    assert {tuple(worker["roles"]) for worker in listed} == {
        ("admin", "wfo.full_access"),
        ("flex.readteams", "flex.readonlyadmin"),
    }


FIELDS = {
    "sid", "friendly_name", "account_sid", "workspace_sid", "activity_sid", "activity_name", "attributes", "available",
    "date_created", "date_updated", "date_status_changed", "url", "links",
}  # fmt: skip
LINKS = {
    "channels", "activity", "workspace", "statistics", "real_time_statistics", "cumulative_statistics",
    "worker_statistics", "worker_channels", "reservations",
}  # fmt: skip


def test_a_worker_has_the_fields_that_the_published_examples_have() -> None:
    stage = Stage()
    body = stage.get(WORKERS, auth=stage.auth).json()
    assert set(body) == {"meta", "workers"}
    for worker in body["workers"]:
        assert set(worker) == FIELDS
        assert set(worker["links"]) == LINKS
    names = {"key", "page", "page_size", "first_page_url", "previous_page_url", "next_page_url", "url"}
    assert set(body["meta"]) == names
