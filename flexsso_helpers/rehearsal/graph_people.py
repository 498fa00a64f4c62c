"""Users, groups, the signed-in person, the organisation and its licences: read only."""

from flexsso_helpers.rehearsal.graph_call import Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph_errors import bad_request, no_segment
from flexsso_helpers.rehearsal.graph_reads import one, several
from flexsso_helpers.rehearsal.graph_rights import READ_GROUPS, READ_LICENCES, READ_ME, READ_ORGANIZATION, READ_USERS
from flexsso_helpers.rehearsal.graph_schema import GROUP, MEMBER, ORGANIZATION, SKU, USER
from flexsso_helpers.rehearsal.store import Document
from flexsso_helpers.rehearsal.world import TENANT_ID

CASTS = {"microsoft.graph.user": "user", "microsoft.graph.group": "group"}
ENTITIES = {"user": USER, "group": GROUP}


def users(call: Call) -> Answer:
    """All users."""
    return call.page(several(call.world, "user"), USER, "users")


def user(call: Call) -> Answer:
    """One user, by id or user principal name."""
    return call.item(one(call.world, "user", call.parts["user"]), USER, "users")


def me(call: Call) -> Answer:
    """Who is signed in; a program is nobody."""
    if not call.principal.delegated:
        raise bad_request("/me request is only valid with delegated authentication flow.", "BadRequest")
    return call.item(one(call.world, "user", call.principal.id), USER, "users")


def groups(call: Call) -> Answer:
    """All groups."""
    return call.page(several(call.world, "group"), GROUP, "groups")


def group(call: Call) -> Answer:
    """One group."""
    return call.item(one(call.world, "group", call.parts["group"]), GROUP, "groups")


def members(call: Call) -> Answer:
    """The direct members of a group: users and groups."""
    items = [{"@odata.type": f"#microsoft.graph.{kind}"} | item for kind, item in _members(call)]
    return call.page(items, MEMBER, "directoryObjects")


def members_of_type(call: Call) -> Answer:
    """The direct members of one type."""
    kind = CASTS.get(call.parts["cast"])
    if kind is None:
        raise no_segment(call.parts["cast"])
    items = [item for found, item in _members(call) if found == kind]
    return call.page(items, ENTITIES[kind], ENTITIES[kind].collection)


def _members(call: Call) -> list[tuple[str, Document]]:
    identity = one(call.world, "group", call.parts["group"])["id"]
    found = []
    for link in call.world.store.all("member"):
        item = call.world.store.get(link["kind"], link["member"]) if link["group"] == identity else None
        if item:
            found.append((link["kind"], item))
    return found


def organization(call: Call) -> Answer:
    """The tenant itself, as a list of one."""
    found = call.world.store.get("organization", TENANT_ID)
    return call.page([found] if found else [], ORGANIZATION, "organization")


def licences(call: Call) -> Answer:
    """What the tenant has bought."""
    return call.page(call.world.store.all("subscribedSku"), SKU, "subscribedSkus")


ENDPOINTS = [
    Endpoint("GET", "/users", users, READ_USERS),
    Endpoint("GET", "/users/{user}", user, READ_USERS),
    Endpoint("GET", "/me", me, READ_ME),
    Endpoint("GET", "/groups", groups, READ_GROUPS),
    Endpoint("GET", "/groups/{group}", group, READ_GROUPS),
    Endpoint("GET", "/groups/{group}/members", members, READ_GROUPS),
    Endpoint("GET", "/groups/{group}/members/{cast}", members_of_type, READ_GROUPS),
    Endpoint("GET", "/organization", organization, READ_ORGANIZATION),
    Endpoint("GET", "/subscribedSkus", licences, READ_LICENCES),
]
