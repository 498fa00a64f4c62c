"""Soft-deleted objects: kept thirty days, restored or purged one by one (G80, G81)."""

from flexsso_helpers.rehearsal import rules
from flexsso_helpers.rehearsal.clock import iso
from flexsso_helpers.rehearsal.graph_call import METADATA, Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph_errors import no_segment, not_found
from flexsso_helpers.rehearsal.graph_reads import without_keys
from flexsso_helpers.rehearsal.graph_rights import READ_APPLICATIONS, WRITE_APPLICATIONS
from flexsso_helpers.rehearsal.graph_schema import APPLICATION, SERVICE_PRINCIPAL
from flexsso_helpers.rehearsal.store import Document
from flexsso_helpers.rehearsal.world import World

rules.declare(
    {
        "G80": "A deleted application or service principal lies in deletedItems, and its assignments are gone",
        "G81": "Restoring one object leaves the other deleted",
    }
)

CAST = "microsoft.graph."
ENTITIES = {"application": APPLICATION, "servicePrincipal": SERVICE_PRINCIPAL}


def soft_delete(world: World, kind: str, item: Document, *, at: float) -> None:
    """Move an object to the deleted ones; the links and assignments of a service principal end (G83)."""
    if world.rules.on("G80"):
        world.store.put("deleted", item["id"], item | {"deletedDateTime": iso(at), "_kind": kind}, at=at)
    world.store.remove(kind, item["id"], at=at)
    for link in world.store.all("policyLink"):
        if link["object"] == item["id"]:
            world.store.remove("policyLink", f"{link['policy']}:{link['kind']}:{link['object']}", at=at)
    for entry in world.store.all("appRoleAssignment"):
        if entry["resourceId"] == item["id"]:
            world.store.remove("appRoleAssignment", entry["id"], at=at)


def listing(call: Call) -> Answer:
    """The deleted objects of one type."""
    kind = call.parts["cast"].removeprefix(CAST)
    if kind not in ENTITIES or not call.parts["cast"].startswith(CAST):
        raise no_segment(call.parts["cast"])
    items = [
        without_keys(_public(item), selected=[], single=False)
        for item in call.world.store.all("deleted")
        if item["_kind"] == kind
    ]
    return call.page(items, ENTITIES[kind], ENTITIES[kind].collection)


def restore(call: Call) -> Answer:
    """Bring one object back, with its settings and certificates; its counterpart stays where it is (G81)."""
    item = _deleted(call)
    kind = item["_kind"]
    for other in [] if call.world.rules.on("G81") else call.world.store.all("deleted"):
        if other["appId"] == item["appId"]:
            _bring_back(call, other)
    _bring_back(call, item)
    item = item | {"deletedDateTime": None}
    body = {"@odata.type": f"#{CAST}{kind}"} | without_keys(item, selected=[], single=True)
    return call.made(body, "directoryObjects/$entity", status=200)


def _bring_back(call: Call, item: Document) -> None:
    body = {name: value for name, value in item.items() if name != "_kind"} | {"deletedDateTime": None}
    call.world.store.remove("deleted", item["id"], at=call.now)
    call.world.store.put(item["_kind"], item["id"], body, at=call.now)


def purge(call: Call) -> Answer:
    """Delete one object for ever."""
    call.world.store.remove("deleted", _deleted(call)["id"], at=call.now)
    return call.done()


def read(call: Call) -> Answer:
    """One deleted object."""
    item = _deleted(call)
    body = {"@odata.context": f"{METADATA}#directoryObjects/$entity", "@odata.type": f"#{CAST}{item['_kind']}"}
    return Answer(200, body | _public(without_keys(item, selected=[], single=True)))


def _deleted(call: Call) -> Document:
    item = call.world.store.get("deleted", call.parts["deleted"])
    if item is None:
        raise not_found(call.parts["deleted"])
    return item


def _public(item: Document) -> Document:
    return {name: value for name, value in item.items() if not name.startswith("_")}


ENDPOINTS = [
    Endpoint("GET", "/directory/deletedItems/{cast:microsoft.graph.*}", listing, READ_APPLICATIONS),
    Endpoint("GET", "/directory/deletedItems/{deleted}", read, READ_APPLICATIONS),
    Endpoint("DELETE", "/directory/deletedItems/{deleted}", purge, WRITE_APPLICATIONS),
    Endpoint("POST", "/directory/deletedItems/{deleted}/restore", restore, WRITE_APPLICATIONS),
]
