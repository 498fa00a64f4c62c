"""What Graph answers here fits Microsoft's own typed models: nothing is left over that they do not know."""

from collections.abc import Iterator
from typing import Any

import pytest
from entra_stage import AGENT, Entra
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from msgraph.generated.models.app_role_assignment import AppRoleAssignment
from msgraph.generated.models.app_role_assignment_collection_response import AppRoleAssignmentCollectionResponse
from msgraph.generated.models.application import Application
from msgraph.generated.models.application_collection_response import ApplicationCollectionResponse
from msgraph.generated.models.application_service_principal import ApplicationServicePrincipal
from msgraph.generated.models.application_template import ApplicationTemplate
from msgraph.generated.models.claims_mapping_policy_collection_response import ClaimsMappingPolicyCollectionResponse
from msgraph.generated.models.directory_object_collection_response import DirectoryObjectCollectionResponse
from msgraph.generated.models.group_collection_response import GroupCollectionResponse
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.organization_collection_response import OrganizationCollectionResponse
from msgraph.generated.models.self_signed_certificate import SelfSignedCertificate
from msgraph.generated.models.service_principal import ServicePrincipal
from msgraph.generated.models.subscribed_sku_collection_response import SubscribedSkuCollectionResponse
from msgraph.generated.models.tenant_app_management_policy import TenantAppManagementPolicy
from msgraph.generated.models.token_issuance_policy import TokenIssuancePolicy
from msgraph.generated.models.user_collection_response import UserCollectionResponse

from flexsso_helpers.rehearsal.directory import objects

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:(msgraph|kiota).*")
TEMPLATE = f"/applicationTemplates/{objects.TEMPLATE_ID}"
EXPECTED = {"@odata.context", "@odata.count"}
"""What models keep beside their properties, always."""
ALSO_SENT = {("ServicePrincipal", "createdDateTime"), ("SelfSignedCertificate", "@odata.context")}
"""Properties that Graph sends though its metadata leaves them out (they are in its documentation's examples)."""


def left_over(model: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """(type, name) of everything in a model, and in the models in it, that has no property."""
    if isinstance(model, list):
        for each in model:
            yield from left_over(each)
    if not hasattr(model, "backing_store"):
        return
    for key in vars(model).keys() - {"backing_store"}:
        value = getattr(model, key)
        if key == "additional_data":
            yield from ((type(model).__name__, extra) for extra in value or {})
        else:
            yield from left_over(value)


@pytest.mark.thinned(4)
@pytest.mark.parametrize(
    ("model", "method", "path", "body"),
    [
        pytest.param(Application, "GET", "{app}", None, id="application"),
        pytest.param(ApplicationCollectionResponse, "GET", "/applications", None, id="applications"),
        pytest.param(Application, "POST", "/applications", {"displayName": "By hand"}, id="a new application"),
        pytest.param(
            ApplicationServicePrincipal, "POST", f"{TEMPLATE}/instantiate", {"displayName": "x"}, id="instantiate"
        ),
        pytest.param(ApplicationTemplate, "GET", TEMPLATE, None, id="template"),
        pytest.param(ServicePrincipal, "GET", "{sp}", None, id="service principal"),
        pytest.param(SelfSignedCertificate, "POST", "{sp}/addTokenSigningCertificate", {}, id="certificate"),
        pytest.param(
            AppRoleAssignmentCollectionResponse, "GET", "{sp}/appRoleAssignedTo", None, id="assignments"
        ),
        pytest.param(
            AppRoleAssignment,
            "POST",
            "{sp}/appRoleAssignedTo",
            {"principalId": "{ada}", "resourceId": "{sp_id}", "appRoleId": AGENT},
            id="a new assignment",
        ),
        pytest.param(
            ClaimsMappingPolicyCollectionResponse, "GET", "{sp}/claimsMappingPolicies", None, id="claims policies"
        ),
        pytest.param(TokenIssuancePolicy, "GET", "/policies/tokenIssuancePolicies/{token}", None, id="signing policy"),
        pytest.param(
            DirectoryObjectCollectionResponse, "GET", "/policies/tokenIssuancePolicies/{token}/appliesTo", None,
            id="what a policy applies to",
        ),
        pytest.param(TenantAppManagementPolicy, "GET", "/policies/defaultAppManagementPolicy", None, id="app policy"),
        pytest.param(UserCollectionResponse, "GET", "/users?$top=50", None, id="users"),
        pytest.param(GroupCollectionResponse, "GET", "/groups", None, id="groups"),
        pytest.param(DirectoryObjectCollectionResponse, "GET", "/groups/{group}/members", None, id="members"),
        pytest.param(OrganizationCollectionResponse, "GET", "/organization", None, id="organization"),
        pytest.param(SubscribedSkuCollectionResponse, "GET", "/subscribedSkus", None, id="licences"),
        pytest.param(ODataError, "GET", "/users/nobody", None, id="an error"),
    ],
)  # fmt: skip
def test_nothing_is_left_over(model: Any, method: str, path: str, body: Any) -> None:
    entra = Entra(key_life_policy="ignored")
    (token,) = entra.linked(entra.sp_path, "tokenIssuancePolicies")
    names = {
        "app": entra.app_path, "sp": entra.sp_path, "sp_id": entra.sp["id"], "ada": entra.ada.id, "token": token,
        "group": entra.group("Flex Agents")["id"],
    }  # fmt: skip
    sent = {key: value.format(**names) for key, value in body.items()} if body else body
    answer = entra.call(method, path.format(**names), sent)
    node = JsonParseNodeFactory().get_root_parse_node("application/json", answer.content)
    found = node.get_object_value(model)
    assert set(left_over(found)) - ALSO_SENT - {(type(found).__name__, name) for name in EXPECTED} == set()


def test_what_is_left_over_is_seen() -> None:
    node = JsonParseNodeFactory().get_root_parse_node("application/json", b'{"value": [{"shoeSize": 9}]}')
    assert list(left_over(node.get_object_value(UserCollectionResponse))) == [("User", "shoeSize")]
