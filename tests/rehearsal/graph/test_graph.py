"""Graph as clients use it: addresses, query options, paging, shapes, and what has no rule number of its own."""

import contextlib
import json
from urllib.parse import quote

import pytest
from entra_stage import AGENT, FLEX_CLAIMS, GRAPH, IDENTIFIER, REPLY_URL, Entra
from hypothesis import given, settings
from hypothesis import strategies as st

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.filter import parse_filter
from flexsso_helpers.rehearsal.directory.refusals import GraphRefusal
from flexsso_helpers.rehearsal.directory.tokens import Principal
from flexsso_helpers.rehearsal.server.seed import TRAVEL_IDENTIFIER


@pytest.fixture(scope="module")
def reader() -> Entra:
    """A configured tenant that these tests only read."""
    return Entra()


def test_a_guest_is_found_by_user_principal_name(reader: Entra) -> None:
    upn = "pat.partner_fabrikam.com#EXT#@contoso.onmicrosoft.com"
    assert reader.get(f"/users/{quote(upn)}?$select=mail,userType") == {
        "@odata.context": f"{GRAPH}/$metadata#users(mail,userType)/$entity",
        "mail": "pat.partner@fabrikam.com",
        "userType": "Guest",
    }


def test_a_user_shows_the_default_properties_only(reader: Entra) -> None:
    shown = reader.get("/users/bo.agent@contoso.com")
    assert "accountEnabled" not in shown
    assert not [name for name in shown if name.startswith("_")]


@pytest.mark.parametrize(
    ("address", "context"),
    [
        pytest.param("/servicePrincipals(appId='{app_id}')", "servicePrincipals/$entity", id="by client id"),
        pytest.param("/servicePrincipals/{sp_id}", "servicePrincipals/$entity", id="by object id"),
        pytest.param("/serviceprincipals/{sp_id}", "servicePrincipals/$entity", id="any letter case"),
    ],
)
def test_a_service_principal_is_addressed_in_two_ways(reader: Entra, address: str, context: str) -> None:
    shown = reader.get(address.format(app_id=reader.app["appId"], sp_id=reader.sp["id"]))
    assert (shown["id"], shown["@odata.context"]) == (reader.sp["id"], f"{GRAPH}/$metadata#{context}")
    assert shown["servicePrincipalNames"] == [reader.app["appId"], IDENTIFIER]
    assert shown["replyUrls"] == [REPLY_URL]


def _names(reader: Entra, query: str) -> list[str]:
    return [item["displayName"] for item in reader.get(query)["value"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("/users?$filter=mail eq 'BO.AGENT@contoso.com'", ["Bo Agent"], id="eq knows no case"),
        pytest.param("/users?$filter=startswith(displayName,'Ni')", ["Nia Nomail"], id="startswith"),
        pytest.param(
            "/users?$filter=userType eq 'Guest' and accountEnabled eq true", ["Pat Partner", "Finn Fabrikam"], id="and"
        ),
        pytest.param(
            "/users?$filter=(mail eq 'bo.agent@contoso.com' or displayName eq 'Nia Nomail') and userType eq 'Member'",
            ["Bo Agent", "Nia Nomail"],
            id="parentheses",
        ),
        pytest.param("/users?$filter=proxyAddresses/any(p:p eq 'smtp:bo.agent@contoso.com')", ["Bo Agent"], id="any"),
        pytest.param("/groups?$filter=displayName eq 'Flex Supervisors'", ["Flex Supervisors"], id="group by name"),
        pytest.param(
            f"/applications?$filter=identifierUris/any(u:u eq '{TRAVEL_IDENTIFIER}')", ["Contoso Travel"], id="holder"
        ),
        pytest.param(
            f"/applications?$filter=applicationTemplateId eq '{objects.TEMPLATE_ID}' and displayName eq 'O''x'",
            [],
            id="doubled quotes",
        ),
        pytest.param("/applications?$filter=createdDateTime ge 2026-10-01T00:00:00Z", ["Twilio Flex"], id="dates"),
        pytest.param(
            "/servicePrincipals?$filter=preferredSingleSignOnMode eq 'saml'&$top=1", ["Contoso Travel"], id="top"
        ),
    ],
)
def test_filters(reader: Entra, query: str, names: list[str]) -> None:
    assert _names(reader, query) == names


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param("/users?$filter=mail eq bo", "BadRequest", id="no literal"),
        pytest.param("/users?$filter=mail is 'x'", "BadRequest", id="no operator"),
        pytest.param("/users?$filter=mail eq 'x", "BadRequest", id="open quote"),
        pytest.param("/users?$filter=jobTitle eq 'x'", "Request_UnsupportedQuery", id="not filterable"),
        pytest.param("/users?$select=shoeSize", "BadRequest", id="unknown property"),
        pytest.param("/organization?$expand=extensions", "BadRequest", id="option not offered"),
        pytest.param("/users?$top=1000", "Request_UnsupportedQuery", id="page too large"),
        pytest.param("/users?$skiptoken=zz", "Directory_ExpiredPageToken", id="foreign page token"),
        pytest.param("/shoes", "BadRequest", id="unknown segment"),
        pytest.param("/appRoleAssignments/1", "Request_BadRequest", id="assignments directly"),
        pytest.param("/users/ghost@contoso.com", "Request_ResourceNotFound", id="unknown user"),
    ],
)
def test_what_graph_does_not_know_is_refused(reader: Entra, query: str, code: str) -> None:
    assert reader.refused("GET", query)[1] == code


def test_pages_follow_authentic_next_links(reader: Entra) -> None:
    found: list[str] = []
    url = "/users?$top=17&$select=userPrincipalName"
    while url:
        page = reader.get(url)
        found += [user["userPrincipalName"] for user in page["value"]]
        link = page.get("@odata.nextLink", "")
        assert not link or link.startswith(f"{GRAPH}/users?$top=17&$select=userPrincipalName&$skiptoken=")
        url = link.removeprefix(GRAPH)
    assert len(set(found)) == len(found) == 40


def test_members_are_direct_only(reader: Entra) -> None:
    path = f"/groups/{reader.group('Flex Agents')['id']}/members"
    kinds = [member["@odata.type"] for member in reader.get(path)["value"]]
    assert kinds.count("#microsoft.graph.group") == 1
    assert kinds.count("#microsoft.graph.user") == 11
    assert len(reader.get(f"{path}/microsoft.graph.user?$select=mail")["value"]) == 11


def test_who_and_where(reader: Entra) -> None:
    assert reader.get("/me?$select=displayName")["displayName"] == "Ada Admin"
    (tenant,) = reader.get("/organization?$select=id,displayName,verifiedDomains")["value"]
    assert [domain["name"] for domain in tenant["verifiedDomains"]] == ["contoso.com", "contoso.onmicrosoft.com"]
    plans = [plan["servicePlanName"] for plan in reader.get("/subscribedSkus")["value"][0]["servicePlans"]]
    assert plans == ["AAD_PREMIUM"]


def test_a_program_is_nobody(reader: Entra) -> None:
    program = Principal(id=reader.sp["id"], app_id="x", name="x", roles=("User.Read.All",))
    assert "delegated" in reader.refused("GET", "/me", who=program)[2]


def test_applies_to_names_the_type(reader: Entra) -> None:
    (policy,) = reader.linked(reader.sp_path, "claimsMappingPolicies")
    (item,) = reader.get(f"/policies/claimsMappingPolicies/{policy}/appliesTo")["value"]
    assert (item["@odata.type"], item["id"]) == ("#microsoft.graph.servicePrincipal", reader.sp["id"])


def test_null_clears_and_members_of_an_object_stay() -> None:
    entra = Entra()
    entra.write("PATCH", entra.sp_path, {"@odata.type": "#microsoft.graph.servicePrincipal", "notes": "x"})
    entra.write("PATCH", entra.sp_path, {"notes": None, "samlSingleSignOnSettings": {"relayState": "s"}})
    entra.write("PATCH", entra.app_path, {"web": {"homePageUrl": "https://a.contoso.com"}})
    entra.wait()
    sp = entra.get(entra.sp_path)
    assert (sp["notes"], sp["samlSingleSignOnSettings"], sp["replyUrls"]) == (None, {"relayState": "s"}, [REPLY_URL])


def test_a_list_is_replaced_whole() -> None:
    entra = Entra()
    entra.write("PATCH", entra.app_path, {"web": {"redirectUris": []}, "identifierUris": []})
    entra.wait()
    assert entra.get(entra.sp_path)["replyUrls"] == []


@pytest.mark.parametrize(
    "url", ["http://a.contoso.com/", "https://*.contoso.com/", "ftp://a", "https://a.contoso.com/a b"]
)
def test_a_reply_url_that_cannot_be_registered(url: str) -> None:
    entra = Entra()
    assert entra.refused("PATCH", entra.app_path, {"web": {"redirectUris": [url]}})[0] == 400


@pytest.mark.parametrize("body", ["", "[]", "{", '"x"'])
def test_a_body_that_is_no_object(body: str) -> None:
    entra = Entra()
    answer = entra.call("PATCH", entra.sp_path, json.loads(body) if body in ("[]", '"x"') else body)
    assert answer.status_code == 400


def test_every_write_counts_and_takes_a_second() -> None:
    entra = Entra()
    before = entra.world.clock.now
    entra.write("PATCH", entra.sp_path, {"notes": "a"})
    entra.refused("PATCH", entra.sp_path, {"notes": ""})
    assert (entra.world.writes()["graph"], entra.world.clock.now - before) == (1, 1.0)


def test_the_answer_of_instantiate_has_both_objects() -> None:
    entra = Entra(configured=False)
    path = f"/applicationTemplates/{objects.TEMPLATE_ID}/instantiate"
    made = entra.write("POST", path, {"displayName": "Twilio Flex"})
    assert made["application"]["appId"] == made["servicePrincipal"]["appId"]
    assert made["servicePrincipal"]["servicePrincipalNames"] == [made["application"]["appId"]]
    assert [role["value"] for role in made["application"]["appRoles"]] == [None, None]


def test_a_policy_that_hangs_is_seen_on_the_application_too() -> None:
    entra = Entra()
    (policy,) = entra.linked(entra.sp_path, "tokenIssuancePolicies")
    entra.link(entra.app_path, "tokenIssuancePolicies", policy)
    assert entra.linked(entra.app_path, "tokenIssuancePolicies") == [policy]
    entra.write("DELETE", f"{entra.app_path}/tokenIssuancePolicies/{policy}/$ref")
    assert entra.linked(entra.app_path, "tokenIssuancePolicies") == []


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param("https://graph.microsoft.us/v1.0/policies/claimsMappingPolicies/{id}", id="another cloud"),
        pytest.param(f"{GRAPH}/policies/tokenIssuancePolicies/{{id}}", id="another kind"),
        pytest.param("{id}", id="bare id"),
    ],
)
def test_a_reference_is_a_full_address(reference: str) -> None:
    entra = Entra()
    entra.unlink_all("claimsMappingPolicies")
    policy = entra.policy("claimsMappingPolicies", FLEX_CLAIMS)
    body = {"@odata.id": reference.format(id=policy)}
    assert entra.refused("POST", f"{entra.sp_path}/claimsMappingPolicies/$ref", body)[0] == 400


def test_assignments_filter_by_name_only(reader: Entra) -> None:
    path = f"{reader.sp_path}/appRoleAssignedTo"
    (found,) = reader.get(f"{path}?$filter=startswith(principalDisplayName,'Bo')")["value"]
    assert found["appRoleId"] == AGENT
    assert reader.refused("GET", f"{path}?$filter=principalId eq 'x'")[1] == "Request_UnsupportedQuery"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="abc'() eqorandnt/:u,.5", max_size=40))
def test_a_filter_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(GraphRefusal):
        assert parse_filter(text).holds({}) in (True, False)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_literal_finds_what_it_says(value: str, other: str) -> None:
    condition = parse_filter("displayName eq '" + value.replace("'", "''") + "'")
    assert condition.holds({"displayName": value})
    assert condition.holds({"displayName": other}) == (other.lower() == value.lower())
