"""What a run keeps to itself is found wherever it was left, in the form in which it travels."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from faults import host_of
from left_bytes import IN_ITS_PLACE, clean, kept_by
from stage import Stage

from flexsso_helpers.rehearsal.directory import tokens

NONCE = "a-nonce-of-a-server"


class Sent:
    """The application; keeps what is sent as proof of who asks, by whom it is sent to."""

    def __init__(self, app: Any) -> None:
        self.app, self.keys = app, dict[str, bytes]()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        sent = dict(scope["headers"]).get(b"authorization", b"")
        self.keys[host_of(scope)] = sent.removeprefix(b"Basic ")
        await self.app(scope, receive, send)


@pytest.fixture
def kept(tmp_path: Path) -> dict[str, bytes]:
    """What must be nowhere, by what it is; as it is truly sent or issued."""
    stage = Stage(tmp_path / "runs")
    sent = Sent(stage.app)

    async def go() -> None:
        session = await stage.open(app=sent)
        await session.flex.configuration()

    asyncio.run(go())
    refresh = tokens.sign(stage.world, {"use": "refresh", "aud": "a", "oid": "b"}).encode()
    return {
        "Twilio": sent.keys["flex-api.twilio.com"],
        "variable": IN_ITS_PLACE["TWILIO_API_SECRET"].encode(),
        "nonce": NONCE.encode(),
        "refresh token": refresh,
        "part of one": refresh[: refresh.index(b".") + 24],
    }


@pytest.mark.parametrize("what", ["Twilio", "variable", "nonce", "refresh token", "part of one"])
def test_a_secret_that_was_left_is_found(what: str, kept: dict[str, bytes], tmp_path: Path) -> None:
    server, history = tmp_path / "runs" / ".rehearsal" / "server.json", tmp_path / "home" / "history.sqlite"
    server.parent.mkdir()
    server.write_text(f'{{"nonce": "{NONCE}"}}', "utf-8")
    history.parent.mkdir()
    history.write_bytes(b"\x00 before \x00 after")
    secrets = kept_by(tmp_path / "runs")
    assert history in clean(tmp_path, *secrets)
    history.write_bytes(b"\x00 before " + kept[what] + b"\x00 after")
    with pytest.raises(AssertionError, match="a secret lies in"):
        clean(tmp_path, *secrets)
