"""One request to Graph through the SDK's own adapter, and what its answer means.

The adapter brings sign-in, claims challenges, telemetry and error parsing. The SDK's automatic retries are off: it
would send a POST again whose answer was lost, and make two applications.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from azure.core.credentials import AccessToken, TokenCredential
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ClientAuthenticationError
from kiota_abstractions.api_client_builder import register_default_deserializer
from kiota_abstractions.api_error import APIError
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.middleware.options import HeadersInspectionHandlerOption, RetryHandlerOption
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph_core import GraphClientFactory
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

from flexsso_helpers.clouds import Cloud
from flexsso_helpers.errors import Refused, Unreachable
from flexsso_helpers.graph.batch import REQUEST_ID
from flexsso_helpers.graph.refusals import garbled, refusal, unknown
from flexsso_helpers.graph.sign_in_errors import explained
from flexsso_helpers.wire import Wire, unanswered
from flexsso_helpers.wire.patience import LONGEST_WAIT, pause, seconds

ATTEMPTS = 5
PASSING = (409, 500, 502, 503, 504)
"""Answers after which everything but a POST is sent again."""

Json = dict[str, Any]


class Sending:
    """The SDK's adapter over the wire of one tenant."""

    def __init__(
        self,
        *,
        cloud: Cloud,
        tenant_id: str,
        credential: TokenCredential,
        scopes: list[str],
        wire: Wire,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """Build the adapter; nothing is sent."""
        self._tenant_id, self._sleep = tenant_id, sleep
        register_default_deserializer(JsonParseNodeFactory)  # the adapter alone could not read Graph's error answers
        host = cloud.graph.removeprefix("https://")
        renewing = _InAThread(credential)
        provider = AzureIdentityAuthenticationProvider(renewing, scopes=scopes, allowed_hosts=[host])
        self.client = GraphClientFactory.create_with_default_middleware(client=wire.graph_client())
        self.adapter = GraphRequestAdapter(provider, client=self.client)
        self.adapter.base_url = f"{cloud.graph}/v1.0"

    async def send(
        self,
        method: str,
        url: str,
        *,
        what: str,
        body: Json | None = None,
        seen: HeadersInspectionHandlerOption | None = None,
    ) -> Json:
        """One request; sent again where that does no harm, and a POST only after a 429. `seen` is given the headers of
        the last answer. Raises Refused, NotPermitted, Unreachable, and OutcomeUnknown for a POST that may have landed.
        """
        patient = AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(ATTEMPTS),
            wait=pause,
            retry=retry_if_exception(lambda error: _worth_repeating(method, error)),
            reraise=True,
        )
        return await patient(self._once, method, url, what, body, seen)

    async def _once(
        self, method: str, url: str, what: str, body: Json | None, seen: HeadersInspectionHandlerOption | None
    ) -> Json:
        request = RequestInformation()
        request.http_method = Method(method)
        request.url = url
        request.headers.add("Accept", "application/json")
        if body is not None:
            request.headers.add("Content-Type", "application/json")
            request.content = json.dumps(body, ensure_ascii=False).encode()
        request.add_request_options([RetryHandlerOption(max_retries=0, should_retry=False), *([seen] if seen else [])])
        try:
            content = await self.adapter.send_primitive_async(request, "bytes", {"XXX": ODataError})
        except ODataError as error:
            raise _refused(what, error) from error
        except APIError as error:
            raise refusal(
                what,
                status=error.response_status_code or 0,
                code="",
                message=error.message or "",
                request_id="",
                retry_after=seconds(error.response_headers),
            ) from error
        except ClientAuthenticationError as error:  # a token had to be renewed, before anything was sent
            raise explained(error, self._tenant_id) from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise unanswered(what, error) from error
        except httpx.TransportError as error:
            if method == "POST":
                raise unknown(what, f"the connection ended: {type(error).__name__}") from error
            raise unanswered(what, error) from error
        try:
            answer = json.loads(content) if content else None if method == "GET" else {}
        except ValueError:
            answer = None
        if isinstance(answer, dict) and (answer or method != "GET"):  # Graph shows no object that has nothing
            return answer
        if method == "POST":
            raise unknown(what, "the answer was not Graph's")
        raise garbled(what)


class _InAThread(AsyncTokenCredential):
    """The credential as the adapter may await it: azure-identity blocks while it renews a token."""

    def __init__(self, credential: TokenCredential) -> None:
        self._credential = credential

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return await asyncio.to_thread(self._credential.get_token, *scopes, **options)

    async def close(self) -> None:
        """The session's credential is closed by whoever made it."""

    async def __aenter__(self) -> "_InAThread":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held."""


def request_id(seen: HeadersInspectionHandlerOption) -> str:
    """What Graph calls the request, once it was answered."""
    return next(iter(seen.response_headers.get(REQUEST_ID)), "")


def _refused(what: str, error: ODataError) -> Exception:
    main = error.error
    inner = main.inner_error if main else None
    return refusal(
        what,
        status=error.response_status_code or 0,
        code=(main.code if main else "") or "",
        message=(main.message if main else "") or "",
        request_id=str(inner.request_id or "") if inner else "",
        retry_after=seconds(error.response_headers),
        details=tuple((str(d.code or ""), str(d.message or "")) for d in (main.details or [])) if main else (),
    )


def _worth_repeating(method: str, error: BaseException) -> bool:
    if isinstance(error, Unreachable):
        return method != "POST" and error.passes
    if not isinstance(error, Refused) or (error.retry_after or 0) > LONGEST_WAIT:
        return False
    return error.status == 429 or (method != "POST" and error.status in PASSING)
