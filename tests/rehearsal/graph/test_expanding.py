"""`$expand`: what Graph gives beside an object, and what it refuses, as documented and as people met it."""

import pytest
from entra_stage import GRAPH, Entra


@pytest.fixture(scope="module")
def reader() -> Entra:
    """A configured tenant that these tests only read."""
    return Entra()


@pytest.fixture(autouse=True)
def held_against_the_descriptions(conforming: None) -> None:
    """Every exchange of these tests is judged."""


def test_a_group_comes_with_its_members(reader: Entra) -> None:
    group = reader.get(f"/groups/{reader.group('Flex Agents')['id']}?$expand=members")
    alone = reader.get(f"/groups/{group['id']}/members")["value"]
    assert group["members"] == alone
    assert group["displayName"] == "Flex Agents"
    assert group["@odata.context"].endswith("#groups(members())/$entity")


def test_of_a_relation_come_twenty_at_most_and_of_objects_a_hundred(reader: Entra) -> None:
    full = Entra()
    group = full.group("Flex Agents")["id"]
    for user in full.world.store.all("user")[:25]:
        link = {"id": f"{group}/{user['id']}/more", "group": group, "member": user["id"], "kind": "user"}
        full.world.store.put("member", link["id"], link, at=full.world.clock.now)
    full.wait(600)
    answer = full.get(f"/groups/{group}?$expand=members")
    assert len(answer["members"]) == 20 < len(full.get(f"/groups/{group}/members")["value"])
    assert "members@odata.nextLink" not in answer
    for number in range(90):
        user = full.user("bo.agent@contoso.com") | {"id": f"00000000-0000-4000-8000-{number:012}"}
        full.world.store.put("user", user["id"], user, at=full.world.clock.now)
    full.wait(600)
    page = full.get("/users?$top=999&$select=displayName&$expand=ownedObjects")
    assert len(page["value"]) == 100
    assert "$expand=ownedObjects" in page["@odata.nextLink"]


def test_what_is_selected_is_shown_beside_the_relation_and_the_next_page_has_it_too(reader: Entra) -> None:
    page = reader.get("/users?$select=displayName&$expand=memberOf($select=id)&$top=2")
    assert [sorted(each) for each in page["value"]] == [["displayName", "memberOf"]] * 2
    assert page["@odata.context"].endswith("#users(displayName,memberOf())")
    following = reader.get(page["@odata.nextLink"].removeprefix(GRAPH))
    assert [sorted(each) for each in following["value"]] == [["displayName", "memberOf"]] * 2
    assert not {each["displayName"] for each in page["value"]} & {each["displayName"] for each in following["value"]}


@pytest.mark.parametrize("relation", ["appRoleAssignedTo", "claimsMappingPolicies", "tokenIssuancePolicies", "owners"])
def test_an_enterprise_application_comes_with_what_hangs_on_it(reader: Entra, relation: str) -> None:
    alone = reader.get(f"/servicePrincipals/{reader.sp['id']}/{relation}")["value"]
    assert reader.get(f"/servicePrincipals/{reader.sp['id']}?$expand={relation}")[relation] == alone
    by_client = reader.get(f"/servicePrincipals(appId='{reader.sp['appId']}')?$expand={relation}")
    assert by_client[relation] == alone


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("/users?$expand=manager,memberOf", "contained at least 2 items, but the maximum allowed is 1."),
        ("/users?$expand=shoes", "Could not find a property named 'shoes' on type 'microsoft.graph.user'."),
        ("/users?$expand=manager", "[sim] The relation 'manager' is not played here."),
        ("/users?$expand=memberOf($top=3)", "Parsing OData Select and Expand failed"),
        ("/users?$filter=userType ne 'x'&$count=true&$expand=memberOf", "Unsupported or invalid query filter clause"),
        ("/organization?$expand=extensions", "'$expand' is not supported"),
    ],
)
def test_what_graph_does_not_expand_is_refused_in_its_words(reader: Entra, query: str, said: str) -> None:
    assert said in reader.refused("GET", query)[2]
