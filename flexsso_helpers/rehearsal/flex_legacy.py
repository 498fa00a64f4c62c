"""The older single sign-on at iam.twilio.com, as an account with an Enhanced connection meets it (F116, F120)."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flexsso_helpers.rehearsal import flex_users, twilio_answers
from flexsso_helpers.rehearsal.world import World

HOST = "iam.twilio.com"


def routes(world: World) -> dict[str, list[Route]]:
    """The routes of iam.twilio.com."""
    account = "/v1/Accounts/{account}"
    return {
        HOST: [
            Route(f"{account}/authenticate", _authenticate(world), methods=["POST"]),
            Route(f"{account}/saml2", _retired(world), methods=["GET", "POST"]),
            Route(f"{account}/saml2/metadata", _retired(world), methods=["GET"]),
            Route(f"{account}/Tokens/validate", flex_users.token_validate(world), methods=["POST"]),
        ]
    }


def _authenticate(world: World) -> twilio_answers.Handler:
    """The start of a Legacy login. An account on Enhanced has no realm there: 70251."""

    async def handle(request: Request) -> Response:
        if _is_retired(world):
            return await _retired(world)(request)
        if not world.rules.on("F116"):
            return JSONResponse({"location": f"https://{HOST}{request.scope['path']}"})
        return twilio_answers.error(world, 400, 70251, "[sim] no valid certificate for this identity realm")

    return handle


def _retired(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        if _is_retired(world):
            return twilio_answers.error(world, 410, 20404, "[sim] This way of signing on is retired")
        return twilio_answers.not_found(world, request.scope["path"])

    return handle


def _is_retired(world: World) -> bool:
    return world.rules.on("F120") and world.quirks.value("legacy") == "retired"
