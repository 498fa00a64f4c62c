"""The Flex side of the rehearsed company: account, a set-up that somebody has started, three Console logins."""

from typing import Any

from flexsso_helpers.rehearsal.flex import activities, identity, rules, user_versions, workers
from flexsso_helpers.rehearsal.world.world import World

SUFFIX = "f1e55000000000000000000000000001"
ACCOUNT_SID = f"AC{SUFFIX}"
CONNECTION = f"JQ{SUFFIX}"
INSTANCE_SID = f"GO{SUFFIX}"
WORKSPACE_SID = f"WS{SUFFIX}"
API_KEY = f"SK{SUFFIX}"
IE1_KEY = "SKf1e55000000000000000000000000002"
"""An API key that somebody made in the region IE1."""
SECRET = "rehearsal"  # noqa: S105 - the published word of the rehearsal, worth nothing elsewhere
CLIENT_ID = "XVO" + "RehearsalRehearsalRehearsal29"
RUNTIME_DOMAIN = "contoso-1234"

rules.declare()

CONSOLE_USERS = (
    ("olga.owner@contoso.com", "Olga Owner", ["admin", "wfo.full_access"]),
    ("dev.desk@contoso.com", "Devi Desk", ["admin", "wfo.full_access"]),
    ("sue.support@contoso.com", "Sue Support", ["flex.readteams", "flex.readonlyadmin"]),
)


def plant(world: World) -> None:
    """Put the Flex account into a fresh world."""
    now = world.clock.iso()
    account: dict[str, Any] = {
        "sid": ACCOUNT_SID,
        "instance_sid": INSTANCE_SID,
        "workspace_sid": WORKSPACE_SID,
        "workspace_name": "Flex Task Assignment",
        "offline_activity_sid": f"WA{SUFFIX}",
        "runtime_domain": RUNTIME_DOMAIN,
        "ui_version": "2.9.0",
        "status": "ok",
        "public_attributes": {"loginPopup": False},
        "ui_attributes": {"loginPopup": False},
        "self_hosted": False,
        "task_channels": ["default", "voice", "chat", "sms", "email"],
        "teams": ["default", "Contoso Care"],
        "max_workers": 15000,
        "date_created": now,
    }
    world.store.put("flex_account", ACCOUNT_SID, account, at=world.clock.now)
    activities.plant(world)
    world.store.put("flex_connection", CONNECTION, started(), at=world.clock.now)
    for name_id, full_name, roles in CONSOLE_USERS:
        console_login(world, name_id, full_name, roles)


def started(sid: str = CONNECTION) -> dict[str, Any]:
    """A connection of which nobody has entered the identity provider's data (F09)."""
    return {
        "sid": sid,
        "stage": "started",
        "friendly_name": "",
        "certificate": "",
        "issuer": "",
        "sso_url": "",
        "default_redirect_url": "",
        "trusted_urls": [],
        "login_popup": False,
    }


def console_login(world: World, name_id: str, full_name: str, roles: list[str]) -> None:
    """Somebody logs in through Console: a user and a worker of their own, billed apart (F88)."""
    values = {
        "full_name": full_name,
        "email": name_id,
        "roles": roles,
        "contact_uri": identity.contact_uri(name_id),
    }
    worker = workers.create(world, identity.escape(name_id), workers.as_text(values))
    user = {
        "sid": world.new_sid("FU"),
        "name_id": name_id,
        "via": "console",
        "billed": True,
        "worker_sid": worker["sid"],
        "email": name_id,
        "full_name": full_name,
        "roles": roles,
        "last_login": world.clock.iso(),
    }
    world.store.put("flex_user", user["sid"], user_versions.begun(world, user), at=world.clock.now)
