"""Microsoft's own libraries, unmodified, against a listening rehearsal: azure-identity and msgraph-sdk."""

import asyncio
import base64
import json
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import msal
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    InteractiveBrowserCredential,
)
from entra_listening import COMMAND_LINE_TOOLS, Listening, Redirect, serving
from lxml import html
from msgraph.generated.application_templates.item.instantiate.instantiate_post_request_body import (
    InstantiatePostRequestBody,
)
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.service_principal import ServicePrincipal

from flexsso_helpers.clouds import GLOBAL, LIVE_CLOUDS
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.tokens import code_challenge
from flexsso_helpers.rehearsal.entra.clients import automation_pem
from flexsso_helpers.rehearsal.server.seed import AUTOMATION_CLIENT, AUTOMATION_SECRET
from flexsso_helpers.rehearsal.world.faults import Faults
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
OTHER = "11111111-2222-3333-4444-555555555555"
SCOPES = ["https://graph.microsoft.com/Application.ReadWrite.All", "https://graph.microsoft.com/User.Read.All"]


# The SDK's own packages warn of one another when they are first imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:(msgraph|kiota).*"),
    pytest.mark.usefixtures("conforming"),
]


@pytest.fixture(scope="module")
def listening() -> Iterator[Listening]:
    with serving(World()) as stage:
        yield stage


def test_a_person_signs_in_by_device_code(listening: Listening) -> None:
    credential = listening.device()
    first = credential.get_token(*SCOPES)
    assert first.token.count(".") == 2
    assert 3_500 < first.expires_on - time.time() < 5_400
    assert credential.get_token(*SCOPES).token == first.token


def test_an_account_from_the_cache_gets_a_new_token(listening: Listening) -> None:
    credential = listening.device()
    record = credential.authenticate(scopes=SCOPES)
    assert (record.username, record.tenant_id) == ("ada.admin@contoso.com", TENANT_ID)
    assert credential.get_token("https://graph.microsoft.com/Policy.Read.All").token


def test_a_person_is_asked_again_when_policy_ends_a_session_begun_by_device_code() -> None:
    with serving(World(quirks={"device_code_session": "ends"})) as stage:
        asked: list[str] = []

        def prompt(address: str, code: str, expires: object) -> None:
            asked.append(code)
            stage.sign_in_as("ada.admin@contoso.com")(address, code, expires)

        credential = DeviceCodeCredential(
            COMMAND_LINE_TOOLS, tenant_id=TENANT_ID, prompt_callback=prompt, transport=stage.transport()
        )
        assert credential.get_token(*SCOPES).token
        stage.world.advance(2)
        assert credential.get_token("https://graph.microsoft.com/Policy.Read.All").token
        assert len(asked) == 2


def test_an_application_signs_in_by_secret(listening: Listening) -> None:
    assert listening.automation().get_token("https://graph.microsoft.com/.default").token.count(".") == 2


@pytest.mark.parametrize(
    ("tenant", "secret", "code"),
    [
        pytest.param(OTHER, AUTOMATION_SECRET, f"authority configuration for https://.*/{OTHER}", id="wrong tenant"),
        pytest.param(TENANT_ID, "wrong", "AADSTS7000215", id="wrong secret"),
    ],
)
def test_a_wrong_sign_in_is_told_apart(listening: Listening, tenant: str, secret: str, code: str) -> None:
    with pytest.raises((ClientAuthenticationError, ValueError), match=code):
        listening.automation(tenant, secret).get_token("https://graph.microsoft.com/.default")


def test_the_azure_cli_may_not_have_every_permission(listening: Listening) -> None:
    with pytest.raises(ClientAuthenticationError, match="AADSTS65002"):
        listening.device(client=AZURE_CLI).get_token("https://graph.microsoft.com/Policy.Read.All")


def test_the_azure_cli_lists_applications_for_an_administrator(listening: Listening) -> None:
    token = listening.device(client=AZURE_CLI).get_token("https://graph.microsoft.com//.default").token
    url = f"http://localhost:{listening.port}/graph.microsoft.com/v1.0/applications"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
    assert answer.status_code == 200
    said = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert said["scp"].split() == [
        "Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "AuditLog.Read.All",
        "DelegatedPermissionGrant.ReadWrite.All", "Directory.AccessAsUser.All", "Group.ReadWrite.All",
        "User.Read.All", "User.ReadWrite.All",
    ]  # fmt: skip
    assert said["nbf"] == said["iat"]


@pytest.mark.parametrize("tenant", ["common", "organizations", "contoso.com", TENANT_ID.upper()])
def test_msal_signs_in_unmodified_whatever_the_tenant_is_called(listening: Listening, tenant: str) -> None:
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", Redirect(listening.port))
        authority = f"https://login.microsoftonline.com/{tenant}"
        app = msal.PublicClientApplication(AZURE_CLI, authority=authority, http_client=session)
        flow = app.initiate_device_flow(["https://management.core.windows.net//.default"])
        listening.sign_in_as("ada.admin@contoso.com")(flow["verification_uri"], flow["user_code"], None)
        result = app.acquire_token_by_device_flow(flow)
        assert "access_token" in result, result
        (account,) = app.get_accounts()
        graph = app.acquire_token_silent(["https://graph.microsoft.com//.default"], account=account)
        assert graph, tenant
        assert "access_token" in graph


@pytest.mark.parametrize("name", ["nobody@contoso.com", "dee.disabled@contoso.com"])
def test_the_device_page_says_who_cannot_sign_in(listening: Listening, name: str) -> None:
    url = f"http://localhost:{listening.port}/login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0/devicecode"
    code = httpx.post(url, data={"client_id": COMMAND_LINE_TOOLS, "scope": "openid"}, trust_env=False).json()
    page = f"http://localhost:{listening.port}/microsoft.com/devicelogin"
    answer = httpx.post(page, data={"code": code["user_code"], "user": name}, trust_env=False)
    assert answer.status_code == 400
    assert re.search(r'id="error"[^>]*>AADSTS500(34|57): ', answer.text)


def test_the_graph_sdk_configures_and_reads(listening: Listening) -> None:
    async def run() -> None:
        async with listening.graph() as graph:
            template = graph.application_templates.by_application_template_id(objects.TEMPLATE_ID)
            made = await template.instantiate.post(InstantiatePostRequestBody(display_name="By SDK"))
            assert made
            assert made.service_principal
            assert made.service_principal.id
            there = graph.service_principals.by_service_principal_id(made.service_principal.id)
            with pytest.raises(ODataError) as refused:
                await there.get()
            assert refused.value.error
            assert refused.value.error.code == "Request_ResourceNotFound"
            assert refused.value.error.inner_error
            assert refused.value.error.inner_error.request_id
            listening.world.advance(20)
            await there.patch(ServicePrincipal(preferred_single_sign_on_mode="saml"))
            listening.world.advance(20)
            found = await there.get()
            assert found
            assert found.preferred_single_sign_on_mode == "saml"

    asyncio.run(run())


@pytest.mark.full
def test_an_application_signs_in_by_certificate(listening: Listening) -> None:
    def credential(pem: bytes) -> CertificateCredential:
        return CertificateCredential(
            TENANT_ID, AUTOMATION_CLIENT, certificate_data=pem, transport=listening.transport()
        )

    scope = "https://graph.microsoft.com/.default"
    assert credential(automation_pem(listening.world)).get_token(scope).token.count(".") == 2
    with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        credential(automation_pem(World(seed=9))).get_token(scope)


def test_a_person_declines_a_device_code(listening: Listening) -> None:
    def prompt(address: str, code: str, _expires: object) -> None:
        face = f"http://localhost:{listening.port}/{address.removeprefix('https://')}"
        page = httpx.post(face, data={"code": code, "user": "", "decline": "on"}, trust_env=False)
        assert "You have declined" in page.text

    credential = DeviceCodeCredential(
        COMMAND_LINE_TOOLS, tenant_id=TENANT_ID, prompt_callback=prompt, transport=listening.transport()
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS65004"):
        credential.get_token(*SCOPES)


def test_a_device_code_expires(listening: Listening) -> None:
    credential = DeviceCodeCredential(
        COMMAND_LINE_TOOLS,
        tenant_id=TENANT_ID,
        prompt_callback=lambda *_: listening.world.advance(901),
        transport=listening.transport(),
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS70019"):
        credential.get_token(*SCOPES)


def test_a_scope_that_nobody_consented_to(listening: Listening) -> None:
    credential = listening.device()
    credential.authenticate(scopes=SCOPES)
    with pytest.raises(ClientAuthenticationError):
        credential.get_token("https://graph.microsoft.com/Mail.Read")


class Browser:
    """A person at the sign-in page, in a browser that a program opens."""

    def __init__(self, port: int, **fields: str) -> None:
        self.port, self.fields = port, fields
        self.titles: list[str] = []

    def open(self, url: str) -> bool:
        threading.Thread(target=self._walk, args=(url,)).start()
        return True

    def _walk(self, url: str) -> None:
        face = f"http://localhost:{self.port}/{url.removeprefix('https://')}"
        with httpx.Client(trust_env=False, base_url=f"http://localhost:{self.port}") as client:
            page = client.get(face)
            for fields in (self.fields, {}):
                document: Any = html.fromstring(page.text)
                self.titles.append(document.findtext(".//h1") or "")
                form = document.forms[0]
                page = client.post(str(form.action), data={**dict(form.form_values()), **fields})


def _in_browser(
    listening: Listening, monkeypatch: pytest.MonkeyPatch, **fields: str
) -> tuple[InteractiveBrowserCredential, Browser]:
    browser = Browser(listening.port, **fields)
    monkeypatch.setattr("webbrowser.open", browser.open)
    credential = InteractiveBrowserCredential(
        client_id=COMMAND_LINE_TOOLS, tenant_id=TENANT_ID, transport=listening.transport(), timeout=30
    )
    return credential, browser


def test_a_person_signs_in_by_browser(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    credential, browser = _in_browser(listening, monkeypatch, user="ada.admin@contoso.com")
    record = credential.authenticate(scopes=SCOPES)
    assert record.username == "ada.admin@contoso.com"
    assert browser.titles == ["Sign in to your account", "Signing you in"]
    assert credential.get_token("https://graph.microsoft.com/Policy.Read.All").token.count(".") == 2


def test_a_person_declines_in_the_browser(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    credential, _ = _in_browser(listening, monkeypatch, decline="on")
    with pytest.raises(ClientAuthenticationError, match="AADSTS65004"):
        credential.get_token(*SCOPES)


AUTHORIZE = {
    "client_id": COMMAND_LINE_TOOLS, "redirect_uri": "http://localhost:8400", "scope": "openid", "state": "s",
    "code_challenge": code_challenge("verifier"), "code_challenge_method": "S256", "response_type": "code",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"redirect_uri": "https://elsewhere.example.com"}, "AADSTS50011", id="redirect elsewhere"),
        pytest.param({"code_challenge": ""}, "AADSTS9002325", id="no PKCE"),
        pytest.param({"client_id": OTHER}, "AADSTS700016", id="unknown client"),
        pytest.param({"user": "dee.disabled@contoso.com"}, "AADSTS50057", id="disabled"),
        pytest.param({"user": "nobody@contoso.com"}, "AADSTS50034", id="unknown user"),
        pytest.param({"scope": "https://graph.microsoft.com/Mail.Read"}, "AADSTS65001", id="no consent"),
    ],
)
def test_the_sign_in_page_says_why_not(listening: Listening, changed: dict[str, str], said: str) -> None:
    url = f"http://localhost:{listening.port}/login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0/authorize"
    page = httpx.post(url, data={**AUTHORIZE, "user": "ada.admin@contoso.com", **changed}, trust_env=False)
    assert (page.status_code, said in page.text) == (400, True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"code_verifier": "another"}, "AADSTS501481", id="wrong verifier"),
        pytest.param({"redirect_uri": "http://localhost:8401"}, "AADSTS500112", id="another address"),
        pytest.param({"code": "x"}, "AADSTS70008", id="unknown code"),
    ],
)
def test_a_code_is_for_who_asked_for_it(listening: Listening, changed: dict[str, str], said: str) -> None:
    base = f"http://localhost:{listening.port}/login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0"
    back = httpx.post(f"{base}/authorize", data={**AUTHORIZE, "user": "ada.admin@contoso.com"}, trust_env=False)
    code = httpx.URL(back.headers["location"]).params["code"]
    sent = {
        "grant_type": "authorization_code", "client_id": COMMAND_LINE_TOOLS, "code": code,
        "redirect_uri": "http://localhost:8400", "code_verifier": "verifier",
    }  # fmt: skip
    answer = httpx.post(f"{base}/token", data={**sent, **changed}, trust_env=False)
    assert (answer.status_code, said in answer.json()["error_description"]) == (400, True)
    if "code" not in changed:  # whoever showed the code has used it up
        assert httpx.post(f"{base}/token", data=sent, trust_env=False).status_code == 400


def test_a_claims_challenge_is_answered_once_by_the_sdk(listening: Listening) -> None:
    """The SDK gets a new token, as the challenge says, and asks again."""
    listening.world.faults = Faults([{"match": {"host": "graph.*"}, "fault": "claims_challenge", "probability": 1.0}])

    async def run() -> int:
        async with listening.graph() as graph:
            found = await graph.users.get()
            assert found
            assert found.value
            return len(found.value)

    try:
        assert asyncio.run(run()) == 40
        assert listening.world.faults.rules[0].fired == 1
    finally:
        listening.world.faults = Faults()


@pytest.mark.parametrize("name", ["gov_l4", "gov_l5", "china", "bleu", "delos"])
def test_another_cloud_signs_in_and_answers(name: str) -> None:
    cloud = LIVE_CLOUDS[name]
    with serving(World(cloud=name)) as stage:
        credential = ClientSecretCredential(
            TENANT_ID, AUTOMATION_CLIENT, AUTOMATION_SECRET, authority=cloud.login, transport=stage.transport()
        )
        token = credential.get_token(f"{cloud.graph}/.default").token
        headers = {"Authorization": f"Bearer {token}", "Host": cloud.graph.removeprefix("https://")}
        with httpx.Client(base_url=f"http://127.0.0.1:{stage.port}", headers=headers, trust_env=False) as client:
            page = client.get("/v1.0/users?$top=5").json()
            assert page["@odata.nextLink"].startswith(f"{cloud.graph}/v1.0/users?")
            assert client.get("/v1.0/users", headers={"Host": "graph.microsoft.com"}).status_code == 421
        with pytest.raises((ClientAuthenticationError, ValueError)):
            stage.automation().get_token(f"{GLOBAL.graph}/.default")
