"""What is not the service's own answer is told by its type and shape, for each client alike; so is no answer at all."""

import socket
import ssl
from datetime import UTC, datetime
from email.utils import format_datetime
from io import BytesIO
from itertools import pairwise
from typing import Any

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter
from sockets import Guard
from test_transports import WAYS

from flexsso_helpers.clouds import FLEX_API, FLEX_LOGIN, FLEX_SERVICES, GLOBAL, LIVE_CLOUDS, TASKROUTER
from flexsso_helpers.errors import Unreachable
from flexsso_helpers.graph.credentials import REGION, SignIn, credential_for
from flexsso_helpers.wire import AnsweredByAnother, Wire, refuse_others, unanswered, way_to
from flexsso_helpers.wire.patience import LONGEST_WAIT, seconds, too_long

HTML = {"Content-Type": "text/html; charset=utf-8"}
JSON = {"Content-Type": "application/json"}
GRAPH, LOGIN = f"{GLOBAL.graph}/v1.0/organization", f"{GLOBAL.login}/common/oauth2/v2.0/token"
API = [GRAPH, LOGIN, f"{FLEX_API}/v1/Configuration", f"{TASKROUTER}/v1/Workspaces"]
FOREIGN: dict[str, tuple[int, dict[str, str], str]] = {
    "a portal": (302, {"Location": "http://wifi.hotel.example/login?to=x"}, "led to wifi.hotel.example"),
    "another site": (307, {"Location": "https://gateway.example/"}, "led to gateway.example"),
    "a page": (200, HTML, "was a page (200)"),
    "a filter's page": (403, HTML, "was a page (403)"),
    "a network's page": (511, HTML, "was a page (511)"),
    "a proxy": (407, HTML, "wants to know who asks"),
}


@pytest.mark.parametrize("url", API)
@pytest.mark.parametrize("name", FOREIGN)
def test_what_answers_in_a_services_place_is_named(name: str, url: str, guard: Guard) -> None:
    status, headers, said = FOREIGN[name]
    with pytest.raises(AnsweredByAnother) as caught:
        refuse_others(url, status, headers)
    assert said in caught.value.why
    assert (caught.value.fix != "", caught.value.notebook, caught.value.passes) == (True, "00", False)


OWN = [
    (GRAPH, 200, JSON),
    (GRAPH, 204, {}),
    (GRAPH, 404, JSON),
    (GRAPH, 503, HTML),  # what stands before Graph has pages of its own
    (LOGIN, 400, JSON),
    (f"{GLOBAL.login}/x/federationmetadata/2007-06/federationmetadata.xml?appid=y", 404, HTML),
    (f"{FLEX_LOGIN}/authorize", 302, {"Location": "https://idp.example/sso?SAMLRequest=x"}),
    (f"{FLEX_SERVICES}/v1/Flex/Authorize", 200, HTML),
]


@pytest.mark.parametrize(("url", "status", "headers"), OWN)
def test_a_services_own_answers_pass(url: str, status: int, headers: dict[str, str], guard: Guard) -> None:
    refuse_others(url, status, headers)


@pytest.mark.parametrize("cloud", LIVE_CLOUDS)
def test_the_hosts_of_every_cloud_are_known_as_those_of_data(cloud: str, guard: Guard) -> None:
    for origin in (LIVE_CLOUDS[cloud].graph, LIVE_CLOUDS[cloud].login):
        with pytest.raises(AnsweredByAnother):
            refuse_others(f"{origin}/x", 200, HTML)


@pytest.mark.parametrize("way", WAYS)
def test_each_client_refuses_it(way: str, guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    def by_requests(_self: Any, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.url, answer.request, answer._content = 200, str(request.url), request, b"<html>"
        answer.headers.update(HTML)
        answer.raw = BytesIO()
        return answer

    async def by_httpx(_self: Any, _request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=HTML, content=b"<html>")

    monkeypatch.setattr(HTTPAdapter, "send", by_requests)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", by_httpx)
    with pytest.raises(AnsweredByAnother, match=r"was a page \(200\)"):
        WAYS[way](Wire.for_cloud(GLOBAL), GRAPH)


def chained(*errors: BaseException) -> BaseException:
    for outer, inner in pairwise(errors):
        outer.__cause__ = inner
    return errors[0]


UNBELIEVED = ssl.SSLCertVerificationError("CERTIFICATE_VERIFY_FAILED: self-signed certificate in certificate chain")
NO_ANSWER: dict[str, tuple[BaseException, str, str, bool]] = {
    "httpx, opened": (chained(httpx.ConnectError("x"), UNBELIEVED), "certificate is not believed", "CA_BUNDLE", False),
    "requests, opened": (requests.exceptions.SSLError(UNBELIEVED), "is not believed", "REQUESTS_CA_BUNDLE", False),
    "httpx, 407": (httpx.ProxyError("407 Proxy Authentication Required"), "wants to know who asks", "name:pass", True),
    "requests, 407": (
        requests.exceptions.ProxyError(OSError("Tunnel connection failed: 407 Proxy Authentication Required")),
        "wants to know who asks",
        "http://name:password@host:port",
        True,
    ),
    "requests, proxy": (requests.exceptions.ProxyError(OSError("refused")), "does not answer", "HTTPS_PROXY", True),
    "no name": (chained(httpx.ConnectError("x"), socket.gaierror(-2, "x")), "name is not known here", "proxy", True),
    "else": (httpx.ReadTimeout("late"), "ReadTimeout: no answer from the network", "connection", True),
}


@pytest.mark.parametrize("name", NO_ANSWER)
def test_no_answer_at_all_is_told_by_where_it_ended(name: str, guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://somebody:hidden@proxy.example:3128")
    error, why, fix, passes = NO_ANSWER[name]
    made = unanswered("Reading.", error)
    assert isinstance(made, Unreachable)
    assert (why in made.why, fix in made.fix, made.passes) == (True, True, passes), str(made)
    assert "hidden" not in str(made)
    if "wants" in why or "does not answer" in why:
        assert "proxy.example:3128" in made.why


def test_the_way_to_a_host_is_said_without_a_password(
    guard: Guard, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    assert way_to("graph.microsoft.com") == "directly"
    bundle = tmp_path / "company.pem"
    bundle.touch()
    monkeypatch.setenv("HTTPS_PROXY", "http://somebody:hidden@proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", ".twilio.com")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    assert way_to("graph.microsoft.com") == f"by the proxy proxy.example:3128, trusting {bundle}"
    assert way_to("flex-api.twilio.com") == f"directly, trusting {bundle}"


AT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
ANSWERED = {"Date": format_datetime(AT, usegmt=True)}


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("7", 7.0), ("0", 0.0), ("0.5", 0.5), (" 12 ", 12.0),
        (format_datetime(AT.replace(minute=2), usegmt=True), 120.0),
        (format_datetime(AT.replace(hour=7), usegmt=True), 0.0), ("nan", None), ("inf", None), ("-5", None), ("", None),
        ("soon", None), ("Mon, 99 Nov 2026 08:00:00 GMT", None), ("1e400", None), ("86400", 86400.0),
    ],
)  # fmt: skip
def test_what_a_service_asks_to_wait_for(asked: str, waited: float | None) -> None:
    assert seconds({"retry-after": asked, **ANSWERED}) == waited
    assert (too_long(waited) != "") == (waited is not None and waited > LONGEST_WAIT)


def test_a_date_without_that_of_the_answer_tells_nothing() -> None:
    assert seconds({"Retry-After": ANSWERED["Date"]}) is None
    assert seconds({}) is None


@pytest.mark.parametrize("duration", [float("nan"), -3.0])
def test_a_sign_in_service_that_asks_for_no_time_at_all_is_asked_again_soon(
    duration: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = list[float]()
    monkeypatch.setattr("time.sleep", slept.append)
    Wire.for_cloud(GLOBAL).identity_transport().sleep(duration)
    assert slept == [1.0]


def test_regions_of_the_environment_lead_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REGION, "westeurope")
    way = SignIn(method="client_secret", client_id="f1e55000-0000-4000-8000-0000000000aa", secret=lambda: "x")
    tenant = "f1e55000-0000-4000-8000-000000000001"
    credential = credential_for(way, cloud=GLOBAL, tenant_id=tenant, wire=Wire.for_cloud(GLOBAL), prompt=print)
    assert credential._regional_authority is None  # type: ignore[attr-defined]
