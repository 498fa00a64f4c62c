"""The account's Enhanced connection: its stages, its two values, and the host that logins go through (F02, F04, F09).

Stages: `started` (the two values are shown), `confirmed` (the identity provider has them), `validating` (while
migrating: logins work and Legacy still stands beside it), `saved`.
"""

from typing import Any

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.world.world import World

Connection = dict[str, Any]

OTHER_LOGIN = "https://login.flex.us2.twilio.com"
"""The login host of another region, which may or may not exist."""
USABLE = ("saved", "validating")


def connection(world: World) -> Connection | None:
    """The account's Enhanced connection, whatever its stage."""
    found = world.store.all("flex_connection")
    return found[0] if found else None


def is_active(world: World, found: Connection) -> bool:
    """Whether logins may use the connection: once it is saved (F09)."""
    return found["stage"] in USABLE or world.quirks.value("active_before_save") == "true" or not world.rules.on("F09")


def login_origin(world: World) -> str:
    """Where logins go through: the documented host, or that of another region when the quirk says so (F04)."""
    return OTHER_LOGIN if world.quirks.value("region") == "other" else clouds.FLEX_LOGIN


def login_hosts(world: World) -> list[str]:
    """The login origins that answer: another region's only where the account is there (F04)."""
    return list(
        dict.fromkeys([clouds.FLEX_LOGIN, login_origin(world), *([] if world.rules.on("F04") else [OTHER_LOGIN])])
    )


def reply_url(world: World, found: Connection) -> str:
    """The ACS URL of the connection (F02)."""
    named = found["sid"] if world.rules.on("F02") else found["sid"][::-1]
    return f"{login_origin(world)}/login/callback?connection={named}"


def entity_id(found: Connection) -> str:
    """The entity ID of the connection (F02)."""
    return f"urn:flex:{found['sid']}"
