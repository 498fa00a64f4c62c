"""Who owns what, and what belongs to which group: owners, what a person owns, memberships down and up (G105).

Whoever makes an application as a program owns it; others are added by reference (application post-owners page).
"""

from collections.abc import Iterator
from functools import partial

from flexsso_helpers.rehearsal.directory.reads import listed, mirrored, newest, one
from flexsso_helpers.rehearsal.directory.refusals import bad_request, no_segment, not_found
from flexsso_helpers.rehearsal.directory.schema import MEMBER
from flexsso_helpers.rehearsal.graph.call import Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph.rights import READ_APPLICATION, READ_GROUPS, READ_ME, WRITE_APPLICATIONS
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.store import Document, Term

rules.declare({"G105": "Applications have owners, and groups have members of members"})

OWNED = {"application": ("application", "applications"), "sp": ("servicePrincipal", "servicePrincipals")}
"""By the name in an address: the kind that may be owned, and its collection."""
KINDS = ("user", "servicePrincipal")
TYPE = "@odata.type"


def owners(part: str, call: Call) -> Answer:
    """The owners of an application or service principal."""
    item = one(call.world, OWNED[part][0], call.parts[part])
    found = [each for identity in item.get("_owners", ()) if (each := _owner(call, identity))]
    return call.page(found, MEMBER, "directoryObjects")


def add_owner(part: str, call: Call) -> Answer:
    """POST owners/$ref: another one, by its address."""
    kind = OWNED[part][0]
    item, identity = newest(call.world, kind, call.parts[part]), str(call.body.get("@odata.id", "")).rsplit("/", 1)[-1]
    if _owner(call, identity) is None:
        raise not_found(identity)
    if identity in item.get("_owners", ()):
        text = "One or more added object references already exist for the following modified properties: 'owners'."
        raise bad_request(text)
    return _owned(call, kind, item, [*item.get("_owners", ()), identity])


def remove_owner(part: str, call: Call) -> Answer:
    """DELETE owners/{id}/$ref."""
    kind = OWNED[part][0]
    item, identity = newest(call.world, kind, call.parts[part]), call.parts["owner"]
    if identity not in item.get("_owners", ()):
        raise not_found(identity)
    return _owned(call, kind, item, [each for each in item["_owners"] if each != identity])


def _owned(call: Call, kind: str, item: Document, left: list[str]) -> Answer:
    _existing(call)
    call.world.store.put(kind, item["id"], item | {"_owners": left}, at=call.now)
    return call.done()


def _owner(call: Call, identity: str) -> Document | None:
    for kind in KINDS:
        found = call.world.store.get(kind, identity)
        if found:
            shown = mirrored(call.world, found) if kind == "servicePrincipal" else found
            return {TYPE: f"#microsoft.graph.{kind}"} | shown
    return None


def owned_objects(call: Call) -> Answer:
    """What the signed-in person, or a user, owns."""
    _existing(call)
    identity = one(call.world, "user", call.parts.get("user", call.principal.id))["id"]
    found = [
        {TYPE: f"#microsoft.graph.{kind}"} | item
        for kind, _ in OWNED.values()
        for _, item in listed(call.world, kind).rows(None, 0)
        if identity in item.get("_owners", ())
    ]
    return call.page(found, MEMBER, "directoryObjects")


def transitive_members(call: Call) -> Answer:
    """The members of a group, and of the groups in it, each once."""
    _existing(call)
    wanted = call.parts.get("cast", "")
    found = _below(call, one(call.world, "group", call.parts["group"])["id"], set())
    return call.page([item for item in found if wanted in ("", item[TYPE][1:])], MEMBER, "directoryObjects")


def _below(call: Call, group: str, seen: set[str]) -> Iterator[Document]:
    for _, link in call.world.store.walk("member", where=[Term("group", group)]):
        item = call.world.store.get(link["kind"], link["member"])
        if item is None or item["id"] in seen:
            continue
        seen.add(item["id"])
        yield {TYPE: f"#microsoft.graph.{link['kind']}"} | item
        if link["kind"] == "group":
            yield from _below(call, item["id"], seen)


def _existing(call: Call) -> None:
    if not call.world.rules.on("G105"):
        raise no_segment(call.path.rsplit("/", 1)[-1])


ENDPOINTS = [
    *(
        endpoint
        for part, (_, collection) in OWNED.items()
        for endpoint in (
            Endpoint("GET", f"/{collection}/{{{part}}}/owners", partial(owners, part), READ_APPLICATION),
            Endpoint("POST", f"/{collection}/{{{part}}}/owners/$ref", partial(add_owner, part), WRITE_APPLICATIONS),
            Endpoint(
                "DELETE",
                f"/{collection}/{{{part}}}/owners/{{owner}}/$ref",
                partial(remove_owner, part),
                WRITE_APPLICATIONS,
            ),
        )
    ),
    Endpoint("GET", "/me/ownedObjects", owned_objects, READ_ME),
    Endpoint("GET", "/users/{user}/ownedObjects", owned_objects, READ_APPLICATION),
    *(
        Endpoint("GET", f"/groups/{{group}}/transitiveMembers{cast}", transitive_members, READ_GROUPS, cost=3)
        for cast in ("", "/{cast:microsoft.graph.*}")
    ),
]
