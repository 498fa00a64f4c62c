"""App role assignments: who may sign on, and as what (graph.md 2h)."""

import re

from flexsso_helpers.rehearsal import entra_objects, quirks, rules
from flexsso_helpers.rehearsal.graph_call import Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph_errors import GraphRefusal, bad_request, not_found
from flexsso_helpers.rehearsal.graph_reads import mirrored, newest, one
from flexsso_helpers.rehearsal.graph_rights import READ_APPLICATIONS, WRITE_ASSIGNMENTS
from flexsso_helpers.rehearsal.graph_schema import ASSIGNMENT
from flexsso_helpers.rehearsal.lags import seen
from flexsso_helpers.rehearsal.store import Document

rules.declare(
    {
        "G67": "The same assignment again is refused",
        "G68": "A group needs a premium licence",
        "G69": "A group that is not security-enabled cannot be assigned",
        "G70": "An unknown principal or a wrong resource is no valid reference",
        "G71": "A role that the service principal does not have, or not yet, cannot be assigned",
        "G72": "An unknown assignment cannot be deleted",
    }
)
quirks.declare(
    {
        "duplicate_assignment": ("permission_exists", "entitlement_grant"),
        "group_without_p1": ("rejected_400", "rejected_403", "accepted"),
        "m365_group": ("rejected", "accepted"),
    }
)

NO_ROLE = "00000000-0000-0000-0000-000000000000"
KINDS = ("user", "group", "servicePrincipal")
FIELDS = {"principalId", "resourceId", "appRoleId"}


def listing(call: Call) -> Answer:
    """Who is assigned to a service principal. Filters know principalDisplayName and resourceId only."""
    sp = one(call.world, "servicePrincipal", call.parts["sp"])
    there = call.world.store.all("appRoleAssignment", as_of=seen(call.world, "assignment"))
    items = [entry for entry in there if entry["resourceId"] == sp["id"]]
    return call.page(items, ASSIGNMENT, f"servicePrincipals('{sp['id']}')/appRoleAssignedTo")


def assign(call: Call) -> Answer:
    """Give one principal one role."""
    world = call.world
    sp = newest(world, "servicePrincipal", call.parts["sp"])
    sent = {name: value for name, value in call.body.items() if not name.startswith("@")}
    if set(sent) - FIELDS - {"principalType", "principalDisplayName", "resourceDisplayName"} or FIELDS - set(sent):
        raise bad_request(
            "Invalid property in an app role assignment: principalId, resourceId and appRoleId are needed."
        )
    kind, principal = _principal(call, str(sent["principalId"]))
    if sent["resourceId"] != sp["id"] and world.rules.on("G70"):
        raise bad_request("Not a valid reference update.")
    if kind == "group":
        _check_group(call, principal)
    if world.rules.on("G71"):
        _check_role(mirrored(world, sp)["appRoles"], str(sent["appRoleId"]))
    if world.rules.on("G67") and any(
        all(entry[name] == sent[name] for name in FIELDS) for entry in world.store.all("appRoleAssignment")
    ):
        raise _duplicate(call)
    shown = mirrored(world, sp)
    made = entra_objects.assign(world, shown, principal, kind, str(sent["appRoleId"]), at=call.now)
    return call.made(made, f"servicePrincipals('{sp['id']}')/appRoleAssignedTo/$entity")


def _principal(call: Call, identity: str) -> tuple[str, Document]:
    for kind in KINDS:
        found = call.world.store.get(kind, identity)
        if found:
            return kind, found
    if not call.world.rules.on("G70"):
        return "user", {"id": identity, "displayName": None}
    raise not_found(identity)


def _check_group(call: Call, group: Document) -> None:
    world = call.world
    if world.rules.on("G69") and not group["securityEnabled"] and world.quirks.value("m365_group") == "rejected":
        raise bad_request("The group is not security-enabled and cannot be assigned to an application.")
    plans = [plan["servicePlanName"] for sku in world.store.all("subscribedSku") for plan in sku["servicePlans"]]
    answer = world.quirks.value("group_without_p1")
    if not world.rules.on("G68") or answer == "accepted" or {"AAD_PREMIUM", "AAD_PREMIUM_P2"} & set(plans):
        return
    text = "Assigning a group to an application needs Microsoft Entra ID P1 or P2."
    if answer == "rejected_403":
        raise GraphRefusal(403, "Authorization_RequestDenied", text)
    raise bad_request(text)


def _check_role(roles: list[Document], role_id: str) -> None:
    """The all-zero role is for applications that declare none."""
    usable = {role["id"] for role in roles if role["isEnabled"] and "User" in role["allowedMemberTypes"]}
    if role_id not in (usable if roles else {NO_ROLE}):
        raise bad_request("Permission being assigned was not found on application")


def _duplicate(call: Call) -> GraphRefusal:
    if call.world.quirks.value("duplicate_assignment") == "permission_exists":
        return bad_request("Permission being assigned already exists on the object")
    return bad_request("EntitlementGrant entry already exists.", "Request_MultipleObjectsWithSameKeyValue")


def remove(call: Call) -> Answer:
    """End one assignment."""
    world = call.world
    sp = newest(world, "servicePrincipal", call.parts["sp"])
    identity = call.parts["assignment"]
    entry = world.store.get("appRoleAssignment", identity)
    if entry is None or entry["resourceId"] != sp["id"]:
        if not world.rules.on("G72"):
            return call.done()
        if not re.fullmatch(r"[\w-]{43}", identity):
            raise bad_request("Invalid resource identifier for EntitlementGrant.")
        raise bad_request("EntitlementGrant being updated or deleted is not found.")
    world.store.remove("appRoleAssignment", identity, at=call.now)
    return call.done()


ENDPOINTS = [
    Endpoint("GET", "/servicePrincipals/{sp}/appRoleAssignedTo", listing, READ_APPLICATIONS),
    Endpoint("POST", "/servicePrincipals/{sp}/appRoleAssignedTo", assign, WRITE_ASSIGNMENTS),
    Endpoint("DELETE", "/servicePrincipals/{sp}/appRoleAssignedTo/{assignment}", remove, WRITE_ASSIGNMENTS),
]
