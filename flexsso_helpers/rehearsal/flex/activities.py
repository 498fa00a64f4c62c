"""TaskRouter's activities: what a worker does now, and whether that makes it available (F204).

A new workspace has Offline, Unavailable and Available; others may be added.
"""

from typing import Any

from flexsso_helpers.rehearsal.flex.workers import Worker, WorkerRefused, account
from flexsso_helpers.rehearsal.world.world import World

Activity = dict[str, Any]


def plant(world: World) -> None:
    """The three activities of a new workspace."""
    offline = account(world)["offline_activity_sid"]
    _keep(world, offline, "Offline", available=False)
    for name in ("Unavailable", "Available"):
        _keep(world, world.new_sid("WA"), name, available=name == "Available")


def activities(world: World) -> list[Activity]:
    """All of them, oldest first."""
    return world.store.all("activity")


def create(world: World, name: str, *, available: bool) -> Activity:
    """Another one. Raises WorkerRefused for a name that there is already."""
    if any(each["friendly_name"] == name for each in activities(world)):
        raise WorkerRefused("F204", 20001, "[sim] An activity with this friendly_name exists already", 409)
    return _keep(world, world.new_sid("WA"), name, available=available)


def entered(world: World, sid: str, worker: Worker | None = None) -> Worker:
    """What changes on a worker that goes over to this activity. Raises WorkerRefused for one that there is not."""
    found = world.store.get("activity", sid)
    if not world.rules.on("F204"):
        return {}
    if found is None:
        raise WorkerRefused("F204", 20001, f"[sim] The workspace has no activity {sid}")
    same = worker is not None and worker["activity_sid"] == sid
    moment = {} if same else {"date_status_changed": world.clock.iso()}
    return {
        "activity_sid": sid, "activity_name": found["friendly_name"], "available": found["available"], **moment
    }  # fmt: skip


def body(activity: Activity, root: str) -> dict[str, Any]:
    """An activity as the API shows it."""
    workspace = f"{root}/{activity['workspace_sid']}"
    return {
        **activity,
        "url": f"{workspace}/Activities/{activity['sid']}",
        "links": {"workspace": workspace},
    }


def _keep(world: World, sid: str, name: str, *, available: bool) -> Activity:
    home, now = account(world), world.clock.iso()
    made = {
        "sid": sid, "account_sid": home["sid"], "workspace_sid": home["workspace_sid"], "friendly_name": name,
        "available": available, "date_created": now, "date_updated": now,
    }  # fmt: skip
    world.store.put("activity", sid, made, at=world.clock.now)
    return made
