"""What can befall one request: an ASGI application before the rehearsal that disturbs the n-th one, once."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from faults import GRAPH, host_of
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE = b"<!doctype html><html><head><title>Welcome</title></head><body><h1>Sign in to this network</h1></body></html>"
CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    'error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxIn19fQ=="'
)


class Gone(BaseException):
    """The process is no more."""


class Endless(BaseException):
    """It goes on and on."""


@dataclass(frozen=True)
class Mishap:
    """`effect`: whether the request still takes effect. Then it is answered with `status`, or `error` is raised."""

    effect: bool = False
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    """What is answered; None: an error in the words of the service that was asked."""
    error: Callable[[], BaseException] = lambda: httpx.ReadError("the connection ended")
    only: str = ""
    """The one host that this can come from."""
    cut: bool = False
    """The answer is that of the service, and half of it."""
    stale: bool = False
    """The answer is the one that the same address gave before."""


HTML = (("content-type", "text/html; charset=utf-8"),)
MISHAPS: dict[str, Mishap] = {
    "lost before": Mishap(),
    "lost after": Mishap(effect=True),
    "not connected": Mishap(error=lambda: httpx.ConnectError("no route")),
    "timed out before": Mishap(error=lambda: httpx.ReadTimeout("too late")),
    "timed out after": Mishap(effect=True, error=lambda: httpx.ReadTimeout("too late")),
    "429": Mishap(status=429),
    "429, 7 seconds": Mishap(status=429, headers=(("retry-after", "7"),)),
    "429, a day": Mishap(status=429, headers=(("retry-after", "86400"),)),
    "429, no number": Mishap(status=429, headers=(("retry-after", "nan"),)),
    "500": Mishap(status=500),
    "500 after": Mishap(effect=True, status=500),
    "502, a page": Mishap(status=502, headers=HTML, body=b"<html><body>Bad gateway</body></html>"),
    "503": Mishap(status=503),
    "503 after": Mishap(effect=True, status=503),
    "504 after": Mishap(effect=True, status=504),
    "409": Mishap(status=409),
    "401": Mishap(status=401),
    "403": Mishap(status=403),
    "claims challenge": Mishap(status=401, headers=(("www-authenticate", CHALLENGE),), only=GRAPH),
    "204 after": Mishap(effect=True, status=204, body=b""),
    "200, empty": Mishap(status=200, body=b""),
    "200, empty after": Mishap(effect=True, status=200, body=b""),
    "200, half": Mishap(effect=True, cut=True),
    "200, a page": Mishap(status=200, headers=HTML, body=PAGE),
    "200, a list": Mishap(status=200, body=b"[]"),
    "200, {}": Mishap(status=200, body=b"{}"),
    "portal": Mishap(status=302, headers=(("location", "http://wifi.hotel.example/login"),), body=b""),
    "407": Mishap(status=407, headers=(*HTML, ("proxy-authenticate", "Basic")), body=PAGE),
    "stale": Mishap(stale=True),
    "gone before": Mishap(error=Gone),
    "gone after": Mishap(effect=True, error=Gone),
}


class Disturbed:
    """The application; its `at`-th request (from 1) meets the mishap, and the others pass. `asked` counts all.

    `before` is called before each request, and may put the mishap at it.
    """

    def __init__(
        self, app: ASGIApp, at: int = 0, mishap: Mishap | None = None, *, most: int = 1_000_000,
        before: Callable[["Disturbed", Scope], None] = lambda _app, _scope: None,
    ) -> None:  # fmt: skip
        self.app, self.at, self.mishap, self.most, self.before = app, at, mishap, most, before
        self.asked = 0
        self.gone = False
        self.fell = False
        self._answers: dict[str, list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        if self.gone:
            raise Gone
        if self.asked > self.most:
            raise Endless
        self.before(self, scope)
        earlier = self._answers.get(address(scope))
        if (
            self.asked != self.at
            or self.mishap is None
            or not befalls(self.mishap, host_of(scope), again=bool(earlier))
        ):
            await self._passed(scope, receive, send)
            return
        mishap = self.mishap
        self.fell = True
        if mishap.stale:
            for message in earlier or ():
                await send(message)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        if mishap.effect:
            await self.app(scope, receive, keep)
        if mishap.cut:
            for message in _halved(messages):
                await send(message)
            return
        if not mishap.status:
            error = mishap.error()
            self.gone = isinstance(error, Gone)
            raise error
        await _answer(send, mishap, host_of(scope))

    async def _passed(self, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def noted(message: Message) -> None:
            messages.append(message)
            await send(message)

        await self.app(scope, receive, noted)
        if scope["method"] == "GET" and not self.fell:
            self._answers.setdefault(address(scope), messages)  # the oldest


def befalls(mishap: Mishap, host: str, *, again: bool) -> bool:
    """Whether a request to this host can meet it; `again`: the address was asked before, so there is an old answer."""
    return mishap.only in ("", host) and (again or not mishap.stale)


def address(scope: Scope) -> str:
    """What is asked, without the method."""
    return f"{host_of(scope)}{scope['path']}?{scope['query_string'].decode()}"


def _halved(messages: list[Message]) -> list[Message]:
    start, *rest = messages
    body = b"".join(message.get("body", b"") for message in rest)
    kept = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    return [{**start, "headers": kept}, {"type": "http.response.body", "body": body[: len(body) // 2]}]


def _words(host: str, status: int) -> bytes:
    """An error as the service words it."""
    if host == GRAPH:
        code = {401: "InvalidAuthenticationToken", 403: "Authorization_RequestDenied", 429: "TooManyRequests"}
        body: object = {"error": {"code": code.get(status, "UnknownError"), "message": "Made up by a test."}}
    elif host.endswith("twilio.com"):
        body = {"code": status, "message": "Made up by a test.", "status": status}
    else:
        body = {"error": "temporarily_unavailable", "error_description": "Made up by a test.", "error_codes": [1]}
    return json.dumps(body).encode()


async def _answer(send: Send, mishap: Mishap, host: str) -> None:
    body = _words(host, mishap.status) if mishap.body is None else mishap.body
    headers = {"content-type": "application/json", **dict(mishap.headers)}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": mishap.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
