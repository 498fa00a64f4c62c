"""A stage: the whole rehearsal in this process, the real SDKs over it, and a session that believes it is open.

Everything is as in a notebook but for the socket: the same application answers by ASGI, and time is the world's own.
"""

import asyncio
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import requests
from requests.adapters import BaseAdapter

from flexsso_helpers.parameters import Tenant, from_mapping, load
from flexsso_helpers.plan import Applied, Approval, Evidence, Plan
from flexsso_helpers.rehearsal.server.server import app_for
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.session.opening import assemble
from flexsso_helpers.wire import RehearsalClient, Wire, refuse_others
from flexsso_helpers.wire.answers import Recognising

PROJECT = Path(__file__).parent.parent
REHEARSAL = PROJECT / "parameters" / "rehearsal.yaml"


class _Loop:
    """An event loop of its own, for callers that are not asynchronous."""

    @cached_property
    def loop(self) -> asyncio.AbstractEventLoop:
        """It runs in a thread from its first use on."""
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()
        return loop

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()


LOOP = _Loop()


class InProcessAdapter(BaseAdapter):
    """requests' requests, answered by the application."""

    def __init__(self, app: Any, wire: Wire | None = None) -> None:
        super().__init__()
        self._transport, self._wire = httpx.ASGITransport(app=app), wire

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:  # type: ignore[override]
        url = str(request.url)
        if self._wire is not None:
            self._wire.address(url)
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        headers = {**request.headers, "Host": httpx.URL(url).netloc.decode()}
        answer = LOOP.run(self._answer(httpx.Request(str(request.method), url, headers=headers, content=content)))
        if self._wire is not None:
            refuse_others(url, answer.status_code, answer.headers)
        return self._response(request, answer)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = await self._transport.handle_async_request(request)
        except httpx.TimeoutException as error:
            raise requests.ReadTimeout(str(error)) from error
        except httpx.TransportError as error:  # what a socket would tell requests
            raise requests.ConnectionError(str(error)) from error
        await answer.aread()
        return answer

    def _response(self, request: requests.PreparedRequest, answer: httpx.Response) -> requests.Response:
        response = requests.Response()
        response.status_code, response.url, response.request = answer.status_code, str(request.url), request
        response.headers.update(answer.headers)
        response.raw = _Raw(answer)
        response._content = answer.content
        response.encoding = "utf-8"
        requests.cookies.extract_cookies_to_jar(response.cookies, request, response.raw)
        return response

    def close(self) -> None:
        """Nothing is held."""


class _Raw(BytesIO):
    """The content, with the little of urllib3's answer that cookies are read from, by requests' sessions too."""

    def __init__(self, answer: httpx.Response) -> None:
        import email

        super().__init__(answer.content)
        text = "".join(f"{name}: {value}\n" for name, value in answer.headers.multi_items())
        self._original_response = type("Original", (), {"msg": email.message_from_string(text)})()


@dataclass(frozen=True)
class InProcessWire(Wire):
    """The wire of a stage."""

    app: Any = None

    def session(self) -> requests.Session:
        session = self.plain_session()
        session.trust_env = False
        session.mount("https://", InProcessAdapter(self.app, self))
        return session

    def graph_client(self) -> httpx.AsyncClient:
        return self.heard(httpx.AsyncClient(transport=Recognising(httpx.ASGITransport(app=self.app))))


@dataclass(frozen=True)
class InProcessClient(RehearsalClient):
    """The client of a stage: the same control paths, without a socket; the time comes from the world."""

    app: Any = None
    world: Any = None

    def now(self) -> str:
        """The world's time, as the control path tells it."""
        return self.world.clock.iso()

    def browser(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.mount("http://", InProcessAdapter(self.app))
        return session


class Singly:
    """Has whatever stands before the application see each entry of a batch of reads too, as a request of its own.

    Batches of people stay as they are: they were asked together before anybody remembered what a look asks.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].endswith("/$batch"):
            await self._app(scope, receive, send)
            return
        message = await receive()
        entries = json.loads(message["body"])["requests"]
        if any(each["method"] != "GET" or each["url"].startswith("/users") for each in entries):
            waiting = [message]

            async def again() -> Any:
                return waiting.pop() if waiting else await receive()

            await self._app(scope, again, send)
            return
        responses = [answer for each in entries if (answer := await self._one(scope, each)) is not None]
        body = json.dumps({"responses": responses}).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _one(self, scope: Any, entry: Mapping[str, Any]) -> dict[str, Any] | None:
        url = httpx.URL(f"{scope['scheme']}://graph{scope['path'].removesuffix('/$batch')}{entry['url']}")
        single = scope | {"method": "GET", "path": url.path, "raw_path": url.raw_path, "query_string": url.query}
        parts: list[Any] = []

        async def nothing() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def took(message: Any) -> None:
            parts.append(message)

        try:
            await self._app(single, nothing, took)
        except httpx.TransportError:
            return None  # lost on its way
        content = b"".join(part.get("body", b"") for part in parts[1:])
        try:
            body = json.loads(content) if content else None
        except ValueError:
            body = content.decode("utf-8", "replace")
        sent = {name.decode(): value.decode() for name, value in parts[0]["headers"]}
        return {"id": entry["id"], "status": parts[0]["status"], "headers": sent, "body": body}


class Stage:
    """A world of its own, and sessions over it, in its cloud. `changes` are laid over rehearsal.yaml, nested."""

    def __init__(self, folder: Path, *, world: World | None = None, changes: Mapping[str, Any] | None = None) -> None:
        self.world = world or World()
        self.app = app_for(self.world, nonce="stage")
        self.folder, self.changes = folder, dict(changes or {})
        self.rehearsal_client = InProcessClient(folder=folder, port=80, nonce="stage", app=self.app, world=self.world)
        self._runs = 0

    @property
    def writes(self) -> dict[str, int]:
        """Writes that the server counted."""
        return dict(self.world.writes())

    async def open(
        self, *, apply: bool | None = None, app: Any = None, unattended: bool = False, record: bool = False
    ) -> Session:
        """Open the tenant. `app` may wrap the application, to lose answers; `unattended` is a runner's session;
        `record` keeps the traffic, redacted.
        """
        self._runs += 1
        folder = self.folder / f"run-{self._runs}"
        if unattended:
            folder.mkdir(parents=True)
            (folder / "run.json").write_text(json.dumps({"unattended": True}), "utf-8")
        tenant, file = self._tenant()
        cloud = self.world.cloud
        wire = InProcessWire(
            hosts=Wire.for_cloud(cloud).hosts, loopback="http://127.0.0.1", app=Singly(app) if app else self.app
        )
        return await assemble(
            tenant,
            file,
            cloud=cloud,
            wire=wire,
            rehearsal_client=self.rehearsal_client,
            apply=apply,
            folder=folder,
            record=record,
        )

    def _tenant(self) -> tuple[Tenant, Path | None]:
        """The tenant; one that names a CSV file is read from a file of its own beside it."""
        values = _merged(_rehearsal(), self.changes)
        if not values["assignments"].get("csv"):
            return from_mapping(values), None
        file = self.folder / REHEARSAL.name
        file.write_text(json.dumps({"tenant": values}), "utf-8")
        return load(file), file


@cache
def _rehearsal() -> dict[str, Any]:
    return load(REHEARSAL).model_dump(mode="json", exclude_none=True)


async def through(session: Session, step: Step[Any]) -> tuple[Plan, Applied, Evidence]:
    """Plan, apply as the session allows, verify."""
    plan = await step.plan(session)
    applied = await step.apply(session, plan, session.approval(plan))
    return plan, applied, await step.verify(session)


def approved(plan: Plan, *names: str) -> Approval:
    """The approval of a whole plan, with removals by the name that the plan shows."""
    keys = frozenset(change.key for change in plan.changes if change.setting in names)
    return Approval(digest=plan.digest, given=True, names=keys)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged
