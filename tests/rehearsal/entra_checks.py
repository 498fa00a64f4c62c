"""Checks of the rules of Graph and the sign-in service."""

import base64
import html
import re
import zlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

from entra_client_proofs import assertion, device_sign_in, own_key
from entra_registry import rule
from entra_stage import (
    AGENT,
    DAY,
    FLEX_CLAIMS,
    GRAPH,
    IDENTIFIER,
    LOGIN,
    NAME_ID,
    REPLY_URL,
    SUPERVISOR,
    Entra,
    attributes,
    authn_request,
    authn_xml,
    certificates,
    claims,
    from_user,
    logout_request,
    name_id,
    packed,
    role,
    signed_parts,
    signing,
)
from lxml import etree
from metadata_schema import problems

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.entra import federated
from flexsso_helpers.rehearsal.entra.clients import ASSERTION
from flexsso_helpers.rehearsal.entra.scopes import ARM_ID
from flexsso_helpers.rehearsal.server.seed import AUTOMATION_CLIENT, AUTOMATION_SECRET
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import TENANT_ID

COMMAND_LINE_TOOLS = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
GRAPH_ORIGIN = "https://graph.microsoft.com"

# Tokens, rights, addresses, bodies


@rule("G01")
def _(entra: Entra) -> None:
    for headers in ({}, {"Authorization": "Bearer a.b.c"}):
        answer = entra.http.get(f"{GRAPH}/organization", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"


@rule("G02")
def _(entra: Entra) -> None:
    denied = (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    no_role = entra.principal("rhea.reader@contoso.com")
    no_scope = entra.principal("ada.admin@contoso.com", without="Policy.ReadWrite.ApplicationConfiguration")
    assert entra.refused("PATCH", entra.sp_path, {"notes": "x"}, who=no_role) == denied
    assert entra.refused("POST", "/policies/claimsMappingPolicies", {}, who=no_scope) == denied
    assert entra.call("GET", entra.sp_path, who=no_role).status_code == 200


@rule("G04")
def _(entra: Entra) -> None:
    answer = entra.call("PATCH", f"{entra.sp_path}/appRoleAssignedTo", {})
    assert (answer.status_code, answer.headers.get("Allow")) == (405, "GET, POST")


@rule("G05")
def _(entra: Entra) -> None:
    assert entra.refused("PATCH", entra.sp_path, {"colour": "green"})[2] == "Invalid property 'colour'."


@rule("G06")
def _(entra: Entra) -> None:
    assert entra.refused("PATCH", entra.sp_path, {"notes": ""})[0] == 400


@rule("G08")
def _(entra: Entra) -> None:
    for query in (
        "$count=true",
        "$filter=userType ne 'Guest'",
        "$filter=endswith(mail,'x')",
        '$search="displayName:Bo"',
    ):
        assert entra.refused("GET", f"/users?{query}")[1] == "Request_UnsupportedQuery"
    found = entra.get("/users?$filter=userType ne 'Member'&$count=true", ConsistencyLevel="eventual")
    assert (found["@odata.count"], len(found["value"])) == (2, 2)


@rule("G110")
def _(entra: Entra) -> None:
    names = [f"'{number}@contoso.com'" for number in range(16)]
    for query in (f"userPrincipalName in ({','.join(names)})", " or ".join(f"mail eq {name}" for name in names)):
        status, code = entra.refused("GET", f"/users?$filter={query}")[:2]
        assert (status, code) == (400, "Request_UnsupportedQuery")
    fewer = f"/users?$filter=userPrincipalName in ('bo.agent@contoso.com',{','.join(names[:14])})"
    assert len(entra.get(fewer)["value"]) == 1


@rule("G86")
def _(entra: Entra) -> None:
    entra.write("PATCH", entra.sp_path, {"notes": "new"})
    assert entra.get(entra.sp_path)["notes"] is None
    entra.wait(1.5)
    assert entra.get(entra.sp_path)["notes"] == "new"
    listed = f"/servicePrincipals?$filter=appId eq '{entra.app['appId']}'"
    assert entra.get(listed)["value"][0]["notes"] is None
    entra.wait(2)
    assert entra.get(listed)["value"][0]["notes"] == "new"


# Creation


def _instantiate(entra: Entra, name: str = "Twilio Flex", **more: str) -> Any:
    path = f"/applicationTemplates/{objects.TEMPLATE_ID}/instantiate"
    return entra.call("POST", path, {"displayName": name, **more})


@rule("G09")
def _(entra: Entra) -> None:
    made = _instantiate(entra).json()
    app, sp = f"/applications/{made['application']['id']}", f"/servicePrincipals/{made['servicePrincipal']['id']}"
    entra.wait(4)
    assert entra.refused("GET", app)[1] == "Request_ResourceNotFound"
    entra.wait(2)
    assert entra.get(app)["displayName"] == "Twilio Flex"
    assert entra.refused("PATCH", sp, {"preferredSingleSignOnMode": "saml"})[0] == 404
    entra.wait(2)
    assert entra.get(sp)["appRoleAssignmentRequired"] is True


@rule("G11")
def _(entra: Entra) -> None:
    first, second = _instantiate(entra), _instantiate(entra)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["application"]["id"] != second.json()["application"]["id"]


@rule("G12")
def _(entra: Entra) -> None:
    government = "4602d0b4-76bb-404b-bca9-2652e1a39c6d"
    assert entra.refused("POST", f"/applicationTemplates/{government}/instantiate", {"displayName": "x"})[0] == 404


@rule("G13", require_service_reference="on_update")
def _(entra: Entra) -> None:
    text = "ServiceManagementReference field is required for {}, but is missing in the request"
    error = _instantiate(entra).json().get("error", {})
    assert (error.get("code"), error.get("message")) == ("ServiceTreeValueMissing", text.format("Create"))
    assert _instantiate(entra, serviceManagementReference="IT-1").status_code == 201
    refusal = (400, "ServiceTreeValueMissing", text.format("Update"))
    assert entra.refused("PATCH", entra.app_path, {"notes": "x"}) == refusal
    entra.write("PATCH", entra.app_path, {"serviceManagementReference": "IT-1"})
    entra.write("PATCH", entra.app_path, {"notes": "x"})


# The service principal


@rule("G19")
def _(entra: Entra) -> None:
    for body in (
        {"preferredSingleSignOnMode": "SAML"},
        {"notes": "x" * 1025},
        {"notificationEmailAddresses": ["nobody"]},
    ):
        assert entra.refused("PATCH", entra.sp_path, body)[0] == 400
    entra.write("PATCH", entra.sp_path, {"notificationEmailAddresses": [f"{n}@contoso.com" for n in range(6)]})


@rule("G20")
def _(entra: Entra) -> None:
    bodies: list[Any] = [{"replyUrls": []}, {"displayName": "Another"}, {"servicePrincipalNames": []}]
    for body in bodies:
        assert "does not match the application object" in entra.refused("PATCH", entra.sp_path, body)[2]


@rule("G21")
def _(entra: Entra) -> None:
    assert entra.refused("PATCH", entra.sp_path, {"logoutUrl": "https://a.contoso.com/out"})[0] == 400


@rule("G23")
def _(entra: Entra) -> None:
    other = "urn:flex:JQf1e55000000000000000000000000002"
    entra.write("PATCH", entra.app_path, {"identifierUris": [other], "displayName": "Renamed"})
    entra.wait(3)
    assert entra.get(entra.sp_path)["servicePrincipalNames"] == [entra.app["appId"], IDENTIFIER]
    entra.wait(1)
    seen = entra.get(entra.sp_path)
    assert (seen["servicePrincipalNames"], seen["displayName"]) == ([entra.app["appId"], other], "Renamed")


@rule("G59")
def _(entra: Entra) -> None:
    text = "Property appRoles on the service principal does not match the application object."
    assert entra.refused("PATCH", entra.sp_path, {"appRoles": [role(AGENT, "other")]})[2] == text


# Identifiers


FOREIGN = "https://flex.example.com/saml"


@rule("G18", configured=False)
def _(entra: Entra) -> None:
    entra.instantiate(saml=False)
    entra.write("PATCH", entra.sp_path, {"preferredSingleSignOnMode": "saml"})
    entra.wait(5)
    assert entra.refused("PATCH", entra.app_path, {"identifierUris": [FOREIGN]})[0] == 400
    entra.wait(1)
    entra.write("PATCH", entra.app_path, {"identifierUris": [FOREIGN]})


@rule("G24", configured=False, identifier_policy="off")
def _(entra: Entra) -> None:
    entra.instantiate(saml=False)
    text = "Values of identifierUris property must use a verified domain of the organization or its subdomain"
    assert text in entra.refused("PATCH", entra.app_path, {"identifierUris": [FOREIGN]})[2]
    for fine in ("https://flex.contoso.com/saml", IDENTIFIER, f"api://{entra.app['appId']}"):
        entra.write("PATCH", entra.app_path, {"identifierUris": [fine]})


@rule("G25", configured=False)
def _(entra: Entra) -> None:
    entra.instantiate(saml=False)
    refusal = entra.refused("PATCH", entra.app_path, {"identifierUris": [IDENTIFIER]})
    assert refusal[1] == "InvalidUniqueTenantIdentifierAsPerAppPolicy"
    entra.write("PATCH", entra.app_path, {"identifierUris": [f"urn:x:{entra.app['appId']}"]})
    entra.write("PATCH", entra.sp_path, {"preferredSingleSignOnMode": "saml"})
    entra.wait()
    entra.write("PATCH", entra.app_path, {"identifierUris": [IDENTIFIER]})


@rule("G26")
def _(entra: Entra) -> None:
    entra.instantiate()
    for form in (IDENTIFIER, f"urn:spn:{IDENTIFIER}"):
        assert (
            "Another object with the same value"
            in entra.refused("PATCH", entra.app_path, {"identifierUris": [form]})[2]
        )


@rule("G27", deleted_identifier="conflict")
def _(entra: Entra) -> None:
    entra.write("DELETE", entra.sp_path)
    entra.write("DELETE", entra.app_path)
    entra.instantiate()
    assert "Another object" in entra.refused("PATCH", entra.app_path, {"identifierUris": [IDENTIFIER]})[2]


@rule("G28")
def _(entra: Entra) -> None:
    assert "alias" in entra.refused("PATCH", entra.app_path, {"identifierUris": ["https://graph.microsoft.com"]})[2]


@rule("G29", schemeless_identifier="rejected")
def _(entra: Entra) -> None:
    assert entra.refused("PATCH", entra.app_path, {"identifierUris": ["box.net"]})[0] == 400


# Policies


@rule("G30")
def _(entra: Entra) -> None:
    (policy,) = entra.linked(entra.sp_path, "claimsMappingPolicies")
    entra.write("DELETE", f"/policies/claimsMappingPolicies/{policy}")
    assert all(link["policy"] != policy for link in entra.world.store.all("policyLink"))


@rule("G31")
def _(entra: Entra) -> None:
    wrong = [
        ["no json"],
        claims(from_user("Mail", "email")),
        claims(from_user("mail", "email ")),
        claims({"source": "user", "ID": "mail", "SamlClaimType": "email"}),
        ['{"ClaimsMappingPolicy":{"version":1}}'],
        signing(),
    ]
    for text in wrong:
        body = {"displayName": "x", "definition": text}
        assert entra.refused("POST", "/policies/claimsMappingPolicies", body)[2] == "Property  has an invalid value."
    body = {"displayName": "x", "definition": signing("Both")}
    assert entra.refused("POST", "/policies/tokenIssuancePolicies", body)[0] == 400


@rule("G32")
def _(entra: Entra) -> None:
    body = {"displayName": "x", "definition": FLEX_CLAIMS, "description": "y"}
    assert entra.refused("POST", "/policies/claimsMappingPolicies", body)[0] == 404


@rule("G33")
def _(entra: Entra) -> None:
    (policy,) = entra.linked(entra.sp_path, "claimsMappingPolicies")
    body = {"@odata.id": f"{GRAPH}/policies/claimsMappingPolicies/{policy}"}
    refusal = entra.refused("POST", f"{entra.sp_path}/claimsMappingPolicies/$ref", body)
    assert "already exist for the following modified properties: 'claimsMappingPolicies'." in refusal[2]


@rule("G34")
def _(entra: Entra) -> None:
    second = {"@odata.id": f"{GRAPH}/directoryObjects/{entra.policy('claimsMappingPolicies', FLEX_CLAIMS)}"}
    assert entra.refused("POST", f"{entra.sp_path}/claimsMappingPolicies/$ref", second)[0] == 400


@rule("G35")
def _(entra: Entra) -> None:
    loose = entra.policy("claimsMappingPolicies", FLEX_CLAIMS)
    assert entra.refused("DELETE", f"{entra.sp_path}/claimsMappingPolicies/{loose}/$ref")[0] == 404


@rule("G57")
def _(entra: Entra) -> None:
    second = {"@odata.id": f"{GRAPH}/policies/tokenIssuancePolicies/{entra.policy('tokenIssuancePolicies', signing())}"}
    assert entra.refused("POST", f"{entra.sp_path}/tokenIssuancePolicies/$ref", second)[0] == 400


# Certificates


@rule("G42")
def _(entra: Entra) -> None:
    made = entra.add_certificate(displayName="CN=Next")
    assert made["thumbprint"] == made["thumbprint"].upper()
    entra.wait(8)
    assert len(entra.get(entra.sp_path)["keyCredentials"]) == 2
    entra.wait(1)
    seen = entra.get(entra.sp_path)
    ours = [key for key in seen["keyCredentials"] if key["customKeyIdentifier"] == made["customKeyIdentifier"]]
    assert [key["usage"] for key in ours] == ["Sign", "Verify"]
    assert [key["keyId"] for key in ours if key["usage"] == "Sign"] == [made["keyId"]]
    assert made["keyId"] in [password["keyId"] for password in seen["passwordCredentials"]]


@rule("G43")
def _(entra: Entra) -> None:
    path = f"{entra.sp_path}/addTokenSigningCertificate"
    for body in (
        {"displayName": "Flex"},
        {"endDateTime": "2029-11-02T08:00:01Z"},
        {"endDateTime": "2026-11-02T08:00:00Z"},
    ):
        assert entra.refused("POST", path, body)[0] == 400
    entra.write("POST", path, {"endDateTime": "2029-11-02T08:00:00Z"})


@rule("G44")
def _(entra: Entra) -> None:
    entra.add_certificate()
    entra.wait()
    assert (
        entra.get(entra.sp_path)["preferredTokenSigningKeyThumbprint"] == entra.sp["preferredTokenSigningKeyThumbprint"]
    )


@rule("G45")
def _(entra: Entra) -> None:
    made = entra.add_certificate()
    entra.wait()
    assert entra.refused("PATCH", entra.sp_path, {"preferredTokenSigningKeyThumbprint": "00" * 20})[0] == 400
    entra.write("PATCH", entra.sp_path, {"preferredTokenSigningKeyThumbprint": made["thumbprint"]})
    entra.wait()
    assert entra.get(entra.sp_path)["preferredTokenSigningKeyThumbprint"] == made["thumbprint"].lower()


@rule("G46")
def _(entra: Entra) -> None:
    shown = [bool(key["key"]) for key in entra.get(f"{entra.sp_path}?$select=keyCredentials")["keyCredentials"]]
    assert shown == [False, True]
    assert not any(key["key"] for key in entra.get(entra.sp_path)["keyCredentials"])


def _credentials(entra: Entra) -> Any:
    entra.wait()
    read = entra.get(f"{entra.sp_path}?$select=keyCredentials,passwordCredentials")
    return {name: read[name] for name in ("keyCredentials", "passwordCredentials")}


@rule("G47")
def _(entra: Entra) -> None:
    lists = _credentials(entra)
    for key in lists["keyCredentials"]:
        key["startDateTime"] = key["startDateTime"][:-2] + "Z"
    assert "Update to existing credential with KeyId" in entra.refused("PATCH", entra.sp_path, lists)[2]


@rule("G48")
def _(entra: Entra) -> None:
    made = entra.add_certificate()
    lists = _credentials(entra)
    old = {key["keyId"] for key in lists["keyCredentials"] if key["customKeyIdentifier"] != made["customKeyIdentifier"]}
    kept = {name: [e for e in entries if e["keyId"] not in old] for name, entries in lists.items()}
    entra.write("PATCH", entra.sp_path, kept)
    assert [len(entries) for entries in _credentials(entra).values()] == [2, 1]


@rule("G49")
def _(entra: Entra) -> None:
    lists = _credentials(entra)
    own = lists["keyCredentials"][1] | {"keyId": "00000000-0000-4000-8000-000000000001"}
    body = lists | {"keyCredentials": [*lists["keyCredentials"], own]}
    assert "property usage" in entra.refused("PATCH", entra.sp_path, body)[2]


@rule("G50")
def _(entra: Entra) -> None:
    key_id = entra.sp["passwordCredentials"][0]["keyId"]
    assert entra.refused("POST", f"{entra.sp_path}/removeKey", {"keyId": key_id, "proof": "x"})[0] == 403
    assert entra.refused("POST", f"{entra.sp_path}/removePassword", {"keyId": key_id})[0] == 500


@rule("G56", cert_creates_policy="yes_token_only")
def _(entra: Entra) -> None:
    entra.instantiate()
    entra.add_certificate()
    assert len(entra.linked(entra.sp_path, "tokenIssuancePolicies")) == 1


# Roles


def _roles(entra: Entra) -> list[Any]:
    entra.wait()
    kept = entra.get(entra.app_path)["appRoles"]
    return [{name: value for name, value in entry.items() if name != "origin"} for entry in kept]


@rule("G60")
def _(entra: Entra) -> None:
    before = _roles(entra)
    for after in (before[:-1], [*before[:-1], before[-1] | {"value": "other"}]):
        refusal = entra.refused("PATCH", entra.app_path, {"appRoles": after})
        assert refusal[1] == "CannotDeleteOrUpdateEnabledEntitlement"
    entra.write("PATCH", entra.app_path, {"appRoles": [*before[:-1], before[-1] | {"isEnabled": False}]})


@rule("G61")
def _(entra: Entra) -> None:
    again = [*_roles(entra), role("00000000-0000-4000-8000-000000000009", "agent")]
    assert entra.refused("PATCH", entra.app_path, {"appRoles": again})[1] == "DuplicateValue"


@rule("G62")
def _(entra: Entra) -> None:
    more = [*_roles(entra), role("00000000-0000-4000-8000-000000000009", "user_impersonation")]
    assert entra.refused("PATCH", entra.app_path, {"appRoles": more})[0] == 400


@rule("G63")
def _(entra: Entra) -> None:
    new = "00000000-0000-4000-8000-000000000009"
    for wrong in (role(new, "a b"), role(new, ".a"), role(new, "a" * 121), role(new, "a") | {"origin": "Application"}):
        assert entra.refused("PATCH", entra.app_path, {"appRoles": [*_roles(entra), wrong]})[0] == 400


@rule("G64")
def _(entra: Entra) -> None:
    before = _roles(entra)
    off = [entry | {"isEnabled": entry["id"] != AGENT} for entry in before]
    entra.write("PATCH", entra.app_path, {"appRoles": off})
    entra.write("PATCH", entra.app_path, {"appRoles": [entry for entry in before if entry["id"] != AGENT]})
    assert AGENT not in [entry["id"] for entry in _roles(entra)]
    assert entra.get(f"{entra.sp_path}/appRoleAssignedTo")["value"] == []


@rule("G65")
def _(entra: Entra) -> None:
    new = "00000000-0000-4000-8000-000000000009"
    entra.write("PATCH", entra.app_path, {"appRoles": [*_roles(entra), role(new, "admin")]})
    entra.wait(6)
    body = {"principalId": entra.ada.id, "resourceId": entra.sp["id"], "appRoleId": new}
    assert "was not found on application" in entra.refused("POST", f"{entra.sp_path}/appRoleAssignedTo", body)[2]
    entra.wait(2)
    assert new in [entry["id"] for entry in entra.get(entra.sp_path)["appRoles"]]
    entra.assign({"id": entra.ada.id}, new)


# Assignments


def _refused_assignment(entra: Entra, principal: str, role_id: str = AGENT, resource: str = "") -> tuple[int, str, str]:
    body = {"principalId": principal, "resourceId": resource or entra.sp["id"], "appRoleId": role_id}
    return entra.refused("POST", f"{entra.sp_path}/appRoleAssignedTo", body)


@rule("G66")
def _(entra: Entra) -> None:
    made = entra.assign(entra.group("Flex Agents"), AGENT)
    path = f"{entra.sp_path}/appRoleAssignedTo"
    entra.wait(1.5)
    assert made not in [entry["id"] for entry in entra.get(path)["value"]]
    entra.wait(1)
    found = next(entry for entry in entra.get(path)["value"] if entry["id"] == made)
    assert (found["principalType"], found["principalDisplayName"], len(made)) == ("Group", "Flex Agents", 43)


@rule("G67")
def _(entra: Entra) -> None:
    refusal = _refused_assignment(entra, entra.user("bo.agent@contoso.com")["id"])
    assert refusal == (400, "Request_BadRequest", "Permission being assigned already exists on the object")


@rule("G68")
def _(entra: Entra) -> None:
    (licence,) = entra.world.store.all("subscribedSku")
    entra.world.store.remove("subscribedSku", licence["id"], at=entra.world.clock.now)
    assert _refused_assignment(entra, entra.group("Flex Agents")["id"])[0] == 400


@rule("G69")
def _(entra: Entra) -> None:
    assert _refused_assignment(entra, entra.group("Contact Centre News")["id"])[0] == 400


@rule("G70")
def _(entra: Entra) -> None:
    ghost = "00000000-0000-4000-8000-000000000009"
    assert _refused_assignment(entra, ghost)[:2] == (404, "Request_ResourceNotFound")
    assert _refused_assignment(entra, entra.ada.id, resource=entra.app["id"])[2] == "Not a valid reference update."


@rule("G71")
def _(entra: Entra) -> None:
    for wrong in ("00000000-0000-0000-0000-000000000000", "00000000-0000-4000-8000-000000000009"):
        assert "was not found on application" in _refused_assignment(entra, entra.ada.id, wrong)[2]


@rule("G72")
def _(entra: Entra) -> None:
    path = f"{entra.sp_path}/appRoleAssignedTo"
    assert "is not found" in entra.refused("DELETE", f"{path}/{'a' * 43}")[2]
    assert "Invalid resource identifier" in entra.refused("DELETE", f"{path}/short")[2]


# Deleting


@rule("G79")
def _(entra: Entra) -> None:
    assert entra.refused("DELETE", entra.app_path)[1] == "DeletingSamlSpNotAllowed"
    entra.write("DELETE", entra.sp_path)
    entra.write("DELETE", entra.app_path)


@rule("G80")
def _(entra: Entra) -> None:
    entra.write("DELETE", entra.sp_path)
    entra.wait()
    assert entra.refused("GET", entra.sp_path)[0] == 404
    deleted = entra.get("/directory/deletedItems/microsoft.graph.servicePrincipal")["value"]
    assert [item["id"] for item in deleted] == [entra.sp["id"]]
    assert all(entry["resourceId"] != entra.sp["id"] for entry in entra.world.store.all("appRoleAssignment"))


@rule("G81")
def _(entra: Entra) -> None:
    entra.write("DELETE", entra.sp_path)
    entra.write("DELETE", entra.app_path)
    back = entra.write("POST", f"/directory/deletedItems/{entra.app['id']}/restore")
    assert (back["@odata.type"], back["appId"]) == ("#microsoft.graph.application", entra.app["appId"])
    entra.wait()
    assert entra.get(entra.app_path)["identifierUris"] == [IDENTIFIER]
    assert entra.refused("GET", entra.sp_path)[0] == 404


# Signing on


@rule("G36")
def _(entra: Entra) -> None:
    entra.write("PATCH", entra.sp_path, {"preferredTokenSigningKeyThumbprint": None})
    entra.wait()
    assert str(entra.sign_on()).startswith("AADSTS50146:")


@rule("G37")
def _(entra: Entra) -> None:
    assert name_id(entra.sign_on()) == ("bo.agent@contoso.com", "emailAddress")
    entra.unlink_all("claimsMappingPolicies")
    value, form = name_id(entra.sign_on())
    assert (len(value), form) == (43, "persistent")


@rule("G39")
def _(entra: Entra) -> None:
    entra.set_claims(claims(from_user("displayname", NAME_ID), from_user("mail", "email")))
    entra.assign(entra.user("nia.nomail@contoso.com"), AGENT)
    assert "email" not in attributes(entra.sign_on("nia.nomail@contoso.com"))
    entra.set_claims(FLEX_CLAIMS)
    assert str(entra.sign_on("nia.nomail@contoso.com")).startswith("AADSTS501241:")


@rule("G40")
def _(entra: Entra) -> None:
    many = [from_user("displayname", f"claim{number}") for number in range(50)]
    entra.set_claims(claims(from_user("mail", NAME_ID), *many))
    issued = attributes(entra.sign_on())
    assert ("claim48" in issued, "claim49" in issued) == (True, False)


@rule("G51")
def _(entra: Entra) -> None:
    entra.wait(340 * DAY)
    entra.add_certificate(displayName="CN=Next")
    entra.wait(30 * DAY)
    assert len(set(certificates(entra.metadata()))) == 2
    response = entra.sign_on()
    assert not isinstance(response, str), response
    assert certificates(response, "Signature")[0] == certificates(entra.metadata())[1]


@rule("G55")
def _(entra: Entra) -> None:
    assert signed_parts(entra.sign_on()) == ["Response", "Assertion"]


@rule("G58")
def _(entra: Entra) -> None:
    entra.unlink_all("tokenIssuancePolicies")
    assert signed_parts(entra.sign_on()) == ["Assertion"]


@rule("G73")
def _(entra: Entra) -> None:
    assert str(entra.sign_on("sol.supervisor@contoso.com")).startswith("AADSTS50105:")
    entra.assign(entra.group("Flex Agents"), AGENT)
    (nested,) = [
        m["member"] for m in entra.world.store.all("member") if m["group"] == entra.group("Flex Agents Night")["id"]
    ][:1]
    upn = next(user["userPrincipalName"] for user in entra.world.store.all("user") if user["id"] == nested)
    assert str(entra.sign_on(upn)).startswith("AADSTS50105:")
    entra.write("PATCH", entra.sp_path, {"appRoleAssignmentRequired": False})
    assert "roles" not in attributes(entra.sign_on("sol.supervisor@contoso.com"))


@rule("G74")
def _(entra: Entra) -> None:
    before = certificates(entra.metadata())
    made = entra.add_certificate()
    entra.wait(9)
    assert certificates(entra.metadata()) == before
    entra.wait(2)
    assert certificates(entra.metadata()) == [*before, made["key"]]
    assert made["key"] not in certificates(entra.metadata(""))


@rule("G75")
def _(entra: Entra) -> None:
    assert str(entra.sign_on(issuer=f"{IDENTIFIER}/")).startswith("AADSTS700016:")
    assert str(entra.sign_on(reply_url=REPLY_URL.upper())).startswith("AADSTS50011:")


def _policy(form: str) -> str:
    return f'<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:{form}"/>'


@rule("G76")
def _(entra: Entra) -> None:
    assert str(entra.sign_on(inside=_policy("1.1:nameid-format:X509"))).startswith("AADSTS75006:")
    entra.unlink_all("claimsMappingPolicies")
    email = entra.sign_on(inside=_policy("1.1:nameid-format:emailAddress"))
    assert name_id(email) == ("bo.agent@contoso.com", "emailAddress")


@rule("G77")
def _(entra: Entra) -> None:
    plain = next(entry["id"] for entry in entra.app["appRoles"] if entry["displayName"] == "User")
    entra.assign(entra.user("sol.supervisor@contoso.com"), plain)
    assert "roles" not in attributes(entra.sign_on("sol.supervisor@contoso.com"))


@rule("G78")
def _(entra: Entra) -> None:
    entra.assign(entra.group("Flex Agents"), SUPERVISOR)
    assert sorted(attributes(entra.sign_on())["roles"]) == ["agent", "supervisor"]


@rule("AADSTS50057")
def _(entra: Entra) -> None:
    entra.assign(entra.user("dee.disabled@contoso.com"), AGENT)
    assert str(entra.sign_on("dee.disabled@contoso.com")).startswith("AADSTS50057:")


@rule("AADSTS7500529")
def _(entra: Entra) -> None:
    assert str(entra.sign_on(identity="1request")).startswith("AADSTS7500529:")


@rule("AADSTS76021")
def _(entra: Entra) -> None:
    entra.write("PATCH", entra.app_path, {"requestSignatureVerification": {"isSignedRequestRequired": True}})
    assert str(entra.sign_on()).startswith("AADSTS76021:")


@rule("AADSTS7000112")
def _(entra: Entra) -> None:
    entra.write("PATCH", entra.sp_path, {"accountEnabled": False})
    assert str(entra.sign_on()).startswith("AADSTS7000112:")


@rule("AADSTS90002")
def _(entra: Entra) -> None:
    other = "11111111-2222-3333-4444-555555555555"
    answer = entra.http.get(f"https://login.microsoftonline.com/{other}/v2.0/.well-known/openid-configuration")
    assert (answer.status_code, answer.json().get("error")) == (400, "invalid_tenant")


@rule("E01")
def _(entra: Entra) -> None:
    assert problems(entra.metadata()) == []
    assert problems(entra.metadata("")) == []


@rule("E02")
def _(entra: Entra) -> None:
    for tenant in (TENANT_ID.upper(), "Contoso.com", "CONTOSO.onmicrosoft.com"):
        for path in ("federationmetadata/2007-06/federationmetadata.xml", "v2.0/.well-known/openid-configuration"):
            assert entra.http.get(f"https://login.microsoftonline.com/{tenant}/{path}").status_code == 200
        answer = entra.http.get(f"https://login.microsoftonline.com/{tenant}/saml2")
        assert "AADSTS750054" in answer.text


@rule("E03")
def _(entra: Entra) -> None:
    sent = {"SAMLRequest": base64.b64encode(authn_xml()).decode(), "RelayState": "state"}
    asked = entra.http.post(f"{LOGIN}/saml2", data=sent)
    assert "User name" in asked.text
    kept = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    given = {name: html.unescape(value) for name, value in kept.items()} | {"user": "bo.agent@contoso.com"}
    page = entra.http.post(f"{LOGIN}/saml2", data=given).text
    assert 'name="SAMLResponse"' in page
    assert 'name="RelayState" value="state"' in page
    assert "AADSTS75005" in entra.http.get(f"{LOGIN}/saml2", params=sent).text


@rule("E04")
def _(entra: Entra) -> None:
    entra.write("PATCH", entra.app_path, {"web": {"logoutUrl": "https://contoso.example.com/out"}})
    answer = entra.http.get(f"{LOGIN}/saml2", params={"SAMLRequest": packed(logout_request()), "RelayState": "x"})
    assert answer.status_code == 302
    address = urlsplit(answer.headers["location"])
    query = parse_qs(address.query)
    response = etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLResponse"][0]), -15))
    assert (address.netloc, query["RelayState"]) == ("contoso.example.com", ["x"])
    assert etree.QName(response).localname == "LogoutResponse"
    assert (response.get("InResponseTo"), response.get("Destination")) == ("_out", "https://contoso.example.com/out")


@rule("AADSTS75003")
def _(entra: Entra) -> None:
    artifact = ' ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"'
    assert str(entra.sign_on(more=artifact)).startswith("AADSTS75003:")


@rule("AADSTS900235")
def _(entra: Entra) -> None:
    wanted = "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>"
    context = f'<samlp:RequestedAuthnContext Comparison="minimum">{wanted}</samlp:RequestedAuthnContext>'
    said = str(entra.sign_on(inside=context))
    assert said.startswith("AADSTS900235:")
    assert said.endswith("Received value: 'Minimum'.")


@rule("AADSTS900236")
def _(entra: Entra) -> None:
    for scoping in (
        '<samlp:Scoping ProxyCount="1"/>',
        "<samlp:Scoping><samlp:RequesterID>x</samlp:RequesterID></samlp:Scoping>",
        "<samlp:Scoping><samlp:IDPList/></samlp:Scoping>",
    ):
        assert str(entra.sign_on(inside=scoping)).startswith("AADSTS900236:")


@rule("AADSTS50058")
def _(entra: Entra) -> None:
    asked, as_number = (authn_request(more=f' IsPassive="{yes}"') for yes in ("true", "1"))
    page = entra.http.get(f"{LOGIN}/saml2", params={"SAMLRequest": asked}).text
    assert 'name="SAMLResponse"' in entra.http.get(f"{LOGIN}/saml2", params={"SAMLRequest": as_number}).text
    sent = re.search(r'name="SAMLResponse" value="([^"]*)"', page)
    assert sent, page
    response = etree.fromstring(base64.b64decode(html.unescape(sent[1])))
    codes = [code.get("Value", "").rsplit(":", 1)[-1] for code in response.iterfind(".//{*}StatusCode")]
    assert codes == ["Responder", "NoPassive"]
    assert response.findtext(".//{*}StatusMessage", "").startswith("AADSTS50058:")
    assert response.find("{*}Assertion") is None


def _token(entra: Entra, *, tenant: str = TENANT_ID, basic: str = "", **sent: str) -> Document:
    """What the token endpoint answers to the tenant's own program; `basic` is the secret in the header."""
    own = {} if basic else {"client_id": AUTOMATION_CLIENT, "client_secret": AUTOMATION_SECRET}
    word = base64.b64encode(f"{AUTOMATION_CLIENT}:{basic}".encode()).decode()
    headers = {"Authorization": f"Basic {word}"} if basic else {}
    asked = {"grant_type": "client_credentials", "scope": f"{GRAPH_ORIGIN}/.default", **own, **sent}
    url = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
    found: Document = entra.http.post(url, data=asked, headers=headers).json()
    return found


@rule("E05")
def _(entra: Entra) -> None:
    for resource in (GRAPH_ORIGIN, f"{GRAPH_ORIGIN}/", "00000003-0000-0000-c000-000000000000"):
        answer = _token(entra, scope=f"{resource}/.default")
        assert "access_token" in answer, answer
        headers = {"Authorization": f"Bearer {answer['access_token']}"}
        assert entra.http.get(f"{GRAPH}/organization", headers=headers).status_code == 200
    arm = _token(entra, scope="https://management.core.windows.net//.default")["access_token"]
    assert "access_token" in _token(entra, scope=f"{ARM_ID}/.default")
    headers = {"Authorization": f"Bearer {arm}"}
    assert entra.http.get(f"{GRAPH}/organization", headers=headers).status_code == 401
    listed = entra.http.get("https://management.azure.com/subscriptions?api-version=2022-12-01", headers=headers)
    assert listed.json()["value"] == []
    assert _token(entra, scope="https://vault.example.com/.default")["error_codes"] == [500011]
    both = f"{GRAPH_ORIGIN}/.default https://management.azure.com/.default"
    assert _token(entra, scope=both)["error_codes"] == [28000]


@rule("E06")
def _(entra: Entra) -> None:
    for name in ("common", "organizations"):
        base = f"https://login.microsoftonline.com/{name}"
        answer = entra.http.get(f"{base}/v2.0/.well-known/openid-configuration")
        assert answer.status_code == 200
        found = answer.json()
        assert found["issuer"] == "https://login.microsoftonline.com/{tenantid}/v2.0"
        assert found["token_endpoint"] == f"{base}/oauth2/v2.0/token"
        sent = {"client_id": COMMAND_LINE_TOOLS, "scope": "User.Read"}
        assert entra.http.post(f"{base}/oauth2/v2.0/devicecode", data=sent).status_code == 200
        assert _token(entra, tenant=name)["error_codes"] == [50059]


@rule("E07")
def _(entra: Entra) -> None:
    assert "access_token" in _token(entra, basic=AUTOMATION_SECRET)
    assert _token(entra, basic="wrong")["error_codes"] == [7000215]


def _made_here(entra: Entra, **more: Any) -> str:
    """The client id of an application that somebody makes by Graph, with its service principal."""
    app = entra.write("POST", "/applications", {"displayName": "Contoso Reports", **more})
    entra.wait()
    entra.write("POST", "/servicePrincipals", {"appId": app["appId"]})
    entra.wait()
    entra.app = app
    return str(app["appId"])


@rule("E08", configured=False)
def _(entra: Entra) -> None:
    client = _made_here(entra)
    body = {"passwordCredential": {"displayName": "nightly", "endDateTime": "2027-01-01T00:00:00Z"}}
    made = entra.write("POST", f"{entra.app_path}/addPassword", body)
    proof = {"client_id": client, "client_secret": made["secretText"]}
    answer = _token(entra, **proof)
    assert "access_token" in answer, answer
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert entra.http.get(f"{GRAPH}/applications", headers=headers).status_code == 403  # nobody granted it anything
    entra.wait()
    (listed,) = entra.get(entra.app_path)["passwordCredentials"]
    assert (listed["secretText"], listed["hint"]) == (None, made["secretText"][:3])
    assert _token(entra, client_id=client, client_secret="wrong")["error_codes"] == [7000215]
    entra.wait(61 * DAY)
    assert _token(entra, **proof)["error_codes"] == [7000222]
    entra.write("POST", f"{entra.app_path}/removePassword", {"keyId": made["keyId"]})
    assert _token(entra, **proof)["error_codes"] == [7000215]


@rule("E09", configured=False)
def _(entra: Entra) -> None:
    client = _made_here(entra)
    key, der = own_key()
    added = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(der).decode()}
    entra.write("PATCH", entra.app_path, {"keyCredentials": [added]})
    proof = {"client_id": client, "client_assertion_type": ASSERTION, "client_secret": ""}
    answer = _token(entra, client_assertion=assertion(key, client), **proof)
    assert "access_token" in answer, answer
    other = assertion(own_key()[0], client)
    assert _token(entra, client_assertion=other, **proof)["error_codes"] == [700027]


@rule("E12")
def _(entra: Entra) -> None:
    proof = {"client_id": AUTOMATION_CLIENT, "client_assertion_type": ASSERTION, "client_secret": ""}
    trusted = federated.token(entra.world)
    assert "access_token" in _token(entra, client_assertion=trusted, **proof)
    for claim, number in (("iss", 700211), ("sub", 700213), ("aud", 700212)):
        other = federated.token(entra.world, **{claim: "another"})
        answer = _token(entra, client_assertion=other, **proof)
        assert answer["error_codes"] == [number]
        assert "'another'" in answer["error_description"]
    forged = trusted[: trusted.rindex(".")] + "." + federated.token(entra.world, jti="other").rpartition(".")[2]
    assert _token(entra, client_assertion=forged, **proof)["error_codes"] == [700027]
    entra.wait(federated.SECONDS)
    assert _token(entra, client_assertion=trusted, **proof)["error_codes"] == [700024]


@rule("E10", configured=False)
def _(entra: Entra) -> None:
    client = _made_here(entra)
    assert device_sign_in(entra, client, "ada.admin@contoso.com")["error_codes"] == [7000218]
    entra.write("PATCH", entra.app_path, {"isFallbackPublicClient": True})
    answer = device_sign_in(entra, client, "ada.admin@contoso.com")
    assert answer["scope"] == f"{GRAPH_ORIGIN}/Application.Read.All"
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert entra.http.get(f"{GRAPH}/applications", headers=headers).status_code == 200
    refused = device_sign_in(entra, client, "bo.agent@contoso.com")
    assert refused["error_codes"] == [65001]
    entra.write("PATCH", entra.app_path, {"publicClient": {"redirectUris": ["http://localhost/back"]}})
    asked = {
        "client_id": client, "scope": "User.Read", "response_type": "code", "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }  # fmt: skip
    for url, registered in (("http://localhost:8400/back", True), ("http://localhost:8400/elsewhere", False)):
        page = entra.http.get(AUTHORIZE, params=asked | {"redirect_uri": url})
        assert ("User name" in page.text, "AADSTS50011" in page.text) == (registered, not registered)


AUTHORIZE = f"https://login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0/authorize"
GROUPS = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"


def configure_tokens(entra: Entra, groups: str | None, *optional: Any) -> None:
    body = {"groupMembershipClaims": groups, "optionalClaims": {"saml2Token": list(optional)}}
    entra.write("PATCH", entra.app_path, body)
    entra.wait()


@rule("G101")
def _(entra: Entra) -> None:
    assert GROUPS not in attributes(entra.sign_on())
    configure_tokens(entra, "SecurityGroup")
    assert entra.group("Flex Agents")["id"] in attributes(entra.sign_on()).get(GROUPS, [])
    configure_tokens(entra, None)
    assert GROUPS not in attributes(entra.sign_on())


@rule("G102")
def _(entra: Entra) -> None:
    bo = entra.user("bo.agent@contoso.com")
    for number in range(151):
        group = entra.group("Flex Agents") | {"id": f"f1e55000-0000-4000-8000-{number:012d}"}
        entra.world.store.put("group", group["id"], group, at=entra.world.clock.now)
        link = {"group": group["id"], "member": bo["id"], "kind": "user"}
        entra.world.store.put("member", f"{group['id']}:{bo['id']}", link, at=entra.world.clock.now)
    configure_tokens(entra, "SecurityGroup")
    issued = attributes(entra.sign_on())
    assert GROUPS not in issued
    assert issued["http://schemas.microsoft.com/claims/groups.link"][0].endswith(f"{bo['id']}/getMemberObjects")


@rule("G103")
def _(entra: Entra) -> None:
    configure_tokens(entra, None, {"name": "upn", "source": None, "essential": False, "additionalProperties": []})
    issued = attributes(entra.sign_on())
    assert issued.get("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn") == ["bo.agent@contoso.com"]


@rule("G104")
def _(entra: Entra) -> None:
    how = {"name": "groups", "source": None, "essential": False, "additionalProperties": ["emit_as_roles"]}
    configure_tokens(entra, "SecurityGroup", how)
    issued = attributes(entra.sign_on())
    assert GROUPS not in issued
    assert entra.group("Flex Agents")["id"] in issued["http://schemas.microsoft.com/ws/2008/06/identity/claims/role"]
