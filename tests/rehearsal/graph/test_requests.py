"""Requests as real clients send them: search and order, batches that are wrong, creation by hand, owners, beta."""

from typing import Any

import pytest
from entra_open_checks import portal_claims
from entra_stage import AGENT, FLEX_CLAIMS, GRAPH, Entra, attributes, name_id, role

from flexsso_helpers.rehearsal.directory.tokens import Principal
from flexsso_helpers.rehearsal.graph.rights import OWNED


@pytest.fixture(scope="module")
def reader() -> Entra:
    """A configured tenant that these tests only read."""
    return Entra()


def _names(reader: Entra, query: str) -> list[str]:
    return [item["displayName"] for item in reader.get(query, ConsistencyLevel="eventual")["value"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param('/users?$search="displayName:bo ag"&$count=true', ["Bo Agent"], id="words by their start"),
        pytest.param('/users?$search="displayName:bo ag"', ["Bo Agent"], id="search without a count"),
        pytest.param(
            '/users?$search="displayName:Nia" OR "mail:pat.partner"&$count=true', ["Nia Nomail", "Pat Partner"], id="or"
        ),
        pytest.param('/users?$search="displayName:Pat" AND "mail:fabrikam"&$count=true', ["Pat Partner"], id="and"),
        pytest.param(
            "/users?$filter=mail in ('bo.agent@contoso.com','ADA.admin@contoso.com')", ["Ada Admin", "Bo Agent"],
            id="in",
        ),
        pytest.param(
            "/users?$filter=not startswith(displayName,'B') and userType ne 'Member'&$count=true",
            ["Pat Partner", "Finn Fabrikam"],
            id="not and ne",
        ),
        pytest.param(
            "/users?$filter=userType eq 'Guest'&$orderby=displayName desc&$count=true",
            ["Pat Partner", "Finn Fabrikam"],
            id="order",
        ),
        pytest.param("/users?$orderby=displayName&$top=1", ["Ada Admin"], id="order and top"),
        pytest.param("/applications?$filter=tags/any(t:t eq 'x') or displayName eq 'Twilio Flex'", ["Twilio Flex"],
                     id="an index for one side only"),
    ],
)  # fmt: skip
def test_queries(reader: Entra, query: str, names: list[str]) -> None:
    assert _names(reader, query) == names


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param('/users?$search="jobTitle:x"&$count=true', "Request_UnsupportedQuery", id="not searchable"),
        pytest.param("/users?$search=bo&$count=true", "BadRequest", id="no quotes"),
        pytest.param('/users?$search="mail:a" "mail:b"&$count=true', "BadRequest", id="no joint"),
        pytest.param("/users?$orderby=mail", "Request_UnsupportedQuery", id="no such order"),
        pytest.param("/users?$filter=mail eq 'x'&$filter=mail eq 'y'", "BadRequest", id="an option twice"),
        pytest.param("/users?$filter=mail in ('a',)", "BadRequest", id="half a list"),
        pytest.param("/users?$skip=5", "BadRequest", id="skip"),
    ],
)
def test_what_a_query_may_not_say(reader: Entra, query: str, code: str) -> None:
    answer = reader.call("GET", query, ConsistencyLevel="eventual")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_an_ordered_list_has_pages_too(reader: Entra) -> None:
    first = reader.get("/users?$orderby=displayName&$top=25")
    second = reader.get(first["@odata.nextLink"].removeprefix(GRAPH))
    names = [user["displayName"] for page in (first, second) for user in page["value"]]
    assert names == sorted(names, key=str.lower)
    assert len(names) == 40


@pytest.mark.parametrize(
    ("requests", "said"),
    [
        pytest.param([], "Invalid batch payload", id="empty"),
        pytest.param([{"id": 1, "method": "GET", "url": "/users"}], "Invalid batch payload", id="id is no text"),
        pytest.param([{"id": "1", "method": "GET", "url": f"{GRAPH}/users"}], "Invalid batch payload", id="absolute"),
        pytest.param([{"id": "1", "method": "POST", "url": "/$batch"}], "may not be nested", id="nested"),
        pytest.param(
            [{"id": "1", "method": "GET", "url": "/users", "dependsOn": ["2"]}],
            "Invalid dependsOn",
            id="on nothing",
        ),
    ],
)
def test_a_batch_that_is_wrong_as_a_whole(reader: Entra, requests: list[Any], said: str) -> None:
    assert said in reader.refused("POST", "/$batch", {"requests": requests})[2]


def test_a_batch_speaks_one_version(reader: Entra) -> None:
    request = {"id": "1", "method": "GET", "url": f"{reader.sp_path}/claimsPolicy"}
    stable = reader.call("POST", "/$batch", {"requests": [request]}).json()["responses"][0]
    beta = reader.call("POST", "/$batch", {"requests": [request]}, version="beta").json()["responses"][0]
    assert (stable["status"], beta["status"]) == (400, 404)
    assert reader.call("GET", "/users", version="v2.0").status_code == 400


def test_a_batch_assigns_many_and_counts_each_write() -> None:
    entra = Entra()
    users = entra.get("/users?$top=18&$filter=userType eq 'Member'")["value"]
    body = {"resourceId": entra.sp["id"], "appRoleId": AGENT}
    path = f"{entra.sp_path}/appRoleAssignedTo"
    asked = [{"method": "POST", "url": path, "body": body | {"principalId": user["id"]}} for user in users]
    statuses = [status for status, _ in entra.batch(*asked)]
    assert (statuses.count(201), statuses.count(400)) == (17, 1)  # Bo has it already
    assert entra.world.writes()["graph"] == 17


def test_beta_addresses_itself() -> None:
    entra = Entra()
    page = entra.call("GET", "/users?$top=1", version="beta").json()
    assert page["@odata.nextLink"].startswith("https://graph.microsoft.com/beta/users?")
    assert page["@odata.context"] == "https://graph.microsoft.com/beta/$metadata#users"


# Creation by hand, where there is no template


def test_application_and_service_principal_by_hand() -> None:
    entra = Entra()
    assert entra.refused("POST", "/applications", {"notes": "no name"})[0] == 400
    made = entra.write("POST", "/applications", {"displayName": "By hand", "notes": "n"})
    assert (made["applicationTemplateId"], made["notes"], made["appRoles"]) == (None, "n", [])
    early = entra.refused("POST", "/servicePrincipals", {"appId": made["appId"]})
    assert "does not reference a valid application object" in early[2]
    entra.wait()
    sp = entra.write("POST", "/servicePrincipals", {"appId": made["appId"], "tags": ["x"]})
    assert (sp["displayName"], sp["appRoleAssignmentRequired"], sp["tags"]) == ("By hand", False, ["x"])
    again = entra.refused("POST", "/servicePrincipals", {"appId": made["appId"]})
    assert again[:2] == (409, "Request_MultipleObjectsWithSameKeyValue")


# A program that may write what it owns


def _owner(entra: Entra) -> Principal:
    automation = next(sp for sp in entra.world.store.all("servicePrincipal") if "_secret" in sp)
    roles = (OWNED, "Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration")
    return Principal(id=automation["id"], app_id=automation["appId"], name="Owner", roles=roles)


def test_a_program_writes_what_it_owns_and_nothing_else() -> None:
    entra = Entra()
    who = _owner(entra)
    path = "/applicationTemplates/8adf8e6e-67b2-4cf2-a259-e3dc5476c621/instantiate"
    made = entra.call("POST", path, {"displayName": "Owned"}, who=who).json()
    assert not any(name.startswith("_") for name in (*made["application"], *made["servicePrincipal"]))
    entra.wait()
    app, sp = f"/applications/{made['application']['id']}", f"/servicePrincipals/{made['servicePrincipal']['id']}"
    assert entra.call("PATCH", sp, {"preferredSingleSignOnMode": "saml"}, who=who).status_code == 204
    assert entra.call("GET", f"/applications(appId='{made['application']['appId']}')", who=who).status_code == 200
    policy = entra.policy("claimsMappingPolicies", FLEX_CLAIMS)
    body = {"@odata.id": f"{GRAPH}/policies/claimsMappingPolicies/{policy}"}
    assert entra.call("POST", f"{sp}/claimsMappingPolicies/$ref", body, who=who).status_code == 204
    for refused in (entra.app_path, entra.sp_path):
        assert entra.call("PATCH", refused, {"notes": "x"}, who=who).status_code == 403
    assert entra.call("GET", "/applications", who=who).status_code == 403
    assert entra.call("DELETE", sp, who=who).status_code == entra.call("DELETE", app, who=who).status_code == 204
    deleted = f"/directory/deletedItems/{made['application']['id']}"
    assert entra.call("POST", f"{deleted}/restore", who=who).status_code == 200


# Deleted objects


def test_an_object_is_gone_after_thirty_days_or_when_purged() -> None:
    entra = Entra()
    entra.write("DELETE", entra.sp_path)
    path = f"/directory/deletedItems/{entra.sp['id']}"
    assert entra.get(f"{path}?$select=appId")["appId"] == entra.app["appId"]
    number = entra.call(
        "GET", "/directory/deletedItems/microsoft.graph.servicePrincipal/$count", ConsistencyLevel="eventual"
    )
    assert number.text == "1"
    entra.wait(30 * 86400)
    assert entra.refused("GET", path)[0] == 404
    entra.write("DELETE", entra.app_path)
    entra.write("DELETE", f"/directory/deletedItems/{entra.app['id']}")
    assert entra.get("/directory/deletedItems/microsoft.graph.application")["value"] == []
    assert entra.refused("GET", "/directory/deletedItems/microsoft.graph.device")[0] == 400


def test_groups_and_users_know_their_assignments() -> None:
    entra = Entra()
    group = entra.group("Flex Agents")["id"]
    body = {"principalId": group, "resourceId": entra.sp["id"], "appRoleId": AGENT}
    made = entra.write("POST", f"/groups/{group}/appRoleAssignments", body)
    entra.wait()
    assert entra.get(f"/groups/{group}/appRoleAssignments/{made['id']}")["principalDisplayName"] == "Flex Agents"
    assert made["id"] in [each["id"] for each in entra.get(f"{entra.sp_path}/appRoleAssignedTo")["value"]]
    bo = f"/users/{entra.user('bo.agent@contoso.com')['id']}/appRoleAssignments"
    assert entra.refused("POST", bo, body)[2] == "Not a valid reference update."
    assert entra.refused("GET", f"{bo}/{made['id']}")[0] == 404
    assert "not found" in entra.refused("DELETE", f"{bo}/{made['id']}")[2]
    entra.write("DELETE", f"/groups/{group}/appRoleAssignments/{made['id']}")
    entra.wait()
    assert entra.get(f"/groups/{group}/appRoleAssignments")["value"] == []


def test_objects_by_their_ids(reader: Entra) -> None:
    ids = [reader.sp["id"], reader.app["id"], reader.ada.id, "00000000-0000-4000-8000-000000000009"]
    found = reader.write("POST", "/directoryObjects/getByIds", {"ids": ids, "types": ["user", "servicePrincipal"]})
    kinds = ["#microsoft.graph.servicePrincipal", "#microsoft.graph.user"]
    assert [item["@odata.type"] for item in found["value"]] == kinds
    assert reader.refused("POST", "/directoryObjects/getByIds", {"ids": "x"})[0] == 400


# The portal's claims


def _portal(entra: Entra, body: Any) -> None:
    assert entra.call("PUT", f"{entra.sp_path}/claimsPolicy", body, version="beta").status_code == 204


def test_the_last_configuration_that_fits_a_person_counts() -> None:
    entra = Entra()
    entra.unlink_all("claimsMappingPolicies")
    body = portal_claims()
    subject, named = body["claims"]
    fixed = {"@odata.type": "#microsoft.graph.valueBasedAttribute", "value": "of the agents"}
    agents = {"userType": "members", "memberOf": [f"oid:{entra.group('Flex Agents')['id']}"]}
    guests = {"userType": "allGuests", "memberOf": []}
    named["configurations"] += [{"condition": agents, "attribute": fixed}]
    named["configurations"] += [{"condition": guests, "attribute": fixed | {"value": "a guest"}}]
    named["namespace"] = "https://flex.example.com/"
    _portal(entra, body | {"claims": [subject | {"nameIdFormat": "persistent"}, named]})
    response = entra.sign_on()
    assert name_id(response) == ("bo.agent@contoso.com", "persistent")
    assert attributes(response)["https://flex.example.com/full_name"] == ["of the agents"]


def test_a_claims_mapping_policy_goes_before_the_portals() -> None:
    entra = Entra()
    _portal(entra, {"claims": []})
    assert attributes(entra.sign_on())["full_name"] == ["Bo Agent"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"colour": "green"}, id="unknown property"),
        pytest.param({"includeBasicClaimSet": "false"}, id="text for a boolean"),
        pytest.param({"claims": [{"@odata.type": "#microsoft.graph.customClaim"}]}, id="no configuration"),
        pytest.param({"claims": [portal_claims()["claims"][0] | {"nameIdFormat": "email"}]}, id="unknown format"),
        pytest.param({"claims": [portal_claims()["claims"][1] | {"name": " "}]}, id="no name"),
        pytest.param({"claims": [portal_claims()["claims"][1] | {"tokenFormat": ["xml"]}]}, id="unknown token"),
        pytest.param(
            {"claims": [portal_claims()["claims"][1] | {"configurations": [{"attribute": {"@odata.type": "x"}}]}]},
            id="unknown attribute",
        ),
    ],
)
def test_a_portal_policy_that_is_wrong(reader: Entra, body: Any) -> None:
    assert reader.call("PUT", f"{reader.sp_path}/claimsPolicy", body, version="beta").status_code == 400


def test_a_patch_of_the_portals_policy_keeps_what_it_does_not_say() -> None:
    entra = Entra()
    _portal(entra, portal_claims())
    path = f"{entra.sp_path}/claimsPolicy"
    assert entra.call("PATCH", path, {"audienceOverride": "x"}, version="beta").status_code == 204
    entra.wait()
    found = entra.call("GET", path, version="beta").json()
    assert (found["audienceOverride"], len(found["claims"])) == ("x", 2)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"colour": "green"}, id="unknown property"),
        pytest.param({"id": "x"}, id="no GUID"),
        pytest.param({"allowedMemberTypes": []}, id="for nobody"),
        pytest.param({"description": ""}, id="no description"),
        pytest.param({"isEnabled": "yes"}, id="no boolean"),
    ],
)
def test_a_role_of_the_wrong_shape(reader: Entra, wrong: dict[str, Any]) -> None:
    new = role("00000000-0000-4000-8000-000000000009", "new") | wrong
    assert reader.refused("PATCH", reader.app_path, {"appRoles": [new]})[0] == 400
