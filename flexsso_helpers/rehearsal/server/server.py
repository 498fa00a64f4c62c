"""The rehearsal as a server: one loopback address, one private folder, and an end when nobody asks any more."""

import asyncio
import json
import os
import secrets
import signal
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from flexsso_helpers.rehearsal.console import site
from flexsso_helpers.rehearsal.entra import sign_in
from flexsso_helpers.rehearsal.flex import side, taskrouter
from flexsso_helpers.rehearsal.graph import api
from flexsso_helpers.rehearsal.server import seed
from flexsso_helpers.rehearsal.server.connections import BreakingProtocol
from flexsso_helpers.rehearsal.server.control import Control
from flexsso_helpers.rehearsal.server.hosts import Hosts
from flexsso_helpers.rehearsal.world.journal import RECORDING
from flexsso_helpers.rehearsal.world.store import Store
from flexsso_helpers.rehearsal.world.world import World

ClockKind = Literal["wall", "virtual"]


def app_for(
    world: World,
    *,
    nonce: str = "rehearsal",
    recording: Path = RECORDING,
    stop: Callable[[], None] = lambda: None,
) -> Starlette:
    """The whole rehearsal as an ASGI application; plants the company when the world is empty."""
    if not world.planted:
        with world.store.transaction():
            seed.plant(world, world.seed)
    halves = (sign_in, api, side, site, taskrouter)
    hosts = Hosts(world, [half.routes(world) for half in halves])
    control = Control(hosts, nonce=nonce, recording=recording, stop=stop)
    return Starlette(routes=[*control.routes(), Mount("/", hosts)])


def serve(
    folder: Path,
    *,
    port: int = 0,
    seed: int = 1,
    idle_seconds: float = 600,
    quirks: Mapping[str, str] | None = None,
    cloud: str | None = None,
    people: int | None = None,
    faults: Sequence[Mapping[str, Any]] | None = None,
    clock: ClockKind = "virtual",
) -> None:
    """Serve the rehearsal of this folder on 127.0.0.1 until it is stopped or nobody asked for `idle_seconds`.

    `port` 0 takes the one of the last start, so that a page left open finds the server again; else a free one. By the
    clock `wall` time passes as it does outside; `virtual` stands still but for what moves it. The folder becomes
    private (0700) and holds `server.json` while the server listens. Where another server has the folder, this one says
    so and returns. Quirks, cloud, people and faults are kept in the folder and hold for later starts too; another cloud
    or another number of people begins anew. Raises KeyError or ValueError for a setting that there is not (world.py).
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    try:
        store = Store(folder / "tenant.db", alone=True)
    except sqlite3.OperationalError:
        print(f"A rehearsal already serves {folder}.", file=sys.stderr)
        return
    try:
        wall = time.time if clock == "wall" else None
        world = World(
            store, seed=seed, folder=folder, quirks=quirks, cloud=cloud, people=people, faults=faults, wall=wall
        )
        world.settle()
        with _listening(folder, port) as listener:
            _run(world, folder, listener, idle_seconds)
    finally:
        store.close()


def _listening(folder: Path, port: int) -> socket.socket:
    """A listener on this port; on that of the last start, or a free one, where it is 0."""
    kept = folder / "port"
    known = kept.read_text("utf-8") if kept.exists() else ""
    try:
        listener = socket.create_server(("127.0.0.1", port or int(known or 0)))
    except (OSError, ValueError, OverflowError):
        if port:
            raise
        listener = socket.create_server(("127.0.0.1", 0))
    # Its connections inherit this. asyncio would set it, and does not for those of a listener that it was given: each
    # second answer of a connection then waits 40 ms for the client to acknowledge its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    kept.write_text(str(listener.getsockname()[1]), "utf-8")
    return listener


def _run(world: World, folder: Path, listener: socket.socket, idle_seconds: float) -> None:
    nonce = secrets.token_urlsafe(32)
    activity = _Activity()

    def stop() -> None:
        server.should_exit = True

    app = activity.watching(app_for(world, nonce=nonce, stop=stop), world)
    config = uvicorn.Config(
        app, http=BreakingProtocol, log_level="warning", access_log=False, lifespan="off", server_header=False
    )
    server = uvicorn.Server(config)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)  # uvicorn stops first, then raises the signal again for us
    known = folder / "server.json"
    _write_private(known, {"port": listener.getsockname()[1], "nonce": nonce, "pid": os.getpid()})
    try:
        asyncio.run(_until_idle(server, listener, activity, idle_seconds))
    finally:
        known.unlink(missing_ok=True)


async def _until_idle(server: uvicorn.Server, listener: socket.socket, activity: "_Activity", limit: float) -> None:
    async def watch() -> None:
        while (left := limit - activity.idle_for()) > 0:  # noqa: ASYNC110 - what is waited for is that nothing happens
            await asyncio.sleep(left)
        server.should_exit = True

    watcher = asyncio.create_task(watch())
    try:
        await server.serve(sockets=[listener])
    finally:
        watcher.cancel()


class _Activity:
    """When the server was last asked something, by the real clock; it never shows in an answer."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def idle_for(self) -> float:
        return time.monotonic() - self._last

    def watching(self, app: ASGIApp, world: World) -> ASGIApp:
        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            self._last = time.monotonic()
            world.tick()
            await app(scope, receive, send)

        return watched


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _write_private(path: Path, content: dict[str, object]) -> None:
    """Write whole or not at all, readable by the owner only."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as sink:
        json.dump(content, sink)
    fresh.replace(path)
