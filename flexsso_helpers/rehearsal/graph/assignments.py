"""App role assignments: who may sign on, and as what."""

import re
from dataclasses import dataclass
from functools import partial

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.reads import listed, mirrored, newest, one
from flexsso_helpers.rehearsal.directory.refusals import GraphRefusal, bad_request, not_found
from flexsso_helpers.rehearsal.directory.schema import ASSIGNMENT
from flexsso_helpers.rehearsal.graph.call import Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph.rights import READ_APPLICATIONS, WRITE_ASSIGNMENTS
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.lags import seen
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document, Term

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
        "duplicate_assignment": quirk(
            "permission_exists",
            "entitlement_grant",
            "entitlement_grant_bad_request",
            source="G67: bicep#161 and clients, which look for either text, and some for the usual code with both",
            when="assignments that lists do not show yet",
        ),
        "group_without_p1": quirk(
            "rejected_400",
            "rejected_403",
            "accepted",
            source="G68: the portal greys it out; Graph's answer is not told",
            when="a tenant without Entra ID P1 or P2",
            refused_there={"rejected_400": ("Refused", "07"), "rejected_403": ("NotPermitted", "07")},
        ),
        "m365_group": quirk(
            "rejected",
            "accepted",
            source="G69: azure-docs#51957",
            when="a Microsoft 365 group is in the file",
            refused_there={"rejected": ("Refused", "07")},
        ),
    }
)

NO_ROLE = "00000000-0000-0000-0000-000000000000"
KINDS = ("user", "group", "servicePrincipal")
FIELDS = {"principalId", "resourceId", "appRoleId"}


@dataclass(frozen=True)
class Side:
    """One of the addresses that assignments have: at the resource, or at a principal of a kind."""

    kind: str
    field: str
    name: str

    def of(self, call: Call) -> str:
        """The object id of the address."""
        return str(one(call.world, self.kind, call.parts.get("object", call.principal.id))["id"])

    def context(self, identity: str) -> str:
        """What contexts name."""
        return f"{self.kind}s('{identity}')/{self.name}"


RESOURCE = Side("servicePrincipal", "resourceId", "appRoleAssignedTo")


def listing(side: Side, call: Call) -> Answer:
    """Who is assigned, or what to. Filters know principalDisplayName and resourceId only."""
    identity = side.of(call)
    source = listed(call.world, "appRoleAssignment", within=Term(side.field, identity), lag="assignment")
    return call.page(source, ASSIGNMENT, side.context(identity))


def read(side: Side, call: Call) -> Answer:
    """One assignment."""
    identity = side.of(call)
    entry = call.world.store.get("appRoleAssignment", call.parts["assignment"], as_of=seen(call.world, "assignment"))
    if entry is None or entry[side.field] != identity:
        raise not_found(call.parts["assignment"])
    return call.item(entry, ASSIGNMENT, side.context(identity))


def assign(side: Side, call: Call) -> Answer:
    """Give one principal one role."""
    world = call.world
    sent = {name: value for name, value in call.body.items() if not name.startswith("@")}
    if set(sent) - FIELDS - {"principalType", "principalDisplayName", "resourceDisplayName"} or FIELDS - set(sent):
        raise bad_request(
            "Invalid property in an app role assignment: principalId, resourceId and appRoleId are needed."
        )
    owner = newest(world, side.kind, call.parts["object"])
    kind, principal = _principal(call, str(sent["principalId"]))
    sp = owner if side is RESOURCE else world.store.get("servicePrincipal", str(sent["resourceId"]))
    if (sp is None or sent[side.field] != owner["id"]) and world.rules.on("G70"):
        raise bad_request("Not a valid reference update.")
    if kind == "group":
        _check_group(call, principal)
    shown = mirrored(world, sp or owner)
    if world.rules.on("G71"):
        _check_role(shown["appRoles"], str(sent["appRoleId"]))
    there = world.store.find("appRoleAssignment", "principalId", str(sent["principalId"]))
    if world.rules.on("G67") and any(all(entry[name] == sent[name] for name in FIELDS) for entry in there):
        raise _duplicate(call)
    made = objects.assign(world, shown, principal, kind, str(sent["appRoleId"]), at=call.now)
    return call.made(made, f"{side.context(owner['id'])}/$entity")


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
    if call.world.quirks.value("duplicate_assignment") == "entitlement_grant_bad_request":
        return bad_request("EntitlementGrant entry already exists.")
    return bad_request("EntitlementGrant entry already exists.", "Request_MultipleObjectsWithSameKeyValue")


def remove(side: Side, call: Call) -> Answer:
    """End one assignment."""
    world, identity = call.world, call.parts["assignment"]
    owner = newest(world, side.kind, call.parts["object"])
    entry = world.store.get("appRoleAssignment", identity)
    if entry is None or entry[side.field] != owner["id"]:
        if not world.rules.on("G72"):
            return call.done()
        if not re.fullmatch(r"[\w-]{43}", identity):
            raise bad_request("Invalid resource identifier for EntitlementGrant.")
        raise bad_request("EntitlementGrant being updated or deleted is not found.")
    world.store.remove("appRoleAssignment", identity, at=call.now)
    return call.done()


def _endpoints(base: str, side: Side) -> list[Endpoint]:
    there = f"{base}/{side.name}"
    table = [
        Endpoint("GET", there, partial(listing, side), READ_APPLICATIONS),
        Endpoint("GET", f"{there}/{{assignment}}", partial(read, side), READ_APPLICATIONS),
    ]
    if "{object}" in base:
        table += [
            Endpoint("POST", there, partial(assign, side), WRITE_ASSIGNMENTS),
            Endpoint("DELETE", f"{there}/{{assignment}}", partial(remove, side), WRITE_ASSIGNMENTS),
        ]
    return table


ENDPOINTS = [
    *_endpoints("/servicePrincipals/{object}", RESOURCE),
    *(
        endpoint
        for base, kind in (
            ("/servicePrincipals/{object}", "servicePrincipal"),
            ("/users/{object}", "user"),
            ("/groups/{object}", "group"),
            ("/me", "user"),
        )
        for endpoint in _endpoints(base, Side(kind, "principalId", "appRoleAssignments"))
    ),
]
