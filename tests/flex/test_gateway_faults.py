"""What a network and a busy Twilio do to reads: what passes is waited out, what stays is said in plain words (F109)."""

import asyncio
import base64
import json
import re
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from stage import InProcessWire
from starlette.types import ASGIApp, Receive, Scope, Send

from flexsso_helpers.clouds import GLOBAL
from flexsso_helpers.errors import FlexSSOError, NotPermitted, Refused, Throttled, Unreachable
from flexsso_helpers.flex import Flex, Probe
from flexsso_helpers.flex.account import Configuration
from flexsso_helpers.flex.probe import login_start, read_request
from flexsso_helpers.flex.refusals import worth_repeating
from flexsso_helpers.rehearsal.flex import seed
from flexsso_helpers.rehearsal.server.server import app_for
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.wire import Wire, unanswered

Read = Callable[[Flex], Awaitable[object]]
READS: dict[str, Read] = {
    "connections": lambda flex: flex.connections(),
    "configuration": lambda flex: flex.configuration(),
    "workers": lambda flex: flex.workers(seed.WORKSPACE_SID),
    "probe": lambda flex: flex.probe(seed.CONNECTION, stop_at=GLOBAL.login),
}
SIGNED = ("configuration", "workers")
"""Reads that go through the Twilio SDK, with the key."""
JSON_READS = ("connections", *SIGNED)


def twilio_error(status: int, code: int, message: str) -> bytes:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return json.dumps({"code": code, "message": message, "more_info": more, "status": status}).encode()


BUSY = twilio_error(429, 20429, "Too Many Requests")


@dataclass
class Answers:
    """The rehearsal, behind answers of our own for the first requests."""

    app: ASGIApp
    status: int
    body: bytes
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        if self.asked > self.times:
            await self.app(scope, receive, send)
            return
        shown = {"content-type": "application/json", **self.headers}
        raw = [(name.encode(), value.encode()) for name, value in shown.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        await send({"type": "http.response.body", "body": self.body})


@dataclass
class Desk:
    """A gateway over such answers, and how long it waited."""

    answers: Answers
    secret: str = seed.SECRET
    waited: list[float] = field(default_factory=list)

    def read(self, name: str) -> object:
        async def sleep(seconds: float) -> None:
            self.waited.append(seconds)

        flex = Flex(
            account_sid=seed.ACCOUNT_SID,
            api_key=seed.API_KEY,
            secret=lambda: self.secret,
            wire=InProcessWire(hosts=Wire.for_cloud(GLOBAL).hosts, loopback="http://127.0.0.1", app=self.answers),
            sleep=sleep,
        )

        async def read() -> object:
            return await READS[name](flex)

        return asyncio.run(read())

    def fails(self, name: str) -> FlexSSOError:
        with pytest.raises(FlexSSOError) as caught:
            self.read(name)
        return caught.value


def desk(status: int, body: bytes = b"", times: int = 1, **headers: str) -> Desk:
    return Desk(Answers(app_for(World()), status, body, times, {k.replace("_", "-"): v for k, v in headers.items()}))


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize(
    ("headers", "waits"),
    [({}, [1.0, 2.0]), ({"Retry_After": "7"}, [7.0, 7.0]), ({"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT"}, [1, 2])],
    ids=["nothing said", "seconds said", "a date said"],
)
def test_too_many_requests_are_waited_out(name: str, headers: dict[str, str], waits: list[float]) -> None:
    waiting = desk(429, BUSY, 2, **headers)
    assert waiting.read(name) is not None
    assert waiting.waited == waits


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_disturbance_is_waited_out(name: str, status: int) -> None:
    waiting = desk(status, b"<html>Bad gateway</html>")
    assert waiting.read(name) is not None
    assert waiting.waited == [1.0]


@pytest.mark.parametrize("name", JSON_READS)
@pytest.mark.parametrize(
    "body",
    [b'{"workers": [{"sid": "WK', b"", b"<html>Please sign in to the guest network</html>", b"[]"],
    ids=["cut off", "empty", "somebody else's page", "another shape"],
)
def test_an_answer_that_is_not_twilios_is_asked_for_again(name: str, body: bytes) -> None:
    waiting = desk(200, body)
    assert waiting.read(name) is not None
    assert waiting.waited == [1.0]


@pytest.mark.parametrize("name", JSON_READS)
def test_what_stays_busy_is_said_with_twilios_words(name: str) -> None:
    error = desk(429, BUSY, 99).fails(name)
    assert isinstance(error, Throttled)
    assert (error.status, error.code, error.message) == (429, "20429", "Too Many Requests")
    assert "Other programs" in error.why
    assert error.fix.startswith("Wait some minutes")


def test_nobody_waits_an_hour() -> None:
    waiting = desk(429, BUSY, 99, Retry_After="3600")
    error = waiting.fails("workers")
    assert isinstance(error, Throttled)
    assert "wait for 60 minutes" in error.fix
    assert waiting.waited == []
    assert waiting.answers.asked == 1


@pytest.mark.parametrize("name", JSON_READS)
def test_a_lasting_disturbance_is_said_and_no_file_is_blamed(name: str) -> None:
    waiting = desk(503, twilio_error(503, 20503, "Service unavailable"), 99)
    error = waiting.fails(name)
    assert isinstance(error, Refused)
    assert waiting.waited == [1.0, 2.0, 4.0, 8.0]
    assert (error.status, error.code) == (503, "20503")
    assert "status.twilio.com" in error.why
    assert "tenant.flex" not in error.fix


@pytest.mark.parametrize("name", JSON_READS)
def test_what_stays_garbled_is_said(name: str) -> None:
    error = desk(200, b"<html>guest network</html>", 99).fails(name)
    assert isinstance(error, Unreachable)
    assert "proxy" in error.why
    assert "guest network" not in str(error)


@pytest.mark.parametrize("name", SIGNED)
@pytest.mark.parametrize(
    "body", [twilio_error(401, 20003, "Authenticate"), b"", b"<html>no</html>"], ids=["Twilio's", "empty", "a page"]
)
def test_a_wrong_key_is_said_in_plain_words_and_asked_once(name: str, body: bytes) -> None:
    refusing = desk(401, body, 99)
    error = refusing.fails(name)
    assert isinstance(error, Refused)
    assert error.status == 401
    assert "API key" in error.why
    assert "region" in error.why
    assert "tenant.flex" in error.fix
    assert refusing.answers.asked == 1


@pytest.mark.parametrize("name", SIGNED)
def test_a_wrong_secret_is_refused_by_the_rehearsal_and_never_shown(name: str) -> None:
    refusing = Desk(Answers(app_for(World()), 0, b"", 0), secret="not-the-secret-7f3a")
    error = refusing.fails(name)
    assert isinstance(error, Refused)
    assert (error.status, error.code) == (401, "20003")
    assert "not-the-secret" not in str(error)


@pytest.mark.parametrize("name", SIGNED)
def test_a_restricted_key_is_not_permitted(name: str) -> None:
    error = desk(403, twilio_error(403, 70051, "Authorization Failed"), 99).fails(name)
    assert isinstance(error, NotPermitted)
    assert "restricted" in error.why


@pytest.mark.parametrize("name", SIGNED)
def test_the_newer_form_of_errors_is_read_too(name: str) -> None:
    problem = {
        "type": "https://www.twilio.com/docs/errors/20404",
        "title": "Not found",
        "status": 404,
        "code": 20404,
    }
    error = desk(404, json.dumps(problem).encode(), 99).fails(name)
    assert isinstance(error, Refused)
    assert (error.status, error.code) == (404, "20404")


@pytest.mark.parametrize("name", SIGNED)
def test_a_redirect_is_no_answer(name: str) -> None:
    error = desk(302, b"", 99, Location="https://login.example.com/").fails(name)
    assert isinstance(error, FlexSSOError)
    assert not isinstance(error, Throttled)


@pytest.mark.parametrize("status", [400, 404])
def test_an_account_without_a_connection_may_be_answered_in_three_ways(status: int) -> None:
    assert desk(status, twilio_error(status, 20404, "not found"), 99).read("connections") == ()
    assert desk(200, b'{"config_list": null}', 99).read("connections") == ()


@pytest.mark.parametrize(
    ("cause", "again"),
    [
        (requests.ConnectionError("reset by peer"), True),
        (requests.Timeout("slow"), True),
        (requests.exceptions.SSLError("unknown authority"), False),
        (requests.exceptions.ProxyError("407"), False),
    ],
    ids=["connection ended", "no answer in time", "unknown certificate authority", "the proxy refuses"],
)
def test_a_network_that_may_recover_is_tried_again(cause: requests.RequestException, again: bool) -> None:
    def read() -> None:
        try:
            raise cause
        except requests.RequestException as error:
            raise unanswered("Reading the workers.", error) from error

    with pytest.raises(Unreachable) as caught:
        read()
    assert worth_repeating(caught.value) is again


def test_a_request_that_the_wire_stops_is_not_tried_again() -> None:
    stopped = Desk(Answers(app_for(World()), 302, b"", 99, {"Location": "https://evil.twilio.com/x"}))
    probe = stopped.read("probe")
    assert isinstance(probe, Probe)
    assert (probe.known, probe.said) == (
        False,
        "could not look: Only Microsoft's and Twilio's hosts of this cloud are contacted.",
    )
    assert stopped.waited == []


UNKNOWN = {
    "a page": (200, b"<html><main>Choose how to log in</main></html>", {}),
    "400": (400, b"", {}),
    "403": (403, b"forbidden", {}),
    "500 for ever": (500, b"", {}),
    "429 for an hour": (429, BUSY, {"Retry_After": "3600"}),
    "another host": (302, b"", {"Location": "https://tenant.auth0.example.com/authorize?x=1"}),
    "a host of Twilio that is none of ours": (302, b"", {"Location": "https://other.twilio.com/"}),
    "itself": (302, b"", {"Location": "https://services.twilio.com/v1/Flex/Authorize"}),
    "Entra without a request": (302, b"", {"Location": f"{GLOBAL.login}/common"}),
    "no address": (200, b"", {}),
}


@pytest.mark.parametrize("answer", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_a_login_start_that_leads_to_no_sign_in_request_is_unknown_and_raises_nothing(
    answer: tuple[int, bytes, dict[str, str]],
) -> None:
    probe = desk(answer[0], answer[1], 99, **answer[2]).read("probe")
    assert isinstance(probe, Probe)
    assert not probe.known
    assert probe.said


def test_a_login_start_that_leads_to_a_sign_in_request_is_known() -> None:
    assert read_request(f"{GLOBAL.login}/t/saml2?SAMLRequest={packed()}", ("services.twilio.com",)).known


def packed() -> str:
    raw = zlib.compressobj(wbits=-15)
    return quote(base64.b64encode(raw.compress(b"<AuthnRequest/>") + raw.flush()).decode())


def test_cookies_are_kept_from_hop_to_hop_within_one_probe_and_not_to_the_next() -> None:
    seen: list[str] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        seen.append(headers.get(b"cookie", b"").decode())
        out = [
            (b"location", b"https://login.flex.us1.twilio.com/authorize"),
            (b"set-cookie", b"did=1; Domain=twilio.com; Path=/"),
        ]
        first = scope["path"].endswith("/Authorize")
        await send({"type": "http.response.start", "status": 302 if first else 200, "headers": out if first else []})
        await send({"type": "http.response.body", "body": b"in"})

    twice = Desk(Answers(app, 0, b"", 0))
    twice.read("probe")
    twice.read("probe")
    assert seen == ["", "did=1", "", "did=1"]


def test_a_login_start_sends_what_public_clients_send() -> None:
    query = parse_qs(urlsplit(login_start("JQ1")).query)
    assert sorted(query) == ["codeChallenge", "nonce", "redirectUrl", "ssoProfileSid", "state"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", query["codeChallenge"][0])


@pytest.mark.parametrize("variable", ["TWILIO_REGION", "TWILIO_EDGE"])
def test_regions_of_the_environment_lead_to_no_other_host(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "ie1")
    assert isinstance(desk(200, times=0).read("configuration"), Configuration)
