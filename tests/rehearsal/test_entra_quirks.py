"""Every open question of the Entra half: each of its alternatives can be told from the others by what a client sees."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from entra_client_proofs import device_sign_in
from entra_open_checks import portal_claims
from entra_stage import (
    AGENT,
    DAY,
    FLEX_CLAIMS,
    GRAPH,
    IDENTIFIER,
    LOGIN,
    NAME_ID,
    Entra,
    attributes,
    certificates,
    claims,
    from_user,
    name_id,
    signed_parts,
    signing,
)

from flexsso_helpers import errors
from flexsso_helpers.graph import Hint
from flexsso_helpers.rehearsal.directory.people import CLOUD_APPLICATION_ADMINISTRATOR
from flexsso_helpers.rehearsal.flex.rules import QUIRKS as FLEX_QUIRKS
from flexsso_helpers.rehearsal.world import quirks
from flexsso_helpers.rehearsal.world.world import TENANT_ID

Look = Callable[[Entra], object]
LOOKS: dict[str, tuple[Look, dict[str, Any]]] = {}
INSTANTIATE = "/applicationTemplates/8adf8e6e-67b2-4cf2-a259-e3dc5476c621/instantiate"
UNSPECIFIED = '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"/>'


def quirk(name: str, **stage: Any) -> Callable[[Look], Look]:
    """Register how the alternatives of a quirk look from outside."""

    def registered(look: Look) -> Look:
        LOOKS[name] = (look, stage)
        return look

    return registered


def test_every_quirk_is_looked_at() -> None:
    assert sorted(LOOKS) == sorted(quirks.ALTERNATIVES.keys() - FLEX_QUIRKS.keys())


@pytest.mark.thinned(4)
@pytest.mark.parametrize("name", sorted(quirks.ALTERNATIVES.keys() - FLEX_QUIRKS.keys()))
def test_the_alternatives_differ(name: str) -> None:
    look, stage = LOOKS[name]
    seen = [look(Entra(**{**stage, name: choice})) for choice in quirks.ALTERNATIVES[name]]
    assert len({repr(one) for one in seen}) == len(seen), seen


@pytest.mark.parametrize("name", sorted(quirks.ALTERNATIVES.keys() - FLEX_QUIRKS.keys()))
def test_a_quirk_says_where_it_comes_from_and_what_to_expect(name: str) -> None:
    declared = quirks.QUIRKS[name]
    assert declared.source
    assert sorted(declared.expects) == sorted(declared.choices)
    for expected in declared.expects.values():
        assert expected == "proved" or (len(expected) == 3 and issubclass(getattr(errors, expected[1]), Exception))


def test_the_default_of_every_quirk_is_proved() -> None:
    ours = quirks.QUIRKS.keys() - FLEX_QUIRKS.keys()
    assert {quirks.QUIRKS[name].expects[quirks.QUIRKS[name].choices[0]] for name in ours} == {"proved"}


def test_a_refusal_of_no_alternative_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no alternative"):
        quirks.quirk("on", "off", source="x", refused={"maybe": ("Refused", "01")})


def test_a_quirk_may_be_declared_by_its_alternatives_alone() -> None:
    quirks.declare({"lag": ("ordinary", "none", "long")})
    assert quirks.QUIRKS["lag"].source
    with pytest.raises(ValueError, match="already has"):
        quirks.declare({"lag": ("none",)})


def test_the_first_alternative_is_the_default() -> None:
    assert signed_parts(Entra().sign_on()) == signed_parts(Entra(policy_attachment="service_principal").sign_on())


def _outcome(entra: Entra, method: str, path: str, body: Any = None) -> object:
    answer = entra.call(method, path, body)
    error = answer.json().get("error", {}) if answer.content else {}
    return answer.status_code, error.get("code"), error.get("message"), bool(error.get("details"))


def _made(entra: Entra) -> Any:
    entra.instantiate(saml=False)
    return entra.get(entra.app_path), entra.get(entra.sp_path)


@quirk("lag")
def _(entra: Entra) -> object:
    entra.write("PATCH", entra.sp_path, {"notes": "new"})
    at_once = entra.get(entra.sp_path)["notes"]
    entra.wait(5)
    return at_once, entra.get(entra.sp_path)["notes"]


@quirk("list_users")
def _(entra: Entra) -> object:
    alone = entra.call("GET", "/users/bo.agent@contoso.com").status_code
    return alone, *_outcome(entra, "GET", "/users?$filter=userPrincipalName in ('bo.agent@contoso.com')")


@quirk("replica_flap")
def _(entra: Entra) -> object:
    made = entra.write("POST", INSTANTIATE, {"displayName": "Flapping"})["application"]["id"]
    seen = []
    for _ in range(16):
        entra.wait(1)
        seen.append(entra.call("GET", f"/applications/{made}").status_code == 200)
    assert seen[-1]
    return sum(a and not b for a, b in itertools.pairwise(seen))


@quirk("write_after_create")
def _(entra: Entra) -> object:
    made = entra.write("POST", INSTANTIATE, {"displayName": "New"})["servicePrincipal"]["id"]
    return _outcome(entra, "PATCH", f"/servicePrincipals/{made}", {"preferredSingleSignOnMode": "saml"})


@quirk("instantiate_ghost")
def _(entra: Entra) -> object:
    return _outcome(entra, "POST", INSTANTIATE, {"displayName": "Ghost"})


@quirk("ambiguous_failure")
def _(entra: Entra) -> object:
    return _outcome(entra, "PATCH", entra.sp_path, {"notes": "x"})


@quirk("retry_after")
def _(entra: Entra) -> object:
    read = {"method": "GET", "url": f"/groups/{entra.group('Flex Supervisors')['id']}/members?$top=1"}
    for _ in range(59):
        answers = entra.batch(*[read] * 20)
    return "Retry-After" in answers[-1][1]["headers"]


@quirk("key_life_policy")
def _(entra: Entra) -> object:
    told = entra.get("/policies/defaultAppManagementPolicy")["servicePrincipalRestrictions"]["keyCredentials"]
    path = f"{entra.sp_path}/addTokenSigningCertificate"
    return len(told), _outcome(entra, "POST", path, {"displayName": "CN=Long"})[:2]


@quirk("credential_type_policy")
def _(entra: Entra) -> object:
    told = entra.get("/policies/defaultAppManagementPolicy")["servicePrincipalRestrictions"]["passwordCredentials"]
    path = f"{entra.sp_path}/addTokenSigningCertificate"
    return len(told), _outcome(entra, "POST", path, {"displayName": "CN=Short"})[:2]


@quirk("time_digits")
def _(entra: Entra) -> object:
    end = entra.add_certificate(endDateTime="2027-11-01T00:00:00Z")["endDateTime"]
    assert end in ("2027-11-01T00:00:00Z", "2027-11-01T00:00:00.0000000Z")
    return end


@quirk("list_order", template_roles="user+msiam_access")
def _(entra: Entra) -> object:
    seen = [[each["displayName"] for each in entra.get(entra.app_path)["appRoles"]]]
    entra.wait(1)
    seen.append([each["displayName"] for each in entra.get(entra.app_path)["appRoles"]])
    assert sorted(seen[0]) == sorted(seen[1])
    return seen


@quirk("missing_action", cloud="gov_l5")
def _(entra: Entra) -> object:
    entra.instantiate()
    return entra.call("POST", f"{entra.sp_path}/addTokenSigningCertificate", {}).status_code


@quirk("restore_state")
def _(entra: Entra) -> object:
    entra.write("DELETE", entra.sp_path)
    entra.write("POST", f"/directory/deletedItems/{entra.sp['id']}/restore")
    entra.wait()
    assigned = entra.get(f"{entra.sp_path}/appRoleAssignedTo")["value"]
    policies = entra.linked(entra.sp_path, "claimsMappingPolicies")
    return len(entra.get(entra.sp_path)["keyCredentials"]), len(assigned), len(policies)


@quirk("restore_conflict")
def _(entra: Entra) -> object:
    old = entra.app["id"]
    entra.write("DELETE", entra.sp_path)
    entra.write("DELETE", entra.app_path)
    entra.instantiate()
    entra.write("PATCH", entra.app_path, {"identifierUris": [IDENTIFIER]})
    return _outcome(entra, "POST", f"/directory/deletedItems/{old}/restore")


@quirk("claims_policy_put")
def _(entra: Entra) -> object:
    return entra.call("PUT", f"{entra.sp_path}/claimsPolicy", portal_claims(), version="beta").status_code


@quirk("claims_policy_shape")
def _(entra: Entra) -> object:
    entra.call("PUT", f"{entra.sp_path}/claimsPolicy", portal_claims(), version="beta")
    entra.wait()
    body = entra.call("GET", f"{entra.sp_path}/claimsPolicy", version="beta").json()
    return sorted(body), type(body.get("value")).__name__


@quirk("claims_policy_absent")
def _(entra: Entra) -> object:
    return entra.call("GET", f"{entra.sp_path}/claimsPolicy", version="beta").status_code


@quirk("claims_policy_delete")
def _(entra: Entra) -> object:
    return entra.call("DELETE", f"{entra.sp_path}/claimsPolicy", version="beta").status_code


def _by_device(entra: Entra) -> tuple[str, str]:
    """What the page says, and what the program is told."""
    login = f"{entra.world.cloud.login}/{TENANT_ID}/oauth2/v2.0"
    asked = {"client_id": "14d82eec-204b-4c2f-b7e8-296a70dab67e", "scope": f"{GRAPH[:-5]}/Policy.Read.All"}
    code = entra.http.post(f"{login}/devicecode", data=asked).json()
    page = entra.http.post(code["verification_uri"], data={"code": code["user_code"], "user": "ada.admin@contoso.com"})
    sent = {**asked, "grant_type": "device_code", "device_code": code["device_code"]}
    answer = entra.http.post(f"{login}/token", data=sent).json()
    said = re.search(r'id="error"[^>]*>(AADSTS\d+)', page.text)
    return said[1] if said else "", str(answer.get("error_codes", "token"))


@quirk("device_code_flow")
def _(entra: Entra) -> object:
    return _by_device(entra)


@quirk("admin_consent")
def _(entra: Entra) -> object:
    return _by_device(entra)


def _token(entra: Entra, user: str = "ada.admin@contoso.com") -> str:
    """The access token that a sign-in of this person gives."""
    login = f"{entra.world.cloud.login}/{TENANT_ID}/oauth2/v2.0"
    asked = {"client_id": "14d82eec-204b-4c2f-b7e8-296a70dab67e", "scope": f"{GRAPH[:-5]}/User.Read.All"}
    code = entra.http.post(f"{login}/devicecode", data=asked).json()
    entra.http.post(code["verification_uri"], data={"code": code["user_code"], "user": user})
    sent = {**asked, "grant_type": "device_code", "device_code": code["device_code"]}
    return str(entra.http.post(f"{login}/token", data=sent).json()["access_token"])


@quirk("token_claims")
def _(entra: Entra) -> object:
    token = _token(entra)
    me = entra.http.get(f"{GRAPH}/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["userPrincipalName"] == "ada.admin@contoso.com"
    return sorted(Hint.of(token).role_ids), Hint.of(token).user_name


@quirk("token_scopes")
def _(entra: Entra) -> object:
    return sorted(Hint.of(_token(entra)).permissions or ())


@quirk("guest_token")
def _(entra: Entra) -> object:
    return Hint.of(_token(entra, "pat.partner@fabrikam.com")).user_name


@quirk("delegate_me")
def _(entra: Entra) -> object:
    token = _token(entra, "dana.delegate@fabrikam.com")
    assert (Hint.of(token).delegate, Hint.of(token).object_id) == (True, "")
    return entra.http.get(f"{GRAPH}/me", headers={"Authorization": f"Bearer {token}"}).status_code


@quirk("assignment_permission")
def _(entra: Entra) -> object:
    body = {"principalId": entra.user("sol.supervisor@contoso.com")["id"], "resourceId": entra.sp["id"]}
    alone = entra.principal("ada.admin@contoso.com", without="AppRoleAssignment.ReadWrite.All")
    assigned = entra.call("POST", f"{entra.sp_path}/appRoleAssignedTo", {**body, "appRoleId": AGENT}, who=alone)
    return assigned.status_code


@quirk("template_tags")
def _(entra: Entra) -> object:
    return _made(entra)[1]["tags"]


@quirk("template_identifier_uris")
def _(entra: Entra) -> object:
    return len(_made(entra)[0]["identifierUris"])


@quirk("template_roles")
def _(entra: Entra) -> object:
    return [role["displayName"] for role in _made(entra)[0]["appRoles"]]


@quirk("notification_seed")
def _(entra: Entra) -> object:
    return _made(entra)[1]["notificationEmailAddresses"]


@quirk("template_certificate")
def _(entra: Entra) -> object:
    sp = _made(entra)[1]
    return len(sp["keyCredentials"]), bool(sp["preferredTokenSigningKeyThumbprint"])


@quirk("require_service_reference")
def _(entra: Entra) -> object:
    changed = _outcome(entra, "PATCH", entra.app_path, {"notes": "x"})
    return _outcome(entra, "POST", INSTANTIATE, {"displayName": "x"}), changed


@quirk("app_delete")
def _(entra: Entra) -> object:
    return _outcome(entra, "DELETE", entra.app_path)


@quirk("identifier_error_shape", configured=False)
def _(entra: Entra) -> object:
    entra.instantiate(saml=False)
    return _outcome(entra, "PATCH", entra.app_path, {"identifierUris": ["https://flex.example.com"]})


@quirk("identifier_policy", configured=False)
def _(entra: Entra) -> object:
    entra.instantiate(saml=False)
    before = entra.call("PATCH", entra.app_path, {"identifierUris": ["urn:a:b"]}).status_code
    entra.write("PATCH", entra.sp_path, {"preferredSingleSignOnMode": "saml"})
    entra.wait()
    after = entra.call("PATCH", entra.app_path, {"identifierUris": [IDENTIFIER]}).status_code
    told = entra.get("/policies/defaultAppManagementPolicy")["applicationRestrictions"]["identifierUris"]
    restriction = told["uriAdditionWithoutUniqueTenantIdentifier"]
    assert (restriction["state"] == "disabled") == (before == 204)
    assert (restriction["state"] == "enabled" and not restriction["excludeSaml"]) == (after == 400)
    return before, after


@quirk("deleted_identifier")
def _(entra: Entra) -> object:
    entra.write("DELETE", entra.sp_path)
    entra.write("DELETE", entra.app_path)
    entra.instantiate()
    return entra.call("PATCH", entra.app_path, {"identifierUris": [IDENTIFIER]}).status_code


@quirk("schemeless_identifier", identifier_policy="off")
def _(entra: Entra) -> object:
    return entra.call("PATCH", entra.app_path, {"identifierUris": ["box.net"]}).status_code


@quirk("localhost_reply_url")
def _(entra: Entra) -> object:
    urls = [f"http://localhost:4321/flexsso/{'a' * 32}"]
    return entra.call("PATCH", entra.app_path, {"web": {"redirectUris": urls}}).status_code


@quirk("cloud_application_administrator_policies")
def _(entra: Entra) -> object:
    held = entra.ada.plain() | {"wids": [CLOUD_APPLICATION_ADMINISTRATOR]}
    body = {"displayName": "x", "definition": FLEX_CLAIMS}
    return entra.call("POST", "/policies/claimsMappingPolicies", body, who=type(entra.ada).of(held)).status_code


@quirk("first_certificate")
def _(entra: Entra) -> object:
    entra.instantiate()
    entra.add_certificate()
    entra.wait()
    return bool(entra.get(entra.sp_path)["preferredTokenSigningKeyThumbprint"])


@quirk("cert_creates_policy")
def _(entra: Entra) -> object:
    entra.instantiate()
    entra.add_certificate()
    return len(entra.linked(entra.sp_path, "tokenIssuancePolicies"))


@quirk("custom_key_identifier")
def _(entra: Entra) -> object:
    made = entra.add_certificate()
    entra.wait()
    entra.write("PATCH", entra.sp_path, {"preferredTokenSigningKeyThumbprint": made["thumbprint"]})
    return len(made["customKeyIdentifier"])


@quirk("remove_active")
def _(entra: Entra) -> object:
    return entra.call("PATCH", entra.sp_path, {"keyCredentials": [], "passwordCredentials": []}).status_code


@quirk("definition_error_text")
def _(entra: Entra) -> object:
    return entra.refused("POST", "/policies/claimsMappingPolicies", {"displayName": "x", "definition": ["{}"]})[2]


@quirk("samlnameidformat_key")
def _(entra: Entra) -> object:
    form = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    text = claims(from_user("mail", NAME_ID, SamlNameIdFormat=form))
    body = {"displayName": "x", "definition": text}
    if entra.call("POST", "/policies/claimsMappingPolicies", body).status_code != 201:
        return "refused"
    entra.set_claims(text)
    return name_id(entra.sign_on())


@quirk("policy_description")
def _(entra: Entra) -> object:
    body = {"displayName": "x", "description": "y", "definition": FLEX_CLAIMS}
    return entra.call("POST", "/policies/claimsMappingPolicies", body).status_code


@quirk("second_claims_policy")
def _(entra: Entra) -> object:
    second = entra.policy("claimsMappingPolicies", FLEX_CLAIMS)
    body = {"@odata.id": f"{GRAPH}/policies/claimsMappingPolicies/{second}"}
    status = entra.call("POST", f"{entra.sp_path}/claimsMappingPolicies/$ref", body).status_code
    return status, len(entra.linked(entra.sp_path, "claimsMappingPolicies"))


@quirk("second_signing_policy")
def _(entra: Entra) -> object:
    second = entra.policy("tokenIssuancePolicies", signing("TokenOnly"))
    entra.link(entra.app_path, "tokenIssuancePolicies", second)
    third = entra.policy("tokenIssuancePolicies", signing("TokenOnly"))
    body = {"@odata.id": f"{GRAPH}/policies/tokenIssuancePolicies/{third}"}
    assert entra.call("POST", f"{entra.sp_path}/tokenIssuancePolicies/$ref", body).status_code == 400
    status = entra.call("POST", f"{entra.app_path}/tokenIssuancePolicies/$ref", body).status_code
    return status, len(entra.linked(entra.app_path, "tokenIssuancePolicies"))


@quirk("signing_policy_on_principal")
def _(entra: Entra) -> object:
    (policy,) = entra.linked(entra.app_path, "tokenIssuancePolicies") or ("",)
    body = {"@odata.id": f"{GRAPH}/policies/tokenIssuancePolicies/{policy}"}
    path = f"{entra.sp_path}/tokenIssuancePolicies"
    return entra.call("GET", path).status_code, entra.call("POST", f"{path}/$ref", body).status_code


@quirk("unlink_error")
def _(entra: Entra) -> object:
    loose = entra.policy("claimsMappingPolicies", FLEX_CLAIMS)
    return entra.refused("DELETE", f"{entra.sp_path}/claimsMappingPolicies/{loose}/$ref")[0]


@quirk("duplicate_assignment")
def _(entra: Entra) -> object:
    body = {"principalId": entra.user("bo.agent@contoso.com")["id"], "resourceId": entra.sp["id"], "appRoleId": AGENT}
    return entra.refused("POST", f"{entra.sp_path}/appRoleAssignedTo", body)


@quirk("group_without_p1")
def _(entra: Entra) -> object:
    (licence,) = entra.world.store.all("subscribedSku")
    entra.world.store.remove("subscribedSku", licence["id"], at=entra.world.clock.now)
    body = {"principalId": entra.group("Flex Agents")["id"], "resourceId": entra.sp["id"], "appRoleId": AGENT}
    return entra.call("POST", f"{entra.sp_path}/appRoleAssignedTo", body).status_code


@quirk("m365_group")
def _(entra: Entra) -> object:
    body = {"principalId": entra.group("Contact Centre News")["id"], "resourceId": entra.sp["id"], "appRoleId": AGENT}
    return entra.call("POST", f"{entra.sp_path}/appRoleAssignedTo", body).status_code


@quirk("notification_limit")
def _(entra: Entra) -> object:
    six = [f"{number}@contoso.com" for number in range(6)]
    return entra.call("PATCH", entra.sp_path, {"notificationEmailAddresses": six}).status_code


@quirk("sp_logout_url")
def _(entra: Entra) -> object:
    return entra.call("PATCH", entra.sp_path, {"logoutUrl": "https://a.contoso.com/out"}).status_code


@quirk("no_policy_nameid")
def _(entra: Entra) -> object:
    entra.unlink_all("claimsMappingPolicies")
    return name_id(entra.sign_on())


@quirk("policy_nameid_format")
def _(entra: Entra) -> object:
    return name_id(entra.sign_on())


@quirk("null_nameid")
def _(entra: Entra) -> object:
    entra.assign(entra.user("nia.nomail@contoso.com"), AGENT)
    response = entra.sign_on("nia.nomail@contoso.com")
    return response if isinstance(response, str) else name_id(response)


@quirk("nameidpolicy_unspecified", no_policy_nameid="upn_email")
def _(entra: Entra) -> object:
    entra.unlink_all("claimsMappingPolicies")
    return name_id(entra.sign_on(inside=UNSPECIFIED))


@quirk("policy_attachment")
def _(entra: Entra) -> object:
    """Both hang the wanted policy on the service principal, or on the application, or change the certificate's own."""
    honoured = [signed_parts(entra.sign_on()) == ["Response", "Assertion"]]
    (policy,) = entra.linked(entra.sp_path, "tokenIssuancePolicies")
    entra.link(entra.app_path, "tokenIssuancePolicies", policy)
    honoured.append(signed_parts(entra.sign_on()) == ["Response", "Assertion"])
    return honoured


@quirk("expired_rollover")
def _(entra: Entra) -> object:
    entra.wait(340 * DAY)
    entra.add_certificate()
    entra.wait(30 * DAY)
    response = entra.sign_on()
    return response if isinstance(response, str) else certificates(response, "Signature")[:1]


@quirk("device_code_session")
def _(entra: Entra) -> object:
    client = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
    first = device_sign_in(entra, client, "ada.admin@contoso.com")
    sent = {"grant_type": "refresh_token", "client_id": client, "refresh_token": first["refresh_token"]}
    answer = entra.http.post(f"{LOGIN}/oauth2/v2.0/token", data=sent).json()
    return answer.get("error_codes")


@quirk("nameidpolicy_under_policy")
def _(entra: Entra) -> object:
    forms = ("2.0:nameid-format:persistent", "2.0:nameid-format:transient", "1.1:nameid-format:emailAddress")
    policy = '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:{}"/>'
    found = [name_id(entra.sign_on(inside=policy.format(form))) for form in forms]
    assert found[2] == ("bo.agent@contoso.com", "emailAddress")
    return found[:2]


@quirk("metadata_prefixes")
def _(entra: Entra) -> object:
    document = entra.metadata()
    assert len(certificates(document)) == 1
    return b"md:IDPSSODescriptor" in document


@quirk("optional_claims_under_policy")
def _(entra: Entra) -> object:
    upn = {"name": "upn", "source": None, "essential": False, "additionalProperties": []}
    entra.write("PATCH", entra.app_path, {"optionalClaims": {"saml2Token": [upn]}})
    entra.wait()
    return sorted(attributes(entra.sign_on()))
