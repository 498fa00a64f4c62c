"""Memberships, role assignments and grants of the rehearsed directory, and what each kind of administrator may do."""

from typing import Any

import pytest
from entra_stage import Entra

from flexsso_helpers.rehearsal.directory.people import APPLICATION_ADMINISTRATOR
from flexsso_helpers.rehearsal.server import seed

CUSTOM, SCOPED, ELIGIBLE = "cleo.custom@contoso.com", "skye.scoped@contoso.com", "ellis.eligible@contoso.com"
GUEST = "gail.guest@fabrikam.com"
ROLE = "#microsoft.graph.directoryRole"


@pytest.fixture
def entra() -> Entra:
    stage = Entra()
    seed.administrators(stage.world)
    return stage


def listed(entra: Entra, user: str, path: str) -> list[Any]:
    answer = entra.call("GET", path, who=entra.principal(user))
    assert answer.status_code == 200, answer.text
    return answer.json()["value"]  # type: ignore[no-any-return]


def test_only_an_active_built_in_role_for_the_whole_tenant_is_a_membership(entra: Entra) -> None:
    def roles(user: str) -> list[str]:
        found = listed(entra, user, "/me/transitiveMemberOf")
        return [each["roleTemplateId"] for each in found if each["@odata.type"] == ROLE]

    assert roles(GUEST) == [APPLICATION_ADMINISTRATOR]
    assert [roles(user) for user in (CUSTOM, SCOPED, ELIGIBLE)] == [[], [], []]


def test_groups_of_groups_are_seen_only_transitively(entra: Entra) -> None:
    nested = entra.group("Flex Agents Night")
    member = next(each for each in entra.world.store.all("member") if each["group"] == nested["id"])
    user = entra.world.store.get("user", member["member"])
    assert user
    direct, transitive = (
        {each["displayName"] for each in listed(entra, user["userPrincipalName"], f"/me/{name}")}
        for name in ("memberOf", "transitiveMemberOf")
    )
    assert transitive - direct == {"Flex Agents"}


def test_a_cast_gives_one_type_only(entra: Entra) -> None:
    found = listed(entra, "ada.admin@contoso.com", "/me/transitiveMemberOf/microsoft.graph.directoryRole")
    assert {each["@odata.type"] for each in found} == {ROLE}
    assert len(found) == 2


def test_assignments_tell_scope_and_kind_and_leave_out_what_is_only_eligible(entra: Entra) -> None:
    def assigned(user: str) -> list[Any]:
        query = f"?$filter=principalId eq '{entra.user(user)['id']}'&$expand=roleDefinition"
        return listed(entra, "ada.admin@contoso.com", f"/roleManagement/directory/roleAssignments{query}")

    (custom,), (scoped,) = assigned(CUSTOM), assigned(SCOPED)
    assert (custom["directoryScopeId"], custom["roleDefinition"]["isBuiltIn"]) == ("/", False)
    assert scoped["directoryScopeId"] != "/"
    assert assigned(ELIGIBLE) == []
    own = "/roleManagement/directory/roleEligibilityScheduleInstances/filterByCurrentUser(on='principal')"
    assert [each["roleDefinitionId"] for each in listed(entra, ELIGIBLE, own)] == [APPLICATION_ADMINISTRATOR]


def test_without_the_permission_neither_roles_nor_grants_are_shown(entra: Entra) -> None:
    lesser = entra.principal("ada.admin@contoso.com")
    lesser = type(lesser)(**{**lesser.plain(), "scopes": ("User.Read.All", "Application.ReadWrite.All")})
    for path in ("/roleManagement/directory/roleAssignments", f"{entra.sp_path}/oauth2PermissionGrants"):
        assert entra.call("GET", path, who=lesser).status_code == 403
    assert entra.call("GET", "/me/transitiveMemberOf", who=lesser).status_code == 200


def test_a_custom_role_may_write_and_one_that_is_not_activated_may_not(entra: Entra) -> None:
    written = [
        entra.call("PATCH", entra.sp_path, {"notes": "x"}, who=entra.principal(user)).status_code
        for user in (GUEST, CUSTOM, SCOPED, ELIGIBLE)
    ]
    assert written == [204, 204, 403, 403]


def test_a_scoped_role_holds_for_its_own_application_and_no_other(entra: Entra) -> None:
    travel = next(app for app in entra.world.store.all("application") if app["displayName"] == "Contoso Travel")
    who = entra.principal(SCOPED)
    assert entra.call("PATCH", f"/applications/{travel['id']}", {"notes": "x"}, who=who).status_code == 204
    assert entra.call("PATCH", entra.app_path, {"notes": "x"}, who=who).status_code == 403


def test_reading_what_hangs_on_a_service_principal_needs_the_permission_to_write_applications(entra: Entra) -> None:
    who = entra.principal("ada.admin@contoso.com", without="Application.ReadWrite.All")
    assert entra.call("GET", f"{entra.sp_path}/claimsMappingPolicies", who=who).status_code == 403
    assert entra.call("GET", "/policies/claimsMappingPolicies", who=who).status_code == 200
