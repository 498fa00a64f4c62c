"""What can happen to a request on its way: ASGI applications around the rehearsal that lose, refuse and hold up."""

import json
import re
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

GRAPH = "graph.microsoft.com"


@dataclass
class Fault:
    """The first `times` requests that fit meet this fate; `sent` counts all that fit.

    `effect` says whether the request still takes effect; then it is answered with `status`, or, at 0, not at all:
    the connection ends.
    """

    method: str
    path: str
    """A regular expression for the whole path."""
    effect: bool
    status: int = 0
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    error: Callable[[], Exception] = lambda: httpx.ReadError("the connection ended")
    contains: bytes = b""
    """What must stand in the body; for a batch, whose path says nothing."""
    sent: int = 0


class Faulty:
    """The application, with faults on the way to it."""

    def __init__(self, app: ASGIApp, *faults: Fault) -> None:
        self.app, self.faults = app, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        if any(each.contains for each in self.faults) and scope["method"] == "POST":
            body = await _whole(receive)
            receive = _again(body)
        fault = next((each for each in self.faults if _fits(each, scope) and each.contains in body), None)
        if fault is None:
            await self.app(scope, receive, send)
            return
        fault.sent += 1
        if fault.sent > fault.times:
            await self.app(scope, receive, send)
            return
        if fault.effect:
            await self.app(scope, receive, _nowhere)
        if not fault.status:
            raise fault.error()
        await _answer(send, fault.status, fault.headers)


class Watching:
    """The application; whoever watches is told of each write to Graph before it gets there."""

    def __init__(self, app: ASGIApp, watch: Callable[[str, str, Any], Awaitable[None]]) -> None:
        self.app, self.watch = app, watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if host_of(scope) != GRAPH or scope["method"] == "GET":
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        path, content = scope["path"].removeprefix("/v1.0"), json.loads(body) if body else None
        if path == "/$batch":
            for each in content["requests"]:
                if each["method"] != "GET":
                    await self.watch(each["method"], each["url"], each.get("body"))
        else:
            await self.watch(scope["method"], path, content)
        await self.app(scope, _again(body), send)


class OneAtATime:
    """The application for several sessions at once: like the one server, it answers one request after the other."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.lock = app, threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.lock:
            await self.app(scope, receive, send)


def host_of(scope: Scope) -> str:
    """The Host header."""
    return next((value.decode() for name, value in scope["headers"] if name == b"host"), "")


def _fits(fault: Fault, scope: Scope) -> bool:
    return fault.method == scope["method"] and re.fullmatch(fault.path, scope["path"]) is not None


async def _nowhere(_message: Message) -> None:
    """Where answers go that nobody receives."""


async def _whole(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


def _again(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _answer(send: Send, status: int, headers: dict[str, str]) -> None:
    code = {404: "", 429: "TooManyRequests", 503: "ServiceUnavailable"}.get(status, "UnknownError")
    body = json.dumps({"error": {"code": code, "message": "Made up by a test."}}).encode()
    shown = {"content-type": "application/json", **headers}
    raw = [(name.encode(), value.encode()) for name, value in shown.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
