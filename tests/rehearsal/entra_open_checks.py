"""Checks of the rules about lost answers, batches, templates, deleted objects, the portal's claims and other clouds."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from entra_listening import COMMAND_LINE_TOOLS
from entra_registry import rule
from entra_stage import (
    DAY,
    FLEX_CLAIMS,
    GRAPH,
    IDENTIFIER,
    LOGIN,
    NAME_ID,
    SUPERVISOR,
    Entra,
    attributes,
    claims,
    from_user,
    name_id,
    signing,
)

from flexsso_helpers.rehearsal.directory import objects

GHOST = "00000000-0000-4000-8000-000000000009"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


def _template(entra: Entra) -> str:
    return f"/applicationTemplates/{objects.template_id(entra.world)}/instantiate"


def _named(entra: Entra, name: str) -> list[Any]:
    entra.wait()
    return list(entra.get(f"/applications?$filter=displayName eq '{name}'")["value"])


# Answers


@rule("G03")
def _(entra: Entra) -> None:
    text = f"Resource '{GHOST}' does not exist or one of its queried reference-property objects are not present."
    assert entra.refused("GET", f"/servicePrincipals/{GHOST}") == (404, "Request_ResourceNotFound", text)


@rule("G07")
def _(entra: Entra) -> None:
    patch = {"method": "PATCH", "url": entra.sp_path, "body": {"notes": "a"}}
    first, second = entra.batch(patch, patch)
    assert (first[0], second[0]) == (204, 409)
    assert second[1]["body"]["error"]["code"] == "Directory_ConcurrencyViolation"
    assert [status for status, _ in entra.batch(patch, {**patch, "dependsOn": ["0"]})] == [204, 204]


@rule("G10", configured=False, instantiate_ghost="504")
def _(entra: Entra) -> None:
    assert entra.refused("POST", _template(entra), {"displayName": "Ghost"})[0] == 504
    assert len(_named(entra, "Ghost")) == 1


@rule("G22")
def _(entra: Entra) -> None:
    entra.wait()
    made = entra.write("POST", _template(entra), {"displayName": "New"})
    path = f"/servicePrincipals/{made['servicePrincipal']['id']}"
    assert entra.refused("PATCH", path, {"preferredSingleSignOnMode": "saml"})[0] == 404


@rule("G84")
def _(entra: Entra) -> None:
    read = {"method": "GET", "url": f"/groups/{entra.group('Flex Supervisors')['id']}/members?$top=1"}
    spent = [entra.batch(*[read] * 20) for _ in range(58)]
    assert all(status == 200 for answers in spent for status, _ in answers)
    refused = [answer for status, answer in entra.batch(*[read] * 20) if status == 429]
    assert refused
    assert refused[0]["headers"]["Retry-After"] == "10"
    answer = entra.call("GET", read["url"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "TooManyRequests")
    entra.wait(10)
    assert entra.call("GET", read["url"]).headers["x-ms-resource-unit"] == "3"


@rule("G85")
def _(entra: Entra) -> None:
    wrong = {"method": "PATCH", "url": entra.sp_path, "body": {"colour": "green"}}
    after = {"method": "GET", "url": "/organization", "dependsOn": ["0"]}
    assert [status for status, _ in entra.batch(wrong, after)] == [400, 424]
    read = {"method": "GET", "url": "/organization"}
    for requests in ([{"id": str(n), **read} for n in range(21)], [{"id": "a", **read}, {"id": "a", **read}]):
        assert entra.refused("POST", "/$batch", {"requests": requests})[0] == 400


@rule("G87", ambiguous_failure="on")
def _(entra: Entra) -> None:
    assert entra.refused("PATCH", entra.sp_path, {"notes": "a"})[0] == 504
    entra.wait()
    assert entra.get(entra.sp_path)["notes"] == "a"
    entra.write("PATCH", entra.sp_path, {"notes": "b"})


# The template


@rule("G14", configured=False, template_certificate="present_active")
def _(entra: Entra) -> None:
    entra.instantiate()
    seen = entra.get(entra.sp_path)
    assert [key["usage"] for key in seen["keyCredentials"]] == ["Sign", "Verify"]
    assert seen["preferredTokenSigningKeyThumbprint"]


@rule("G15", configured=False, template_tags="integrated+custom_sso")
def _(entra: Entra) -> None:
    entra.instantiate()
    tags = ["WindowsAzureActiveDirectoryIntegratedApp", "WindowsAzureActiveDirectoryCustomSingleSignOnApplication"]
    assert entra.get(entra.sp_path)["tags"] == tags


@rule("G16", configured=False, template_identifier_uris="one_default")
def _(entra: Entra) -> None:
    entra.instantiate()
    assert len(entra.get(entra.app_path)["identifierUris"]) == 1


@rule("G17", configured=False, notification_seed="creator")
def _(entra: Entra) -> None:
    entra.instantiate()
    assert entra.get(entra.sp_path)["notificationEmailAddresses"] == ["ada.admin@contoso.com"]


# Certificates and claims


@rule("G38")
def _(entra: Entra) -> None:
    entra.set_claims(claims(from_user("mail", NAME_ID, SamlNameIdFormat=PERSISTENT)))
    assert name_id(entra.sign_on()) == ("bo.agent@contoso.com", "persistent")


@rule("G41")
def _(entra: Entra) -> None:
    path = f"{entra.sp_path}/claimsPolicy"
    assert entra.call("GET", path).status_code == 400
    assert entra.call("GET", path, version="beta").status_code == 404
    body = portal_claims()
    assert entra.call("PUT", path, body, version="beta").status_code == 204
    entra.wait()
    assert entra.call("GET", path, version="beta").json()["claims"] == body["claims"]
    entra.unlink_all("claimsMappingPolicies")
    response = entra.sign_on()
    assert name_id(response) == ("bo.agent@contoso.com", "emailAddress")
    assert attributes(response)["full_name"] == ["Bo Agent"]


def portal_claims() -> Any:
    def configuration(source: str) -> Any:
        attribute = {"@odata.type": "#microsoft.graph.sourcedAttribute", "id": source, "source": "user"}
        return [{"condition": None, "attribute": attribute, "transformations": []}]

    named = {
        "@odata.type": "#microsoft.graph.customClaim", "name": "full_name", "namespace": None, "tokenFormat": ["saml"],
        "configurations": configuration("displayname"),
    }  # fmt: skip
    subject = {
        "@odata.type": "#microsoft.graph.samlNameIdClaim", "nameIdFormat": "emailAddress",
        "configurations": configuration(" mail"),
    }  # fmt: skip
    return {"includeBasicClaimSet": False, "claims": [subject, named]}


@rule("G52", key_life_policy="enforced")
def _(entra: Entra) -> None:
    (cap,) = entra.get("/policies/defaultAppManagementPolicy")["servicePrincipalRestrictions"]["keyCredentials"]
    assert cap["maxLifetime"] == "P180D"
    path = f"{entra.sp_path}/addTokenSigningCertificate"
    refusal = entra.refused("POST", path, {"endDateTime": "2027-11-02T08:00:00Z"})
    assert refusal[:2] == (400, "CredentialInvalidLifetimeAsPerAppPolicy")
    entra.write("POST", path, {"endDateTime": "2027-05-01T08:00:00Z"})


@rule("G54")
def _(entra: Entra) -> None:
    made = entra.policy("tokenIssuancePolicies", signing("TokenOnly"))
    path = f"/policies/tokenIssuancePolicies/{made}"
    entra.wait()
    entra.write("PATCH", path, {"definition": signing("ResponseOnly")})
    entra.wait()
    assert entra.get(path)["definition"] == signing("ResponseOnly")
    assert entra.refused("PATCH", path, {"definition": ["{}"]})[0] == 400
    entra.write("DELETE", path)


# Other clouds


@rule("G53", cloud="gov_l4")
def _(entra: Entra) -> None:
    entra.instantiate()
    assert entra.refused("POST", f"{entra.sp_path}/addTokenSigningCertificate", {})[0] == 400
    assert entra.call("GET", f"{entra.sp_path}/claimsPolicy", version="beta").status_code == 400


@rule("G88", cloud="china")
def _(entra: Entra) -> None:
    template = entra.world.cloud.template_id
    made = entra.write("POST", f"/applicationTemplates/{template}/instantiate", {"displayName": "In China"})
    assert made["@odata.context"].startswith("https://microsoftgraph.chinacloudapi.cn/v1.0/$metadata#")
    glob = f"/applicationTemplates/{objects.TEMPLATE_ID}/instantiate"
    assert entra.refused("POST", glob, {"displayName": "Elsewhere"})[0] == 404


# Deleted objects


def _both_deleted(entra: Entra) -> None:
    entra.write("DELETE", entra.sp_path)
    entra.write("DELETE", entra.app_path)


@rule("G82")
def _(entra: Entra) -> None:
    old = entra.app["id"]
    _both_deleted(entra)
    entra.instantiate()
    entra.write("PATCH", entra.app_path, {"identifierUris": [IDENTIFIER]})
    refusal = entra.refused("POST", f"/directory/deletedItems/{old}/restore")
    assert refusal[2] == "Another object with the same value for property identifierUris already exists."


@rule("G83")
def _(entra: Entra) -> None:
    (policy,) = entra.linked(entra.sp_path, "claimsMappingPolicies")
    _both_deleted(entra)
    entra.wait()
    assert entra.get(f"/policies/claimsMappingPolicies/{policy}")["definition"] == FLEX_CLAIMS
    assert entra.get(f"/policies/claimsMappingPolicies/{policy}/appliesTo")["value"] == []


# Who belongs to what


@rule("G105")
def _(entra: Entra) -> None:
    bo = entra.user("bo.agent@contoso.com")["id"]
    reference = {"@odata.id": f"{GRAPH}/directoryObjects/{bo}"}
    for path in (entra.app_path, entra.sp_path):
        status = entra.call("POST", f"{path}/owners/$ref", reference).status_code
        assert status == 204
        entra.wait()
        assert [each["id"] for each in entra.get(f"{path}/owners")["value"]] == [bo]
        assert "already exist" in entra.refused("POST", f"{path}/owners/$ref", reference)[2]
        nobody = {"@odata.id": f"{GRAPH}/directoryObjects/{bo[:-1]}{'0' if bo[-1] != '0' else '1'}"}
        assert entra.refused("POST", f"{path}/owners/$ref", nobody)[0] == 404
    assert {each["id"] for each in entra.get(f"/users/{bo}/ownedObjects")["value"]} == {entra.app["id"], entra.sp["id"]}
    entra.write("DELETE", f"{entra.app_path}/owners/{bo}/$ref")
    entra.wait()
    assert entra.get(f"{entra.app_path}/owners")["value"] == []
    assert entra.refused("DELETE", f"{entra.app_path}/owners/{bo}/$ref")[0] == 404
    group = next(each for each in entra.world.store.all("member") if each["kind"] == "group")["group"]
    direct, all_of_them = (entra.get(f"/groups/{group}/{name}")["value"] for name in ("members", "transitiveMembers"))
    assert {each["id"] for each in direct} < {each["id"] for each in all_of_them}
    below = next(each["id"] for each in all_of_them if each not in direct)
    link = {"group": group, "member": below, "kind": "user"}  # and directly too: still once
    entra.world.store.put("member", f"{group}:{below}", link, at=entra.world.clock.now)
    entra.wait()
    again = [each["id"] for each in entra.get(f"/groups/{group}/transitiveMembers")["value"]]
    assert sorted(again) == sorted({each["id"] for each in all_of_them})
    people = entra.get(f"/groups/{group}/transitiveMembers/microsoft.graph.user")["value"]
    assert 0 < len(people) < len(all_of_them)
    assert [each["id"] for each in entra.get(f"/users/{people[0]['id']}/transitiveMemberOf")["value"]].count(group) == 1


# What a program asks of the sign-in page


@rule("E11")
def _(entra: Entra) -> None:
    asked = {
        "client_id": COMMAND_LINE_TOOLS, "redirect_uri": "http://localhost:8400", "scope": "openid", "state": "s",
        "code_challenge": "x" * 43, "code_challenge_method": "S256", "response_type": "code",
    }  # fmt: skip
    url = f"{LOGIN}/oauth2/v2.0/authorize"
    for more, error, number in (
        ({"prompt": "none"}, "login_required", "AADSTS50058"),
        ({"response_type": "code id_token"}, "unsupported_response_type", "AADSTS700054"),
        ({"response_type": "token"}, "unsupported_response_type", "AADSTS700051"),
    ):
        answer = entra.http.get(url, params=asked | more)
        assert answer.is_redirect
        back = parse_qs(urlsplit(answer.headers["location"]).query)
        assert (back["error"], back["state"]) == ([error], ["s"])
        assert back["error_description"][0].startswith(number)
    answer = entra.http.post(url, data=asked | {"response_mode": "fragment", "user": "ada.admin@contoso.com"})
    address = urlsplit(answer.headers["location"])
    assert "code=" in address.fragment
    assert not address.query
    assert "Sign in to your account" in entra.http.get(url, params=asked | {"prompt": "select_account"}).text


@rule("G109")
def _(entra: Entra) -> None:
    group = entra.group("Flex Agents")["id"]
    expanded = entra.get(f"/groups/{group}?$expand=members")
    assert [each["id"] for each in expanded["members"]] == [
        each["id"] for each in entra.get(f"/groups/{group}/members")["value"]
    ]


@rule("G106")
def _(entra: Entra) -> None:
    bo = entra.user("bo.agent@contoso.com")
    for path in ("/users('bo.agent@contoso.com')", f"/users('{bo['id']}')", f"/myorganization/users/{bo['id']}"):
        answer = entra.call("GET", path)
        assert answer.status_code == 200
        assert answer.json()["id"] == bo["id"]


# Who changed what, and who is kept out


@rule("G107")
def _(entra: Entra) -> None:
    path = "/auditLogs/directoryAudits"
    since = entra.world.clock.iso()
    entra.write("PATCH", entra.app_path, {"notes": "by hand"})
    role = {"principalId": entra.user("sol.supervisor@contoso.com")["id"], "resourceId": entra.sp["id"]}
    body = role | {"appRoleId": SUPERVISOR}
    [(status, _)] = entra.batch(
        {
            "method": "POST",
            "url": f"{entra.sp_path}/appRoleAssignedTo",
            "body": body,
            "headers": {"Content-Type": "application/json"},
        }
    )
    assert status == 201
    found = entra.get(f"{path}?$filter=activityDateTime ge {since}")["value"]
    assert [each["activityDisplayName"] for each in found] == [
        "Add app role assignment grant to user",
        "Update application",
    ]
    [ours] = entra.get(f"{path}?$filter=targetResources/any(t:t/id eq '{entra.app['id']}')")["value"]
    assert ours["initiatedBy"]["user"]["userPrincipalName"] == "ada.admin@contoso.com"
    assert [each["displayName"] for each in ours["targetResources"][0]["modifiedProperties"]] == ["Notes"]
    without = entra.principal("ada.admin@contoso.com", without="AuditLog.Read.All")
    assert entra.refused("GET", path, who=without)[0] == 403
    entra.wait(31 * DAY)
    assert entra.get(path)["value"] == []


@rule("G108")
def _(entra: Entra) -> None:
    path = "/identity/conditionalAccess/policies"
    assert entra.refused("GET", path)[0] == 403
    answer = entra.call("GET", path, who=entra.principal("greta.global@contoso.com"))
    assert answer.json()["value"] == []
