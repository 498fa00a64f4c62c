"""Refusals as Graph words them (graph.md 2.0)."""

import uuid
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from flexsso_helpers.rehearsal.world import NAMES, World

BAD_REQUEST = "Request_BadRequest"


class GraphRefusal(Exception):
    """Graph says no. `details` are (code, target, message) triples."""

    def __init__(
        self, status: int, code: str, message: str, *, details: Sequence[tuple[str, str, str]] = (), allow: str = ""
    ) -> None:
        """Refuse; `allow` names the verbs there are, for a 405."""
        super().__init__(message)
        self.status, self.code, self.message, self.details, self.allow = status, code, message, details, allow


def bad_request(message: str, code: str = BAD_REQUEST, *, details: Sequence[tuple[str, str, str]] = ()) -> GraphRefusal:
    """A 400, with the directory's usual code."""
    return GraphRefusal(400, code, message, details=details)


def not_found(identity: str) -> GraphRefusal:
    """The 404 for an object that is not there, or not yet (G03)."""
    text = f"Resource '{identity}' does not exist or one of its queried reference-property objects are not present."
    return GraphRefusal(404, "Request_ResourceNotFound", text)


def denied() -> GraphRefusal:
    """The 403 for a missing scope or role (G02)."""
    return GraphRefusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def no_segment(segment: str) -> GraphRefusal:
    """The 400 for an address that Graph does not have."""
    return bad_request(f"Resource not found for the segment '{segment}'.", "BadRequest")


def invalid_values() -> GraphRefusal:
    """The 400 that names no property."""
    return bad_request("One or more properties contains invalid values.")


def request_id(world: World, request: Request) -> str:
    """An id for this request; the same request at the same moment gets the same one."""
    return str(uuid.uuid5(NAMES, f"{request.method} {request.url.path}?{request.url.query} {world.clock.now}"))


def envelope(world: World, request: Request, refusal: GraphRefusal) -> JSONResponse:
    """The refusal as the JSON that Graph sends."""
    identity = request_id(world, request)
    inner = {
        "date": world.clock.iso()[:-1],
        "request-id": identity,
        "client-request-id": request.headers.get("client-request-id", identity),
    }
    error: dict[str, Any] = {"code": refusal.code, "message": refusal.message, "innerError": inner}
    if refusal.details:
        error["details"] = [{"code": c, "target": t, "message": m} for c, t, m in refusal.details]
    headers = {"request-id": identity, "client-request-id": inner["client-request-id"]}
    if refusal.allow:
        headers["Allow"] = refusal.allow
    if refusal.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common"'
    return JSONResponse({"error": error}, refusal.status, headers)
