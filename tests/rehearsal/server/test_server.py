"""The server: how it is found, steered, kept private and ended; and that a recording makes the same tenant again."""

import hashlib
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from entra_stage import CONNECTION, DAY, GRAPH, Entra
from flex_stage import InProcess
from rehearsal_steering import Steering, keyed
from starlette.responses import Response
from starlette.routing import Route

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.rehearsal.server import control, server
from flexsso_helpers.rehearsal.server.hosts import Hosts
from flexsso_helpers.rehearsal.world import journal
from flexsso_helpers.rehearsal.world.clock import START
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

STEERING = Steering("rehearsal")
HERE = "http://127.0.0.1:8000"


def _client(world: World, recording: Path = journal.RECORDING) -> httpx.Client:
    return httpx.Client(transport=InProcess(server.app_for(world, recording=recording)), base_url=HERE)


@pytest.fixture
def world() -> World:
    return Entra(configured=False).world


def test_status_tells_everything_but_the_nonce(world: World) -> None:
    status = _client(world).get("/-/status").json()
    assert status == {
        "product": "flexsso rehearsal",
        "pid": os.getpid(),
        "seed": 1,
        "cloud": "global",
        "quirks": {},
        "now": "2026-11-02T08:00:00Z",
        "requests": 0,
        "writes": {"graph": 0, "console": 0, "sign_ins": 0},
        "resets": 0,
    }


def test_each_reset_is_counted_so_that_runs_before_it_can_be_told_apart(world: World) -> None:
    client = _client(world)
    for times in (1, 2):
        client.post("/-/reset", json={}, auth=STEERING)
        assert client.get("/-/status").json()["resets"] == times


def test_the_proof_shows_that_the_nonce_is_known(world: World) -> None:
    proof = _client(world).get("/-/proof?challenge=abc").json()["proof"]
    assert proof == keyed("rehearsal", "server", "abc")


STEERED = [("GET", "clock"), ("POST", "clock"), ("POST", "reset"), ("POST", "mark"), ("GET", "tenant-values"),
           ("POST", "tenant-values"), ("GET", "client-certificate"), ("GET", "job-token"), ("GET", "journal"),
           ("POST", "stop")]  # fmt: skip


@pytest.mark.parametrize(("method", "name"), STEERED)
def test_steering_needs_a_proof_over_the_servers_fresh_value(world: World, method: str, name: str) -> None:
    client = _client(world)
    fresh = client.get("/-/proof?challenge=abc").json()["fresh"]
    for headers in (
        {},
        {"X-Rehearsal-Nonce": "rehearsal"},
        {"X-Rehearsal-Fresh": fresh},
        {"X-Rehearsal-Fresh": "made up", "X-Rehearsal-Proof": "x"},
    ):
        assert client.request(method, f"/-/{name}", headers=headers).status_code == 403
    assert client.request(method, f"/-/{name}", auth=Steering("another nonce")).status_code == 403


def test_every_path_that_steers_is_tried_above(world: World) -> None:
    routes = [route for route in server.app_for(world).routes if isinstance(route, Route)]
    told = {(method, route.path.removeprefix("/-/")) for route in routes for method in route.methods or ()}
    assert {pair for pair in told if pair[0] != "HEAD"} == {*STEERED, ("GET", "status"), ("GET", "proof")}


def test_a_proof_is_good_once_and_for_its_own_request_only(world: World) -> None:
    client = _client(world)

    def signed(path: str, body: bytes) -> dict[str, str]:
        fresh = client.get("/-/proof?challenge=abc").json()["fresh"]
        said = keyed("rehearsal", "client", fresh, "POST", path, hashlib.sha256(body).hexdigest())
        return {"X-Rehearsal-Fresh": fresh, "X-Rehearsal-Proof": said}

    body = b'{"seconds": 5}'
    used = signed("/-/clock", body)
    assert client.post("/-/clock", content=body, headers=used).status_code == 200
    assert client.post("/-/clock", content=body, headers=used).status_code == 403
    assert client.post("/-/clock", content=b'{"seconds": 9}', headers=signed("/-/clock", body)).status_code == 403
    assert client.post("/-/stop", content=body, headers=signed("/-/clock", body)).status_code == 403


def test_what_a_server_proves_to_anybody_is_no_proof_of_a_client(world: World) -> None:
    """Whoever asks gets a hash over whatever they send; over a request of theirs it must not count."""
    client = _client(world)
    fresh = client.get("/-/proof?challenge=abc").json()["fresh"]
    request = "\n".join((fresh, "POST", "/-/stop", hashlib.sha256(b"").hexdigest()))
    got = client.get("/-/proof", params={"challenge": request}).json()["proof"]
    headers = {"X-Rehearsal-Fresh": fresh, "X-Rehearsal-Proof": got}
    assert client.post("/-/stop", content=b"", headers=headers).status_code == 403


@pytest.mark.full
def test_nobody_fills_the_memory_with_fresh_values(world: World) -> None:
    client = _client(world)
    first = client.get("/-/proof?challenge=abc").json()["fresh"]
    for _ in range(control.MOST_FRESH):
        client.get("/-/proof?challenge=abc")
    said = keyed("rehearsal", "client", first, "GET", "/-/clock", hashlib.sha256(b"").hexdigest())
    headers = {"X-Rehearsal-Fresh": first, "X-Rehearsal-Proof": said}
    assert client.get("/-/clock", headers=headers).status_code == 403


@pytest.mark.parametrize("path", ["status", "proof", "clock", "journal"])
def test_another_name_that_leads_to_the_loopback_steers_nothing(world: World, path: str) -> None:
    """DNS rebinding: a page of evil.example is answered by this server, and may read what it answers."""
    client = _client(world)
    assert client.get(f"http://evil.example:8000/-/{path}", auth=STEERING).status_code == 421
    assert client.get(f"http://localhost:8000/-/{path}", auth=STEERING).status_code == 200


GONE_WRONG = [
    "https://evil.example",
    "null",
    "http://localhost",
    "http://localhost:9999",
    "https://localhost:8000",
    "file://",
]


@pytest.mark.parametrize("origin", GONE_WRONG)
def test_a_page_of_another_site_posts_nothing_into_the_practice_pages(world: World, origin: str) -> None:
    client = _client(world)
    url, sent = f"/{CONSOLE_SSO_PAGE.removeprefix('https://')}/confirm", {"updated": "on"}
    refused = client.post(url, data=sent, headers={"Origin": origin})
    assert (refused.status_code, "another site" in refused.text) == (403, True)
    assert world.store.all("flex_connection")[0]["stage"] == "started"
    drawn = re.search(r'name="form_state" value="([^"]+)"', client.get(url.removesuffix("/confirm")).text)
    assert drawn
    assert client.post(url, data=sent | {"form_state": drawn[1]}, headers={"Origin": HERE}).status_code == 303
    assert world.store.all("flex_connection")[0]["stage"] == "confirmed"


def test_responses_and_requests_of_saml_come_from_other_sites_by_their_nature(world: World) -> None:
    client = _client(world)
    for path in (f"login.microsoftonline.com/{TENANT_ID}/saml2", "login.flex.us1.twilio.com/login/callback"):
        answer = client.post(f"/{path}?connection=JQ1", headers={"Origin": "https://idp.example"}, data={"x": "y"})
        assert "another site" not in answer.text


def test_the_clock_moves_when_told(world: World) -> None:
    client = _client(world)
    assert client.post("/-/clock", json={"seconds": 90}, auth=STEERING).json() == {"now": "2026-11-02T08:01:30Z"}
    assert client.get("/-/clock", auth=STEERING).json() == {"now": "2026-11-02T08:01:30Z"}


@pytest.mark.parametrize("seconds", [-1, "5", None, True, 1e12])
def test_the_clock_takes_no_nonsense(world: World, seconds: object) -> None:
    client = _client(world)
    assert client.post("/-/clock", json={"seconds": seconds}, auth=STEERING).status_code == 400
    assert client.get("/-/status").json()["now"] == "2026-11-02T08:00:00Z"


def test_a_host_that_is_not_played_is_refused(world: World) -> None:
    client = _client(world)
    assert client.get("https://example.com/").status_code == 421
    assert client.get("/example.com/").status_code == 421


def test_a_handler_must_not_run_beside_others(world: World) -> None:
    def plain(_request: object) -> Response:
        return Response()

    with pytest.raises(TypeError, match="coroutine"):
        Hosts(world, [{"graph.microsoft.com": [Route("/x", plain)]}])


def test_a_broken_handler_changes_nothing(world: World) -> None:
    async def broken(_request: object) -> Response:
        world.store.put("user", "x", {}, at=world.clock.now)
        raise RuntimeError("broken")

    hosts = Hosts(world, [{"graph.microsoft.com": [Route("/x", broken)]}])
    with pytest.raises(RuntimeError, match="broken"):
        httpx.Client(transport=InProcess(hosts)).get("https://graph.microsoft.com/x")
    assert world.store.get("user", "x") is None


# Reset and recording


def _run(entra: Entra) -> None:
    """Two steps of a run: Graph, Console and a sign-on."""
    client = httpx.Client(transport=InProcess(server.app_for(entra.world)), base_url=HERE)
    for step in ("01", "02", "04"):
        client.post("/-/mark", json={"step": step}, auth=STEERING)
        if step == "01":
            entra.instantiate()
        if step == "02":
            entra.wait(7)
            entra.write("PATCH", entra.sp_path, {"notes": f"for {CONNECTION}"})
        if step == "04":
            entra.write("PATCH", entra.sp_path, {"notes": None})


def test_a_reset_plays_the_recording_up_to_a_notebook(tmp_path: Path) -> None:
    entra, recording = Entra(configured=False), tmp_path / "run.jsonl"
    _run(entra)
    journal.save(journal.export(entra.world), recording)
    again = World(seed=1)
    client = _client(again, recording)
    answer = client.post("/-/reset", json={"before": "04"}, auth=STEERING)
    assert answer.status_code == 200, answer.text
    sp = again.store.get("servicePrincipal", entra.sp["id"])
    assert sp
    assert sp["notes"] == f"for {CONNECTION}"
    recorded = [entry for entry in journal.export(entra.world) if entry["step"] <= "04"][:-1]
    assert journal.export(again) == recorded
    assert again.clock.now == recorded[-1]["at"]


def test_two_resets_are_alike_to_the_byte(tmp_path: Path) -> None:
    entra, recording = Entra(configured=False), tmp_path / "run.jsonl"
    _run(entra)
    journal.save(journal.export(entra.world), recording)
    dumps = []
    for _ in range(2):
        world = World(seed=1)
        _client(world, recording).post("/-/reset", json={"before": "20"}, auth=STEERING)
        dumps.append(world.store.dump())
    assert dumps[0] == dumps[1]
    assert f"for {CONNECTION}" in dumps[0]


def test_a_reset_may_choose_quirks(world: World) -> None:
    client = _client(world)
    for quirks, status in (({"lag": "none"}, 200), ({"lag": "short"}, 400), ({"moon": "full"}, 400)):
        assert client.post("/-/reset", json={"quirks": quirks}, auth=STEERING).status_code == status
    assert client.get("/-/status").json()["quirks"] == {"lag": "none"}
    client.post("/-/reset", json={}, auth=STEERING)
    assert World(world.store).quirks.chosen == {"lag": "none"}
    client.post("/-/reset", json={"quirks": {}}, auth=STEERING)
    assert client.get("/-/status").json()["quirks"] == {}


def test_another_cloud_or_size_begins_anew() -> None:
    world = World(cloud="china")
    server.app_for(world)
    world.advance(100)
    same = World(world.store)
    same.settle()
    assert (same.planted, same.cloud.name) == (True, "china")
    other = World(world.store, people=60)
    other.settle()
    assert not other.planted
    server.app_for(other)
    assert (other.store.count("user"), other.cloud.name, other.clock.iso()) == (60, "china", "2026-11-02T08:00:00Z")


@pytest.mark.parametrize(
    "settings", [{"cloud": "mars"}, {"people": 3}, {"quirks": {"moon": "full"}}, {"faults": [{"fault": "gremlin"}]}]
)
def test_a_setting_that_there_is_not_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        World(**settings)


def test_a_reset_to_the_beginning(world: World) -> None:
    client = _client(world)
    fresh = World(world.store.copy())
    client.post("/-/clock", json={"seconds": 500}, auth=STEERING)
    assert client.post("/-/reset", json={"before": None}, auth=STEERING).json() == {"now": "2026-11-02T08:00:00Z"}
    assert world.store.all("user") == fresh.store.all("user")


def test_without_a_recording_only_the_beginning_can_be_made(world: World, tmp_path: Path) -> None:
    answer = _client(world, tmp_path / "none.jsonl").post("/-/reset", json={"before": "04"}, auth=STEERING)
    assert answer.status_code == 409
    assert "no recording of a run yet" in answer.text


def test_a_recording_that_no_longer_fits_changes_nothing(world: World, tmp_path: Path) -> None:
    entry = {
        "step": "01", "at": world.clock.now, "method": "DELETE", "host": "graph.microsoft.com",
        "path": "/v1.0/users/x", "query": "", "headers": {}, "body": "", "principal": None, "face": False,
        "status": 204,
    }  # fmt: skip
    recording = tmp_path / "run.jsonl"
    journal.save([entry], recording)
    world.advance(5)
    before = world.store.dump()
    answer = _client(world, recording).post("/-/reset", json={"before": "02"}, auth=STEERING)
    assert (answer.status_code, world.store.dump()) == (409, before)
    assert world.clock.iso() == "2026-11-02T08:00:05Z"


def test_reads_and_refusals_are_not_in_the_journal() -> None:
    entra = Entra()
    entra.get(entra.sp_path)
    entra.refused("PATCH", entra.sp_path, {"notes": ""})
    assert journal.export(entra.world) == []


def test_the_journal_keeps_who_acted_and_no_token() -> None:
    entra = Entra()
    entra.write("PATCH", entra.sp_path, {"notes": "x"})
    (entry,) = journal.export(entra.world)
    assert entry["principal"]["user_name"] == "ada.admin@contoso.com"
    assert "authorization" not in entry["headers"]
    assert f"https://{entry['host']}{entry['path']}" == f"{GRAPH}{entra.sp_path}"


# The process

SERVE = (
    "import sys; from pathlib import Path; from flexsso_helpers.rehearsal.server.server import serve; "
    "serve(Path(sys.argv[1]), idle_seconds=float(sys.argv[2]), clock=sys.argv[3])"
)


class Process:
    """A served folder."""

    def __init__(self, folder: Path, idle_seconds: float = 60, clock: str = "virtual") -> None:
        self.folder, self.clock = folder, clock
        self.process = self.start(idle_seconds)
        give_up = time.monotonic() + 60
        while not (folder / "server.json").exists() and time.monotonic() < give_up:
            time.sleep(0.02)
        self.known = json.loads((folder / "server.json").read_text("utf-8"))

    def start(self, idle_seconds: float = 60) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", SERVE, str(self.folder), str(idle_seconds), self.clock]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def call(self, method: str, path: str, body: object = None) -> httpx.Response:
        url = f"http://127.0.0.1:{self.known['port']}{path}"
        with httpx.Client(auth=Steering(self.known["nonce"]), trust_env=False, timeout=60) as client:
            return client.request(method, url, json=body)


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path / "private")
    yield process
    process.process.kill()
    process.process.communicate()


@pytest.mark.full
@pytest.mark.kernel
def test_a_served_folder_is_private_and_lasts(serving: Process) -> None:
    folder = serving.folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "server.json").stat().st_mode) == 0o600
    assert serving.known["pid"] == serving.process.pid
    serving.call("POST", "/-/clock", {"seconds": 60})
    serving.process.send_signal(signal.SIGTERM)
    serving.process.communicate(timeout=20)
    assert not (folder / "server.json").exists()
    again = Process(folder)
    assert again.call("GET", "/-/status").json()["now"] == "2026-11-02T08:01:00Z"
    again.call("POST", "/-/stop")
    assert again.process.wait(timeout=20) == 0
    again.process.communicate()


@pytest.mark.full
@pytest.mark.kernel
def test_a_folder_has_one_server(serving: Process) -> None:
    second = serving.start()
    _, said = second.communicate(timeout=60)
    assert (second.returncode, "already serves" in said) == (0, True)
    assert serving.call("GET", "/-/status").status_code == 200


@pytest.mark.full
@pytest.mark.kernel
def test_an_idle_server_ends(tmp_path: Path) -> None:
    process = Process(tmp_path / "idle", idle_seconds=0.3)
    assert process.process.wait(timeout=30) == 0
    process.process.communicate()
    assert not (tmp_path / "idle" / "server.json").exists()


# The port and the clock of a start


@pytest.mark.kernel
@pytest.mark.full
def test_the_port_of_the_last_start_is_kept_where_it_is_free(serving: Process) -> None:
    first = serving.known["port"]
    serving.call("POST", "/-/stop")
    serving.process.communicate(timeout=20)
    again = Process(serving.folder)
    assert again.known["port"] == first
    again.call("POST", "/-/stop")
    again.process.communicate(timeout=20)
    with socket.create_server(("127.0.0.1", first)):
        third = Process(serving.folder)
        assert third.known["port"] != first
        third.call("POST", "/-/stop")
        third.process.communicate(timeout=20)


def test_a_start_takes_the_port_of_the_last_one(tmp_path: Path) -> None:
    with server._listening(tmp_path, 0) as first:
        port = first.getsockname()[1]
        with server._listening(tmp_path, 0) as beside:  # the first still has it
            assert beside.getsockname()[1] != port
    (tmp_path / "port").write_text(str(port), "utf-8")
    with server._listening(tmp_path, 0) as again:
        assert again.getsockname()[1] == port


class Wall:
    """A wall clock that a test sets."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_by_the_wall_clock_time_passes_by_itself() -> None:
    """A client that only waits and reads finds what it made; by the virtual clock it would wait for ever."""
    wall = Wall(START + 10 * DAY)
    entra = Entra(configured=False)
    seen = {}
    for name, world in {"wall": World(entra.world.store.copy(), wall=wall), "virtual": entra.world.copy()}.items():
        entra.world, entra.http = world, Entra.over(world)
        world.tick()
        made = entra.write("POST", "/applications", {"displayName": "Made by a client"})["id"]
        seen[name] = [entra.call("GET", f"/applications/{made}").status_code]
        wall.now += 60
        world.tick()
        seen[name].append(entra.call("GET", f"/applications/{made}").status_code)
    assert seen == {"wall": [404, 200], "virtual": [404, 404]}


@pytest.mark.parametrize(("kind", "passes"), [("wall", time.time), ("virtual", None)])
def test_a_server_takes_the_clock_that_it_is_started_with(
    kind: server.ClockKind, passes: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Begun(Exception):
        """Far enough."""

    def world(*_: Any, wall: object, **__: Any) -> World:
        assert wall is passes
        raise Begun

    monkeypatch.setattr(server, "World", world)
    with pytest.raises(Begun):
        server.serve(tmp_path, clock=kind)


def test_the_wall_clock_is_never_behind_and_keeps_what_it_is_ahead() -> None:
    wall = Wall(START + DAY)
    world = World(Entra(configured=False).world.store, wall=wall)
    world.tick()
    assert world.clock.now == START + DAY
    world.wrote()
    assert world.clock.now == START + DAY, "a write takes no time of its own"
    world.advance(DAY)
    wall.now += 5
    world.tick()
    assert world.clock.now == START + 2 * DAY + 5
    wall.now -= DAY
    world.tick()
    assert world.clock.now == START + 2 * DAY + 5, "time does not go back"


@pytest.mark.kernel
@pytest.mark.full
def test_a_served_rehearsal_follows_the_clock_it_was_given(tmp_path: Path) -> None:
    for clock, moves in (("wall", True), ("virtual", False)):
        served = Process(tmp_path / clock, clock=clock)
        first = served.call("GET", "/-/status").json()["now"]
        time.sleep(1.1)
        assert (served.call("GET", "/-/status").json()["now"] != first) is moves
        served.call("POST", "/-/stop")
        served.process.communicate(timeout=20)


def test_no_answer_waits_for_the_client_to_acknowledge_its_head(tmp_path: Path) -> None:
    """What is sent in two parts waits 40 ms between them where connections gather small packets."""
    with server._listening(tmp_path, 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
