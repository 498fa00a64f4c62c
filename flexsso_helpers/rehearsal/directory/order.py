"""The order of the lists in an object, which is not always the one they were written in."""

from typing import Any

from flexsso_helpers.rehearsal.world import quirks
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

quirks.declare(
    {
        "list_order": quirk(
            "kept",
            "turned",
            "changing",
            source="live recordings of Azure CLI show redirectUris and appRoles in another order than was written",
        )
    }
)

UNORDERED = frozenset(
    (
        "identifierUris", "redirectUris", "appRoles", "tags", "keyCredentials", "passwordCredentials", "replyUrls",
        "servicePrincipalNames", "notificationEmailAddresses", "redirectUriSettings", "requiredResourceAccess",
        "oauth2PermissionScopes",
    )
)  # fmt: skip


def in_order(world: World, item: Document) -> Document:
    """An object with its lists in the order that this read gives them."""
    choice = world.quirks.value("list_order")
    turned = choice == "turned" or (choice == "changing" and int(world.clock.now) % 2 == 1)
    return {name: _turned(name, value) for name, value in item.items()} if turned else item


def _turned(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {inner: _turned(inner, each) for inner, each in value.items()}
    return value[::-1] if name in UNORDERED and isinstance(value, list) else value
