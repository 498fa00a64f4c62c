"""Applications: made from the template, read, changed, deleted."""

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.credentials import checked_credentials, make_certificate
from flexsso_helpers.rehearsal.directory.reads import (
    keyless,
    listed,
    mirrored,
    newest,
    one,
    shown_application,
    without_keys,
)
from flexsso_helpers.rehearsal.directory.refusals import GraphRefusal, bad_request, not_found
from flexsso_helpers.rehearsal.directory.schema import APPLICATION, TEMPLATE
from flexsso_helpers.rehearsal.graph.app_roles import checked_roles
from flexsso_helpers.rehearsal.graph.call import Answer, Call, Endpoint, checked, merged
from flexsso_helpers.rehearsal.graph.deleted import soft_delete
from flexsso_helpers.rehearsal.graph.identifiers import check_identifiers, check_reply_urls
from flexsso_helpers.rehearsal.graph.own_credentials import own_certificate
from flexsso_helpers.rehearsal.graph.rights import READ_APPLICATION, READ_APPLICATIONS, WRITE_APPLICATIONS
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document

rules.declare(
    {
        "G11": "The same display name again makes a second pair",
        "G12": "An unknown template is not found",
        "G13": "A tenant may demand serviceManagementReference",
        "G14": "Whether the template brings a certificate is open",
        "G79": "An application whose service principal signs on by SAML cannot be deleted first",
    }
)
quirks.declare(
    {
        "template_certificate": quirk(
            "none",
            "present_active",
            "present_inactive",
            source="G14: tutorial says the portal makes it, the guide the call",
        ),
        "require_service_reference": quirk(
            "off",
            "on",
            "on_update",
            source="G13: public issues of 2025 show ServiceTreeValueMissing for Create, some for Update too",
            refused={"on": ("Refused", "01"), "on_update": ("Refused", "01")},
        ),
        "app_delete": quirk(
            "saml_blocked",
            "cascades",
            source="G79: tf#1388 against the docs FAQ",
            when="another run makes its application first",
        ),
    }
)

YEAR = 365 * 86400.0


def instantiate(call: Call) -> Answer:
    """Make application and service principal from the template for custom SAML applications."""
    world, name = call.world, call.body.get("displayName")
    if call.parts["template"] != objects.template_id(world) and world.rules.on("G12"):
        raise not_found(call.parts["template"])
    unknown = set(call.body) - {"displayName", "serviceManagementReference"}
    if unknown:
        raise bad_request(
            f"The parameter '{unknown.pop()}' in the request payload is not a valid parameter.", "BadRequest"
        )
    if not isinstance(name, str) or not name.strip():
        raise bad_request("Property displayName is required.", "BadRequest")
    reference = call.body.get("serviceManagementReference")
    if world.rules.on("G13") and world.quirks.value("require_service_reference") != "off" and not reference:
        raise _no_reference("Create")
    if not world.rules.on("G11") and any(app["displayName"] == name for app in world.store.all("application")):
        raise bad_request("Another object with the same value for property displayName already exists.")
    user = world.store.get("user", call.principal.id) or {}
    template, owner = call.parts["template"], "" if call.principal.delegated else call.principal.id
    app, sp = objects.pair(world, name, at=call.now, template=template, creator_mail=user.get("mail"), owner=owner)
    app["serviceManagementReference"] = reference
    _template_certificate(call, sp)
    objects.keep(world, app, sp, at=call.now)
    shown = without_keys(mirrored(world, sp), selected=[], single=True)
    body = {"application": _public(shown_application(world, app)), "servicePrincipal": _public(shown)}
    return call.made(body, "microsoft.graph.applicationServicePrincipal")


def _no_reference(what: str) -> GraphRefusal:
    """The refusal of an application without its service management reference, on Create or Update (G13)."""
    text = f"ServiceManagementReference field is required for {what}, but is missing in the request"
    return bad_request(text, "ServiceTreeValueMissing")


def _template_certificate(call: Call, sp: Document) -> None:
    choice = call.world.quirks.value("template_certificate")
    if choice == "none" or not call.world.rules.on("G14"):
        return
    made = make_certificate(call.world, name="", start=call.now, end=call.now + 3 * YEAR)
    sp["keyCredentials"], sp["passwordCredentials"] = made.keys, [made.password]
    if choice == "present_active":
        sp["preferredTokenSigningKeyThumbprint"] = made.thumbprint.lower()


def _template(call: Call) -> Document:
    return {
        "id": objects.template_id(call.world),
        "displayName": "Custom",
        "homePageUrl": None,
        "supportedSingleSignOnModes": ["password", "saml", "external"],
        "supportedProvisioningTypes": ["sync"],
        "logoUrl": "https://www.contoso.com/logo.png",
        "categories": [],
        "publisher": None,
        "description": None,
    }


def templates(call: Call) -> Answer:
    """The templates of this cloud, of which only the one for custom applications is played."""
    return call.page([_template(call)], TEMPLATE, "applicationTemplates")


def template(call: Call) -> Answer:
    """One template."""
    if call.parts["template"] != objects.template_id(call.world):
        raise not_found(call.parts["template"])
    return call.item(_template(call), TEMPLATE, "applicationTemplates")


def listing(call: Call) -> Answer:
    """All applications."""
    world = call.world
    source = listed(world, "application", shape=lambda app: keyless(shown_application(world, app)))
    return call.page(source, APPLICATION, "applications")


def number(call: Call) -> Answer:
    """How many applications."""
    return call.count(listed(call.world, "application"), APPLICATION)


def create(call: Call) -> Answer:
    """POST: an application without template and without service principal (2a, fallback)."""
    world, wanted = call.world, checked(call.world, call.body, APPLICATION)
    if not wanted.get("displayName"):
        raise bad_request("Property displayName is required.")
    owner = "" if call.principal.delegated else call.principal.id
    made, _ = objects.pair(world, wanted["displayName"], at=call.now, owner=owner)
    app = _changed(call, made, wanted)
    world.store.put("application", app["id"], app, at=call.now)
    return call.made(shown_application(world, app), "applications/$entity")


def read(call: Call) -> Answer:
    """One application."""
    app = one(call.world, "application", call.parts["application"])
    app = without_keys(shown_application(call.world, app), selected=call.query.selected, single=True)
    return call.item(app, APPLICATION, "applications")


def change(call: Call) -> Answer:
    """PATCH: whole lists, null clears (G05)."""
    world = call.world
    old = newest(world, "application", call.parts["application"])
    wanted = checked(world, call.body, APPLICATION)
    new = _changed(call, old, wanted)
    everywhere = world.quirks.value("require_service_reference") == "on_update" and world.rules.on("G13")
    if everywhere and not new["serviceManagementReference"]:
        raise _no_reference("Update")
    world.store.put("application", old["id"], new, at=call.now)
    if "appRoles" in wanted:
        _drop_assignments(call, old, new)
    return call.done()


def _changed(call: Call, old: Document, wanted: Document) -> Document:
    """The application after a PATCH with these properties. Raises GraphRefusal."""
    world = call.world
    for name in sorted(set(wanted) & APPLICATION.readable):
        if wanted[name] != old.get(name):
            raise bad_request(f"Property '{name}' is read-only and cannot be set.")
    if wanted.get("displayName", "") is None:
        raise bad_request("Property displayName is required.")
    new = merged(old, wanted, APPLICATION)
    if "identifierUris" in wanted:
        check_identifiers(world, old, new["identifierUris"])
    if "web" in wanted:
        check_reply_urls(world, new["web"])
    if "appRoles" in wanted:
        new["appRoles"] = checked_roles(world, old, new)
    if {"keyCredentials", "passwordCredentials"} & set(wanted):
        checked_credentials(world, old, new, own=own_certificate)
    return new


def _public(item: Document) -> Document:
    return {name: value for name, value in item.items() if not name.startswith("_")}


def _drop_assignments(call: Call, old: Document, new: Document) -> None:
    """Assignments go with their role (G64)."""
    gone = {role["id"] for role in old["appRoles"]} - {role["id"] for role in new["appRoles"]}
    sp = objects.service_principal_of(call.world, old["appId"])
    for entry in call.world.store.find("appRoleAssignment", "resourceId", sp["id"]) if gone and sp else []:
        if entry["appRoleId"] in gone:
            call.world.store.remove("appRoleAssignment", entry["id"], at=call.now)


def delete(call: Call) -> Answer:
    """Soft delete; a SAML service principal must go first (G79)."""
    world = call.world
    app = newest(world, "application", call.parts["application"])
    sp = objects.service_principal_of(world, app["appId"])
    cascades = world.quirks.value("app_delete") == "cascades"
    if sp and sp["preferredSingleSignOnMode"] == "saml" and not cascades and world.rules.on("G79"):
        raise bad_request("Property appId is invalid", "DeletingSamlSpNotAllowed")
    if sp:
        soft_delete(world, "servicePrincipal", sp, at=call.now)
    soft_delete(world, "application", app, at=call.now)
    return call.done()


ENDPOINTS = [
    Endpoint("POST", "/applicationTemplates/{template}/instantiate", instantiate, WRITE_APPLICATIONS),
    Endpoint("GET", "/applicationTemplates", templates, READ_APPLICATIONS),
    Endpoint("GET", "/applicationTemplates/{template}", template, READ_APPLICATIONS),
    Endpoint("GET", "/applications", listing, READ_APPLICATIONS, cost=2),
    Endpoint("GET", "/applications/$count", number, READ_APPLICATIONS),
    Endpoint("POST", "/applications", create, WRITE_APPLICATIONS),
    Endpoint("GET", "/applications/{application}", read, READ_APPLICATION, cost=2),
    Endpoint("PATCH", "/applications/{application}", change, WRITE_APPLICATIONS),
    Endpoint("DELETE", "/applications/{application}", delete, WRITE_APPLICATIONS),
]
