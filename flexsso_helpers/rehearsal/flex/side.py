"""The hosts of the Flex side and what each answers."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.flex import (
    acs,
    config,
    connection,
    hosted,
    legacy,
    parameters,
    rules,
    twilio_answers,
    users,
)
from flexsso_helpers.rehearsal.flex import login as flex_login
from flexsso_helpers.rehearsal.flex.parameters import taking
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import World

rules.declare()

PUBLIC = ("AccountSid", "RuntimeDomain")


def host(origin: str) -> str:
    """The host name of an https origin."""
    return origin.removeprefix("https://")


def routes(world: World) -> Mapping[str, list[Route]]:
    """Hosts and routes; whatever path is left over is not found, so nothing here writes settings (F08)."""
    nothing = Route("/{path:path}", _nothing(world), methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    configuration = twilio_answers.guarded(world, taking(world, config.configuration(world)))
    flex_api = [
        Route("/v1/Configuration", configuration, methods=["GET"]),
        Route("/v1/Configuration", twilio_answers.guarded(world, parameters.unplayed(world)), methods=["POST"]),
        Route("/v1/Configuration/Public", taking(world, config.public_configuration(world), *PUBLIC), methods=["GET"]),
    ]
    if not world.rules.on("F25"):
        flex_api.append(Route("/v1/configuration", configuration, methods=["GET"]))
    elsewhere = Route("/{path:path}", _no_flex_here(world), methods=["GET", "POST"])
    login = [
        Route("/authorize", flex_login.login_authorize(world), methods=["GET"]),
        Route("/login/callback", acs.callback(world), methods=["GET", "POST"]),
    ]
    return {
        host(clouds.FLEX_SERVICES): [
            Route(
                "/v1/Flex/Authentication/Config",
                taking(world, config.authentication_config(world), *config.SELECTORS),
                methods=["GET"],
            ),
            Route("/v1/Flex/Authentication/Callback", _arrived, methods=["GET"]),
            Route("/v1/Flex/Authorize", flex_login.authorize(world), methods=["GET"]),
            Route("/v1/Flex/OAuth/Tokens", hosted.tokens(world), methods=["POST"]),
            nothing,
        ],
        **{host(origin): [*login, nothing] for origin in connection.login_hosts(world)},
        **{each: [*flex_api, *users.routes(world), nothing] for each in twilio_answers.hosts(clouds.FLEX_API)},
        host(clouds.FLEX_UI): [Route("/{domain}", hosted.hosted(world), methods=["GET"])],
        **{each: [elsewhere] for each in twilio_answers.hosts(clouds.FLEX_API, "ie1")},
        **legacy.routes(world),
    }


async def _arrived(request: Request) -> Response:
    """Where a login ends that named no redirect URL of its own; a pop-up window would hand the code on from here."""
    said = "The login is complete." if "code" in request.query_params else "No login arrived here."
    return pages.page("Flex login", f"<p>{said}</p>")


def _no_flex_here(world: World) -> twilio_answers.Handler:
    """Flex is in US1 only: in IE1 a key of that region finds nothing, and a key of US1 is not known (F114)."""

    async def handle(request: Request) -> Response:
        return twilio_answers.not_found(world, request.scope["path"])

    return twilio_answers.guarded(world, handle, region="ie1")


def _nothing(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        if not world.rules.on("F08") and request.method != "GET":
            return Response(status_code=202)
        return twilio_answers.not_found(world, request.scope["path"])

    return handle
