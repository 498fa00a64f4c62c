"""A rehearsal that listens on a port, and Microsoft's own libraries pointed at it unmodified."""

import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import requests
import uvicorn
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import ClientSecretCredential, DeviceCodeCredential
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory
from requests.adapters import HTTPAdapter

from flexsso_helpers.rehearsal.server import server
from flexsso_helpers.rehearsal.server.seed import AUTOMATION_CLIENT, AUTOMATION_SECRET
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

COMMAND_LINE_TOOLS = "14d82eec-204b-4c2f-b7e8-296a70dab67e"


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


@contextmanager
def serving(world: World) -> Iterator[Listening]:
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
