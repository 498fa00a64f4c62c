"""A gateway over the real SDK with a scripted other end: what it asked, how long it slept, what it noted."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import httpx
from azure.core.credentials import AccessToken

from flexsso_helpers.clouds import GLOBAL, Cloud
from flexsso_helpers.graph import Graph
from flexsso_helpers.wire import Wire

Answer = httpx.Response | Exception


@dataclass(frozen=True)
class Scripted(Wire):
    """A wire whose other end answers from a script, the last answer again and again."""

    script: tuple[Answer, ...] = ()
    asked: list[httpx.Request] = field(default_factory=list)

    def graph_client(self) -> httpx.AsyncClient:
        def answer(request: httpx.Request) -> httpx.Response:
            self.address(str(request.url))
            self.asked.append(request)
            given = self.script[min(len(self.asked), len(self.script)) - 1]
            if isinstance(given, Exception):
                raise given
            return httpx.Response(given.status_code, headers=given.headers, content=given.content)

        return httpx.AsyncClient(transport=httpx.MockTransport(answer))


class Token:
    """A credential with one token, or with an error."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def get_token(self, *_scopes: str, **_: Any) -> AccessToken:
        if self.error:
            raise self.error
        return AccessToken("the-token", 4102444800)


class Notes:
    """A journal in memory."""

    def __init__(self) -> None:
        self.lines: list[tuple[Any, ...]] = []

    def intent(self, *, service: str, method: str, path: str, why: str, before: object, body: object) -> int:
        self.lines.append(("intent", method, path))
        return len(self.lines)

    def answer(self, entry: int, *, status: int, note: str, request_id: str = "") -> None:
        self.lines.append(("answer", entry, status, note))

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()


class Bench:
    """A gateway, what it asked, how long it slept and what it noted."""

    def __init__(self, *script: Answer, cloud: Cloud = GLOBAL, token: Token | None = None) -> None:
        self.wire = Scripted(Wire.for_cloud(cloud).hosts, None, script)
        self.slept: list[float] = []
        self.notes = Notes()
        self.cloud, self.token = cloud, token or Token()

    def run(self, call: Callable[[Graph], Any]) -> Any:
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        async def go() -> Any:
            return await call(
                Graph(
                    cloud=self.cloud, tenant_id="t", credential=self.token, scopes=["s"], wire=self.wire,
                    journal=self.notes, sleep=sleep,
                )
            )  # fmt: skip

        return asyncio.run(go())


def ok(body: object = None, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json={"value": []} if body is None else body)


def no(status: int, code: str = "", message: str = "", **headers: str) -> httpx.Response:
    inner = {"request-id": "r-1", "date": "2026-11-02T08:00:00"}
    body = {"error": {"code": code, "message": message, "innerError": inner}}
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): text for name, text in headers.items()})
