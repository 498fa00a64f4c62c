"""Refusals of the sign-in service: AADSTS numbers, as JSON for programs and as a page for people."""

import uuid

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import NAMES, World


class SignInRefusal(Exception):
    """Entra says no. `number` is the AADSTS number, `error` OAuth's word for it."""

    def __init__(
        self, number: int, message: str, *, error: str = "invalid_request", status: int = 400,
        more: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Refuse with this message, which does not repeat the number; `more` goes into the JSON form."""
        super().__init__(message)
        self.number, self.message, self.error, self.status = number, message, error, status
        self.more = more or {}

    @property
    def of_the_name(self) -> bool:
        """Whether another user name may do: the page asks for it again."""
        return self.number in (50034, 50057)

    @property
    def text(self) -> str:
        """Number and message, as people quote them."""
        return f"AADSTS{self.number}: {self.message}"


def no_tenant(tenant: str) -> SignInRefusal:
    """The refusal for a tenant that is not this one."""
    return SignInRefusal(
        90002,
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the "
        "correct cloud. Check with your subscription administrator, this may happen if there are no active "
        "subscriptions for the tenant.",
        error="invalid_tenant",
    )


def as_json(world: World, request: Request, refusal: SignInRefusal) -> JSONResponse:
    """The refusal in the shape of the token endpoint."""
    trace, correlation = trace_ids(world, request)
    moment = world.clock.iso().replace("T", " ")
    return JSONResponse(
        {
            "error": refusal.error,
            "error_description": f"{refusal.text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}",
            "error_codes": [refusal.number],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{world.cloud.login}/error?code={refusal.number}",
            **refusal.more,
        },
        refusal.status,
    )


def as_page(world: World, request: Request, refusal: SignInRefusal) -> Response:
    """The refusal as the page that people see."""
    trace, correlation = trace_ids(world, request)
    facts = pages.values(
        pages.value("Request Id", trace),
        pages.value("Correlation Id", correlation),
        pages.value("Timestamp", world.clock.iso()),
    )
    return pages.page(
        "Sorry, but we’re having trouble signing you in", pages.error(refusal.text) + facts, status=refusal.status
    )


def trace_ids(world: World, request: Request) -> tuple[str, str]:
    """Trace and correlation id of this request; the same for the same request at the same moment."""
    seed = f"{request.method} {request.url.path} {world.clock.now}"
    return str(uuid.uuid5(NAMES, f"trace {seed}")), str(uuid.uuid5(NAMES, f"correlation {seed}"))
