"""Soft-deleted objects: kept thirty days, restored or purged one by one (G80–G83)."""

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.query import Source, fixed
from flexsso_helpers.rehearsal.directory.reads import keyless, without_keys
from flexsso_helpers.rehearsal.directory.refusals import bad_request, no_segment, not_found
from flexsso_helpers.rehearsal.directory.schema import APPLICATION, GROUP, SERVICE_PRINCIPAL, Entity
from flexsso_helpers.rehearsal.graph.call import Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph.identifiers import holder
from flexsso_helpers.rehearsal.graph.rights import READ_APPLICATION, READ_APPLICATIONS, READ_GROUPS, WRITE_APPLICATIONS
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.clock import iso, parse
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "G80": "A deleted application or service principal lies in deletedItems, and its assignments are gone",
        "G81": "Restoring one object leaves the other deleted",
        "G82": "Whether an application comes back while another holds its identifier is open",
        "G83": "Policies outlive what they hang on, and no longer apply to it",
    }
)
quirks.declare(
    {
        "restore_state": quirk(
            "full",
            "no_certs",
            "no_assignments",
            source="G81: docs promise the configuration only",
            when="the application was deleted and restored",
        ),
        "restore_conflict": quirk(
            "object_conflict",
            "restored",
            source="G82: nobody says",
            when="an older, deleted application of ours is restored beside the new one",
            refused_there={"restored": ("Ambiguous", "01")},
        ),
    }
)

CAST = "microsoft.graph."
ENTITIES = {"application": APPLICATION, "servicePrincipal": SERVICE_PRINCIPAL}
KEPT_DAYS = 30


def soft_delete(world: World, kind: str, item: Document, *, at: float) -> None:
    """Move an object to the deleted ones, with what hung on it; there it is out of sight."""
    links = world.store.find("policyLink", "object", item["id"])
    entries = [
        entry
        for field in ("resourceId", "principalId")
        for entry in world.store.find("appRoleAssignment", field, item["id"])
    ]
    if world.rules.on("G80"):
        kept = {"deletedDateTime": iso(at), "_kind": kind, "_links": links, "_assignments": entries}
        world.store.put("deleted", item["id"], item | kept, at=at)
        for entry in entries:
            world.store.remove("appRoleAssignment", entry["id"], at=at)
    world.store.remove(kind, item["id"], at=at)
    for link in links:
        objects.detach(world, link["kind"], link["object"], link["policy"], at=at)
        if not world.rules.on("G83"):
            world.store.remove(link["policyKind"], link["policy"], at=at)


def listing(call: Call) -> Answer:
    """The deleted objects of one type."""
    entity = _entity(call)
    return call.page(_listed(call, entity), entity, entity.collection)


def number(call: Call) -> Answer:
    """How many of one type are deleted."""
    entity = _entity(call)
    return call.count(_listed(call, entity), entity)


def _entity(call: Call) -> Entity:
    kind = call.parts["cast"].removeprefix(CAST)
    if kind not in ENTITIES or not call.parts["cast"].startswith(CAST):
        raise no_segment(call.parts["cast"])
    return ENTITIES[kind]


def _listed(call: Call, entity: Entity) -> Source:
    found = call.world.store.find("deleted", "_kind", entity.name)
    return fixed(_public(keyless(item)) for item in found if _kept(call.world, item))


def _kept(world: World, item: Document) -> bool:
    """After thirty days an object is gone by itself."""
    return parse(item["deletedDateTime"]) + KEPT_DAYS * 86400 > world.clock.now


def restore(call: Call) -> Answer:
    """Bring one object back; its counterpart stays where it is (G81)."""
    item = _deleted(call)
    world, kind = call.world, item["_kind"]
    conflicts = world.quirks.value("restore_conflict") == "object_conflict" and world.rules.on("G82")
    for uri in item.get("identifierUris", []) if conflicts else []:
        if holder(world, item, uri):
            text = "Another object with the same value for property identifierUris already exists."
            raise bad_request(text, details=[("ObjectConflict", "identifierUris", text)])
    for other in [] if world.rules.on("G81") else world.store.find("deleted", "appId", item["appId"]):
        _bring_back(call, other)
    _bring_back(call, item)
    body = {"@odata.type": f"#{CAST}{kind}"} | without_keys(item, selected=[], single=True) | {"deletedDateTime": None}
    return call.made(body, "directoryObjects/$entity", status=200)


def _bring_back(call: Call, item: Document) -> None:
    world, state = call.world, call.world.quirks.value("restore_state")
    extra = ("_kind", "_links", "_assignments")
    body = {name: value for name, value in item.items() if name not in extra} | {"deletedDateTime": None}
    if state == "no_certs":
        body |= {"keyCredentials": [], "passwordCredentials": []}
        if "preferredTokenSigningKeyThumbprint" in body:
            body["preferredTokenSigningKeyThumbprint"] = None
    world.store.remove("deleted", item["id"], at=call.now)
    world.store.put(item["_kind"], item["id"], body, at=call.now)
    for link in item["_links"]:
        if world.store.get(link["policyKind"], link["policy"]):
            objects.attach(world, link["policyKind"], link["kind"], link["object"], link["policy"], at=call.now)
    for entry in item["_assignments"] if state == "full" else []:
        world.store.put("appRoleAssignment", entry["id"], entry, at=call.now)


def purge(call: Call) -> Answer:
    """Delete one object for ever."""
    call.world.store.remove("deleted", _deleted(call)["id"], at=call.now)
    return call.done()


def read(call: Call) -> Answer:
    """One deleted object."""
    item = _deleted(call)
    shown = {"@odata.type": f"#{CAST}{item['_kind']}"} | without_keys(item, selected=call.query.selected, single=True)
    return call.item(shown, ENTITIES[item["_kind"]], "directoryObjects")


def _deleted(call: Call) -> Document:
    item = call.world.store.get("deleted", call.parts["deleted"])
    if item is None or not _kept(call.world, item):
        raise not_found(call.parts["deleted"])
    return item


def _public(item: Document) -> Document:
    return {name: value for name, value in item.items() if not name.startswith("_")}


def groups(call: Call) -> Answer:
    """Deleted groups, of which there are none: nothing here deletes one."""
    return call.page([], GROUP, GROUP.collection)


ENDPOINTS = [
    Endpoint("GET", "/directory/deletedItems/microsoft.graph.group", groups, READ_GROUPS),
    Endpoint("GET", "/directory/deletedItems/{cast:microsoft.graph.*}", listing, READ_APPLICATIONS),
    Endpoint("GET", "/directory/deletedItems/{cast:microsoft.graph.*}/$count", number, READ_APPLICATIONS),
    Endpoint("GET", "/directory/deletedItems/{deleted}", read, READ_APPLICATION),
    Endpoint("DELETE", "/directory/deletedItems/{deleted}", purge, WRITE_APPLICATIONS),
    Endpoint("POST", "/directory/deletedItems/{deleted}/restore", restore, WRITE_APPLICATIONS),
]
