"""`$batch`: up to twenty requests in one, each answered for itself (G85), and what runs side by side in it (G07)."""

import json
from collections.abc import Callable
from typing import Any

from flexsso_helpers.rehearsal.directory.refusals import bad_request
from flexsso_helpers.rehearsal.graph.call import Answer
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "G07": "Writes on one object at the same time: 409",
        "G85": "A batch: at most twenty requests with ids of their own, each with its own status; 424 after a failure",
    }
)

MOST = 20
SEPARATE = ("approleassignedto", "approleassignments")
"""Below these an object's own writes are writes on objects of their own."""
Send = Callable[[str, str, dict[str, str], bytes], Answer]
"""Answers one request: method, path with query, headers in lower case, body."""


def answers(world: World, body: Document, send: Send) -> Document:
    """The body of the outer answer. Raises GraphRefusal where the batch as a whole is wrong."""
    requests = _checked(world, body)
    statuses: dict[str, int] = {}
    before: dict[str, set[str]] = {}
    written: list[tuple[str, str]] = []
    responses = []
    for request in requests:
        identity = request["id"]
        needed = request.get("dependsOn") or []
        before[identity] = {*needed, *(name for each in needed for name in before[each])}
        failed = any(statuses[name] >= 400 for name in needed)
        if failed and world.rules.on("G85"):
            answer = _refusal(424, "FailedDependency", "A request that this request depends on failed.")
        elif _beside(world, request, written, before[identity]):
            answer = _refusal(409, "Directory_ConcurrencyViolation", "The object was changed by another request.")
        else:
            answer = send(request["method"].upper(), _path(request["url"]), _headers(request), _content(request))
        statuses[identity] = answer.status
        written.append((identity, _object(request)))
        responses.append(_response(identity, answer))
    return {"responses": responses}


def _checked(world: World, body: Document) -> list[Document]:
    requests = body.get("requests")
    good = isinstance(requests, list) and requests and all(_request_good(each) for each in requests)
    if not good or not isinstance(requests, list):
        raise bad_request("Invalid batch payload format.", "BadRequest")
    ids = [each["id"] for each in requests]
    if world.rules.on("G85") and len(requests) > MOST:
        text = f"Number of batch request steps exceeds the maximum value of {MOST}."
        raise bad_request(text, "MaximumValueExceeded")
    if world.rules.on("G85") and len(set(ids)) < len(ids):
        raise bad_request("Request Id's are expected to be unique within the batch.", "BadRequest")
    for number, each in enumerate(requests):
        if set(each.get("dependsOn") or []) - set(ids[:number]):
            raise bad_request(f"Invalid dependsOn of the request with id '{each['id']}'.", "BadRequest")
        if "/$batch" in each["url"].lower():
            raise bad_request("Batch requests may not be nested.", "BadRequest")
    return requests


def _request_good(each: Any) -> bool:
    if not isinstance(each, dict) or not all(isinstance(each.get(name), str) for name in ("id", "method", "url")):
        return False
    depends = each.get("dependsOn") or []
    headers = each.get("headers") or {}
    return isinstance(depends, list) and isinstance(headers, dict) and not each["url"].startswith(("http:", "https:"))


def _beside(world: World, request: Document, written: list[tuple[str, str]], earlier: set[str]) -> bool:
    """Whether another request of the batch, which this one does not wait for, writes on the same object."""
    target = _object(request)
    return world.rules.on("G07") and bool(target) and any(t == target and i not in earlier for i, t in written)


def _object(request: Document) -> str:
    """The object that a request writes on; empty for reads, creations and assignments."""
    parts = _path(request["url"]).partition("?")[0].lower().strip("/").split("/")
    if request["method"].upper() == "GET" or len(parts) < 2 or set(parts) & set(SEPARATE):
        return ""
    return "/".join(parts[:3] if parts[0] in ("policies", "directory") else parts[:2])


def _path(url: str) -> str:
    return url if url.startswith("/") else f"/{url}"


def _headers(request: Document) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in (request.get("headers") or {}).items()}


def _content(request: Document) -> bytes:
    return json.dumps(request["body"]).encode() if request.get("body") is not None else b""


def _refusal(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message}})


def _response(identity: str, answer: Answer) -> Document:
    response: Document = {"id": identity, "status": answer.status, "headers": dict(answer.headers)}
    if answer.body is not None:
        response["headers"]["Content-Type"] = "application/json"
        response["body"] = answer.body
    elif answer.text is not None:
        response["headers"]["Content-Type"] = "text/plain"
        response["body"] = answer.text
    return response
