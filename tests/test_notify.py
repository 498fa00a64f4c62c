"""Somebody is told when an outcome changes: by mail and by a webhook, both on this machine, and without names."""

import json
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import apprise
import pytest
from aiosmtpd.controller import Controller
from stage import REHEARSAL

from flexsso_helpers.notify import KEPT, message, notify
from flexsso_helpers.parameters import Tenant, from_mapping, load

CHECKS = [
    {"section": "20", "check": "D25", "title": "07 · Assigned and not in the file", "level": "warning"}
    | {"state": "wrong", "said": "", "reason": "received Rhea Reader as agent"},
    {"section": "20", "check": "D29", "title": "Sign-on of bo.agent@contoso.com", "level": "error"}
    | {"state": "waiting", "said": "", "reason": "Sign in."},
    {"section": "20", "check": "S80", "title": "Only a person can see", "level": "info"}
    | {"state": "wrong", "said": "", "reason": ""},
]


def result(outcome: int, days: int = 1000) -> dict[str, Any]:
    """What a command came to, as `--json` prints it."""
    certificate = {"not_after": "2029-11-01", "days_left": days}
    return {
        "outcome": outcome,
        "certificate": certificate,
        "notebooks": [{"notebook": "20_check_drift", "checks": CHECKS if outcome else []}],
        "folder": "runs/contoso/2029-08-08T08-01-00Z",
    }


def tenant(*to: str, names: bool = False) -> Tenant:
    """A live tenant whose file says who is told."""
    values = load(REHEARSAL).model_dump(mode="json", exclude_none=True)
    values |= {
        "name": "contoso",
        "cloud": "global",
        "tenant_id": "5b2f7e3c-1d4a-4f60-9c8e-7a6b5c4d3e2f",
        "apply": False,
    }
    values.pop("practice")
    values["flex"] |= {"account_sid": "AC" + "0a" * 16, "api_key": "SK" + "0b" * 16}
    return from_mapping({**values, "notify": {"to": list(to), "names": names}})


class Webhook(BaseHTTPRequestHandler):
    """Takes what is posted."""

    got: list[dict[str, Any]]

    def do_POST(self) -> None:
        self.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Nothing."""


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """A receiver on this machine, whose address lies in an environment variable."""
    Webhook.got = []
    server = HTTPServer(("127.0.0.1", 0), Webhook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("FLEXSSO_HOOK", f"json://127.0.0.1:{server.server_port}/hook")
    yield Webhook.got
    server.shutdown()
    server.server_close()


class Mails:
    """Takes mails."""

    def __init__(self) -> None:
        self.got: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content)
        parts = [part.get_payload(decode=True) for part in mail.walk() if part.get_content_maintype() == "text"]
        self.got.append(
            str(mail["Subject"]) + "\n" + "\n".join(part.decode() for part in parts if isinstance(part, bytes))
        )
        return "250 OK"


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A mail server on this machine."""
    handler = Mails()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    address = f"mailto://127.0.0.1:{port}?smtp=127.0.0.1&mode=insecure&from=runbooks@contoso.com&to=ops@contoso.com"
    monkeypatch.setenv("FLEXSSO_MAIL", address)
    yield handler.got
    server.stop()


def test_told_on_a_change_and_not_each_night(webhook: list[dict[str, Any]], tmp_path: Path) -> None:
    who = tenant("env:FLEXSSO_HOOK")
    for outcome, told in ((0, 0), (2, 1), (2, 1), (0, 2), (0, 2), (3, 3)):
        notify(who, "drift", result(outcome), tmp_path)
        assert len(webhook) == told, outcome
    assert "before: as it was left" in webhook[0]["message"]
    notify(who, "run", result(3), tmp_path)
    assert len(webhook) == 4, "each command has an outcome of its own"


def test_told_at_each_mark_of_the_certificate(webhook: list[dict[str, Any]], tmp_path: Path) -> None:
    who = tenant("env:FLEXSSO_HOOK")
    for days, told in ((91, 0), (90, 1), (61, 1), (60, 2), (30, 3), (29, 3), (7, 4), (-1, 5), (-2, 5)):
        notify(who, "drift", result(0, days), tmp_path)
        assert len(webhook) == told, days


def test_a_mail_arrives_and_names_nobody(mails: list[str], tmp_path: Path) -> None:
    notify(tenant("env:FLEXSSO_MAIL"), "drift", result(3), tmp_path)
    [mail] = mails
    assert "Contoso" in mail
    assert "D25" in mail
    assert "D29" in mail
    assert "S80" not in mail
    assert "Rhea" not in mail
    assert "bo.agent" not in mail


def test_names_are_told_where_the_file_asks_for_them() -> None:
    title, body = message(tenant("env:X", names=True), "drift", result(3), None)
    assert "bo.agent@contoso.com" in body
    assert "Rhea Reader" in body
    assert "bo.agent" not in title


@pytest.mark.parametrize(
    ("lies", "said"),
    [("json://127.0.0.1:9/hook", "not taken"), ("nonsense", "no address that Apprise knows"), ("", "no secret at")],
)
def test_what_cannot_be_told_stops_nothing_and_is_tried_again(
    lies: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXSSO_HOOK", lies)
    for _ in range(2):
        [line] = notify(tenant("env:FLEXSSO_HOOK"), "drift", result(1), tmp_path)
        assert said in line
        assert not lies or lies not in line, "an address holds secrets"
    assert not (tmp_path / KEPT).exists()


def test_a_rehearsal_tells_nobody(webhook: list[dict[str, Any]], tmp_path: Path) -> None:
    values = load(REHEARSAL).model_dump(mode="json", exclude_none=True) | {"notify": {"to": ["env:FLEXSSO_HOOK"]}}
    [line] = notify(from_mapping(values), "drift", result(1), tmp_path)
    assert "a rehearsal tells nobody" in line
    assert webhook == []


def test_who_is_told_may_stand_in_the_file_that_others_extend(tmp_path: Path) -> None:
    shared = {"tenant": {"notify": {"to": ["env:OPERATIONS"], "names": True}}}
    (tmp_path / "shared.yaml").write_text(json.dumps(shared), "utf-8")
    own = REHEARSAL.read_text("utf-8").replace("tenant:", "extends: shared.yaml\ntenant:", 1)
    (tmp_path / REHEARSAL.name).write_text(own, "utf-8")
    told = load(tmp_path / REHEARSAL.name).notify
    assert (told.to, told.names) == (("env:OPERATIONS",), True)


def test_a_service_that_breaks_costs_no_run_its_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_args: Any, **_kwargs: Any) -> bool:
        raise TypeError("secret")

    monkeypatch.setenv("FLEXSSO_HOOK", "json://127.0.0.1:9/hook")
    monkeypatch.setattr(apprise.Apprise, "notify", breaks)
    [line] = notify(tenant("env:FLEXSSO_HOOK"), "drift", result(1), tmp_path)
    assert "TypeError" in line
    assert "secret" not in line
