"""TaskRouter's API: the workspace and its workers, in the shapes that the Twilio SDK reads (F103-F111)."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.flex import activities, twilio_answers, worker_list, workers
from flexsso_helpers.rehearsal.flex.parameters import IF_MATCH, PAGING, taking, unplayed
from flexsso_helpers.rehearsal.flex.workers import Worker, WorkerRefused
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

ROOT = f"{clouds.TASKROUTER}/v1/Workspaces"
FIELDS_OF_FORM = {"FriendlyName": "friendly_name", "Attributes": "attributes", "ActivitySid": "activity_sid"}
FIELDS = ("sid", "friendly_name", "account_sid", "workspace_sid", "activity_sid", "activity_name", "available")
DATES = ("date_created", "date_updated", "date_status_changed")


WORKSPACES = "/v1/Workspaces"
MANY, ONE = f"{WORKSPACES}/{{workspace}}/Workers", f"{WORKSPACES}/{{workspace}}/Workers/{{sid}}"
ACTIVITIES = f"{WORKSPACES}/{{workspace}}/Activities"
UNPLAYED = (
    WORKSPACES, f"{WORKSPACES}/{{workspace}}", ACTIVITIES, f"{ACTIVITIES}/{{sid}}", MANY, f"{ONE}/Channels",
    *(f"{WORKSPACES}/{{workspace}}/{name}{{rest:path}}" for name in (
        "TaskQueues", "Workflows", "TaskChannels", "Tasks", "Events", "Statistics", "CumulativeStatistics",
        "RealTimeStatistics",
    )),
    *(f"{ONE}/{name}{{rest:path}}" for name in ("Channels/", "Reservations", "Statistics")),
)  # fmt: skip
"""What TaskRouter has here besides: other verbs of what is played, and what no sign-on needs (F205)."""
OF_ALL_WORKERS = tuple(f"{MANY}/{name}" for name in ("Statistics", "CumulativeStatistics", "RealTimeStatistics"))
"""The same, where a worker's sid stands otherwise."""
EVERY = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def routes(world: World) -> Mapping[str, list[Route]]:
    """The routes of taskrouter.twilio.com, all behind Basic credentials."""
    table: list[tuple[str, twilio_answers.Handler, str, tuple[str, ...]]] = [
        (WORKSPACES, _workspaces(world), "GET", ("FriendlyName", *PAGING)),
        (f"{WORKSPACES}/{{workspace}}", _workspace(world), "GET", ()),
        (MANY, _list(world), "GET", (*worker_list.FILTERS, *PAGING)),
        (MANY, _create(world), "POST", ("FriendlyName", "ActivitySid", "Attributes")),
        (ONE, _fetch(world), "GET", ()),
        (ONE, _update(world), "POST", (*FIELDS_OF_FORM, "RejectPendingReservations", IF_MATCH)),
        (ONE, _delete(world), "DELETE", (IF_MATCH,)),
        (f"{ONE}/Channels", _channels(world), "GET", PAGING),
        (ACTIVITIES, _activities(world), "GET", ("FriendlyName", "Available", *PAGING)),
        (ACTIVITIES, _create_activity(world), "POST", ("FriendlyName", "Available")),
        (f"{ACTIVITIES}/{{sid}}", _activity(world), "GET", ()),
    ]
    left_out = _in_workspace(world, unplayed(world))
    made = [Route(path, left_out, methods=EVERY) for path in OF_ALL_WORKERS]
    made += [
        Route(path, _in_workspace(world, taking(world, handler, *names)), methods=[method])
        for path, handler, method, names in table
    ]
    made += [Route(path, left_out, methods=EVERY) for path in UNPLAYED]

    async def nothing(request: Request) -> Response:
        return twilio_answers.not_found(world, request.scope["path"])

    made.append(Route("/{path:path}", nothing, methods=EVERY))
    return {
        **dict.fromkeys(twilio_answers.hosts(clouds.TASKROUTER), made),
        **dict.fromkeys(twilio_answers.hosts(clouds.TASKROUTER, "ie1"), _of_another_region(world)),
    }


def _of_another_region(world: World) -> list[Route]:
    """TaskRouter in IE1, which has credentials and objects of its own: nobody made a workspace there (F114)."""

    async def none(request: Request) -> Response:
        return JSONResponse(twilio_answers.listed(world, request, "workspaces", ROOT, []))

    async def nothing(request: Request) -> Response:
        return twilio_answers.not_found(world, request.scope["path"])

    return [
        Route(WORKSPACES, twilio_answers.guarded(world, taking(world, none, *PAGING), region="ie1"), methods=["GET"]),
        Route("/{path:path}", twilio_answers.guarded(world, nothing, region="ie1"), methods=EVERY),
    ]


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
        try:
            found = worker_list.chosen(world, request.query_params)
        except WorkerRefused as refusal:
            return _refused(world, refusal)
        listed = [_worker_body(each) for each in found]
        if world.rules.on("F105") and world.quirks.value("list_attributes") == "null":
            listed = [{**each, "attributes": None} for each in listed]
        workspace = workers.account(world)["workspace_sid"]
        return JSONResponse(twilio_answers.listed(world, request, "workers", f"{ROOT}/{workspace}/Workers", listed))

    return handle


def _create(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        fields = await pages.form_fields(request)
        if not fields.get("FriendlyName"):
            return twilio_answers.error(world, 400, 20001, "[sim] FriendlyName is required")
        try:
            activity = activities.entered(world, fields["ActivitySid"]) if "ActivitySid" in fields else {}
            worker = workers.create(world, fields["FriendlyName"], fields.get("Attributes", "{}"), **activity)
        except WorkerRefused as refusal:
            return _refused(world, refusal)
        return JSONResponse(_worker_body(worker), 201)

    return handle


def _fetch(world: World) -> twilio_answers.Handler:
    async def handle(_request: Request, worker: Document) -> Response:
        return JSONResponse(_worker_body(worker), headers={"ETag": workers.etag(worker)})

    return twilio_answers.of_existing(world, "worker", handle)


def _update(world: World) -> twilio_answers.Handler:
    async def handle(request: Request, worker: Document) -> Response:
        fields = await pages.form_fields(request)
        changes: Worker = {FIELDS_OF_FORM[name]: text for name, text in fields.items() if name in FIELDS_OF_FORM}
        try:
            workers.check_version(world, worker, request.headers.get(IF_MATCH))
            if "activity_sid" in changes:
                changes |= activities.entered(world, changes.pop("activity_sid"), worker)
            changed = workers.update(world, worker, **changes)
            return JSONResponse(_worker_body(changed), headers={"ETag": workers.etag(changed)})
        except WorkerRefused as refusal:
            return _refused(world, refusal)

    return twilio_answers.of_existing(world, "worker", handle)


def _delete(world: World) -> twilio_answers.Handler:
    async def handle(request: Request, worker: Document) -> Response:
        try:
            workers.check_version(world, worker, request.headers.get(IF_MATCH))
        except WorkerRefused as refusal:
            return _refused(world, refusal)
        workers.delete(world, worker)
        return Response(status_code=204)

    return twilio_answers.of_existing(world, "worker", handle)


def _channels(world: World) -> twilio_answers.Handler:
    async def handle(request: Request, worker: Document) -> Response:
        home = f"{ROOT}/{worker['workspace_sid']}/Workers/{worker['sid']}/Channels"
        bodies = [_channel_body(worker, name) for name in workers.account(world)["task_channels"]]
        return JSONResponse(twilio_answers.listed(world, request, "channels", home, bodies))

    return twilio_answers.of_existing(world, "worker", handle)


def _activities(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        name, available = request.query_params.get("FriendlyName"), request.query_params.get("Available")
        wanted = None if available is None else worker_list.TRUTH.get(available.lower())
        found = [
            activities.body(each, ROOT)
            for each in activities.activities(world)
            if name in (None, each["friendly_name"]) and wanted in (None, each["available"])
        ]
        home = f"{ROOT}/{workers.account(world)['workspace_sid']}/Activities"
        return JSONResponse(twilio_answers.listed(world, request, "activities", home, found))

    return handle


def _activity(world: World) -> twilio_answers.Handler:
    async def handle(_request: Request, found: Document) -> Response:
        return JSONResponse(activities.body(found, ROOT))

    return twilio_answers.of_existing(world, "activity", handle)


def _create_activity(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        fields = await pages.form_fields(request)
        if not fields.get("FriendlyName"):
            return twilio_answers.error(world, 400, 20001, "[sim] FriendlyName is required")
        available = worker_list.TRUTH.get(fields.get("Available", "false").lower(), False)
        try:
            made = activities.create(world, fields["FriendlyName"], available=available)
        except WorkerRefused as refusal:
            return _refused(world, refusal)
        return JSONResponse(activities.body(made, ROOT), 201)

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
