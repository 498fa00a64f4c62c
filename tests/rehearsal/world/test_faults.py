"""Faults by script: what befalls a request, to whom it happens, and that chance is the same in every run."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from entra_stage import GRAPH, Entra

from flexsso_helpers.rehearsal.directory.tokens import access_token
from flexsso_helpers.rehearsal.server import server
from flexsso_helpers.rehearsal.server.connections import BreakingProtocol
from flexsso_helpers.rehearsal.world.faults import FAULTS, Faults, load
from flexsso_helpers.rehearsal.world.world import World

NOTES = {"notes": "from a faulty run"}


def _script(entra: Entra, *rules: dict[str, Any]) -> Entra:
    entra.world.faults = Faults(rules, seed=entra.world.seed)
    return entra


def _notes(entra: Entra) -> object:
    found = entra.world.store.get("servicePrincipal", entra.sp["id"])
    return found and found["notes"]


@pytest.mark.parametrize(
    ("rule", "status", "code", "header", "written"),
    [
        pytest.param({"fault": "throttle"}, 429, "TooManyRequests", "5", False, id="throttle"),
        pytest.param(
            {"fault": "throttle", "retry_after": 17}, 429, "TooManyRequests", "17", False, id="throttle with seconds"
        ),
        pytest.param(
            {"fault": "throttle", "retry_after": "absent"},
            429,
            "TooManyRequests",
            None,
            False,
            id="throttle, no header",
        ),
        pytest.param({"fault": "unavailable_before"}, 503, "ServiceUnavailable", None, False, id="503 before"),
        pytest.param({"fault": "unavailable_after", "status": 504}, 504, "GatewayTimeout", None, True, id="504 after"),
        pytest.param({"fault": "conflict"}, 409, "Directory_ConcurrencyViolation", None, False, id="conflict"),
    ],
)
def test_a_faulty_answer(rule: dict[str, Any], status: int, code: str, header: str | None, written: bool) -> None:
    entra = _script(Entra(), {"match": {"method": "patch", "path": "/v1.0/servicePrincipals/*"}, **rule})
    answer = entra.call("PATCH", entra.sp_path, NOTES)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers.get("Retry-After") == header
    assert (_notes(entra) == NOTES["notes"]) == written
    assert entra.call("PATCH", entra.sp_path, NOTES).status_code == 204


@pytest.mark.parametrize(("fault", "written"), [("drop_before", False), ("drop_after", True)])
def test_a_dropped_request_has_no_answer(fault: str, written: bool) -> None:
    entra = _script(Entra(), {"match": {"method": "PATCH"}, "fault": fault})
    with pytest.raises(httpx.RemoteProtocolError):
        entra.call("PATCH", entra.sp_path, NOTES)
    assert (_notes(entra) == NOTES["notes"]) == written


def test_a_stale_read_sees_what_was_there_before() -> None:
    entra = _script(Entra(), {"match": {"method": "GET", "nth": 2}, "fault": "stale", "seconds": 100})
    entra.write("PATCH", entra.sp_path, NOTES)
    entra.wait(50)
    assert [entra.get(entra.sp_path)["notes"] for _ in range(3)] == [NOTES["notes"], None, NOTES["notes"]]


def test_a_slow_request_takes_time_that_is_seen() -> None:
    entra = _script(Entra(), {"fault": "slow", "seconds": 30})
    before = entra.world.clock.now
    entra.get(entra.sp_path)
    assert entra.world.clock.now - before == 30


def test_a_challenge_passes_for_a_newer_token() -> None:
    entra = _script(Entra(), {"match": {"host": "graph.*"}, "fault": "claims_challenge", "probability": 1.0})
    refused = entra.call("GET", entra.sp_path)
    assert refused.status_code == 401
    assert 'error="insufficient_claims"' in refused.headers["WWW-Authenticate"]
    token = access_token(entra.world, entra.ada, not_before=int(entra.world.clock.now))
    newer = entra.http.get(GRAPH + entra.sp_path, headers={"Authorization": f"Bearer {token}"})
    assert (newer.status_code, entra.call("GET", entra.sp_path).status_code) == (200, 401)


def test_a_request_of_a_batch_is_throttled_alone() -> None:
    rule = {"match": {"path": "/v1.0/users/*"}, "fault": "throttle", "retry_after": 3}
    entra = _script(Entra(), rule)
    bo = {"method": "GET", "url": "/users/bo.agent@contoso.com"}
    (first, answer), (second, _), (third, _) = entra.batch({"method": "GET", "url": "/organization"}, bo, bo)[::-1]
    assert (first, second, third) == (200, 429, 200)
    assert answer["body"]["displayName"] == "Bo Agent"


@pytest.mark.parametrize(
    ("host", "path", "mark"),
    [
        pytest.param("https://flex-api.twilio.com", "/v1/Configuration", '"code":20429', id="Twilio"),
        pytest.param("https://login.microsoftonline.com", "/common/discovery/instance", "AADSTS90033", id="sign-in"),
    ],
)
def test_each_host_words_it_as_its_own(host: str, path: str, mark: str) -> None:
    entra = _script(Entra(), {"match": {"path": path}, "fault": "throttle"})
    answer = entra.http.get(host + path)
    assert (answer.status_code, mark in answer.text) == (429, True)


def test_rules_fire_from_the_nth_request_as_often_as_they_say() -> None:
    faults = Faults([{"match": {"nth": 2}, "fault": "conflict", "times": 2}, {"fault": "throttle"}])
    fired = [faults.next("GET", "h", "/p", now=0) for _ in range(5)]
    assert [rule and rule.fault for rule in fired] == ["throttle", "conflict", "conflict", None, None]


def test_chance_comes_from_the_seed() -> None:
    def run(seed: int) -> list[bool]:
        faults = Faults([{"fault": "conflict", "probability": 0.3}], seed=seed)
        return [faults.next("GET", "h", "/p", now=0) is not None for _ in range(200)]

    assert run(1) == run(1) != run(2)
    assert 30 < sum(run(1)) < 90


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        pytest.param({"fault": "gremlin"}, "Rule 1: fault is one of throttle", id="unknown fault"),
        pytest.param({"fault": "conflict", "seconds": 1}, "seconds is no setting of conflict", id="foreign setting"),
        pytest.param({"fault": "conflict", "match": {"verb": "GET"}}, "verb is no setting", id="unknown match"),
        pytest.param({"fault": "stale", "seconds": -1}, "seconds cannot be -1", id="negative"),
        pytest.param({"fault": "conflict", "probability": 2}, "probability cannot be 2", id="more than certain"),
        pytest.param({"fault": "conflict", "times": True}, "times cannot be True", id="no number"),
        pytest.param({"fault": "unavailable_after", "status": 500}, "status cannot be 500", id="other status"),
        pytest.param("throttle", "must have the keys", id="no mapping"),
    ],
)
def test_a_script_that_is_wrong_says_where(entry: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Faults([entry])


def test_a_script_is_read_from_yaml_and_json(tmp_path: Path) -> None:
    rules = [{"match": {"method": "GET"}, "fault": name} for name in FAULTS]
    (tmp_path / "a.json").write_text(json.dumps(rules), "utf-8")
    (tmp_path / "a.yaml").write_text("- {match: {method: GET}, fault: conflict}\n", "utf-8")
    assert load(tmp_path / "a.json") == rules
    assert load(tmp_path / "a.yaml")[0]["fault"] == "conflict"
    (tmp_path / "b.yaml").write_text("fault: conflict\n", "utf-8")
    with pytest.raises(ValueError, match="must be a list"):
        load(tmp_path / "b.yaml")


def test_a_script_lasts_as_long_as_the_world() -> None:
    world = World(faults=[{"fault": "conflict", "match": {"path": "/v1.0/organization"}}])
    server.app_for(world)
    again = World(world.store)
    assert again.faults.script == world.faults.script


@pytest.fixture
def listening() -> Iterator[tuple[Entra, str]]:
    entra = Entra()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            server.app_for(entra.world), http=BreakingProtocol, log_level="critical", lifespan="off"
        )
        service = uvicorn.Server(config)
        thread = threading.Thread(target=service.run, kwargs={"sockets": [listener]})
        thread.start()
        while not service.started:
            time.sleep(0.01)
        yield entra, f"http://127.0.0.1:{listener.getsockname()[1]}"
        service.should_exit = True
        thread.join()


@pytest.mark.parametrize(("fault", "written"), [("drop_before", False), ("drop_after", True)])
def test_a_dropped_connection_is_really_closed(listening: tuple[Entra, str], fault: str, written: bool) -> None:
    entra, origin = _script(listening[0], {"match": {"method": "PATCH"}, "fault": fault}), listening[1]
    token = access_token(entra.world, entra.ada)
    headers = {"Authorization": f"Bearer {token}", "Host": "graph.microsoft.com"}
    with httpx.Client(base_url=origin, headers=headers, trust_env=False) as client:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            client.patch(f"/v1.0{entra.sp_path}", json=NOTES)
        assert (_notes(entra) == NOTES["notes"]) == written
        assert client.patch(f"/v1.0{entra.sp_path}", json=NOTES).status_code == 204
