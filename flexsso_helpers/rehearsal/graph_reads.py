"""What a reader of the directory sees now: lagging versions, and service principals that mirror their application."""

from typing import Any

from flexsso_helpers.rehearsal.entra_objects import application_of
from flexsso_helpers.rehearsal.graph_errors import not_found
from flexsso_helpers.rehearsal.lags import seen
from flexsso_helpers.rehearsal.store import Document
from flexsso_helpers.rehearsal.world import World

CREATE = {"application": "create_application", "servicePrincipal": "create_service_principal"}


def one(world: World, kind: str, identity: str) -> Document:
    """One object as a single read sees it. Raises GraphRefusal where it is not there or not yet seen (G03)."""
    found = world.store.get(kind, _key(world, kind, identity), as_of=seen(world, "get"), created_by=_born(world, kind))
    if found is None:
        raise not_found(_bare(identity))
    return found


def several(world: World, kind: str) -> list[Document]:
    """All objects of a kind as a list sees them."""
    return world.store.all(kind, as_of=seen(world, "list"), created_by=min(_born(world, kind), seen(world, "list")))


def newest(world: World, kind: str, identity: str) -> Document:
    """The true state of an object that readers can already see; what writes start from."""
    one(world, kind, identity)
    found = world.store.get(kind, _key(world, kind, identity))
    if found is None:
        raise not_found(_bare(identity))
    return found


def service_principal(world: World, identity: str) -> Document:
    """One service principal as a single read sees it, mirrored properties included."""
    return mirrored(world, one(world, "servicePrincipal", identity))


def service_principals(world: World) -> list[Document]:
    """All service principals as a list sees them; credentials without their keys."""
    return [mirrored(world, sp) for sp in several(world, "servicePrincipal")]


def mirrored(world: World, sp: Document) -> Document:
    """A service principal with what it copies from its application, as far as that has arrived (G23, G65, G42)."""
    app = _application_as_of(world, sp["appId"], "mirror")
    roles = _application_as_of(world, sp["appId"], "role")
    listed = world.store.get("servicePrincipal", sp["id"], as_of=seen(world, "certificate"), created_by=float("inf"))
    keys = listed or sp
    web: dict[str, Any] = app.get("web") or {}
    return sp | {
        "displayName": app.get("displayName", sp["displayName"]),
        "appDisplayName": app.get("displayName", sp["displayName"]),
        "appDescription": app.get("description"),
        "servicePrincipalNames": [sp["appId"], *app.get("identifierUris", [])],
        "replyUrls": list(web.get("redirectUris", [])),
        "homepage": web.get("homePageUrl"),
        "info": app.get("info"),
        "tags": list(dict.fromkeys([*sp["tags"], *app.get("tags", [])])),
        "appRoles": roles.get("appRoles", []),
        "oauth2PermissionScopes": (roles.get("api") or {}).get("oauth2PermissionScopes", []),
        "resourceSpecificApplicationPermissions": [],
        "keyCredentials": keys["keyCredentials"],
        "passwordCredentials": keys["passwordCredentials"],
    }


def without_keys(item: Document, *, selected: list[str], single: bool) -> Document:
    """Hide certificate bytes where Graph hides them: unless one object is read with `$select=keyCredentials` (G46)."""
    shown = single and "keyCredentials" in selected
    keys = [
        {**entry, "key": entry["key"] if shown and entry["usage"] == "Verify" else None}
        for entry in item["keyCredentials"]
    ]
    return item | {"keyCredentials": keys}


def _application_as_of(world: World, app_id: str, lag: str) -> Document:
    """The application with this client id as the mirror knows it; its first version when nothing later has come."""
    newest_one = application_of(world, app_id)
    if newest_one is None:
        return {}
    found = world.store.get("application", newest_one["id"], as_of=seen(world, lag), created_by=float("inf"))
    return found or newest_one


def _born(world: World, kind: str) -> float:
    """The moment up to which creations of this kind are seen."""
    return seen(world, CREATE.get(kind, "get"))


def _key(world: World, kind: str, identity: str) -> str:
    """The object id of an address such as an id, `appId='…'`, or a user principal name."""
    if identity.startswith(("appId=", "uniqueName=")):
        name, _, quoted = identity.partition("=")
        return _by(world, kind, name, quoted.strip("'"))
    if kind == "user" and "@" in identity:
        return _by(world, kind, "userPrincipalName", identity)
    return identity


def _by(world: World, kind: str, name: str, value: str) -> str:
    for item in world.store.all(kind):
        if str(item.get(name, "")).lower() == value.lower():
            return str(item["id"])
    return ""


def _bare(identity: str) -> str:
    return identity.partition("=")[2].strip("'") or identity
