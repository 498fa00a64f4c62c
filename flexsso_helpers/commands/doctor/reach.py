"""The way out: every host of a tenant's cloud and of Twilio, by the same proxy and authorities as the real requests.

Any answer counts, also a refusal: what is looked at is whether a name resolves, a proxy lets pass, and the certificate
is believed. Never asked for a rehearsal, from which no byte leaves the machine.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterator

import httpx
import requests

from flexsso_helpers.clouds import Cloud
from flexsso_helpers.commands.doctor.lines import Line
from flexsso_helpers.errors import Unreachable
from flexsso_helpers.wire import Wire, proxy_for, without_password

SECONDS = 15.0
PART = "Reach"


async def reach(cloud: Cloud) -> list[Line]:
    """A line for each host, all asked side by side."""
    wire = Wire.for_cloud(cloud)
    graph = cloud.graph.removeprefix("https://")
    others = sorted(wire.hosts - {graph})
    return list(
        await asyncio.gather(_by_graph(wire, graph), *(asyncio.to_thread(_by_requests, wire, host) for host in others))
    )


def _by_requests(wire: Wire, host: str) -> Line:
    try:
        with wire.session() as session:
            session.get(f"https://{host}/", timeout=SECONDS, allow_redirects=False, stream=True).close()
    except (requests.RequestException, OSError, Unreachable) as error:
        return explained(host, error)
    return Line(PART, "good", host)


async def _by_graph(wire: Wire, host: str) -> Line:
    """Graph is spoken to by another library, with its own way through a proxy."""
    try:
        async with wire.graph_client() as client:
            await client.get(f"https://{host}/", timeout=SECONDS)
    except (httpx.HTTPError, OSError, Unreachable) as error:
        return explained(host, error)
    return Line(PART, "good", host)


def explained(host: str, error: BaseException) -> Line:
    """Where on the way a request ended, and what mends that."""
    if isinstance(error, Unreachable):
        return Line(PART, "bad", " ".join(f"{host}: {error.what} {error.why}".split()), error.fix)
    chain = list(_beneath(error))
    proxy = proxy_for(host) or ""
    names = " ".join(type(each).__name__ for each in chain)
    if any(isinstance(each, ssl.SSLError) for each in chain) or "CERTIFICATE_VERIFY" in str(error):
        said = "its certificate is not believed; usually a company's proxy that opens connections"
        fix = "Set REQUESTS_CA_BUNDLE to a PEM file with the company's certificate authorities."
    elif "Proxy" in names or proxy:
        said = f"the proxy {without_password(proxy)} does not answer or does not let it pass"
        fix = f"Correct HTTPS_PROXY, or have {host}:443 allowed on the proxy."
    elif any(isinstance(each, socket.gaierror) for each in chain) or "NameResolution" in names:
        said = "its name is not known here"
        fix = "Check the connection; behind a company's proxy, set HTTPS_PROXY=http://proxy:port"
    elif "Timeout" in names:
        said = f"no answer within {SECONDS:.0f} seconds"
        fix = f"Have {host}:443 allowed in the firewall, or set HTTPS_PROXY=http://proxy:port"
    else:
        said = "the connection was refused or broken off"
        fix = f"Have {host}:443 allowed in the firewall, or set HTTPS_PROXY=http://proxy:port"
    return Line(PART, "bad", f"{host}: {said}", fix)


def _beneath(error: BaseException) -> Iterator[BaseException]:
    """The error and those that it is made of; urllib3 keeps them as reasons and arguments."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop()
        if isinstance(each, BaseException) and each not in seen:
            seen.append(each)
            waiting += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    yield from seen
