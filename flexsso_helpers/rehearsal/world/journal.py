"""The journal of requests that changed something, and their replay: the same requests make the same tenant again.

An entry is plain data: `step`, `at` (virtual unix seconds), `method`, `host`, `path`, `query`, `headers`, `body`,
`principal`, `face` and `status`; or `step`, `at` and `mark` where a notebook began; or `step`, `at` and
`tenant_values`.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from starlette.types import Message, Scope

from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

RECORDING = Path(__file__).with_name("configured.jsonl")
"""A whole run, as `export` gives it; the tenant before any notebook is made from it."""

KEPT_HEADERS = ("content-type", "cookie", "authorization", "consistencylevel")


def mark(world: World, step: str) -> None:
    """Note that the notebook with this number begins; what follows is its work."""
    world.store.set_meta("step", step)
    world.store.note(step, {"step": step, "at": world.clock.now, "mark": True})


def keep_tenant_values(world: World, values: Document) -> None:
    """Keep what a live tenant's file would hold: values that a person copied or attested. No write to any service."""
    world.store.set_meta("tenant_values", json.dumps(values, sort_keys=True))
    world.store.note(
        world.store.meta("step"), {"step": world.store.meta("step"), "at": world.clock.now, "tenant_values": values}
    )


def tenant_values(world: World) -> Document:
    """What was kept last in place of a tenant's file."""
    kept: Document = json.loads(world.store.meta("tenant_values") or "{}")
    return kept


def note(world: World, scope: Scope, body: bytes, *, at: float, status: int) -> None:
    """Note a request that changed something: when it came and how it was answered.

    A bearer token is kept as who it stood for.
    """
    step = world.store.meta("step")
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    principal = scope.get("principal")
    if principal:
        headers.pop("authorization", None)
    entry: Document = {
        "step": step,
        "at": at,
        "method": scope["method"],
        "host": scope["host"],
        "path": scope["path"],
        "query": scope["query_string"].decode("latin-1"),
        "headers": {name: headers[name] for name in KEPT_HEADERS if name in headers},
        "body": body.decode("utf-8", "surrogateescape"),
        "principal": principal,
        "face": bool(scope.get("face")),
        "status": status,
    }
    world.store.note(step, entry)


def export(world: World) -> list[Document]:
    """The journal so far, for a recording."""
    return world.store.notes()


def save(entries: Iterable[Document], path: Path) -> None:
    """Write a recording, one entry a line."""
    lines = (json.dumps(entry, ensure_ascii=True, sort_keys=True) for entry in entries)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def load(path: Path = RECORDING) -> list[Document] | None:
    """A recording, or None where there is none."""
    if not path.exists():
        return None
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def scope_of(entry: Document) -> Scope:
    """The request of an entry, as the server's hosts take it."""
    headers = [(b"host", entry["host"].encode())]
    headers += [(name.encode(), value.encode("latin-1")) for name, value in entry["headers"].items()]
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": entry["method"],
        "scheme": "http",
        "host": entry["host"],
        "path": entry["path"],
        "raw_path": entry["path"].encode(),
        "root_path": "",
        "query_string": entry["query"].encode("latin-1"),
        "headers": headers,
        "face": entry["face"],
        "client": ("127.0.0.1", 0),
        "server": ("localhost", 80),
    }
    if entry["principal"]:
        scope["principal"] = entry["principal"]
    return scope


def body_of(entry: Document) -> bytes:
    """The body of an entry's request."""
    return str(entry["body"]).encode("utf-8", "surrogateescape")


def answer_status(messages: Iterable[Message]) -> int:
    """The status of an answer made of ASGI messages."""
    return next((int(m["status"]) for m in messages if m["type"] == "http.response.start"), 500)
