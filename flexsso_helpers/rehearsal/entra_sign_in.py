"""The addresses of the sign-in service."""

from starlette.routing import Route

from flexsso_helpers.rehearsal.entra_device import DevicePage
from flexsso_helpers.rehearsal.entra_metadata import Metadata
from flexsso_helpers.rehearsal.entra_oauth import OAuth
from flexsso_helpers.rehearsal.entra_saml import SamlEndpoint
from flexsso_helpers.rehearsal.world import World


def routes(world: World) -> dict[str, list[Route]]:
    """Host to routes: the login host, and the page for device codes."""
    oauth, saml, metadata = OAuth(world), SamlEndpoint(world), Metadata(world)
    device = DevicePage(oauth)
    document = "/{tenant}/federationmetadata/2007-06/federationmetadata.xml"
    login = [
        Route("/common/discovery/instance", oauth.instance, methods=["GET"]),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", oauth.configuration, methods=["GET"]),
        Route("/{tenant}/discovery/v2.0/keys", oauth.keys, methods=["GET"]),
        Route("/{tenant}/oauth2/v2.0/devicecode", oauth.device_code, methods=["POST"]),
        Route("/{tenant}/oauth2/v2.0/token", oauth.token, methods=["POST"]),
        Route("/{tenant}/saml2", saml.ask, methods=["GET"]),
        Route("/{tenant}/saml2", saml.answer, methods=["POST"]),
        Route(document, metadata.show, methods=["GET"]),
    ]
    page = [Route("/devicelogin", device.ask, methods=["GET"]), Route("/devicelogin", device.enter, methods=["POST"])]
    return {"login.microsoftonline.com": login, "microsoft.com": page}
