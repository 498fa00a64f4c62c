"""The way to the rehearsal's server: only ours is spoken to, and one that has ended is called so."""

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from onboarding import STEPS, onboard
from sockets import Guard, Loopback
from stage import Stage, through

from flexsso_helpers import places
from flexsso_helpers.errors import Unreachable
from flexsso_helpers.session import open_session
from flexsso_helpers.wire import RehearsalClient, RehearsalClock
from flexsso_helpers.wire.clock import SLOW
from flexsso_helpers.wire.rehearsal_client import find_rehearsal

GONE = """\
No connection
  What:     The rehearsal does not answer.
  Why:      Its server ends by itself after a while without requests.
  To do:    Run the cell that opens the session again: it starts the rehearsal where it stood.
  Notebook: 00"""


CALLS: dict[str, Callable[[RehearsalClient], object]] = {
    "now": RehearsalClient.now,
    "advance": lambda client: client.advance(1.0),
    "status": RehearsalClient.status,
    "reset": RehearsalClient.reset,
    "mark": lambda client: client.mark("02"),
    "tenant_values": RehearsalClient.tenant_values,
    "keep_tenant_values": lambda client: client.keep_tenant_values({"name": "Ada"}),
    "journal": RehearsalClient.journal,
    "client_certificate": RehearsalClient.client_certificate,
    "job_token": RehearsalClient.job_token,
    "stop": RehearsalClient.stop,
}


def written(folder: Path, content: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "server.json").write_text(content, "utf-8")
    return folder


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"port": "x", "nonce": "n"}', '{"port": 1}', '{"port": 1, "nonce": "n"}'],
    ids=["empty", "cut", "a-list", "nothing", "no-number", "no-nonce", "nobody-listens"],
)
def test_a_note_that_leads_nowhere_is_no_server(content: str, tmp_path: Path) -> None:
    assert find_rehearsal(written(tmp_path, content)) is None


def test_no_note_is_no_server(tmp_path: Path) -> None:
    assert find_rehearsal(tmp_path / "never") is None


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b'{"proof": "deadbeef"}'), (200, b"{}"), (404, b"not here"), (200, b'{"proof": null}')],
    ids=["wrong-proof", "no-proof", "another-program", "null"],
)
def test_another_program_on_the_port_is_not_taken_for_ours(
    status: int, body: bytes, tmp_path: Path, loopback: Loopback
) -> None:
    loopback.answer = (status, {}, body)
    note = json.dumps({"port": loopback.port, "nonce": "secret-nonce"})
    assert find_rehearsal(written(tmp_path, note)) is None
    assert "secret-nonce" not in str(loopback.heard)
    assert all(path.startswith("/-/proof?challenge=") for _, _, path, _ in loopback.asked)


def test_a_program_that_is_not_http_is_not_taken_for_ours(tmp_path: Path, loopback: Loopback) -> None:
    loopback.answer = (200, {"Content-Type": "text/html"}, b"<h1>It works!</h1>")
    assert find_rehearsal(written(tmp_path, json.dumps({"port": loopback.port, "nonce": "n"}))) is None


def test_the_server_that_knows_the_nonce_is_ours_and_no_other(tmp_path: Path) -> None:
    client = Stage(tmp_path).rehearsal_client
    assert client.proves_itself()
    assert not replace(client, nonce="another").proves_itself()


@pytest.mark.parametrize("call", CALLS, ids=CALLS)
def test_whoever_listens_on_the_port_is_told_nothing_before_it_has_proved_itself(
    call: str, tmp_path: Path, loopback: Loopback
) -> None:
    """A server that has ended leaves its note; whoever takes its port sees a question and learns nothing from it."""
    loopback.answer = (200, {}, json.dumps({"proof": "deadbeef", "fresh": "abc", "now": "2026-11-02"}).encode())
    with pytest.raises(Unreachable, match="Another program"):
        CALLS[call](RehearsalClient(folder=tmp_path, port=loopback.port, nonce="secret-nonce"))
    assert [path.partition("=")[0] for _, _, path, _ in loopback.asked] == ["/-/proof?challenge"]
    assert "secret-nonce" not in str((loopback.asked, loopback.heard))


def test_every_call_of_the_client_is_tried_above() -> None:
    own = {name for name, each in vars(RehearsalClient).items() if callable(each) and "_call" in each.__code__.co_names}
    assert own == set(CALLS)


def test_a_rehearsal_that_has_ended_is_called_so(tmp_path: Path) -> None:
    rehearsal_client = RehearsalClient(folder=tmp_path, port=9, nonce="n")
    for call in (
        rehearsal_client.now,
        rehearsal_client.status,
        rehearsal_client.journal,
        lambda: rehearsal_client.advance(1.0),
        lambda: rehearsal_client.mark("02"),
    ):
        with pytest.raises(Unreachable) as caught:
            call()
        assert str(caught.value) == GONE
    with pytest.raises(Unreachable):
        asyncio.run(RehearsalClock(rehearsal_client).sleep(1.0))


@pytest.mark.parametrize("slow", [False, True])
def test_waits_pass_at_once_and_in_a_slow_session_in_time(slow: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    waited, moved = list[float](), list[float]()
    monkeypatch.setenv(SLOW, "1") if slow else monkeypatch.delenv(SLOW, raising=False)

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("flexsso_helpers.wire.clock.asyncio.sleep", sleep)
    client = SimpleNamespace(advance=moved.append)
    asyncio.run(RehearsalClock(client).sleep(7.0))  # type: ignore[arg-type]
    assert (waited, moved) == ([7.0] if slow else [], [7.0])


def test_a_refusal_of_the_rehearsal_is_told_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(Unreachable) as caught:
        Stage(tmp_path).rehearsal_client.advance(-1.0)
    assert caught.value.what.startswith("The rehearsal refused: ")


def test_a_rehearsal_that_ends_during_a_section_is_said_with_what_to_do(tmp_path: Path) -> None:
    async def run() -> None:
        stage = Stage(tmp_path)
        session = await stage.open()
        gone = RehearsalClient(folder=tmp_path, port=9, nonce="n")
        session.rehearsal_client, session.clock._rehearsal_client = gone, gone  # type: ignore[attr-defined]
        await STEPS["01"].plan(session)

    with pytest.raises(Unreachable) as caught:
        asyncio.run(run())
    assert str(caught.value) == GONE


@pytest.mark.full
@pytest.mark.kernel
def test_a_real_rehearsal_over_real_sockets_sends_nothing_elsewhere(
    guard: Guard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path / "runs"))
    mask = os.umask(0)
    monkeypatch.delenv("FLEXSSO_RUN", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")

    async def run() -> RehearsalClient:
        session = await open_session("rehearsal")
        assert session.rehearsal_client is not None
        try:
            for number in ("01", "02"):
                _, _, evidence = await through(session, STEPS[number])
                assert evidence.outcome == 2
            assert session.rehearsal_client.status()["writes"]["graph"] == 5
            again = find_rehearsal(places.rehearsal("rehearsal"))
            assert again == session.rehearsal_client
        finally:
            session.rehearsal_client.stop()
            # The socket; a notebook’s ends with its kernel, and the SDK’s own close does not reach it.
            await session.graph.sending.adapter._http_client._transport.transport.aclose()
        return session.rehearsal_client

    rehearsal_client = asyncio.run(run())
    os.umask(mask)
    left = [tmp_path / "runs", *(tmp_path / "runs").rglob("*")]
    assert len(left) > 5
    assert [path for path in left if path.stat().st_mode & 0o077] == []
    assert {address[:2] for address in guard.connected} == {("127.0.0.1", rehearsal_client.port)}
    assert set(guard.looked_up) <= {"127.0.0.1", "localhost"}


def test_a_stage_needs_no_socket_at_all(guard: Guard, tmp_path: Path) -> None:
    asyncio.run(onboard(Stage(tmp_path), until="01"))
    assert guard.connected == []
