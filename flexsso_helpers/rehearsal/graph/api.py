"""Microsoft Graph, v1.0 and beta, as far as this surface goes: the table of addresses, tokens, rights and refusals.

What is not in the table is refused as Graph refuses it: unknown segments 400, other verbs 405.
"""

import json
import re
from collections.abc import Sequence
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from flexsso_helpers.rehearsal.directory.query import Query
from flexsso_helpers.rehearsal.directory.refusals import (
    GraphRefusal,
    bad_request,
    inner_error,
    no_segment,
    unauthorized,
)
from flexsso_helpers.rehearsal.directory.tokens import Principal, principal_of
from flexsso_helpers.rehearsal.graph import (
    applications,
    assignments,
    audit_log,
    batch,
    belonging,
    claims_policy,
    conditional_access,
    deleted,
    expanding,
    own_credentials,
    policies,
    roles,
    service_principals,
)
from flexsso_helpers.rehearsal.graph import people as graph_people
from flexsso_helpers.rehearsal.graph.call import BOTH, Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph.fault_answers import refusal_of
from flexsso_helpers.rehearsal.graph.throttle import Throttle, told
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.faults import IN_BATCH
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "G03": "What is not there, or not seen yet, is not found: 404",
        "G106": "An id may stand in quotes, and /myorganization before everything",
    }
)

VERBS = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"]
ENDPOINTS: list[Endpoint] = [
    *applications.ENDPOINTS,
    *own_credentials.ENDPOINTS,
    *service_principals.ENDPOINTS,
    *policies.ENDPOINTS,
    *claims_policy.ENDPOINTS,
    *assignments.ENDPOINTS,
    *graph_people.ENDPOINTS,
    *roles.ENDPOINTS,
    *deleted.ENDPOINTS,
    *belonging.ENDPOINTS,
    *audit_log.ENDPOINTS,
    *conditional_access.ENDPOINTS,
]
ANONYMOUS = Principal(id="", app_id="", name="nobody")
KEYED = re.compile(r"\((appId|uniqueName)='([^']*)'\)")
QUOTED = re.compile(r"\('([^']*)'\)")
"""An object's id as OData has it, which Graph takes as well as a part of the path (G106)."""
ALIAS = re.compile(r"^/myorganization(?=/)", re.IGNORECASE)
"""The tenant's own name in an address; it stands for the tenant of the token (G106)."""
EMPTY_TOKEN, BAD_TOKEN = "Access token is empty.", "Access token validation failure. Invalid audience or signature."


def routes(world: World) -> dict[str, list[Route]]:
    """Host to routes: one that takes everything below a version."""
    service = GraphService(world, ENDPOINTS)
    host = world.cloud.graph.removeprefix("https://")
    return {host: [Route("/{version}/{path:path}", service.answer, methods=VERBS)]}


class GraphService:
    """Finds the handler of a request and wraps what it says."""

    def __init__(self, world: World, endpoints: Sequence[Endpoint]) -> None:
        """Compile the table of addresses."""
        self.world, self.throttle = world, Throttle(world)
        self.table = [(_compiled(endpoint.pattern), endpoint) for endpoint in endpoints]

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        content = await request.body()
        version = request.path_params["version"]
        path, query = "/" + request.path_params["path"].rstrip("/"), request.url.query
        inner = inner_error(
            self.world, f"{request.method} {request.url.path}?{query}", request.headers.get("client-request-id", "")
        )
        try:
            principal = self._principal(request)
            if path.lower() == "/$batch" and request.method == "POST":
                found = self._batch(principal, version, content, inner)
            else:
                headers = dict(request.headers)
                found = self._one(principal, version, (request.method, path, query), headers, content, inner)
        except GraphRefusal as refusal:
            found = Answer(refusal.status, refusal.body(inner), headers=refusal.headers)
        headers = {"request-id": inner["request-id"], "client-request-id": inner["client-request-id"], **found.headers}
        if found.text is not None:
            return PlainTextResponse(found.text, found.status, headers)
        if found.body is None:
            return Response(status_code=found.status, headers=headers)
        return JSONResponse(found.body, found.status, headers | {"OData-Version": "4.0"})

    def _batch(self, principal: Principal, version: str, content: bytes, inner: Document) -> Answer:
        def send(method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
            path, _, query = url.partition("?")
            target = (method, unquote(path).rstrip("/"), query)
            now, host = self.world.clock.now, self.world.cloud.graph.removeprefix("https://")
            fault = self.world.faults.next(method, host, f"/{version}{target[1]}", now=now, among=IN_BATCH)
            if fault is None or fault.fault == "unavailable_after":
                answer = self._one(principal, version, target, headers, body, inner)
                if fault is None:
                    return answer
            refusal = refusal_of(self.world, fault)
            return Answer(refusal.status, refusal.body(inner), headers=refusal.headers)

        return Answer(200, batch.answers(self.world, _json(content), send))

    def _one(
        self,
        principal: Principal,
        version: str,
        target: tuple[str, str, str],
        headers: dict[str, str],
        content: bytes,
        inner: Document,
    ) -> Answer:
        """Answer one request or one of a batch; a refusal is an answer too."""
        try:
            return self._handled(principal, version, target, headers, content)
        except GraphRefusal as refusal:
            shown = refusal
            if refusal.code == "Request_ResourceNotFound" and not self.world.rules.on("G03"):
                shown = bad_request("Invalid object identifier.")
            return Answer(shown.status, shown.body(inner), headers=shown.headers)

    def _handled(
        self, principal: Principal, version: str, target: tuple[str, str, str], headers: dict[str, str], content: bytes
    ) -> Answer:
        method, path, text = target
        if version not in BOTH:
            raise bad_request(f"Invalid version: {version}.", "BadRequest")
        query = Query.parse(text, consistency_level=headers.get("consistencylevel", ""))
        if method == "GET" and self.world.rules.on("G109") and expanding.asked_for(path, query):

            def ask(path: str, text: str) -> Document:
                return self._handled(principal, version, ("GET", path, text), headers, b"").body or {}

            return Answer(200, expanding.expanded(path, query, ask))
        endpoint, parts = self._find(version, method, path)
        endpoint.right.check(self.world, principal, parts)
        self.throttle.spend(principal.app_id, endpoint.cost)
        body = _json(content) if method in ("POST", "PATCH", "PUT") else {}
        call = Call(self.world, principal, version, path, parts, query, body)
        found = told(self.world, endpoint, endpoint.handler(call))
        return Answer(found.status, found.body, found.text, {"x-ms-resource-unit": str(endpoint.cost), **found.headers})

    def _principal(self, request: Request) -> Principal:
        """Whose token this is; a replayed request says it itself. Raises GraphRefusal (401, G01)."""
        if "principal" in request.scope:
            return Principal.of(request.scope["principal"])
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        found = principal_of(self.world, token) if kind.lower() == "bearer" else None
        if found is None and self.world.rules.on("G01"):
            raise unauthorized(self.world, BAD_TOKEN if token else EMPTY_TOKEN)
        principal = found or ANONYMOUS
        request.scope["principal"] = principal.plain()
        return principal

    def _find(self, version: str, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
        keyed = KEYED.sub(r"/\1='\2'", path)
        if self.world.rules.on("G106"):
            keyed = QUOTED.sub(r"/\1", ALIAS.sub("", keyed))
        verbs = []
        for pattern, endpoint in self.table:
            match = pattern.fullmatch(keyed) if self._offered(endpoint, version) else None
            if match and endpoint.method == method:
                return endpoint, match.groupdict()
            if match:
                verbs.append(endpoint.method)
        if verbs and self.world.rules.on("G04"):
            text = "Specified HTTP method is not allowed for the request target."
            raise GraphRefusal(405, "Request_BadRequest", text, headers={"Allow": ", ".join(sorted(set(verbs)))})
        if path.lower().startswith("/approleassignments"):
            raise bad_request("Direct queries to this resource type are not supported.")
        raise self._unknown(path, known=bool(verbs))

    def _offered(self, endpoint: Endpoint, version: str) -> bool:
        there = endpoint.everywhere or self.world.cloud.can_add_certificate or not self.world.rules.on("G53")
        return version in endpoint.versions and there

    def _unknown(self, path: str, *, known: bool) -> GraphRefusal:
        """The refusal of an address that this version of this cloud does not have."""
        segment = path.strip("/").split("/")[-1] if known else self._first_unknown(path)
        if segment.lower() == "addtokensigningcertificate" and self.world.quirks.value("missing_action") == "404":
            return GraphRefusal(404, "NotFound", "Resource not found.")
        return no_segment(segment)

    def _first_unknown(self, path: str) -> str:
        """The first part of the path that no address begins with."""
        known = {part.lower() for _, endpoint in self.table for part in endpoint.pattern.split("/") if part}
        parts = path.strip("/").split("/")
        return next((part for part in (parts[0], *parts[2:]) if part.lower() not in known), parts[-1])


def _compiled(pattern: str) -> re.Pattern[str]:
    """`{name}` is one part of the path; `{name:microsoft.graph.*}` one that begins so."""
    expression = re.escape(pattern)
    expression = re.sub(r"\\\{(\w+):microsoft\\\.graph\\\.\\\*\\\}", r"(?P<\1>microsoft\\.graph\\.\\w+)", expression)
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/$][^/]*)", expression), re.IGNORECASE)


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
