"""Who somebody is in the directory: groups and roles of the signed-in person, role assignments, and what was
consented to.

A custom role is no directoryRole object, and a role that holds for one application only, or has to be activated
first, makes nobody a member of one: those are seen in the role assignments alone, and for these a permission is
needed that few have (list unifiedRoleAssignments, list oauth2PermissionGrants of a servicePrincipal).
"""

import uuid
from collections.abc import Iterator
from dataclasses import replace

from flexsso_helpers.rehearsal.directory.people import (
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
    CUSTOM_ROLE,
    CUSTOM_ROLE_TITLE,
    GLOBAL_ADMINISTRATOR,
)
from flexsso_helpers.rehearsal.directory.reads import one
from flexsso_helpers.rehearsal.directory.refusals import bad_request, denied, not_found
from flexsso_helpers.rehearsal.directory.schema import GRANT, MEMBERSHIP, ROLE_ASSIGNMENT, USER
from flexsso_helpers.rehearsal.entra.clients import CONSENTED, PUBLIC_CLIENTS
from flexsso_helpers.rehearsal.graph.call import Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph.rights import READ_GRANTS, READ_GROUPS, READ_ME, READ_ROLES
from flexsso_helpers.rehearsal.world import quirks
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document, Term
from flexsso_helpers.rehearsal.world.world import NAMES

quirks.declare(
    {
        "delegate_me": quirk(
            "404",
            "403",
            source="no source shows /me for a partner's delegate; microsoft-identity-web#2609: no object in the tenant",
            when="a partner's delegate signs in",
        )
    }
)

TITLES = {
    GLOBAL_ADMINISTRATOR: "Global Administrator",
    APPLICATION_ADMINISTRATOR: "Application Administrator",
    CLOUD_APPLICATION_ADMINISTRATOR: "Cloud Application Administrator",
    CUSTOM_ROLE: CUSTOM_ROLE_TITLE,
}
GROUP, ROLE = "#microsoft.graph.group", "#microsoft.graph.directoryRole"


def me(call: Call) -> Answer:
    """Who is signed in; a program is nobody, and a partner's delegate nobody of this tenant."""
    return call.item(_person(call), USER, "users")


def groups_and_roles(call: Call) -> Answer:
    """What the signed-in person, or a user, is a member of."""
    wanted = f"#{call.parts['cast']}" if "cast" in call.parts else ""
    person = one(call.world, "user", call.parts["user"]) if "user" in call.parts else _person(call)
    found = [item for item in _memberships(call, person) if wanted in ("", item["@odata.type"])]
    return call.page(found, MEMBERSHIP, "directoryObjects")


def _person(call: Call) -> Document:
    if not call.principal.delegated:
        raise bad_request("/me request is only valid with delegated authentication flow.", "BadRequest")
    if call.world.store.get("delegate", call.principal.id):
        raise denied() if call.world.quirks.value("delegate_me") == "403" else not_found(call.principal.id)
    return one(call.world, "user", call.principal.id)


def _memberships(call: Call, person: Document) -> Iterator[Document]:
    direct = "transitive" not in call.path
    seen, left = set[str](), [person["id"]]
    while left:
        for _, link in call.world.store.walk("member", where=[Term("member", left.pop())]):
            group = call.world.store.get("group", link["group"])
            if group and group["id"] not in seen:
                seen.add(group["id"])
                left += [] if direct else [group["id"]]
                yield {"@odata.type": GROUP} | group
    for role in person["_wids"]:
        identity = str(uuid.uuid5(NAMES, f"directoryRole/{role}"))
        yield {"@odata.type": ROLE, "id": identity, "displayName": TITLES[role], "roleTemplateId": role}


def assignments(call: Call) -> Answer:
    """Roles that are active: built-in and custom ones, in the whole tenant or for some of it."""
    return _roles(call, eligible=False)


def eligible(call: Call) -> Answer:
    """Roles that the signed-in person may activate (Privileged Identity Management)."""
    return _roles(call, eligible=True)


def _roles(call: Call, *, eligible: bool) -> Answer:
    """The definition comes only where it is asked for."""
    expanded = call.query.options.get("$expand") == "roleDefinition"
    plain = {name: value for name, value in call.query.options.items() if name != "$expand"}
    call = replace(call, query=replace(call.query, options=plain))
    people = [*call.world.store.all("user"), *call.world.store.all("delegate")]
    found = [
        _role(person["id"], role, held["scope"], expanded=expanded)
        for person in people
        if not eligible or person["id"] == call.principal.id
        for role, held in _held(person)
        if bool(held.get("eligible")) is eligible
    ]
    return call.page(found, ROLE_ASSIGNMENT, "roleManagement/directory/roleAssignments")


def _held(person: Document) -> Iterator[tuple[str, Document]]:
    yield from ((role, {"scope": "/"}) for role in person["_wids"])
    yield from ((held["role"], held) for held in person.get("_held", ()))


def _role(person: str, role: str, scope: str, *, expanded: bool) -> Document:
    definition = {"id": role, "displayName": TITLES[role], "isBuiltIn": role != CUSTOM_ROLE, "templateId": role}
    return {
        "id": str(uuid.uuid5(NAMES, f"{person}/{role}/{scope}")),
        "principalId": person,
        "roleDefinitionId": role,
        "directoryScopeId": scope,
        **({"roleDefinition": definition} if expanded else {}),
    }


def grants(call: Call) -> Answer:
    """What a client may do in people's names, by consent for everybody."""
    app_id = call.parts["sp"].removeprefix("appId='").rstrip("'")
    if app_id not in PUBLIC_CLIENTS:
        raise not_found(app_id)
    given = call.world.quirks.value("admin_consent") == "granted"
    found: list[Document] = [
        {
            "id": str(uuid.uuid5(NAMES, f"grant/{app_id}")),
            "clientId": str(uuid.uuid5(NAMES, f"client/{app_id}")),
            "consentType": "AllPrincipals",
            "principalId": None,
            "resourceId": str(uuid.uuid5(NAMES, "Microsoft Graph")),
            "scope": " ".join(CONSENTED),
        }
    ]
    return call.page(found if given else [], GRANT, "oauth2PermissionGrants")


ENDPOINTS = [
    Endpoint("GET", "/me", me, READ_ME),
    *(
        Endpoint("GET", f"{who}/{name}{cast}", groups_and_roles, right)
        for who, right in (("/me", READ_ME), ("/users/{user}", READ_GROUPS))
        for name in ("memberOf", "transitiveMemberOf")
        for cast in ("", "/{cast:microsoft.graph.*}")
    ),
    Endpoint("GET", "/roleManagement/directory/roleAssignments", assignments, READ_ROLES),
    Endpoint(
        "GET",
        "/roleManagement/directory/roleEligibilityScheduleInstances/filterByCurrentUser(on='principal')",
        eligible,
        READ_ROLES,
    ),
    Endpoint("GET", "/servicePrincipals/{sp}/oauth2PermissionGrants", grants, READ_GRANTS),
]
