"""The TaskRouter workers of the rehearsal: what both the API and a sign-on may do with them."""

import json
from typing import Any

from flexsso_helpers.rehearsal.world.world import World

ATTRIBUTES_LIMIT = 4096
"""Characters of attribute JSON, white space included (F91)."""
NAME_LIMIT = 64
OFFLINE = {"activity_name": "Offline", "available": False}

Worker = dict[str, Any]


class WorkerRefused(Exception):
    """A worker that TaskRouter does not take. `code` is Twilio's, `status` HTTP's."""

    def __init__(self, number: str, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.number, self.code, self.message, self.status = number, code, message, status


def account(world: World) -> dict[str, Any]:
    """The one Flex account of the rehearsal."""
    return world.store.all("flex_account")[0]


def workers(world: World) -> list[Worker]:
    """All workers, oldest first."""
    return world.store.all("worker")


def by_name(world: World, friendly_name: str) -> Worker | None:
    """The worker of that name; letter case does not tell names apart (F111)."""
    wanted = friendly_name.casefold()
    return next((worker for worker in workers(world) if worker["friendly_name"].casefold() == wanted), None)


def attributes(worker: Worker) -> dict[str, Any]:
    """The attributes, which travel as a JSON text, as an object."""
    read: dict[str, Any] = json.loads(worker["attributes"])
    return read


def as_text(values: dict[str, Any]) -> str:
    """Attributes as the JSON text that is stored, without white space."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def create(
    world: World, friendly_name: str, attributes_text: str, *, name_may_repeat: bool = False, **more: Any
) -> Worker:
    """Make a worker. Raises `WorkerRefused` before anything is written."""
    if not name_may_repeat:
        _check_name(world, friendly_name, None)
    _check_attributes(world, attributes_text)
    home = account(world)
    if len(workers(world)) >= home["max_workers"] and world.rules.on("F93"):
        raise WorkerRefused("F93", 14240, "Maximum number of concurrent Workers reached")
    now = world.clock.iso()
    worker: Worker = {
        "sid": world.new_sid("WK"),
        "friendly_name": friendly_name,
        "account_sid": home["sid"],
        "workspace_sid": home["workspace_sid"],
        "activity_sid": home["offline_activity_sid"],
        **OFFLINE,
        "attributes": attributes_text,
        "channels": {},
        "date_created": now,
        "date_updated": now,
        "date_status_changed": now,
        **more,
    }
    world.store.put("worker", worker["sid"], worker, at=world.clock.now)
    return worker


def update(world: World, worker: Worker, **changes: Any) -> Worker:
    """Write changed fields. Raises `WorkerRefused` before anything is written."""
    if "friendly_name" in changes:
        _check_name(world, changes["friendly_name"], worker["sid"])
    if "attributes" in changes:
        _check_attributes(world, changes["attributes"])
    changed = {**worker, **changes, "version": _version(worker) + 1, "date_updated": world.clock.iso()}
    world.store.put("worker", worker["sid"], changed, at=world.clock.now)
    return changed


def etag(worker: Worker) -> str:
    """The version of a worker, as the header of an answer says it."""
    return f'"{_version(worker)}"'


def check_version(world: World, worker: Worker, asked: str | None) -> None:
    """Raises `WorkerRefused` (412, 20412) where a request is for another version of the worker (F203)."""
    if asked in (None, "*", etag(worker), str(_version(worker))) or not world.rules.on("F203"):
        return
    raise WorkerRefused("F203", 20412, "Precondition Failed", 412)


def _version(worker: Worker) -> int:
    return int(worker.get("version", 0))


def delete(world: World, worker: Worker) -> None:
    """Remove a worker; the Flex user stays and a new sign-on makes a new worker (F89)."""
    world.store.remove("worker", worker["sid"], at=world.clock.now)


def _check_name(world: World, friendly_name: str, own_sid: str | None) -> None:
    holder = by_name(world, friendly_name)
    if holder is not None and holder["sid"] != own_sid and world.rules.on("F111"):
        raise WorkerRefused("F111", 20001, "[sim] A worker with this friendly_name exists already", 409)


def _check_attributes(world: World, text: str) -> None:
    if world.rules.on("F106"):
        try:
            valid = isinstance(json.loads(text), dict)
        except ValueError:
            valid = False
        if not valid:
            raise WorkerRefused("F106", 20001, "[sim] Attributes is not a valid JSON object")
    if len(text) > ATTRIBUTES_LIMIT and world.rules.on("F91"):
        raise WorkerRefused("F91", 20001, f"[sim] Attributes is longer than {ATTRIBUTES_LIMIT} characters")
