"""Applications: made from the template, read, changed, deleted (graph.md 2a, 2c, 2k)."""

from flexsso_helpers.rehearsal import entra_objects, quirks, rules
from flexsso_helpers.rehearsal.graph_app_roles import checked_roles
from flexsso_helpers.rehearsal.graph_call import Answer, Call, Endpoint, checked, merged
from flexsso_helpers.rehearsal.graph_credentials import checked_credentials, make_certificate
from flexsso_helpers.rehearsal.graph_deleted import soft_delete
from flexsso_helpers.rehearsal.graph_errors import bad_request, not_found
from flexsso_helpers.rehearsal.graph_identifiers import check_identifiers, check_reply_urls
from flexsso_helpers.rehearsal.graph_reads import newest, one, several, without_keys
from flexsso_helpers.rehearsal.graph_rights import READ_APPLICATIONS, WRITE_APPLICATIONS
from flexsso_helpers.rehearsal.graph_schema import APPLICATION
from flexsso_helpers.rehearsal.store import Document

rules.declare(
    {
        "G11": "The same display name again makes a second pair",
        "G12": "An unknown template is not found",
        "G13": "A tenant may demand serviceManagementReference",
        "G79": "An application whose service principal signs on by SAML cannot be deleted first",
    }
)
quirks.declare(
    {
        "template_certificate": ("none", "present_active", "present_inactive"),
        "require_service_reference": ("off", "on"),
        "app_delete": ("saml_blocked", "cascades"),
    }
)

YEAR = 365 * 86400.0


def instantiate(call: Call) -> Answer:
    """Make application and service principal from the template for custom SAML applications."""
    world, name = call.world, call.body.get("displayName")
    if call.parts["template"] != entra_objects.TEMPLATE_ID and world.rules.on("G12"):
        raise not_found(call.parts["template"])
    unknown = set(call.body) - {"displayName", "serviceManagementReference"}
    if unknown:
        raise bad_request(
            f"The parameter '{unknown.pop()}' in the request payload is not a valid parameter.", "BadRequest"
        )
    if not isinstance(name, str) or not name.strip():
        raise bad_request("Property displayName is required.", "BadRequest")
    reference = call.body.get("serviceManagementReference")
    if world.rules.on("G13") and world.quirks.value("require_service_reference") == "on" and not reference:
        raise bad_request("Property serviceManagementReference is required by the policy of the organization.")
    if not world.rules.on("G11") and any(app["displayName"] == name for app in world.store.all("application")):
        raise bad_request("Another object with the same value for property displayName already exists.")
    user = world.store.get("user", call.principal.id) or {}
    app, sp = entra_objects.pair(
        world, name, at=call.now, template=entra_objects.TEMPLATE_ID, creator_mail=user.get("mail")
    )
    app["serviceManagementReference"] = reference
    _template_certificate(call, sp)
    entra_objects.keep(world, app, sp, at=call.now)
    names = {"servicePrincipalNames": [app["appId"]], "replyUrls": [], "appRoles": app["appRoles"]}
    shown = without_keys(sp, selected=[], single=True) | names
    body = {"application": app, "servicePrincipal": shown}
    return call.made(body, "microsoft.graph.applicationServicePrincipal")


def _template_certificate(call: Call, sp: Document) -> None:
    choice = call.world.quirks.value("template_certificate")
    if choice == "none":
        return
    made = make_certificate(call.world, name="", start=call.now, end=call.now + 3 * YEAR)
    sp["keyCredentials"], sp["passwordCredentials"] = made.keys, [made.password]
    if choice == "present_active":
        sp["preferredTokenSigningKeyThumbprint"] = made.thumbprint.lower()


def listing(call: Call) -> Answer:
    """All applications."""
    items = [without_keys(app, selected=[], single=False) for app in several(call.world, "application")]
    return call.page(items, APPLICATION, "applications")


def read(call: Call) -> Answer:
    """One application."""
    app = one(call.world, "application", call.parts["application"])
    app = without_keys(app, selected=call.query.selected, single=True)
    return call.item(app, APPLICATION, "applications")


def change(call: Call) -> Answer:
    """PATCH: whole lists, null clears (G05)."""
    world = call.world
    old = newest(world, "application", call.parts["application"])
    wanted = checked(world, call.body, APPLICATION)
    for name in sorted(set(wanted) & APPLICATION.readable):
        if wanted[name] != old.get(name):
            raise bad_request(f"Property '{name}' is read-only and cannot be set.")
    if wanted.get("displayName", "") is None:
        raise bad_request("Property displayName is required.")
    new = merged(old, wanted, APPLICATION)
    if "identifierUris" in wanted:
        check_identifiers(world, old, new["identifierUris"])
    if "web" in wanted:
        check_reply_urls(new["web"])
    if "appRoles" in wanted:
        new["appRoles"] = checked_roles(world, old, new)
    if {"keyCredentials", "passwordCredentials"} & set(wanted):
        checked_credentials(world, old, new)
    world.store.put("application", old["id"], new, at=call.now)
    if "appRoles" in wanted:
        _drop_assignments(call, old, new)
    return call.done()


def _drop_assignments(call: Call, old: Document, new: Document) -> None:
    """Assignments go with their role (G64)."""
    gone = {role["id"] for role in old["appRoles"]} - {role["id"] for role in new["appRoles"]}
    sp = entra_objects.service_principal_of(call.world, old["appId"])
    for entry in call.world.store.all("appRoleAssignment") if gone and sp else []:
        if sp and entry["resourceId"] == sp["id"] and entry["appRoleId"] in gone:
            call.world.store.remove("appRoleAssignment", entry["id"], at=call.now)


def delete(call: Call) -> Answer:
    """Soft delete; a SAML service principal must go first (G79)."""
    world = call.world
    app = newest(world, "application", call.parts["application"])
    sp = entra_objects.service_principal_of(world, app["appId"])
    cascades = world.quirks.value("app_delete") == "cascades"
    if sp and sp["preferredSingleSignOnMode"] == "saml" and not cascades and world.rules.on("G79"):
        raise bad_request("Property appId is invalid", "DeletingSamlSpNotAllowed")
    if sp:
        soft_delete(world, "servicePrincipal", sp, at=call.now)
    soft_delete(world, "application", app, at=call.now)
    return call.done()


ENDPOINTS = [
    Endpoint("POST", "/applicationTemplates/{template}/instantiate", instantiate, WRITE_APPLICATIONS),
    Endpoint("GET", "/applications", listing, READ_APPLICATIONS),
    Endpoint("GET", "/applications/{application}", read, READ_APPLICATIONS),
    Endpoint("PATCH", "/applications/{application}", change, WRITE_APPLICATIONS),
    Endpoint("DELETE", "/applications/{application}", delete, WRITE_APPLICATIONS),
]
