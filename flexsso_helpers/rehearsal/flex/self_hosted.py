"""A Flex on a host of the company's own: played wherever Console trusts an address, as if its appConfig were deployed.

It starts a login and ends one as the hosted Flex does (F33, F60). An address of this machine stays unplayed.
"""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flexsso_helpers.rehearsal.flex import connection as flex_connection
from flexsso_helpers.rehearsal.flex import hosted
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import World


def table(world: World) -> list[Route]:
    """The routes of such a host."""

    async def handle(request: Request) -> Response:
        if "code" in request.query_params:
            return hosted.finish(world, request)
        if "Token" in request.query_params:
            return hosted.arrived(world, request.query_params["Token"])
        host, path = request.scope["host"], request.scope["path"].rstrip("/")
        trusted = next((url for url in _trusted(world, host) if path.startswith(urlsplit(url).path.rstrip("/"))), "")
        return hosted.start(world, request, trusted or f"https://{host}{path}")

    return [Route("/{path:path}", handle, methods=["GET"])]


def plays(world: World, host: str) -> bool:
    """Whether Console trusts an address on this host, beside those that the rehearsal plays anyway."""
    return host not in pages.LOOPBACK and bool(_trusted(world, host))


def _trusted(world: World, host: str) -> list[str]:
    connection = flex_connection.connection(world)
    listed: list[str] = connection["trusted_urls"] if connection else []
    return [url for url in listed if urlsplit(url).netloc == host]
