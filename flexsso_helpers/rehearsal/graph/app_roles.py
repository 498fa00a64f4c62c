"""The list of app roles on the application: replaced whole, with rules for ids, values and enabled roles (2g)."""

import re
import uuid
from typing import Any

from flexsso_helpers.rehearsal.directory.refusals import bad_request, invalid_values
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "G60": "An enabled role is neither changed nor removed",
        "G61": "A role's id or value twice in the list is refused",
        "G62": "A role's value may not be that of a permission scope",
        "G63": "A role with origin, or with an impossible value, is refused",
        "G64": "The list of roles is replaced whole; assignments go with their role",
    }
)

VALUE = re.compile(r"[!#$%&'()*+,\-./:;<=>?@\[\]^_`{|}~0-9A-Za-z]{1,120}")
KNOWN = {"id", "allowedMemberTypes", "description", "displayName", "isEnabled", "value", "origin"}
MOST = 700


def checked_roles(world: World, old: Document, new: Document) -> list[Document]:
    """The roles of the application after this PATCH. Raises GraphRefusal."""
    roles, scopes = new["appRoles"], (new.get("api") or {}).get("oauth2PermissionScopes", [])
    for role in roles:
        _check_shape(world, role)
    if world.rules.on("G63") and len(roles) + len(scopes) > MOST:
        raise invalid_values()
    _check_unique(world, roles, scopes)
    if world.rules.on("G60"):
        _check_enabled(old["appRoles"], roles)
    kept = roles if world.rules.on("G64") else [*roles, *_unsent(old["appRoles"], roles)]
    return [{**role, "value": role.get("value"), "origin": "Application"} for role in kept]


def _check_shape(world: World, role: Any) -> None:
    if not isinstance(role, dict) or set(role) - KNOWN - {name for name in role if name.startswith("@")}:
        raise invalid_values()
    try:
        uuid.UUID(str(role.get("id")))
    except ValueError:
        raise invalid_values() from None
    members, value = role.get("allowedMemberTypes"), role.get("value")
    if not isinstance(members, list) or not members or set(members) - {"User", "Application"}:
        raise invalid_values()
    if not role.get("displayName") or not role.get("description") or not isinstance(role.get("isEnabled"), bool):
        raise invalid_values()
    bad_value = value is not None and (not VALUE.fullmatch(str(value)) or str(value).startswith("."))
    if world.rules.on("G63") and (role.get("origin") is not None or bad_value):
        raise invalid_values()


def _check_unique(world: World, roles: list[Document], scopes: list[Document]) -> None:
    ids, values = [role["id"] for role in roles], [role["value"] for role in roles if role.get("value")]
    if world.rules.on("G61") and (len(set(ids)) < len(ids) or len(set(values)) < len(values)):
        raise bad_request("Request contains a property with duplicate values.", "DuplicateValue")
    if world.rules.on("G62") and {scope["value"] for scope in scopes} & set(values):
        raise bad_request("Property value of appRoles conflicts with a value of oauth2PermissionScopes.")


def _check_enabled(old: list[Document], new: list[Document]) -> None:
    """A role that stands enabled may only stay as it is, or be disabled and nothing else."""
    sent = {role["id"]: role for role in new}
    for role in old:
        same = sent.get(role["id"])
        if not role["isEnabled"]:
            continue
        if same is None or any(_plain(same)[name] != _plain(role)[name] for name in KNOWN - {"origin", "isEnabled"}):
            raise bad_request(
                "Permission (scope or role) cannot be deleted or updated unless disabled first.",
                "CannotDeleteOrUpdateEnabledEntitlement",
            )


def _unsent(old: list[Document], new: list[Document]) -> list[Document]:
    return [role for role in old if role["id"] not in {sent["id"] for sent in new}]


def _plain(role: Document) -> Document:
    return {name: role.get(name) for name in KNOWN}
