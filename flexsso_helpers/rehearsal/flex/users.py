"""The Flex Users API (beta) by which users are made and ended (F112, F113), and a user's own token (F99, F100)."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.flex import claims, identity, parameters, twilio_answers, user_versions, workers
from flexsso_helpers.rehearsal.flex.workers import WorkerRefused
from flexsso_helpers.rehearsal.world import pages
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

User = dict[str, Any]
PROVISIONED = {"username", "roles", "full_name", "email", "worker"}
INSTANCE = "/{version}/Instances/{instance}/Users"


def routes(world: World) -> list[Route]:
    """The routes below flex-api.twilio.com, all behind Basic credentials."""
    table = [
        (INSTANCE, parameters.taking(world, _list(world), "Username", *parameters.PAGING), "GET"),
        (f"{INSTANCE}/Provision", _provision(world), "POST"),
        (f"{INSTANCE}/Deprovision", _deprovision(world), "POST"),
        (f"{INSTANCE}/{{sid}}", parameters.taking(world, _fetch(world)), "GET"),
        (f"{INSTANCE}/{{sid}}", parameters.taking(world, _update(world), "Email", "Locale"), "POST"),
        ("/v1/Accounts/{account}/Tokens/Info", token_info(world), "POST"),
    ]
    return [Route(path, twilio_answers.guarded(world, handler), methods=[method]) for path, handler, method in table]


def _list(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        home = workers.account(world)
        if request.path_params["instance"] != home["instance_sid"]:
            return twilio_answers.not_found(world, request.scope["path"])
        wanted = request.query_params.get("Username")
        found = [_body(world, request, user) for user in _users(world) if wanted in (None, user["name_id"])]
        url = f"{clouds.FLEX_API}{request.scope['path']}"
        return JSONResponse(twilio_answers.listed(world, request, "users", url, found))

    return handle


def _fetch(world: World) -> twilio_answers.Handler:
    async def handle(request: Request, user: Document) -> Response:
        return JSONResponse(_body(world, request, user))

    return twilio_answers.of_existing(world, "flex_user", handle)


def _update(world: World) -> twilio_answers.Handler:
    """What the Twilio SDK's update of a user may change: mail address and locale."""

    async def handle(request: Request, user: Document) -> Response:
        fields = await pages.form_fields(request)
        changes = {name.lower(): text for name, text in fields.items() if name in ("Email", "Locale")}
        changed = user_versions.changed(world, user, {**user, **changes})
        world.store.put("flex_user", user["sid"], changed, at=world.clock.now)
        return JSONResponse(_body(world, request, changed))

    return twilio_answers.of_existing(world, "flex_user", handle)


def _provision(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        sent = await _json(request)
        unplayed = parameters.refused(world, request, sorted(sent.keys() - PROVISIONED))
        if unplayed is not None:
            return unplayed
        username, roles = str(sent.get("username", "")), sent.get("roles") or []
        allowed = isinstance(roles, list) and all(role in claims.FLEX_ROLES for role in roles)
        if not username or (not allowed and world.rules.on("F113")):
            return twilio_answers.error(world, 400, 20001, "[sim] username and roles out of agent, supervisor, admin")
        known = next((user for user in _users(world) if user["name_id"] == username and user["via"] == "sso"), None)
        if known is not None:
            return JSONResponse(_body(world, request, known), 200)
        try:
            return JSONResponse(_body(world, request, _made(world, username, list(roles), sent)), 201)
        except WorkerRefused as refusal:
            return twilio_answers.error(world, refusal.status, refusal.code, refusal.message)

    return handle


def _made(world: World, username: str, roles: list[str], sent: dict[str, Any]) -> User:
    """A user with a worker who has not logged in yet, and so is not billed yet."""
    values = {
        **(sent.get("worker") or {}).get("attributes", {}),
        "full_name": str(sent.get("full_name", "")),
        "email": str(sent.get("email", "")),
        "roles": roles,
        "contact_uri": identity.contact_uri(username),
    }
    worker = workers.create(world, username, workers.as_text(values))
    user: User = {
        "sid": world.new_sid("FU"),
        "name_id": username,
        "via": "sso",
        "billed": False,
        "worker_sid": worker["sid"],
        "email": values["email"],
        "full_name": values["full_name"],
        "roles": roles,
        "last_login": "",
    }
    user = user_versions.begun(world, user)
    world.store.put("flex_user", user["sid"], user, at=world.clock.now)
    return user


def _deprovision(world: World) -> twilio_answers.Handler:
    async def handle(request: Request) -> Response:
        user = world.store.get("flex_user", str((await _json(request)).get("flex_user_sid", "")))
        if user is None or not world.rules.on("F112"):
            return twilio_answers.not_found(world, request.scope["path"])
        worker = world.store.get("worker", user["worker_sid"])
        if worker is not None:
            workers.delete(world, worker)
        world.store.remove("flex_user", user["sid"], at=world.clock.now)
        return Response(status_code=204)

    return handle


def token_info(world: World) -> twilio_answers.Handler:
    """`POST flex-api…/Tokens/Info`: whom a Flex token stands for, in the names of the Flex SDK (F100)."""

    async def handle(request: Request) -> Response:
        user = holder(world, str((await _json(request)).get("token", "")))
        if user is None or not world.rules.on("F100"):
            return twilio_answers.error(world, 401, 20003, "Authenticate")
        return JSONResponse(
            {
                "nameId": user["name_id"],
                "realmUserId": user["name_id"],
                "flexUserSid": user["sid"],
                "workerSid": user["worker_sid"],
                "roles": claims.granted(user["roles"], world.rules),
                "permissions": [],
                "identity": identity.escape(user["name_id"]),
            }
        )

    return handle


def token_validate(world: World) -> twilio_answers.Handler:
    """`POST iam.twilio.com/v1/Accounts/AC…/Tokens/validate`: the older question of the same kind (F99)."""

    async def handle(request: Request) -> Response:
        user = holder(world, str((await _json(request)).get("token", "")))
        if user is None or not world.rules.on("F99"):
            return JSONResponse({"valid": False})
        return JSONResponse(
            {
                "valid": True,
                "worker_sid": user["worker_sid"],
                "roles": claims.granted(user["roles"], world.rules),
                "realm_user_id": user["name_id"],
                "identity": identity.escape(user["name_id"]),
                "expiration": world.clock.iso(3600),
            }
        )

    return twilio_answers.guarded(world, handle)


def holder(world: World, token: str) -> User | None:
    """The user whom a Flex token stands for."""
    found = world.store.get("flex_token", token)
    return None if found is None else world.store.get("flex_user", found["user_sid"])


def _users(world: World) -> list[User]:
    return world.store.all("flex_user")


def _body(world: World, request: Request, user: User) -> dict[str, Any]:
    """A user as this version of the API shows one: version 2 tells no full name, version 4 the worker apart (F112)."""
    home = workers.account(world)
    worker = {"worker_sid": user["worker_sid"], "workspace_sid": home["workspace_sid"]}
    return {
        "account_sid": home["sid"],
        "instance_sid": home["instance_sid"],
        "flex_user_sid": user["sid"],
        "flex_team_sid": None,
        "username": user["name_id"],
        **({} if request.path_params["version"] == "v2" else {"full_name": user["full_name"]}),
        "email": user["email"],
        "roles": user["roles"],
        "locale": user.get("locale"),
        **({"worker": worker} if request.path_params["version"] == "v4" else worker),
        **user_versions.shown(world, user),
        "url": f"{clouds.FLEX_API}/v2/Instances/{home['instance_sid']}/Users/{user['sid']}",
    }


async def _json(request: Request) -> dict[str, Any]:
    """The JSON object that was sent; empty when it is none."""
    try:
        read = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
