"""TaskRouter's API: the workspace and its workers, in the shapes that the Twilio SDK reads (F103-F111)."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.flex import twilio_answers, workers
from flexsso_helpers.rehearsal.flex.workers import Worker, WorkerRefused
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.world import World

ROOT = f"{clouds.TASKROUTER}/v1/Workspaces"
EXPRESSIONS_A_SECOND = 3
EQUALITY = re.compile(r"""\s*([\w.]+)\s*==\s*["']([^"']*)["']\s*""")
FIELDS = ("sid", "friendly_name", "account_sid", "workspace_sid", "activity_sid", "activity_name", "available")
DATES = ("date_created", "date_updated", "date_status_changed")


def routes(world: World) -> Mapping[str, list[Route]]:
    """The routes of taskrouter.twilio.com, all behind Basic credentials."""
    one, many = "/v1/Workspaces/{workspace}/Workers/{sid}", "/v1/Workspaces/{workspace}/Workers"
    table = [
        ("/v1/Workspaces", _workspaces(world), "GET"),
        ("/v1/Workspaces/{workspace}", _workspace(world), "GET"),
        (many, _list(world), "GET"),
        (many, _create(world), "POST"),
        (one, _fetch(world), "GET"),
        (one, _update(world), "POST"),
        (one, _delete(world), "DELETE"),
        (f"{one}/Channels", _channels(world), "GET"),
    ]
    made = [Route(path, _in_workspace(world, handler), methods=[method]) for path, handler, method in table]

    async def nothing(request: Request) -> Response:
        return twilio_answers.not_found(world, request.scope["path"])

    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return {clouds.TASKROUTER.removeprefix("https://"): [*made, Route("/{path:path}", nothing, methods=every)]}


def _in_workspace(world: World, handler: twilio_answers.Handler) -> twilio_answers.Handler:
    """Behind credentials, and only in the account's own workspace (F110)."""

    async def handle(request: Request) -> Response:
        named = request.path_params.get("workspace")
        if named not in (None, workers.account(world)["workspace_sid"]) and world.rules.on("F110"):
            return twilio_answers.not_found(world, request.scope["path"])
        return await handler(request)

    return twilio_answers.guarded(world, handle)


def _workspaces(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        home, wanted = workers.account(world), request.query_params.get("FriendlyName")
        found = [home] if wanted in (None, home["workspace_name"]) else []
        return JSONResponse(
            twilio_answers.listed(world, request, "workspaces", ROOT, [_workspace_body(each) for each in found])
        )

    return handle


def _workspace(world: World) -> twilio_answers.Handler:
    async def handle(_request: Request) -> Response:
        return JSONResponse(_workspace_body(workers.account(world)))

    return handle


def _list(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        expression = request.query_params.get("TargetWorkersExpression")
        if expression is not None and _too_many(world):
            return twilio_answers.error(world, 429, 20429, "Too Many Requests")
        try:
            found = [each for each in workers.workers(world) if _wanted(world, request, each)]
        except WorkerRefused as refusal:
            return _refused(world, refusal)
        listed = [_worker_body(each) for each in found]
        if world.rules.on("F105") and world.quirks.value("list_attributes") == "null":
            listed = [{**each, "attributes": None} for each in listed]
        workspace = workers.account(world)["workspace_sid"]
        return JSONResponse(twilio_answers.listed(world, request, "workers", f"{ROOT}/{workspace}/Workers", listed))

    return handle


def _wanted(world: World, request: Request, worker: Worker) -> bool:
    name, expression = (request.query_params.get(field) for field in ("FriendlyName", "TargetWorkersExpression"))
    if name is not None:
        ignores = world.rules.on("F107") and world.quirks.value("friendly_name_filter") == "ignore_case"
        own = worker["friendly_name"]
        if own != name and not (ignores and own.casefold() == name.casefold()):
            return False
    if expression is None:
        return True
    equality = EQUALITY.fullmatch(expression)
    if equality is None:
        raise WorkerRefused("F108", 20001, "[sim] this rehearsal reads expressions of the form name == 'value' only")
    return str(workers.attributes(worker).get(equality[1])) == equality[2]


def _too_many(world: World) -> bool:
    """Whether this is the fourth request with an expression in one second of virtual time (F108)."""
    second, _, counted = world.store.meta("expressions", "/0").partition("/")
    count = int(counted) + 1 if second == world.clock.iso() else 1
    world.store.set_meta("expressions", f"{world.clock.iso()}/{count}")
    return world.rules.on("F108") and count > EXPRESSIONS_A_SECOND


def _create(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        fields = await pages.form_fields(request)
        if not fields.get("FriendlyName"):
            return twilio_answers.error(world, 400, 20001, "[sim] FriendlyName is required")
        try:
            worker = workers.create(world, fields["FriendlyName"], fields.get("Attributes", "{}"))
        except WorkerRefused as refusal:
            return _refused(world, refusal)
        return JSONResponse(_worker_body(worker), 201)

    return handle


def _fetch(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        worker = world.store.get("worker", request.path_params["sid"])
        if worker is None:
            return twilio_answers.not_found(world, request.scope["path"])
        return JSONResponse(_worker_body(worker))

    return handle


def _update(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        worker = world.store.get("worker", request.path_params["sid"])
        if worker is None:
            return twilio_answers.not_found(world, request.scope["path"])
        fields = await pages.form_fields(request)
        names = {"FriendlyName": "friendly_name", "Attributes": "attributes"}
        changes = {names[name]: value for name, value in fields.items() if name in names}
        try:
            return JSONResponse(_worker_body(workers.update(world, worker, **changes)))
        except WorkerRefused as refusal:
            return _refused(world, refusal)

    return handle


def _delete(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        worker = world.store.get("worker", request.path_params["sid"])
        if worker is None:
            return twilio_answers.not_found(world, request.scope["path"])
        workers.delete(world, worker)
        return Response(status_code=204)

    return handle


def _channels(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        worker = world.store.get("worker", request.path_params["sid"])
        if worker is None:
            return twilio_answers.not_found(world, request.scope["path"])
        home = f"{ROOT}/{worker['workspace_sid']}/Workers/{worker['sid']}/Channels"
        bodies = [_channel_body(worker, name) for name in workers.account(world)["task_channels"]]
        return JSONResponse(twilio_answers.listed(world, request, "channels", home, bodies))

    return handle


def _channel_body(worker: Worker, name: str) -> dict[str, Any]:
    settings = worker["channels"].get(name, {})
    return {
        "account_sid": worker["account_sid"],
        "workspace_sid": worker["workspace_sid"],
        "worker_sid": worker["sid"],
        "task_channel_unique_name": name,
        "configured_capacity": settings.get("capacity", 1),
        "available": settings.get("availability", True),
        "assigned_tasks": 0,
        "available_capacity_percentage": 100,
        "date_created": worker["date_created"],
        "date_updated": worker["date_updated"],
    }


def _refused(world: World, refusal: WorkerRefused) -> Response:
    return twilio_answers.error(world, refusal.status, refusal.code, refusal.message)


def _workspace_body(home: dict[str, Any]) -> dict[str, Any]:
    url = f"{ROOT}/{home['workspace_sid']}"
    below = {name.lower(): f"{url}/{name}" for name in ("Activities", "Events", "Tasks", "Workers", "Workflows")}
    return {
        "sid": home["workspace_sid"],
        "account_sid": home["sid"],
        "friendly_name": home["workspace_name"],
        "default_activity_sid": home["offline_activity_sid"],
        "default_activity_name": "Offline",
        "timeout_activity_sid": home["offline_activity_sid"],
        "timeout_activity_name": "Offline",
        "multi_task_enabled": True,
        "prioritize_queue_order": "FIFO",
        "event_callback_url": None,
        "events_filter": None,
        "date_created": home["date_created"],
        "date_updated": home["date_created"],
        "url": url,
        "links": below,
    }


def _worker_body(worker: Worker) -> dict[str, Any]:
    workspace = f"{ROOT}/{worker['workspace_sid']}"
    url = f"{workspace}/Workers/{worker['sid']}"
    below = {
        "channels": f"{url}/Channels",
        "activity": f"{workspace}/Activities/{worker['activity_sid']}",
        "workspace": workspace,
        "statistics": f"{workspace}/Workers/Statistics",
        "real_time_statistics": f"{workspace}/Workers/RealTimeStatistics",
        "cumulative_statistics": f"{workspace}/Workers/CumulativeStatistics",
        "worker_statistics": f"{url}/Statistics",
        "worker_channels": f"{url}/Channels",
        "reservations": f"{url}/Reservations",
    }
    return {**{name: worker[name] for name in (*FIELDS, "attributes", *DATES)}, "url": url, "links": below}
