"""Live, only the hosts of one cloud and of Flex are reached; in a rehearsal, only the loopback."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.core.rest import HttpRequest
from opening_proxy import OpeningProxy, certificate_for, opening
from sockets import Guard, Loopback

from flexsso_helpers.clouds import CHINA, FLEX_API, GLOBAL, GOV_L4, LIVE_CLOUDS, TASKROUTER, Cloud
from flexsso_helpers.errors import NotContacted, Throttled, Unreachable
from flexsso_helpers.wire import AnsweredByAnother, Wire, machine_transport

GRAPH = "https://graph.microsoft.com/v1.0/organization"

STOPPED = {
    "another-host": "https://evil.example/v1.0/organization",
    "without-tls": "http://graph.microsoft.com/v1.0/organization",
    "host-that-begins-like-ours": "https://graph.microsoft.com.evil.example/",
    "host-that-ends-like-ours": "https://evilgraph.microsoft.com/",
    "ours-as-user-name": "https://graph.microsoft.com@evil.example/",
    "another-port": "https://graph.microsoft.com:8443/v1.0/organization",
    "another-cloud": "https://graph.microsoft.us/v1.0/organization",
    "loopback": "https://localhost/v1.0/organization",
    "metadata-service": "http://169.254.169.254/latest/meta-data/",
    "file": "file:///etc/passwd",
}


def by_requests(wire: Wire, url: str) -> None:
    with wire.session() as session:
        session.get(url, timeout=5)


def by_httpx(wire: Wire, url: str) -> None:
    async def get() -> None:
        async with wire.graph_client() as client:
            await client.get(url)

    asyncio.run(get())


def by_twilio(wire: Wire, url: str) -> None:
    client = wire.twilio_client()
    try:
        client.request("GET", url)
    finally:
        client.session.close()


def by_azure(wire: Wire, url: str) -> None:
    with wire.identity_transport() as transport:
        try:
            transport.send(HttpRequest("GET", url))
        finally:
            transport.session.close()


WAYS: dict[str, Callable[[Wire, str], None]] = {
    "requests": by_requests, "httpx": by_httpx, "twilio": by_twilio, "azure": by_azure,
}  # fmt: skip


@pytest.mark.parametrize("place", ["live", "rehearsal"])
@pytest.mark.parametrize("url", STOPPED.values(), ids=STOPPED)
@pytest.mark.parametrize("way", WAYS)
def test_any_other_host_is_stopped_before_a_name_is_looked_up(
    way: str, url: str, place: str, guard: Guard, loopback: Loopback
) -> None:
    wire = Wire.for_cloud(GLOBAL, loopback.origin if place == "rehearsal" else None)
    no_scheme = (requests.exceptions.InvalidSchema, ServiceResponseError) if url.startswith("file:") else ()
    with pytest.raises((Unreachable, *no_scheme)):
        WAYS[way](wire, url)
    assert (guard.connected, guard.looked_up, loopback.asked) == ([], [], [])


def test_the_message_names_the_host_and_what_to_check() -> None:
    with pytest.raises(Unreachable) as caught:
        Wire.for_cloud(GLOBAL).address("https://evil.example:8443/secret?key=1")
    assert str(caught.value) == (
        "No connection\n"
        "  What:     A request to https://evil.example:8443 was stopped.\n"
        "  Why:      Only Microsoft's and Twilio's hosts of this cloud are contacted.\n"
        "  To do:    Check the cloud and the addresses in the tenant's file.\n"
        "  Notebook: 00"
    )


@pytest.mark.parametrize("cloud", LIVE_CLOUDS.values(), ids=LIVE_CLOUDS)
def test_a_wire_knows_the_hosts_of_its_own_cloud_and_no_others(cloud: Cloud) -> None:
    wire = Wire.for_cloud(cloud)
    for origin in (cloud.graph, cloud.login, FLEX_API, TASKROUTER):
        assert wire.address(f"{origin}/x?y=1") == f"{origin}/x?y=1"
    for other in {each.graph for each in LIVE_CLOUDS.values()} - {cloud.graph}:
        with pytest.raises(Unreachable):
            wire.address(f"{other}/x")


@pytest.mark.parametrize("way", WAYS)
def test_in_a_rehearsal_every_sdk_reaches_the_loopback_under_the_real_name(
    way: str, guard: Guard, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    WAYS[way](Wire.for_cloud(GLOBAL, loopback.origin), f"{GRAPH}?$select=id")
    assert loopback.asked == [("GET", "graph.microsoft.com", "/v1.0/organization?$select=id", "")]
    assert {address[:2] for address in guard.connected} == {("127.0.0.1", loopback.port)}


@pytest.mark.parametrize("way", ["requests", "twilio"])
def test_a_redirect_out_of_the_rehearsal_is_not_followed(way: str, guard: Guard, loopback: Loopback) -> None:
    loopback.answer = (302, {"Location": "https://evil.example/"}, b"")
    wire = Wire.for_cloud(GLOBAL, loopback.origin)
    if way == "requests":
        with pytest.raises(Unreachable):
            WAYS[way](wire, GRAPH)
    else:
        WAYS[way](wire, GRAPH)  # the SDK follows none by itself
    assert len(loopback.asked) == 1
    assert {address[:2] for address in guard.connected} == {("127.0.0.1", loopback.port)}


@pytest.mark.parametrize("way", ["requests", "httpx", "twilio", "azure"])
def test_live_a_companys_proxy_is_asked_for_our_hosts_and_for_no_others(
    way: str, guard: Guard, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", loopback.origin)
    loopback.answer = (403, {}, b"")
    wire = Wire.for_cloud(GLOBAL)
    with pytest.raises(Exception, match=r"(?i)proxy|403"):
        WAYS[way](wire, GRAPH)
    with pytest.raises(Unreachable):
        WAYS[way](wire, "https://evil.example/")
    assert {(method, path) for method, _, path, _ in loopback.asked} == {("CONNECT", "graph.microsoft.com:443")}
    assert {address[:2] for address in guard.connected} == {("127.0.0.1", loopback.port)}


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_companys_authorities_that_are_not_there_are_said_so(
    variable: str, guard: Guard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    missing = tmp_path / "company.pem"
    monkeypatch.setenv(variable, str(missing))
    for make in (Wire.for_cloud(GLOBAL).session, Wire.for_cloud(GLOBAL).graph_client):
        with pytest.raises(Unreachable) as caught:
            make()
        assert caught.value.what == f"{variable} names {missing}, and there is no such file."
        assert caught.value.notebook == "00"


def test_authorities_that_cannot_be_read_are_said_so(
    guard: Guard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "company.pem"
    broken.write_text("not a certificate")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(broken))
    with pytest.raises(Unreachable, match="holds no certificate in PEM form"):
        Wire.for_cloud(GLOBAL).graph_client()


def test_the_companys_authorities_are_used_live_and_never_in_a_rehearsal(
    guard: Guard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import certifi

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    with Wire.for_cloud(GOV_L4).session() as session:
        assert session.verify == certifi.where()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    with Wire.for_cloud(GLOBAL, "http://127.0.0.1:1").session() as session:
        assert session.verify is True
        assert session.trust_env is False


def test_a_wire_of_china_does_not_reach_the_global_cloud(guard: Guard) -> None:
    with pytest.raises(Unreachable):
        by_requests(Wire.for_cloud(CHINA), GRAPH)
    assert guard.connected == []


def test_a_sign_in_service_that_asks_for_a_day_is_not_obeyed_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    transport = Wire.for_cloud(GLOBAL).identity_transport()
    transport.sleep(30.0)
    with pytest.raises(Throttled, match="Signing in") as caught:
        transport.sleep(86400.0)
    assert slept == [30.0]
    assert "86,400 seconds" in caught.value.why


def test_a_host_that_is_none_of_ours_is_told_from_a_network_that_is_away_by_its_type(guard: Guard) -> None:
    with pytest.raises(NotContacted) as caught:
        Wire.for_cloud(GLOBAL).address("https://example.com/")
    assert not caught.value.passes
    assert Unreachable("away").passes


VAULT = "https://contoso.vault.azure.net"


def test_a_wire_to_one_address_reaches_its_host_at_its_port_and_no_other() -> None:
    wire = Wire.to(f"{VAULT}:8443/secrets/x")
    assert wire.address(f"{VAULT}:8443/y") == f"{VAULT}:8443/y"
    for other in (f"{VAULT}/y", GRAPH, "http://contoso.vault.azure.net:8443/", "https://login.flex.us1.twilio.com/x"):
        with pytest.raises(NotContacted):
            wire.address(other)


def by_the_machine(url: str, **options: Any) -> int:
    transport = machine_transport()
    try:
        return int(transport.send(HttpRequest("GET", url), **options).status_code)
    finally:
        transport.session.close()


@pytest.fixture
def proxy(guard: Guard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpeningProxy]:
    """A company's proxy for everything, whose certificate nobody believes yet, and a password for every host."""
    (tmp_path / "netrc").write_text("default login somebody password of-another-service\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with opening(certificate_for(["node.example", "login.microsoftonline.com"], tmp_path)) as proxy:
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"127.0.0.1:{proxy.port}")
        yield proxy


def test_what_the_machine_answers_itself_is_asked_directly_and_shown_no_password(
    proxy: OpeningProxy, loopback: Loopback
) -> None:
    assert by_the_machine(f"{loopback.origin}/metadata/identity/oauth2/token") == 200
    assert "Authorization" not in loopback.heard[0]
    assert proxy.asked == []


def test_what_the_machine_asks_outside_goes_by_the_rules_of_a_wire(
    proxy: OpeningProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{GLOBAL.login}/x/oauth2/v2.0/token"
    with pytest.raises(ServiceRequestError, match="CERTIFICATE_VERIFY_FAILED"):
        by_the_machine(url)
    with pytest.warns(Warning, match="Unverified HTTPS request"):  # a node of Service Fabric is known by its thumbprint
        assert by_the_machine("https://node.example/identity", connection_verify=False) == 404
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "company.pem"))
    assert by_the_machine(url) == 404
    assert not any("authorization" in each.headers for each in proxy.asked)
    proxy.answer = lambda _asked: (302, {"Location": "https://gateway.example/"}, b"")
    with pytest.raises(AnsweredByAnother, match=r"led to gateway\.example"):
        by_the_machine(url)
