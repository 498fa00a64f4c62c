"""What a request of Twilio's APIs may say: whatever the rehearsal does not act on is refused, never dropped (F201).

Twilio itself ignores a name that it does not know; a rehearsal must not, since it cannot tell a slip from something
that the real service acts on.
"""

from starlette.requests import Request
from starlette.responses import Response

from flexsso_helpers.rehearsal.flex import twilio_answers
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import World

PAGING = ("Page", "PageSize", "PageToken")
IF_MATCH = "If-Match"


def taking(world: World, handler: twilio_answers.Handler, *names: str) -> twilio_answers.Handler:
    """The handler, for requests that say nothing but these: in the query, in a form, or as the header If-Match."""

    async def handle(request: Request) -> Response:
        sent = [*request.query_params, *await pages.form_fields(request)]
        sent += [IF_MATCH] if IF_MATCH in request.headers else []
        return refused(world, request, [name for name in sent if name not in names]) or await handler(request)

    return handle


def refused(world: World, request: Request, unknown: list[str]) -> Response | None:
    """The refusal of what is not played; None where there is nothing of the kind."""
    if not unknown or not world.rules.on("F201"):
        return None
    text = f"[sim] the rehearsal does not play {', '.join(unknown)} of {request.method} {request.scope['path']}"
    return twilio_answers.error(world, 400, 20001, text)


def unplayed(world: World) -> twilio_answers.Handler:
    """For what Twilio documents and the rehearsal leaves out: an honest refusal, not "not found" (F205)."""

    async def handle(request: Request) -> Response:
        path = request.scope["path"]
        if not world.rules.on("F205"):
            return twilio_answers.not_found(world, path)
        return twilio_answers.error(world, 501, 20501, f"[sim] the rehearsal does not play {request.method} {path}")

    return handle
