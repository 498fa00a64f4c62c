"""Microsoft Graph v1.0, as far as this surface goes: the table of addresses, tokens, rights and refusals.

What is not in the table is refused as Graph refuses it: unknown segments 400, other verbs 405.
"""

import json
import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flexsso_helpers.rehearsal import (
    graph_applications,
    graph_assignments,
    graph_deleted,
    graph_people,
    graph_policies,
    graph_service_principals,
)
from flexsso_helpers.rehearsal.entra_tokens import Principal, principal_of
from flexsso_helpers.rehearsal.graph_call import Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph_errors import GraphRefusal, bad_request, envelope, no_segment, request_id
from flexsso_helpers.rehearsal.graph_query import Query
from flexsso_helpers.rehearsal.store import Document
from flexsso_helpers.rehearsal.world import World

VERBS = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"]
ENDPOINTS: list[Endpoint] = [
    *graph_applications.ENDPOINTS,
    *graph_service_principals.ENDPOINTS,
    *graph_policies.ENDPOINTS,
    *graph_assignments.ENDPOINTS,
    *graph_people.ENDPOINTS,
    *graph_deleted.ENDPOINTS,
]
ANONYMOUS = Principal(id="", app_id="", name="nobody")
KEYED = re.compile(r"\((appId|uniqueName)='([^']*)'\)")


def routes(world: World) -> dict[str, list[Route]]:
    """Host to routes: one that takes everything below a version."""
    service = GraphService(world, ENDPOINTS)
    return {"graph.microsoft.com": [Route("/{version}/{path:path}", service.answer, methods=VERBS)]}


class GraphService:
    """Finds the handler of a request and wraps what it says."""

    def __init__(self, world: World, endpoints: Sequence[Endpoint]) -> None:
        """Compile the table of addresses."""
        self.world = world
        self.table = [(_compiled(endpoint.pattern), endpoint) for endpoint in endpoints]

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        content = await request.body()
        try:
            found = self._handled(request, content)
        except GraphRefusal as refusal:
            return envelope(self.world, request, refusal)
        identity = request_id(self.world, request)
        headers = {"request-id": identity, "client-request-id": request.headers.get("client-request-id", identity)}
        if found.body is None:
            return Response(status_code=found.status, headers=headers)
        headers["OData-Version"] = "4.0"
        return JSONResponse(found.body, found.status, headers)

    def _handled(self, request: Request, content: bytes) -> Answer:
        principal = self._principal(request)
        if request.path_params["version"] != "v1.0":
            raise bad_request(f"Invalid version: {request.path_params['version']}.", "BadRequest")
        path = "/" + request.path_params["path"].rstrip("/")
        endpoint, parts = self._find(request.method, path)
        endpoint.right.check(self.world, principal)
        query = Query.parse(request.url.query, consistency_level=request.headers.get("consistencylevel", ""))
        body = _json(content) if request.method in ("POST", "PATCH", "PUT") else {}
        return endpoint.handler(Call(self.world, principal, path, parts, query, body))

    def _principal(self, request: Request) -> Principal:
        """Whose token this is; a replayed request says it itself. Raises GraphRefusal (401, G01)."""
        if "principal" in request.scope:
            return Principal.of(request.scope["principal"])
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        found = principal_of(self.world, token) if kind.lower() == "bearer" else None
        if found is None and self.world.rules.on("G01"):
            missing = (
                "Access token is empty."
                if not token
                else "Access token validation failure. Invalid audience or signature."
            )
            raise GraphRefusal(401, "InvalidAuthenticationToken", missing)
        principal = found or ANONYMOUS
        request.scope["principal"] = principal.plain()
        return principal

    def _find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
        keyed = KEYED.sub(r"/\1='\2'", path)
        verbs = []
        for pattern, endpoint in self.table:
            match = pattern.fullmatch(keyed)
            if match and endpoint.method == method:
                return endpoint, match.groupdict()
            if match:
                verbs.append(endpoint.method)
        if verbs and self.world.rules.on("G04"):
            text = "Specified HTTP method is not allowed for the request target."
            raise GraphRefusal(405, "Request_BadRequest", text, allow=", ".join(sorted(set(verbs))))
        if path.lower().startswith("/approleassignments"):
            raise bad_request("Direct queries to this resource type are not supported.")
        raise no_segment(path.strip("/").split("/")[-1] if verbs else _first_unknown(path))


def _compiled(pattern: str) -> re.Pattern[str]:
    """`{name}` is one part of the path; `{name:microsoft.graph.*}` one that begins so."""
    expression = re.escape(pattern)
    expression = re.sub(r"\\\{(\w+):microsoft\\\.graph\\\.\\\*\\\}", r"(?P<\1>microsoft\\.graph\\.\\w+)", expression)
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", expression), re.IGNORECASE)


def _first_unknown(path: str) -> str:
    """The first part of the path that no address begins with."""
    known = {part.lower() for endpoint in ENDPOINTS for part in endpoint.pattern.split("/") if part}
    parts = path.strip("/").split("/")
    return next((part for part in (parts[0], *parts[2:]) if part.lower() not in known), parts[-1])


def _json(content: bytes) -> Document:
    try:
        body = json.loads(content or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise bad_request(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid "
            "JSON format.",
            "BadRequest",
        )
    return body
