"""Refusals as Graph words them."""

import base64
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import NAMES, World

BAD_REQUEST = "Request_BadRequest"


class GraphRefusal(Exception):
    """Graph says no. `details` are (code, target, message) triples; `headers` go with the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Sequence[tuple[str, str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Refuse with these words."""
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, details
        self.headers = dict(headers or {})

    def body(self, inner: Document) -> Document:
        """The error envelope; `inner` is what tells this request from others."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "innerError": inner}
        if self.details:
            error["details"] = [{"code": c, "target": t, "message": m} for c, t, m in self.details]
        return {"error": error}


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


def conflict() -> GraphRefusal:
    """The 409 for a write beside another one, or on a replica that does not know the object yet (G07, G22)."""
    text = "Due to an internal error, the operation could not be completed due to a concurrent update. Please retry."
    return GraphRefusal(409, "Directory_ConcurrencyViolation", text)


def throttled(retry_after: int | None) -> GraphRefusal:
    """The 429, with the seconds to wait where they are told (G84)."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    text = "Too many requests. The request has been throttled."
    return GraphRefusal(429, "TooManyRequests", text, headers=headers)


def unavailable(status: int) -> GraphRefusal:
    """A 503 or 504."""
    code, text = {
        503: ("ServiceUnavailable", "The service is temporarily unavailable."),
        504: ("GatewayTimeout", "The server, while acting as a proxy, did not receive a timely response."),
    }[status]
    return GraphRefusal(status, code, text)


def unauthorized(world: World, message: str, *, claims: str = "") -> GraphRefusal:
    """The 401; with `claims` (JSON) a challenge that a client answers with a new token (G01)."""
    parts = [f'authorization_uri="{world.cloud.login}/common/oauth2/v2.0/authorize"']
    if claims:
        packed = base64.b64encode(claims.encode()).decode()
        parts += ['error="insufficient_claims"', f'claims="{packed}"']
    headers = {"WWW-Authenticate": f'Bearer realm="", {", ".join(parts)}'}
    return GraphRefusal(401, "InvalidAuthenticationToken", message, headers=headers)


def inner_error(world: World, path: str, client_request_id: str) -> Document:
    """Date and ids of a request; the same request at the same moment gets the same ones."""
    identity = str(uuid.uuid5(NAMES, f"{path} {world.clock.now}"))
    return {
        "date": world.clock.iso()[:-1],
        "request-id": identity,
        "client-request-id": client_request_id or identity,
    }
