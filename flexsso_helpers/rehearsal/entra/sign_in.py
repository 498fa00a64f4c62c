"""The addresses of the sign-in service."""

from starlette.routing import Route

from flexsso_helpers.clouds import LIVE_CLOUDS
from flexsso_helpers.rehearsal.entra import arm
from flexsso_helpers.rehearsal.entra.authorize import AuthorizePage
from flexsso_helpers.rehearsal.entra.device import DevicePage
from flexsso_helpers.rehearsal.entra.discovery import FAMILIES, Discovery
from flexsso_helpers.rehearsal.entra.metadata import DOCUMENT, Metadata
from flexsso_helpers.rehearsal.entra.oauth import OAuth
from flexsso_helpers.rehearsal.entra.saml import SamlEndpoint
from flexsso_helpers.rehearsal.world.world import World


def routes(world: World) -> dict[str, list[Route]]:
    """Host to routes: the login host, the page for device codes, and the My Apps tiles."""
    oauth, saml, metadata, discovery = OAuth(world), SamlEndpoint(world), Metadata(world), Discovery(world)
    device, browser = DevicePage(oauth), AuthorizePage(oauth)
    login = [
        Route("/common/discovery/instance", discovery.instance, methods=["GET"]),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", discovery.configuration, methods=["GET"]),
        Route("/{tenant}/discovery/v2.0/keys", discovery.keys, methods=["GET"]),
        Route("/{tenant}/oauth2/v2.0/devicecode", device.begin, methods=["POST"]),
        Route("/{tenant}/oauth2/v2.0/authorize", browser.ask, methods=["GET"]),
        Route("/{tenant}/oauth2/v2.0/authorize", browser.answer, methods=["POST"]),
        Route("/{tenant}/oauth2/v2.0/token", oauth.token, methods=["POST"]),
        Route("/{tenant}/saml2", saml.ask, methods=["GET"]),
        Route("/{tenant}/saml2", saml.answer, methods=["POST"]),
        Route(DOCUMENT, metadata.show, methods=["GET"]),
    ]
    page = [
        Route(f"/{device.name}", device.ask, methods=["GET"]),
        Route(f"/{device.name}", device.enter, methods=["POST"]),
    ]
    tile = "/api/signin/{app_id}"
    tiles = [Route(tile, saml.start, methods=["GET"]), Route(tile, saml.start_as, methods=["POST"])]
    host = world.cloud.login.removeprefix("https://")
    hosts = {"microsoft.com": page, "launcher.myapps.microsoft.com": tiles, host: login}
    hosts |= {alias: login for alias in FAMILIES[host] if alias != "sts.windows.net"}
    return hosts | arm.routes(world) | _other_clouds(discovery, set(hosts))


def _other_clouds(discovery: Discovery, ours: set[str]) -> dict[str, list[Route]]:
    """Another cloud's login host is there and does not know this tenant."""
    table = [
        Route("/common/discovery/instance", discovery.instance, methods=["GET"]),
        Route("/{tenant}/{path:path}", discovery.elsewhere, methods=["GET", "POST"]),
    ]
    others = {cloud.login.removeprefix("https://") for cloud in LIVE_CLOUDS.values()} - ours
    return dict.fromkeys(sorted(others), table)
