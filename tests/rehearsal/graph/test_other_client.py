"""A Graph client that none of us wrote, and that shares no code with Microsoft's SDK, does the whole set-up here."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from entra_listening import Listening, Redirect, serving
from entra_stage import FLEX_CLAIMS, IDENTIFIER, REPLY_URL

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.world.world import World

ABSENT = "office365-rest-python-client is not installed"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:office365.*")


@pytest.fixture(scope="module")
def stage() -> Iterator[Listening]:
    with serving(World()) as listening:
        yield listening


@pytest.fixture
def client(stage: Listening) -> Iterator[Any]:
    """The client over its own session, whose adapter leads to the rehearsal. Loading it takes two seconds."""
    library = pytest.importorskip("office365.graph_client", reason=ABSENT)
    token = stage.automation().get_token("https://graph.microsoft.com/.default").token
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", Redirect(stage.port))
        known = {"access_token": token, "token_type": "Bearer"}
        yield library.GraphClient(token_callback=lambda: known).with_transport(session=session)


def test_the_whole_set_up(stage: Listening, client: Any) -> None:
    made = client.application_templates[objects.TEMPLATE_ID].instantiate("By another client").execute_query()
    app_id = made.properties["application"]["id"]  # the client has no type for the pair
    sp_id, client_id = made.properties["servicePrincipal"]["id"], made.properties["application"]["appId"]
    refusal = importlib.import_module("office365.runtime.client_request_exception").ClientRequestException
    with pytest.raises(refusal) as refused:
        client.service_principals[sp_id].get().execute_query()
    assert refused.value.code == "Request_ResourceNotFound"
    stage.world.advance(30)
    sp = client.service_principals[sp_id]
    sp.set_property("preferredSingleSignOnMode", "saml").update().execute_query()
    stage.world.advance(30)
    app = client.applications[app_id]
    app.set_property("identifierUris", [IDENTIFIER]).set_property("web", {"redirectUris": [REPLY_URL]})
    app.update().execute_query()
    certificate = sp.add_token_signing_certificate("CN=Another", "2027-11-01T00:00:00Z").execute_query().value
    sp.set_property("preferredTokenSigningKeyThumbprint", certificate.thumbprint).update().execute_query()
    stage.world.advance(30)
    read = client.service_principals.get_by_app_id(client_id).get().execute_query()
    assert IDENTIFIER in list(read.properties["servicePrincipalNames"])
    assert read.properties["preferredTokenSigningKeyThumbprint"] == certificate.thumbprint.lower()


def test_claims_policies_and_assignments(stage: Listening, client: Any) -> None:
    policy = client.policies.claims_mapping_policies.add(displayName="Claims", definition=FLEX_CLAIMS).execute_query()
    stage.world.advance(30)
    assert list(client.policies.claims_mapping_policies[policy.id].get().execute_query().properties["definition"])
    travel = client.service_principals.filter("displayName eq 'Contoso Travel'").get().execute_query()[0]
    assigned = travel.app_role_assigned_to.get().execute_query()
    assert [entry.principal_display_name for entry in assigned] == ["Sol Supervisor"]
    user = client.users.get_by_principal_name("bo.agent@contoso.com").get().execute_query()
    body = {"principalId": user.id, "resourceId": travel.id, "appRoleId": assigned[0].app_role_id}
    travel.app_role_assigned_to.add(**body).execute_query()
    stage.world.advance(30)
    assert len(travel.app_role_assigned_to.get().execute_query()) == 2


def test_pages_and_filters(client: Any) -> None:
    assert len(client.users.get_all(page_size=7).execute_query()) == 40
    (found,) = client.users.filter("mail eq 'bo.agent@contoso.com'").get().execute_query()
    assert found.user_principal_name == "bo.agent@contoso.com"


def test_deleting_and_what_is_left(stage: Listening, client: Any) -> None:
    made = client.applications.add("Short-lived").execute_query()
    stage.world.advance(30)
    made.delete_object().execute_query()
    stage.world.advance(30)
    deleted = client.directory.deleted_applications.get().execute_query()
    assert "Short-lived" in [item.properties["displayName"] for item in deleted]
