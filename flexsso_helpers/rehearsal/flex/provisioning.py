"""From an accepted sign-on to a Flex user and a TaskRouter worker (F70, F81-F95).

Nothing is written until everything has been checked: a login that fails leaves the workspace as it was.
"""

import json
from typing import Any

from flexsso_helpers.rehearsal.flex import claims as flex_claims
from flexsso_helpers.rehearsal.flex import identity, user_versions, workers
from flexsso_helpers.rehearsal.flex.claims import Claims, Value
from flexsso_helpers.rehearsal.flex.failures import ATTRIBUTE_FORMAT, LoginFailed
from flexsso_helpers.rehearsal.flex.workers import Worker, WorkerRefused
from flexsso_helpers.rehearsal.world.world import World

User = dict[str, Any]


def provision(world: World, name_id: str, asserted: dict[str, Value]) -> tuple[User, list[str]]:
    """The Flex user after this login, and warnings for the log. Raises `LoginFailed` and then changes nothing."""
    if not name_id and world.rules.on("F70"):
        raise LoginFailed("F70", world.quirks.value("no_nameid"), "[sim] the response names nobody (no NameID)")
    claims = flex_claims.read(asserted, world.rules, world.quirks)
    _check_places(world, claims)
    user = _user(world, name_id) if world.rules.on("F86") else _of_email(world, claims)
    worker = _worker(world, user) or _preexisting(world, name_id, claims)
    text = workers.as_text(_merged(world, name_id, claims, worker))
    try:
        worker = _write(world, name_id, claims, worker, text)
    except WorkerRefused as refusal:
        raise _failed(world, refusal) from refusal
    return _remember(world, name_id, user, worker, claims), claims.warnings


def billed_users(world: World) -> int:
    """How many users are paid for: each from its first login on, whatever becomes of the worker."""
    return sum(1 for user in world.store.all("flex_user") if user["billed"])


def worker_name(world: World, name_id: str, claims: Claims) -> str:
    """The worker's friendly_name: the NameID, cut or refused when it is too long (F81, F92)."""
    chosen = name_id if world.quirks.value("friendly_name") == "nameid" else str(claims.attributes["full_name"])
    if len(chosen) <= workers.NAME_LIMIT or not world.rules.on("F92"):
        return chosen
    if world.quirks.value("long_name") == "truncate":
        return chosen[: workers.NAME_LIMIT]
    raise LoginFailed("F92", ATTRIBUTE_FORMAT, f"[sim] the name is longer than {workers.NAME_LIMIT} characters")


def _user(world: World, name_id: str) -> User | None:
    """The user of this NameID who signs on by SSO; a Console user of the same person is someone else (F86, F88)."""
    found = [user for user in world.store.all("flex_user") if user["via"] == "sso" or not world.rules.on("F88")]
    same = next((user for user in found if user["name_id"] == name_id), None)
    if same is not None or world.quirks.value("nameid_case") == "new_user" or not world.rules.on("F87"):
        return same
    alike = next((user for user in found if user["name_id"].casefold() == name_id.casefold()), None)
    if alike is not None and world.quirks.value("nameid_case") == "conflict":
        raise LoginFailed("F87", "45050", f"[sim] a user {alike['name_id']} exists in other letter case")
    return alike


def _of_email(world: World, claims: Claims) -> User | None:
    email = claims.attributes.get("email")
    return next(
        (user for user in world.store.all("flex_user") if user["email"] == email and user["via"] == "sso"), None
    )


def _worker(world: World, user: User | None) -> Worker | None:
    """The worker of a known user; one that was deleted is made again (F89)."""
    found = None if user is None else world.store.get("worker", user["worker_sid"])
    if user is not None and found is None and not world.rules.on("F89"):
        raise LoginFailed("F89", "45050", "[sim] the worker of this user was deleted")
    return found


def _preexisting(world: World, name_id: str, claims: Claims) -> Worker | None:
    """A worker of that name that no sign-on made (F90): taken over, or in the way."""
    found = workers.by_name(world, worker_name(world, name_id, claims))
    if found is None or world.quirks.value("preexisting_worker") == "duplicate":
        return None
    if world.quirks.value("preexisting_worker") == "adopt" or not world.rules.on("F90"):
        return found
    raise LoginFailed("F90", "45050", f"[sim] a worker {found['friendly_name']} exists and belongs to no user")


def _merged(world: World, name_id: str, claims: Claims, worker: Worker | None) -> dict[str, Any]:
    """What is asserted overwrites, the rest stays; what was sent empty is cleared (F83-F85, F95)."""
    before = workers.attributes(worker) if worker is not None else {}
    underscore = world.quirks.value("escape_underscore") == "true"
    escaped = identity.contact_uri(name_id, escape_underscore=underscore)
    own = escaped if world.rules.on("F82") else f"client:{name_id}"
    if not world.rules.on("F83"):
        return before or {**claims.attributes, "contact_uri": own}
    stays = {**before, "contact_uri": own} if world.rules.on("F85") else {"contact_uri": own}
    merged = (
        {**stays, **claims.attributes} if world.rules.on("F95") else {**stays, **claims.attributes, "contact_uri": own}
    )
    form = world.quirks.value("cleared_as")
    for name in claims.cleared:
        if form == "removed":
            merged.pop(name, None)
        else:
            merged[name] = None if form == "null" else ""
    return merged


def _write(world: World, name_id: str, claims: Claims, worker: Worker | None, text: str) -> Worker:
    channels = {**(worker or {}).get("channels", {})}
    for name, settings in claims.channels.items():
        channels[name] = {**channels.get(name, {}), **settings}
    if worker is not None:
        same = json.loads(text) == workers.attributes(worker) and channels == worker["channels"]
        if same and world.quirks.value("worker_touch") == "stays":
            return worker
        return workers.update(world, worker, attributes=text, channels=channels)
    doubles = world.quirks.value("preexisting_worker") == "duplicate"
    name = worker_name(world, name_id, claims)
    return workers.create(world, name, text, name_may_repeat=doubles, channels=channels)


def _failed(world: World, refusal: WorkerRefused) -> LoginFailed:
    code = {"F91": world.quirks.value("too_long"), "F93": "14240"}.get(refusal.number, "45050")
    return LoginFailed(refusal.number, code, refusal.message)


def _remember(world: World, name_id: str, user: User | None, worker: Worker, claims: Claims) -> User:
    remembered: User = {
        **(user or {"sid": world.new_sid("FU"), "name_id": name_id, "via": "sso"}),
        "billed": world.rules.on("F81"),
        "worker_sid": worker["sid"],
        "email": claims.attributes.get("email", ""),
        "full_name": claims.attributes.get("full_name", ""),
        "roles": claims.roles,
        "last_login": world.clock.iso(),
    }
    if claims.team is not None:
        remembered["team"] = claims.team
    if user is None:
        remembered = user_versions.begun(world, remembered)
    else:
        remembered = user_versions.signed_on(world, user, remembered)
    world.store.put("flex_user", remembered["sid"], remembered, at=world.clock.now)
    return remembered


def _check_places(world: World, claims: Claims) -> None:
    """Channels and teams must exist (F79, F94)."""
    home = workers.account(world)
    unknown = [name for name in claims.channels if name not in home["task_channels"]]
    if unknown and world.quirks.value("unknown_channel") == "400":
        raise LoginFailed("F79", ATTRIBUTE_FORMAT, f"[sim] no task channel {unknown}")
    for name in unknown:
        del claims.channels[name]
    if claims.team is not None and claims.team not in home["teams"]:
        raise LoginFailed("F94", ATTRIBUTE_FORMAT, f"[sim] no team {claims.team!r}")
