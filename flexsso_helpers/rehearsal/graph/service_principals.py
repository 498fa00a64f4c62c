"""Service principals ("enterprise applications"): read and changed."""

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.credentials import checked_credentials, thumbprint_of
from flexsso_helpers.rehearsal.directory.query import Source
from flexsso_helpers.rehearsal.directory.reads import keyless, listed, mirrored, newest, service_principal, without_keys
from flexsso_helpers.rehearsal.directory.refusals import GraphRefusal, bad_request
from flexsso_helpers.rehearsal.directory.schema import SERVICE_PRINCIPAL
from flexsso_helpers.rehearsal.graph.call import Answer, Call, Endpoint, checked, merged
from flexsso_helpers.rehearsal.graph.deleted import soft_delete
from flexsso_helpers.rehearsal.graph.rights import READ_APPLICATION, READ_APPLICATIONS, WRITE_APPLICATIONS
from flexsso_helpers.rehearsal.graph.signing_certificate_action import add_certificate
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.lags import seen
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "G19": "Mode, notes and notification addresses have limits",
        "G20": "What the application owns is not written on the service principal",
        "G21": "Whether logoutUrl can be set on a service principal of a template is open",
        "G45": "The preferred thumbprint is one of a certificate, and is kept in lower case",
        "G46": "A certificate's bytes are shown only by a single read with $select=keyCredentials",
        "G50": "removeKey and removePassword do not work on token-signing certificates",
        "G59": "Roles are not written on the service principal",
    }
)
quirks.declare(
    {
        "notification_limit": quirk(
            "none",
            "5",
            source="G19: the limit is documented for the portal only",
            when="five others are told of the certificate's end already",
            refused_there={"5": ("Refused", "03")},
        ),
        "sp_logout_url": quirk("rejected", "accepted", source="G21: azure-powershell#20525 against the guide"),
    }
)

MODES = (None, "password", "saml", "notSupported", "oidc")
INHERITED = ("servicePrincipalNames", "replyUrls", "displayName", "homepage", "oauth2PermissionScopes")


def listing(call: Call) -> Answer:
    """All service principals."""
    return call.page(_listed(call), SERVICE_PRINCIPAL, "servicePrincipals")


def number(call: Call) -> Answer:
    """How many service principals."""
    return call.count(_listed(call), SERVICE_PRINCIPAL)


def _listed(call: Call) -> Source:
    return listed(call.world, "servicePrincipal", shape=lambda sp: keyless(mirrored(call.world, sp)))


def create(call: Call) -> Answer:
    """POST: the service principal of an application that has none (2a, fallback)."""
    world, app_id = call.world, str(call.body.get("appId") or "")
    app = next(iter(world.store.find("application", "appId", app_id)), None)
    if app is None or world.store.get("application", app["id"], as_of=seen(world, "create_application")) is None:
        raise bad_request(
            f"The appId '{app_id}' of the service principal does not reference a valid application object."
        )
    if world.store.find("servicePrincipal", "appId", app_id):
        text = (
            f"The service principal cannot be created, updated, or restored because the service principal name {app_id}"
        )
        raise GraphRefusal(409, "Request_MultipleObjectsWithSameKeyValue", f"{text} is already in use.")
    owner = "" if call.principal.delegated else call.principal.id
    _, made = objects.pair(world, app["displayName"], at=call.now, app_id=app_id, owner=owner)
    wanted = {name: value for name, value in checked(world, call.body, SERVICE_PRINCIPAL).items() if name != "appId"}
    sp = _changed(world, made, wanted)
    world.store.put("servicePrincipal", sp["id"], sp, at=call.now)
    return call.made(without_keys(mirrored(world, sp), selected=[], single=True), "servicePrincipals/$entity")


def read(call: Call) -> Answer:
    """One service principal."""
    sp = service_principal(call.world, call.parts["sp"])
    if call.world.rules.on("G46"):
        sp = without_keys(sp, selected=call.query.selected, single=True)
    return call.item(sp, SERVICE_PRINCIPAL, "servicePrincipals")


def change(call: Call) -> Answer:
    """PATCH of the service principal's own settings."""
    world = call.world
    old = newest(world, "servicePrincipal", call.parts["sp"])
    new = _changed(world, old, checked(world, call.body, SERVICE_PRINCIPAL))
    world.store.put("servicePrincipal", old["id"], new, at=call.now)
    return call.done()


def _changed(world: World, old: Document, wanted: Document) -> Document:
    """The service principal after a PATCH with these properties. Raises GraphRefusal."""
    _check_inherited(world, mirrored(world, old), wanted)
    wanted = {name: value for name, value in wanted.items() if name not in (*INHERITED, "appRoles", "info")}
    for name in sorted(set(wanted) & SERVICE_PRINCIPAL.readable):
        if wanted[name] != old.get(name):
            raise bad_request(f"Property '{name}' is read-only and cannot be set.")
    if world.rules.on("G19"):
        _check_limits(world, wanted)
    new = merged(old, wanted, SERVICE_PRINCIPAL)
    from_template = old["applicationTemplateId"] is not None and world.quirks.value("sp_logout_url") == "rejected"
    if world.rules.on("G21") and wanted.get("logoutUrl") and from_template:
        raise _invalid("logoutUrl")
    if {"keyCredentials", "passwordCredentials"} & set(wanted):
        checked_credentials(world, old, new)
    if world.rules.on("G45") and wanted.get("preferredTokenSigningKeyThumbprint"):
        new["preferredTokenSigningKeyThumbprint"] = _thumbprint(new)
    return new


def _check_inherited(world: World, seen: Document, wanted: Document) -> None:
    for name in INHERITED:
        if name in wanted and wanted[name] != seen.get(name) and world.rules.on("G20"):
            raise bad_request("One or more properties on the service principal does not match the application object.")
    if "appRoles" in wanted and wanted["appRoles"] != seen["appRoles"] and world.rules.on("G59"):
        raise bad_request("Property appRoles on the service principal does not match the application object.")


def _check_limits(world: World, wanted: Document) -> None:
    if wanted.get("preferredSingleSignOnMode") not in MODES:
        raise _invalid("preferredSingleSignOnMode")
    if len(wanted.get("notes") or "") > 1024:
        raise _invalid("notes")
    addresses = wanted.get("notificationEmailAddresses") or []
    if not all(isinstance(address, str) and "@" in address for address in addresses):
        raise _invalid("notificationEmailAddresses")
    if world.quirks.value("notification_limit") == "5" and len(addresses) > 5:
        raise _invalid("notificationEmailAddresses")


def _invalid(name: str) -> GraphRefusal:
    return bad_request(f"Invalid value specified for property '{name}' of resource 'ServicePrincipal'.")


def _thumbprint(new: Document) -> str:
    wanted = str(new["preferredTokenSigningKeyThumbprint"]).lower()
    if wanted not in {thumbprint_of(entry) for entry in new["keyCredentials"]}:
        raise _invalid("preferredTokenSigningKeyThumbprint")
    return wanted


def delete(call: Call) -> Answer:
    """Soft delete."""
    sp = newest(call.world, "servicePrincipal", call.parts["sp"])
    soft_delete(call.world, "servicePrincipal", sp, at=call.now)
    return call.done()


def remove_key(call: Call) -> Answer:
    """removeKey: not for these keys (G50)."""
    newest(call.world, "servicePrincipal", call.parts["sp"])
    if call.world.rules.on("G50"):
        raise GraphRefusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    return call.done()


def remove_password(call: Call) -> Answer:
    """removePassword: not for these passwords (G50)."""
    newest(call.world, "servicePrincipal", call.parts["sp"])
    if call.world.rules.on("G50"):
        raise GraphRefusal(500, "Service_InternalServerError", "Encountered an internal server error.")
    return call.done()


ENDPOINTS = [
    Endpoint("GET", "/servicePrincipals", listing, READ_APPLICATIONS),
    Endpoint("GET", "/servicePrincipals/$count", number, READ_APPLICATIONS),
    Endpoint("POST", "/servicePrincipals", create, WRITE_APPLICATIONS),
    Endpoint("GET", "/servicePrincipals/{sp}", read, READ_APPLICATION),
    Endpoint("PATCH", "/servicePrincipals/{sp}", change, WRITE_APPLICATIONS),
    Endpoint("DELETE", "/servicePrincipals/{sp}", delete, WRITE_APPLICATIONS),
    Endpoint(
        "POST",
        "/servicePrincipals/{sp}/addTokenSigningCertificate",
        add_certificate,
        WRITE_APPLICATIONS,
        everywhere=False,
    ),
    Endpoint("POST", "/servicePrincipals/{sp}/removeKey", remove_key, WRITE_APPLICATIONS),
    Endpoint("POST", "/servicePrincipals/{sp}/removePassword", remove_password, WRITE_APPLICATIONS),
]
