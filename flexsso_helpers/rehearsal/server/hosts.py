"""All the hosts that the rehearsal plays, behind one address.

An API client sends the real path and the real Host header. A browser comes by the face,
`http://localhost:PORT/<host>/<path>`. Either way the handler sees the real host and path; `scope["face"]` tells which.
"""

import inspect
from collections.abc import Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flexsso_helpers.rehearsal.directory.tokens import claims_of
from flexsso_helpers.rehearsal.flex import self_hosted
from flexsso_helpers.rehearsal.graph.fault_answers import answer_of, cut
from flexsso_helpers.rehearsal.server import forms, lost
from flexsso_helpers.rehearsal.server.connections import drop
from flexsso_helpers.rehearsal.server.forms import Forms
from flexsso_helpers.rehearsal.world import journal
from flexsso_helpers.rehearsal.world.faults import Rule
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

LOOPBACK = ("localhost", "127.0.0.1")
FROM_OTHER_SITES = ("/saml2", "/login/callback")
"""How paths end to which another site posts by the nature of SAML: requests to a provider, responses to a service."""


class Hosts:
    """The ASGI application of all hosts. Each request is one step: it is read whole, then answered without a pause."""

    def __init__(self, world: World, tables: Sequence[Mapping[str, list[Route]]]) -> None:
        """Take host → routes. Raises TypeError for a handler that is no coroutine; it would run beside others."""
        self.world = world
        routes: dict[str, list[Route]] = {}
        for table in tables:
            for host, added in table.items():
                routes.setdefault(host, []).extend(added)
        for route in (route for added in routes.values() for route in added):
            if not inspect.iscoroutinefunction(route.endpoint):
                raise TypeError(f"The handler of {route.path} must be a coroutine function.")
        self.routers: dict[str, ASGIApp] = {
            host: Router(added, redirect_slashes=False) for host, added in routes.items()
        }
        self.forms = Forms(world.folder)
        self.self_hosted: ASGIApp = Router(self_hosted.table(world), redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, keep its changes whole or not at all, and note it when it changed something."""
        located = self._located(scope)
        if located is None:
            await lost.no_host(self.world, scope, browser=host_of(scope) in LOOPBACK)(scope, receive, send)
            return
        if _from_another_site(located):
            await lost.another_site(self.world, located)(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        state, before = "", self.world.store.changes
        if located["face"] and located["method"] == "POST":
            state, body, instead = await self._once(located, body)
            if instead is not None:
                for message in instead:
                    await send(message)
                return
        self.world.requests += 1
        fault = self._fault(located)
        name = fault.fault if fault else ""
        if fault and name in ("throttle", "conflict", "claims_challenge", "unavailable_before"):
            await answer_of(self.world, fault, located)(located, receive, send)
            return
        if name == "drop_before":
            await drop(scope, receive)
            return
        if fault and name == "slow":
            self.world.advance(fault.seconds)
        messages = await self._kept(located, body, stale=fault.seconds if fault and name == "stale" else 0.0)
        if state and self.world.store.changes != before:
            self.forms.spend(state)
        if name == "drop_after":
            await drop(scope, receive)
            return
        if fault and name == "unavailable_after":
            await answer_of(self.world, fault, located)(located, receive, send)
            return
        for message in cut(messages) if name == "truncated" else messages:
            await send(message)

    async def _once(self, located: Scope, body: bytes) -> tuple[str, bytes, list[Message] | None]:
        """A form's state, the form without it, and what is shown in its place where no page of ours drew it, or where
        it was sent before.
        """
        state, body, names = forms.without_state(body)
        of_another = located["path"].endswith(FROM_OTHER_SITES) and "user" not in names
        program = not state and not _header(located, b"origin")  # browsers say whose form they send
        known = "fresh" if of_another or program else self.forms.known(state)
        if known == "fresh":
            return state, body, None
        if known == "foreign":
            return "", body, await _messages(lost.another_site(self.world, located), located)
        path = located["path"]
        while path:
            shown = await self._answer({**located, "method": "GET", "path": path, "query_string": b""}, b"")
            if (page := forms.noted(shown)) is not None:
                return "", body, page
            path = path.rpartition("/")[0]
        return "", body, await _messages(lost.sent_before(self.world, located), located)

    def _fault(self, located: Scope) -> Rule | None:
        """The fault that befalls this request."""
        faults = self.world.faults
        spared = located["host"].endswith("twilio.com") and not self.world.rules.on("F109")
        if not faults.rules or spared:
            return None
        headers = dict(located["headers"])
        token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")[2]
        not_before = (claims_of(self.world, token) or {}).get("nbf")
        target = (located["method"], located["host"], located["path"])
        return faults.next(*target, now=self.world.clock.now, not_before=not_before)

    async def _kept(self, located: Scope, body: bytes, *, stale: float) -> list[Message]:
        """The answer; its changes are kept whole or not at all, and noted."""
        before, at = self.world.store.changes, self.world.clock.now
        self.world.stale = stale
        try:
            with self.world.store.transaction():
                messages = await self._answer(located, body)
                if self.world.store.changes != before:
                    journal.note(self.world, located, body, at=at, status=journal.answer_status(messages))
        finally:
            self.world.stale = 0.0
        return messages

    async def replay(self, entries: Sequence[Document]) -> None:
        """Do again what was noted, at the times it was done. Raises ValueError when an entry is answered otherwise."""
        for entry in entries:
            self.world.set_now(entry["at"])
            if "mark" in entry:
                journal.mark(self.world, entry["step"])
                continue
            self.world.store.set_meta("step", entry["step"])
            if "tenant_values" in entry:
                journal.keep_tenant_values(self.world, entry["tenant_values"])
                continue
            scope, body = journal.scope_of(entry), journal.body_of(entry)
            status = journal.answer_status(await self._answer(scope, body))
            if status != entry["status"]:
                was = f"{entry['method']} {entry['host']}{entry['path']} was answered {entry['status']}"
                raise ValueError(f"{was} and is answered {status} now.")
            journal.note(self.world, scope, body, at=entry["at"], status=status)

    async def _answer(self, scope: Scope, body: bytes) -> list[Message]:
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        router = self._router(scope["host"])
        if router is None:
            await JSONResponse({"error": f"The rehearsal plays no host {scope['host']}."}, 404)(scope, receive, send)
            return messages
        try:
            scope["app"] = self  # so that a router raises what it lacks, instead of answering with a bare word
            await router(scope, receive, send)
        except HTTPException as found:
            await lost.nothing_here(self.world, scope, found)(scope, receive, send)
        return messages

    def _router(self, host: str) -> ASGIApp | None:
        if host in self.routers:
            return self.routers[host]
        return self.self_hosted if self_hosted.plays(self.world, host) else None

    def _located(self, scope: Scope) -> Scope | None:
        """The request as its host sees it, or None where it belongs to no host of ours."""
        host, path = host_of(scope), scope["path"]
        if host not in LOOPBACK:
            return {**scope, "host": host, "face": False, "root_path": ""} if self._router(host) else None
        first, _, rest = path.removeprefix("/").partition("/")
        if self._router(first) is None:
            return None
        return {
            **scope,
            "host": first,
            "path": f"/{rest}",
            "raw_path": f"/{rest}".encode(),
            "face": True,
            "form_state": self.forms.fresh,
            "plays": lambda named: self._router(named) is not None,
            "root_path": "",
        }


async def _messages(app: ASGIApp, scope: Scope) -> list[Message]:
    """What an application answers to a request without a body."""
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    return messages


def host_of(scope: Scope) -> str:
    """The host that was asked for, without a port."""
    return _header(scope, b"host").rsplit(":", 1)[0].lower()


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _from_another_site(scope: Scope) -> bool:
    """Whether a browser posts a form into our pages that another page gave it. Browsers say whose form it was."""
    origin = _header(scope, b"origin")
    if not (scope["face"] and origin and scope["method"] == "POST") or scope["path"].endswith(FROM_OTHER_SITES):
        return False
    _, colon, port = _header(scope, b"host").partition(":")
    return origin not in [f"http://{name}{colon}{port}" for name in LOOPBACK]
