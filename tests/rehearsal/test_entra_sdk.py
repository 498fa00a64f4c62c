"""Microsoft's own libraries, unmodified, against a listening rehearsal: azure-identity and msgraph-sdk."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import requests
import uvicorn
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import ClientSecretCredential, DeviceCodeCredential
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph.generated.application_templates.item.instantiate.instantiate_post_request_body import (
    InstantiatePostRequestBody,
)
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.service_principal import ServicePrincipal
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory
from requests.adapters import HTTPAdapter

from flexsso_helpers.rehearsal import entra_objects, server
from flexsso_helpers.rehearsal.seed import AUTOMATION_CLIENT, AUTOMATION_SECRET
from flexsso_helpers.rehearsal.world import TENANT_ID, World

COMMAND_LINE_TOOLS = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
OTHER = "11111111-2222-3333-4444-555555555555"
SCOPES = ["https://graph.microsoft.com/Application.ReadWrite.All", "https://graph.microsoft.com/User.Read.All"]


# The SDK's own packages warn of one another when they are first imported.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:(msgraph|kiota).*")


class Redirect(HTTPAdapter):
    """Sends every https request to the loopback and keeps the Host header."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        wanted = httpx.URL(request.url)
        request.headers["Host"] = wanted.host
        request.url = str(wanted.copy_with(scheme="http", host="127.0.0.1", port=self.port))
        return super().send(request, *args, **{**kwargs, "proxies": None})


class GraphRedirect(httpx.AsyncHTTPTransport):
    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        moved = httpx.Request(request.method, url, headers=request.headers, stream=request.stream)
        return await super().handle_async_request(moved)


class Listening:
    """A rehearsal on a port, and the transport for azure-identity."""

    def __init__(self, world: World, port: int) -> None:
        self.world, self.port = world, port
        self.sessions: list[requests.Session] = []

    def transport(self) -> RequestsTransport:
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", Redirect(self.port))
        self.sessions.append(session)
        return RequestsTransport(session=session, session_owner=False, use_env_settings=False)

    def sign_in_as(self, name: str) -> Any:
        """What a person does with the code that they are shown."""

        def prompt(address: str, code: str, _expires: object) -> None:
            face = f"http://localhost:{self.port}/{address.removeprefix('https://')}"
            page = httpx.post(face, data={"code": code, "user": name}, trust_env=False)
            assert "You have signed in" in page.text

        return prompt

    def device(self, name: str = "ada.admin@contoso.com", client: str = COMMAND_LINE_TOOLS) -> DeviceCodeCredential:
        return DeviceCodeCredential(
            client, tenant_id=TENANT_ID, prompt_callback=self.sign_in_as(name), transport=self.transport()
        )

    def automation(self, tenant: str = TENANT_ID, secret: str = AUTOMATION_SECRET) -> ClientSecretCredential:
        return ClientSecretCredential(tenant, AUTOMATION_CLIENT, secret, transport=self.transport())

    @asynccontextmanager
    async def graph(self) -> AsyncIterator[GraphServiceClient]:
        """The SDK's client, signed in as the application."""
        provider = AzureIdentityAuthenticationProvider(
            self.automation(), scopes=["https://graph.microsoft.com/.default"], allowed_hosts=["graph.microsoft.com"]
        )
        transport = GraphRedirect(self.port)  # closed by itself: the SDK's wrapper around it does not pass that on
        async with transport, httpx.AsyncClient(transport=transport, trust_env=False) as client:
            adapter = GraphRequestAdapter(provider, GraphClientFactory.create_with_default_middleware(client=client))
            adapter.base_url = "https://graph.microsoft.com/v1.0"
            yield GraphServiceClient(request_adapter=adapter)

    def close(self) -> None:
        for session in self.sessions:
            session.close()


@pytest.fixture(scope="module")
def listening() -> Iterator[Listening]:
    world = World()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(server.app_for(world), log_level="warning", lifespan="off")
        service = uvicorn.Server(config)
        thread = threading.Thread(target=service.run, kwargs={"sockets": [listener]})
        thread.start()
        while not service.started:
            time.sleep(0.01)
        stage = Listening(world, listener.getsockname()[1])
        yield stage
        stage.close()
        service.should_exit = True
        thread.join()


def test_a_person_signs_in_by_device_code(listening: Listening) -> None:
    credential = listening.device()
    first = credential.get_token(*SCOPES)
    assert first.token.count(".") == 2
    assert first.expires_on - time.time() > 80_000
    assert credential.get_token(*SCOPES).token == first.token


def test_an_account_from_the_cache_gets_a_new_token(listening: Listening) -> None:
    credential = listening.device()
    record = credential.authenticate(scopes=SCOPES)
    assert (record.username, record.tenant_id) == ("ada.admin@contoso.com", TENANT_ID)
    assert credential.get_token("https://graph.microsoft.com/Policy.Read.All").token


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


def test_the_azure_cli_may_not_have_these_permissions(listening: Listening) -> None:
    with pytest.raises(ClientAuthenticationError, match="AADSTS65002"):
        listening.device(client=AZURE_CLI).get_token(*SCOPES)


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
            template = graph.application_templates.by_application_template_id(entra_objects.TEMPLATE_ID)
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
