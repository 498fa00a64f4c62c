"""One place decides by which proxy a request leaves, for each of the clients alike; no password is ever shown."""

import asyncio
from typing import Any

import pytest
import requests
from sockets import Guard, Loopback
from test_transports import GRAPH, WAYS

from flexsso_helpers.clouds import GLOBAL
from flexsso_helpers.commands.doctor import text
from flexsso_helpers.commands.doctor.reach import reach
from flexsso_helpers.errors import Unreachable
from flexsso_helpers.wire import Wire, proxies, proxy_for, without_password

TUNNEL = {("CONNECT", "graph.microsoft.com:443")}


def sent(way: str, loopback: Loopback) -> set[tuple[str, str]]:
    """What the proxy was asked for, when this client asks Graph something."""
    loopback.answer = (403, {}, b"")
    with pytest.raises((Exception, AssertionError)):  # refused by the proxy, or stopped by the guard on its way out
        WAYS[way](Wire.for_cloud(GLOBAL), GRAPH)
    return {(method, path) for method, _, path, _ in loopback.asked}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("source", ["system", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "no scheme"])
def test_every_client_obeys_every_place_where_a_proxy_stands(
    way: str, source: str, guard: Guard, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    if source == "system":  # as Windows' registry and macOS' System Settings are read
        monkeypatch.setattr(proxies, "getproxies", lambda: {"https": loopback.origin})
        monkeypatch.setattr(proxies, "proxy_bypass", lambda _host: False)
    elif source == "no scheme":
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{loopback.port}")
    else:
        monkeypatch.setenv(source, loopback.origin)
    assert sent(way, loopback) == TUNNEL


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("exceptions", ["graph.microsoft.com", ".microsoft.com", "microsoft.com,example.com", "*"])
def test_every_client_obeys_no_proxy(
    way: str, exceptions: str, guard: Guard, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", loopback.origin)
    monkeypatch.setenv("NO_PROXY", exceptions)
    assert sent(way, loopback) == set()


@pytest.mark.parametrize("way", WAYS)
def test_every_client_obeys_the_exceptions_of_the_system(
    way: str, guard: Guard, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxies, "getproxies", lambda: {"https": loopback.origin})
    monkeypatch.setattr(proxies, "proxy_bypass", lambda host: host == "graph.microsoft.com")
    assert sent(way, loopback) == set()


UNUSABLE = {
    "socks5://user:hidden@proxy.example:1080": "SOCKS",
    "socks5h://proxy.example:1080": "SOCKS",
    "http://user:hidden@proxy.example:port": "http://host:port",
    "http://": "http://host:port",
    "ftp://proxy.example:21": "http://host:port",
    "user:hidden@proxy.example:99999": "http://host:port",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("given", UNUSABLE)
def test_a_proxy_that_cannot_be_used_is_explained_and_its_password_is_not_shown(
    way: str, given: str, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", given)
    with pytest.raises(Unreachable) as caught:
        WAYS[way](Wire.for_cloud(GLOBAL), GRAPH)
    assert UNUSABLE[given] in caught.value.why
    assert "HTTPS_PROXY=http://host:port" in caught.value.fix
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("given", [*UNUSABLE, "user:hidden@127.0.0.1:1"])
def test_the_doctor_explains_it_too(given: str, guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", given)
    lines = asyncio.run(reach(GLOBAL))
    assert {line.state for line in lines} == {"bad"}
    assert all("proxy" in line.said and line.fix for line in lines)
    assert "hidden" not in text(lines)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("http://user:hid@den@proxy.example:3128/", "proxy.example:3128"),
        ("proxy.example:3128", "proxy.example:3128"),
        ("", "that is set"),
    ],
)
def test_of_a_proxy_host_and_port_are_shown(given: str, shown: str) -> None:
    assert without_password(given) == shown


def test_nobodys_netrc_is_read(
    guard: Guard, loopback: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password hidden\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with Wire.for_cloud(GLOBAL).session() as session:
        request = session.prepare_request(requests.Request("GET", GRAPH))
    assert "Authorization" not in request.headers


def test_without_any_proxy_the_way_is_direct() -> None:
    assert proxy_for("graph.microsoft.com") is None


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_rehearsal_needs_no_authorities(
    variable: str, guard: Guard, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "/no/such/file.pem")
    for way in WAYS.values():
        way(Wire.for_cloud(GLOBAL, loopback.origin), GRAPH)
