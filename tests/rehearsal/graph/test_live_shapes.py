"""What live recordings and current documentation show of Graph's answers, where older descriptions say otherwise."""

import pytest
from entra_stage import AGENT, FLEX_CLAIMS, GRAPH, NAME_ID, Entra, attributes, claims, from_user, name_id

from flexsso_helpers.parameters.claim_names import USER_PROPERTIES
from flexsso_helpers.rehearsal.directory.tokens import Principal


def test_a_service_principal_has_no_endpoints_in_its_body() -> None:
    entra = Entra()
    assert "endpoints" not in entra.get(entra.sp_path)
    assert entra.refused("GET", f"{entra.sp_path}?$select=endpoints")[0] == 400


def test_only_an_application_that_signs_on_by_saml_shows_a_metadata_address() -> None:
    entra = Entra()
    assert entra.get(entra.app_path)["samlMetadataUrl"].endswith(f"?appid={entra.app['appId']}")
    entra.instantiate(saml=False)
    assert entra.get(entra.app_path)["samlMetadataUrl"] is None
    listed = entra.get(f"/applications?$filter=appId eq '{entra.app['appId']}'")["value"]
    assert [each["samlMetadataUrl"] for each in listed] == [None]
    entra.write("PATCH", entra.sp_path, {"preferredSingleSignOnMode": "saml"})
    entra.wait()
    assert entra.get(entra.app_path)["samlMetadataUrl"] is not None


def _members(entra: Entra, query: str = "") -> list[dict[str, object]]:
    group = entra.group("Flex Supervisors")["id"]
    world = entra.world
    for kind, member in (
        ("user", entra.user("bo.agent@contoso.com")["id"]),
        ("group", entra.group("Flex Agents")["id"]),
    ):
        link = {"group": group, "kind": kind, "member": member}
        world.store.put("member", f"{group}:{member}", link, at=world.clock.now)
    entra.wait()
    return list(entra.get(f"/groups/{group}/members{query}")["value"])


def test_members_show_the_default_properties_of_their_own_type() -> None:
    by_type = {str(each["@odata.type"]).rsplit(".", 1)[-1]: each for each in _members(Entra())}
    assert "userPrincipalName" in by_type["user"]
    assert not {"userType", "accountEnabled", "proxyAddresses"} & by_type["user"].keys()
    assert "securityEnabled" in by_type["group"]
    assert "userPrincipalName" not in by_type["group"]


def test_a_selection_among_members_gives_a_group_no_property_of_users() -> None:
    found = _members(Entra(), "?$select=id,displayName,userPrincipalName,accountEnabled")
    by_type = {str(each["@odata.type"]).rsplit(".", 1)[-1]: each for each in found}
    assert by_type["user"]["accountEnabled"] is True
    assert by_type["group"].keys() == {"@odata.type", "id", "displayName"}


@pytest.mark.parametrize("source", sorted({*USER_PROPERTIES, "accountEnabled", "netbiosname", "preferredlanguange"}))
def test_every_documented_source_of_a_claim_is_taken(source: str) -> None:
    entra = Entra()
    body = {"displayName": "x", "definition": claims(from_user(source, "skill"))}
    entra.write("POST", "/policies/claimsMappingPolicies", body)


def test_a_source_that_the_service_sends_is_sent_under_either_spelling() -> None:
    entra = Entra()
    bo = entra.user("bo.agent@contoso.com")
    new = bo | {"mobilePhone": "+49 30 901820", "preferredLanguage": "de-DE", "accountEnabled": True}
    entra.world.store.put("user", bo["id"], new, at=entra.world.clock.now)
    entra.wait()
    entra.set_claims(
        claims(
            from_user("mail", NAME_ID, Source="User"),
            from_user("mobilephone", "phone"),
            from_user("preferredlanguage", "language"),
            from_user("preferredlanguange", "tongue"),
            from_user("accountEnabled", "enabled"),
        )
    )
    response = entra.sign_on()
    sent = attributes(response)
    assert name_id(response)[0] == "bo.agent@contoso.com"
    assert (sent["phone"], sent["language"], sent["tongue"]) == (["+49 30 901820"], ["de-DE"], ["de-DE"])
    assert sent["enabled"] == ["true"]


def _with_scopes(entra: Entra, *scopes: str) -> Principal:
    return Principal.of(entra.ada.plain() | {"scopes": list(scopes)})


@pytest.mark.parametrize("collection", ["claimsMappingPolicies", "tokenIssuancePolicies", "claimsPolicy"])
def test_to_read_the_policies_of_an_application_takes_the_right_to_write_it(collection: str) -> None:
    entra = Entra(claims_policy_absent="empty")
    version = "beta" if collection == "claimsPolicy" else "v1.0"
    policies = ("Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration")
    reader = _with_scopes(entra, "Application.Read.All", *policies)
    writer = _with_scopes(entra, "Application.ReadWrite.All", *policies)
    path = f"{entra.sp_path}/{collection}"
    assert entra.call("GET", path, who=reader, version=version).status_code == 403
    assert entra.call("GET", path, who=writer, version=version).status_code == 200
    assert entra.call("GET", "/policies/claimsMappingPolicies", who=reader).status_code == 200


def test_an_application_takes_two_signing_policies_or_one_and_a_service_principal_takes_one() -> None:
    entra = Entra(second_signing_policy="both_listed", second_claims_policy="both_listed")
    kinds = {"claimsMappingPolicies": FLEX_CLAIMS, "tokenIssuancePolicies": signing_of(entra)}
    statuses = {}
    for kind, text in kinds.items():
        body = {"@odata.id": f"{GRAPH}/policies/{kind}/{entra.policy(kind, text)}"}
        statuses[kind] = entra.call("POST", f"{entra.sp_path}/{kind}/$ref", body).status_code
    assert statuses == {"claimsMappingPolicies": 204, "tokenIssuancePolicies": 400}


def signing_of(entra: Entra) -> list[str]:
    (policy,) = entra.linked(entra.sp_path, "tokenIssuancePolicies")
    return list(entra.get(f"/policies/tokenIssuancePolicies/{policy}")["definition"])


def test_an_assignment_is_refused_alike_whatever_the_order_of_roles() -> None:
    entra = Entra(list_order="turned")
    body = {"principalId": entra.user("bo.agent@contoso.com")["id"], "resourceId": entra.sp["id"], "appRoleId": AGENT}
    assert entra.refused("POST", f"{entra.sp_path}/appRoleAssignedTo", body)[0] == 400
