"""The way out: every host of a tenant's cloud and of Twilio, by the same proxy and authorities as the real requests.

Any answer of the service's own counts, also a refusal: what is looked at is whether a name resolves, a proxy lets pass,
the certificate is believed, and nothing else answers. Nobody's credentials are shown. Never asked for a rehearsal, from
which no byte leaves the machine.
"""

import asyncio

import httpx
import requests

from flexsso_helpers.clouds import FLEX_API, TASKROUTER, Cloud
from flexsso_helpers.commands.doctor.lines import Line
from flexsso_helpers.errors import Unreachable
from flexsso_helpers.wire import Wire, way_to
from flexsso_helpers.wire.answers import beneath, where

SECONDS = 15.0
PART = "Reach"


async def reach(cloud: Cloud) -> list[Line]:
    """A line for each host, all asked side by side."""
    wire = Wire.for_cloud(cloud)
    graph = cloud.graph.removeprefix("https://")
    asked = addresses(cloud)
    others = sorted(wire.hosts - {graph})
    return list(
        await asyncio.gather(
            _by_graph(wire, graph, asked[graph]),
            *(asyncio.to_thread(_by_requests, wire, host, asked[host]) for host in others),
        )
    )


def addresses(cloud: Cloud) -> dict[str, str]:
    """What is asked of each host. A host of data is asked for data: its root may lead to a site for people."""
    data = {
        cloud.graph: "/v1.0/organization",  # 401 without a token
        cloud.login: "/common/v2.0/.well-known/openid-configuration",  # for everybody
        FLEX_API: "/v1/Configuration",  # 401 without credentials, as the next
        TASKROUTER: "/v1/Workspaces",
    }
    return {host: f"https://{host}{data.get(f'https://{host}', '/')}" for host in Wire.for_cloud(cloud).hosts}


def _by_requests(wire: Wire, host: str, address: str) -> Line:
    try:
        with wire.session() as session:
            session.get(address, timeout=SECONDS, allow_redirects=False, stream=True).close()
    except (requests.RequestException, OSError, Unreachable) as error:
        return explained(host, error)
    return Line(PART, "good", f"{host}: {way_to(host)}")


async def _by_graph(wire: Wire, host: str, address: str) -> Line:
    """Graph is spoken to by another library, with its own way through a proxy."""
    try:
        async with wire.graph_client() as client:
            await client.get(address, timeout=SECONDS)
    except (httpx.HTTPError, OSError, Unreachable) as error:
        return explained(host, error)
    return Line(PART, "good", f"{host}: {way_to(host)}")


def explained(host: str, error: BaseException) -> Line:
    """Where on the way a request ended, and what mends that."""
    if isinstance(error, Unreachable):
        return Line(PART, "bad", " ".join(f"{host}: {error.what} {error.why}".split()), error.fix)
    said, fix = where(error, host)
    if not said and "Timeout" in " ".join(type(each).__name__ for each in beneath(error)):
        said = f"no answer within {SECONDS:.0f} seconds"
    fix = fix or f"Have {host}:443 allowed in the firewall, or set HTTPS_PROXY=http://proxy:port"
    said = said or "the connection was refused or broken off"
    return Line(PART, "bad", f"{host}: {said}", fix)
