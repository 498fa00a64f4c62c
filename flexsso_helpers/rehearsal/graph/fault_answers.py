"""What a fault is answered with, in the words of the service that the request was for."""

import json
from collections.abc import Iterable

from starlette.responses import JSONResponse, Response
from starlette.types import Message, Scope

from flexsso_helpers.rehearsal.directory.refusals import (
    GraphRefusal,
    conflict,
    inner_error,
    throttled,
    unauthorized,
    unavailable,
)
from flexsso_helpers.rehearsal.world.faults import Rule
from flexsso_helpers.rehearsal.world.world import World

TWILIO = {
    401: (20003, "Authenticate"),
    409: (20409, "Conflict"),
    429: (20429, "Too Many Requests"),
    503: (20503, "Service Unavailable"),
    504: (20504, "Gateway Timeout"),
}
CHANGED = (
    "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBefore"
)


def refusal_of(world: World, rule: Rule) -> GraphRefusal:
    """The fault as Graph words it."""
    if rule.fault == "throttle":
        return throttled(rule.retry_after)
    if rule.fault == "conflict":
        return conflict()
    if rule.fault == "claims_challenge":
        moment = str(int(rule.since if rule.since is not None else world.clock.now))
        claims = json.dumps({"access_token": {"nbf": {"essential": True, "value": moment}}}, separators=(",", ":"))
        return unauthorized(world, CHANGED, claims=claims)
    return unavailable(rule.status)


def cut(messages: Iterable[Message]) -> list[Message]:
    """The answer of which only the first half of the body came through; its length says nothing of it."""
    halved: list[Message] = []
    for message in messages:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message["headers"] if name.lower() != b"content-length"]
            halved.append({**message, "headers": kept})
        else:
            body = message.get("body", b"")
            halved.append({**message, "body": body[: len(body) // 2]})
    return halved


def answer_of(world: World, rule: Rule, scope: Scope) -> Response:
    """The fault as the host of this request words it."""
    refusal, host = refusal_of(world, rule), scope["host"]
    if host == world.cloud.graph.removeprefix("https://"):
        inner = inner_error(world, f"{scope['method']} {scope['path']}", "")
        return JSONResponse(refusal.body(inner), refusal.status, refusal.headers | {"request-id": inner["request-id"]})
    if host.endswith("twilio.com"):
        code, message = TWILIO[refusal.status]
        body = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}"}
        return JSONResponse(body | {"status": refusal.status}, refusal.status, refusal.headers)
    text = "AADSTS90033: A transient error has occurred. Please try again."
    body = {"error": "temporarily_unavailable", "error_description": text, "error_codes": [90033]}
    return JSONResponse(body, refusal.status, refusal.headers)
