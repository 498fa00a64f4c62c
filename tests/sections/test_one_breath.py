"""Read, merge and write in one breath: what is written over an object was read from it without a wait in between."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from faults import Watching, host_of
from flows import FLOWS, Stretch, stretches
from onboarding import STEPS, application, change_principal, principal
from stage import Stage, through

from flexsso_helpers.rehearsal.world.world import World

BREATH = 4.0
"""Seconds: each write takes the rehearsal one, and a section makes several on one object; a wait is longer."""


class Reading:
    """Notes when each list of each object was last read, and for each write over one how long ago that was.

    A list within another value is called by the whole way to it, and is read with the value that it lies in.
    """

    def __init__(self, app: Any, world: World) -> None:
        self.app, self.world = Watching(app, self._written), world
        self.read: dict[tuple[str, str], float] = {}
        self.late: list[tuple[str, str, float]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        parts: list[Any] = []

        async def kept(message: Any) -> None:
            parts.append(message)
            await send(message)

        await self.app(scope, receive, kept)
        if scope["method"] == "GET" and host_of(scope).startswith("graph."):
            try:
                content = json.loads(b"".join(each.get("body", b"") for each in parts))
            except ValueError:
                return
            self._seen({"id": _named(scope["path"])} | content)

    async def _written(self, method: str, path: str, body: Any) -> None:
        now = self.world.clock.now
        waits = [
            (path, name, now - self.read.get((_named(path), name.partition(".")[0]), 0.0)) for name in _lists(body)
        ]
        self.late += [each for each in waits if method in ("PATCH", "PUT") and each[2] > BREATH]

    def _seen(self, content: Any) -> None:
        if isinstance(content, dict):
            self.read |= {(str(content.get("id")), name): self.world.clock.now for name in content}
        for each in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
            self._seen(each)


def _lists(body: Any, within: str = "") -> list[str]:
    """The ways to all lists of a body, a list in a list not counted by itself: it is written with the outer one."""
    if isinstance(body, list):
        return [within]
    inner = body.items() if isinstance(body, dict) else ()
    return [way for name, value in inner for way in _lists(value, f"{within}.{name}" if within else name)]


def _named(path: str) -> str:
    """The id of the object that a path leads to."""
    return path.rstrip("/").rpartition("/")[2]


def late_writes(stretch: Stretch, folder: Path) -> list[tuple[str, str, float]]:
    stage = stretch.stage(folder)
    reading = Reading(stage.app, stage.world)

    async def go() -> None:
        await stretch.go(await stage.open(app=reading, unattended=True))

    asyncio.run(go())
    return reading.late


@pytest.mark.full
def test_no_write_of_any_flow_rests_on_what_was_read_before_a_wait(tmp_path: Path) -> None:
    found = {
        (each.flow, each.name): late
        for number, each in enumerate(stretches(*FLOWS))
        if (late := late_writes(each, tmp_path / str(number)))
    }
    assert found == {}


@pytest.mark.parametrize("body", [{"tags": ["a"]}, {"web": {"redirectUris": ["https://flex.example"]}}])
def test_a_list_that_was_read_before_a_wait_is_found_however_deep_it_lies(body: Any, before: Any) -> None:
    stage: Stage = before("03")
    reading = Reading(stage.app, stage.world)
    path = f"/applications/{application(stage.world)['id']}"

    async def go() -> None:
        session = await stage.open(app=reading)
        for wait in (0.0, 600.0):
            session.graph.snapshot.forget()
            await session.graph.get(path)
            stage.world.advance(wait)
            await session.graph.patch(path, body, why="A test", before={})

    asyncio.run(go())
    ((_, name, waited),) = reading.late
    assert name in ("tags", "web.redirectUris")
    assert waited >= 600.0


@pytest.mark.parametrize("added", [True, False], ids=["added", "taken out"])
def test_an_address_that_somebody_edits_while_a_certificate_is_waited_for_is_theirs(added: bool, before: Any) -> None:
    stage: Stage = before("03")
    change_principal(stage.world, notificationEmailAddresses=["audit@contoso.com"])
    edited = ["audit@contoso.com", "night@contoso.com"] if added else []

    async def somebody(_method: str, _path: str, body: Any) -> None:
        if "preferredTokenSigningKeyThumbprint" in (body or {}):
            entry = principal(stage.world) | {"notificationEmailAddresses": edited}
            stage.world.store.put("servicePrincipal", entry["id"], entry, at=stage.world.clock.now - 600.0)

    async def go() -> None:
        await through(await stage.open(app=Watching(stage.app, somebody)), STEPS["03"])

    asyncio.run(go())
    assert set(principal(stage.world)["notificationEmailAddresses"]) == {*edited, "sso-owners@contoso.com"}
