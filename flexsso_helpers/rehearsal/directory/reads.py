"""What a reader of the directory sees now: lagging versions, and service principals that mirror their application."""

from collections.abc import Callable, Sequence
from typing import Any

from flexsso_helpers.rehearsal.directory.objects import application_of, service_principal_of
from flexsso_helpers.rehearsal.directory.query import Rows, Source
from flexsso_helpers.rehearsal.directory.refusals import GraphRefusal, conflict, not_found
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.clock import parse
from flexsso_helpers.rehearsal.world.indexes import indexed
from flexsso_helpers.rehearsal.world.lags import flaps, seen
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document, Term
from flexsso_helpers.rehearsal.world.world import World

rules.declare({"G22": "A write on an object that is not seen yet is refused"})
quirks.declare(
    {"write_after_create": quirk("404", "409", source="G22: msgraph-sdk-dotnet#3108 tells of 404, tf#1764 of 409")}
)

CREATE = {"application": "create_application", "servicePrincipal": "create_service_principal"}


def one(world: World, kind: str, identity: str) -> Document:
    """One object as a single read sees it. Raises GraphRefusal where it is not there or not yet seen (G03)."""
    found = world.store.get(kind, _key(world, kind, identity), as_of=seen(world, "get"), created_by=_born(world, kind))
    if found is None or _flaps(world, kind, found):
        raise not_found(_bare(identity))
    return found


def listed(
    world: World,
    kind: str,
    *,
    within: Term | None = None,
    lag: str = "list",
    shape: Callable[[Document], Document] = lambda item: item,
) -> Source:
    """All objects of a kind as a list sees them; `within` those with this value only, which an index knows."""
    as_of = seen(world, lag)
    created_by = min(_born(world, kind), as_of)

    def rows(terms: Sequence[Term] | None, after: int) -> Rows:
        where = [within] if within else terms
        for place, item in world.store.walk(kind, where=where, after=after, as_of=as_of, created_by=created_by):
            if (within is None or item.get(within.field) == within.value) and not _flaps(world, kind, item):
                yield place, shape(item)

    if within is not None:
        return Source(rows)
    return Source(rows, kind, lambda: world.store.count(kind, as_of=as_of, created_by=created_by))


def newest(world: World, kind: str, identity: str) -> Document:
    """The true state of an object that readers can already see (G22); what writes start from."""
    key = _key(world, kind, identity)
    found = world.store.get(kind, key)
    if found is None:
        raise not_found(_bare(identity))
    if world.rules.on("G22"):
        try:
            one(world, kind, identity)
        except GraphRefusal:
            raise _unseen(world, identity) from None
    return found


def _unseen(world: World, identity: str) -> GraphRefusal:
    return conflict() if world.quirks.value("write_after_create") == "409" else not_found(_bare(identity))


def service_principal(world: World, identity: str) -> Document:
    """One service principal as a single read sees it, mirrored properties included."""
    return mirrored(world, one(world, "servicePrincipal", identity))


def mirrored(world: World, sp: Document) -> Document:
    """A service principal with what it copies from its application, as far as that has arrived (G23, G65, G42)."""
    app = _application_as_of(world, sp["appId"], "mirror")
    roles = _application_as_of(world, sp["appId"], "role")
    known = world.store.get("servicePrincipal", sp["id"], as_of=seen(world, "certificate"), created_by=float("inf"))
    keys = known or sp
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


def shown_application(world: World, app: Document) -> Document:
    """An application as reads show it: `samlMetadataUrl` is null unless it signs on by SAML (live recordings)."""
    sp = service_principal_of(world, app["appId"])
    saml = sp is not None and sp["preferredSingleSignOnMode"] == "saml"
    return app | {"samlMetadataUrl": None} if "samlMetadataUrl" in app and not saml else app


def without_keys(item: Document, *, selected: list[str], single: bool) -> Document:
    """Hide certificate bytes where Graph hides them: unless one object is read with `$select=keyCredentials` (G46)."""
    shown = single and "keyCredentials" in selected
    keys = [
        {**entry, "key": entry["key"] if shown and entry["usage"] == "Verify" else None}
        for entry in item["keyCredentials"]
    ]
    return item | {"keyCredentials": keys}


def keyless(item: Document) -> Document:
    """An object as lists show it: certificates without their bytes."""
    return without_keys(item, selected=[], single=False)


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


def _flaps(world: World, kind: str, item: Document) -> bool:
    return kind in CREATE and flaps(world, parse(item["createdDateTime"]), CREATE[kind])


def _key(world: World, kind: str, identity: str) -> str:
    """The object id of an address such as an id, `appId='…'`, or a user principal name."""
    if identity.startswith(("appId=", "uniqueName=")):
        name, _, quoted = identity.partition("=")
        return _by(world, kind, name, quoted.strip("'"))
    if kind == "user" and "@" in identity:
        return _by(world, kind, "userPrincipalName", identity)
    return identity


def _by(world: World, kind: str, name: str, value: str) -> str:
    if indexed(kind, name):
        return next((str(item["id"]) for item in world.store.find(kind, name, value)), "")
    alike = (item for item in world.store.all(kind) if str(item.get(name, "")).lower() == value.lower())
    return next((str(item["id"]) for item in alike), "")


def _bare(identity: str) -> str:
    return identity.partition("=")[2].strip("'") or identity
