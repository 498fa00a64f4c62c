"""Users, groups, the organisation and its licences: read only."""

from collections.abc import Sequence
from functools import partial

from flexsso_helpers.rehearsal.directory.query import Rows, Source, project
from flexsso_helpers.rehearsal.directory.reads import keyless, listed, mirrored, one
from flexsso_helpers.rehearsal.directory.refusals import bad_request, denied, no_segment
from flexsso_helpers.rehearsal.directory.schema import GROUP, MEMBER, ORGANIZATION, SKU, USER, Entity
from flexsso_helpers.rehearsal.graph.call import Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph.rights import READ_GROUPS, READ_LICENCES, READ_ORGANIZATION, READ_USERS
from flexsso_helpers.rehearsal.world import quirks
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document, Term
from flexsso_helpers.rehearsal.world.world import TENANT_ID

quirks.declare(
    {
        "list_users": quirk(
            "allowed",
            "refused",
            source="docs (user-list): guests cannot; msteams-docs#6285 tells of one who could,"
            " aspnet-snippets-sample#44 of one with a directory role who could not",
        )
    }
)

CASTS = {"microsoft.graph.user": "user", "microsoft.graph.group": "group"}
ENTITIES = {"user": USER, "group": GROUP}
KINDS = ("user", "group", "servicePrincipal", "application")
MOST_IDS = 1000


def listing(entity: Entity, call: Call) -> Answer:
    """All users, or all groups."""
    if entity is USER and call.world.quirks.value("list_users") == "refused":
        raise denied()
    return call.page(listed(call.world, entity.name), entity, entity.collection)


def number(entity: Entity, call: Call) -> Answer:
    """How many users, or groups."""
    return call.count(listed(call.world, entity.name), entity)


def read(entity: Entity, call: Call) -> Answer:
    """One user, by id or user principal name; or one group."""
    return call.item(one(call.world, entity.name, call.parts[entity.name]), entity, entity.collection)


def members(call: Call) -> Answer:
    """The direct members of a group: users and groups."""
    return call.page(_members(call, ""), MEMBER, "directoryObjects")


def members_of_type(call: Call) -> Answer:
    """The direct members of one type."""
    kind = CASTS.get(call.parts["cast"])
    if kind is None:
        raise no_segment(call.parts["cast"])
    return call.page(_members(call, kind), ENTITIES[kind], ENTITIES[kind].collection)


def _members(call: Call, wanted: str) -> Source:
    identity = one(call.world, "group", call.parts["group"])["id"]

    def rows(_terms: Sequence[Term] | None, after: int) -> Rows:
        for place, link in call.world.store.walk("member", where=[Term("group", identity)], after=after):
            item = call.world.store.get(link["kind"], link["member"]) if wanted in ("", link["kind"]) else None
            if item:
                yield place, item if wanted else {"@odata.type": f"#microsoft.graph.{link['kind']}"} | item

    return Source(rows)


def by_ids(call: Call) -> Answer:
    """directoryObjects/getByIds: those that are there, of the types asked for."""
    ids, types = call.body.get("ids"), call.body.get("types") or list(KINDS)
    if not isinstance(ids, list) or len(ids) > MOST_IDS or not isinstance(types, list):
        raise bad_request(f"The property 'ids' must be a list of at most {MOST_IDS} ids.", "BadRequest")
    found: list[Document] = []
    for identity in dict.fromkeys(map(str, ids)):
        for kind in KINDS:
            item = call.world.store.get(kind, identity) if kind in types else None
            if item:
                found.append({"@odata.type": f"#microsoft.graph.{kind}"} | _shown(call, kind, item))
    public = [project(item, MEMBER, []) for item in found]
    return Answer(200, {"@odata.context": f"{call.metadata}#directoryObjects", "value": public})


def _shown(call: Call, kind: str, item: Document) -> Document:
    if kind in ENTITIES:
        return item
    return keyless(mirrored(call.world, item) if kind == "servicePrincipal" else item)


def organization(call: Call) -> Answer:
    """The tenant itself, as a list of one."""
    found = call.world.store.get("organization", TENANT_ID)
    return call.page([found] if found else [], ORGANIZATION, "organization")


def licences(call: Call) -> Answer:
    """What the tenant has bought."""
    return call.page(call.world.store.all("subscribedSku"), SKU, "subscribedSkus")


ENDPOINTS = [
    *(
        endpoint
        for entity, right in ((USER, READ_USERS), (GROUP, READ_GROUPS))
        for endpoint in (
            Endpoint("GET", f"/{entity.collection}", partial(listing, entity), right),
            Endpoint("GET", f"/{entity.collection}/$count", partial(number, entity), right),
            Endpoint("GET", f"/{entity.collection}/{{{entity.name}}}", partial(read, entity), right),
        )
    ),
    Endpoint("GET", "/groups/{group}/members", members, READ_GROUPS, cost=3),
    Endpoint("GET", "/groups/{group}/members/{cast}", members_of_type, READ_GROUPS, cost=3),
    Endpoint("POST", "/directoryObjects/getByIds", by_ids, READ_USERS),
    Endpoint("GET", "/organization", organization, READ_ORGANIZATION),
    Endpoint("GET", "/subscribedSkus", licences, READ_LICENCES),
]
