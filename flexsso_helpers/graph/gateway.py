"""Graph, as plain JSON through the SDK's own adapter.

The adapter brings sign-in, claims challenges, telemetry and error parsing. Bodies are plain dictionaries because the
typed models drop nulls and cut timestamps to microseconds, which Graph then takes for an edit.
The SDK's automatic retries are off: it would send a POST again whose answer was lost, and make two applications.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

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
from flexsso_helpers.errors import FlexSSOError, NotPermitted, Refused, Unreachable
from flexsso_helpers.graph import metadata
from flexsso_helpers.graph.batch import REQUEST_ID, Batches, Journal, Outcome, Request, Say, silent
from flexsso_helpers.graph.metadata import unreachable
from flexsso_helpers.graph.patience import LONGEST_WAIT, pause, seconds
from flexsso_helpers.graph.refusals import refusal, unknown
from flexsso_helpers.graph.sign_in_errors import explained
from flexsso_helpers.graph.snapshot import Snapshot
from flexsso_helpers.wire import Wire

ATTEMPTS = 5
PASSING = (409, 500, 502, 503, 504)
"""Answers after which everything but a POST is sent again."""

Json = dict[str, Any]


class Graph:
    """One tenant's Graph, v1.0. All paths begin with a slash and are relative to v1.0."""

    def __init__(
        self,
        *,
        cloud: Cloud,
        tenant_id: str,
        credential: TokenCredential,
        scopes: list[str],
        wire: Wire,
        journal: Journal,
        sleep: Callable[[float], Awaitable[None]],
        snapshot: Snapshot | None = None,
    ) -> None:
        """Build the SDK's adapter over the wire; nothing is sent."""
        self.snapshot = snapshot or Snapshot()
        self._cloud, self._tenant_id, self._wire = cloud, tenant_id, wire
        self._journal, self._sleep = journal, sleep
        register_default_deserializer(JsonParseNodeFactory)  # the adapter alone could not read Graph's error answers
        host = cloud.graph.removeprefix("https://")
        renewing = _InAThread(credential)
        provider = AzureIdentityAuthenticationProvider(renewing, scopes=scopes, allowed_hosts=[host])
        self._client = GraphClientFactory.create_with_default_middleware(client=wire.graph_client())
        self._adapter = GraphRequestAdapter(provider, client=self._client)
        self._adapter.base_url = f"{cloud.graph}/v1.0"
        self._batches = Batches(send=self._send_batch, journal=journal, sleep=sleep)

    async def read_many(self, paths: Sequence[str], say: Say = silent) -> list[Json]:
        """The objects at these paths, twenty a request; `{}` for a 404. Raises Refused, NotPermitted, Unreachable."""
        remembered = {path: self.snapshot.found(path) for path in paths}
        known = {path: found for path, found in remembered.items() if isinstance(found, dict)}
        missing = [path for path in remembered if path not in known]
        read = await self._batches.read(missing, lambda done: say(done + len(paths) - len(missing)))
        for path, found in zip(missing, read, strict=True):
            self.snapshot.keep(path, found)
            known[path] = found
        return [known[path] for path in paths]

    async def write_many(self, requests: Sequence[Request], say: Say = silent) -> list[Outcome]:
        """Many writes, twenty a request: what each came to. After OutcomeUnknown look before sending it again.

        Raises what would befall every further one too: Unreachable, and NotPermitted for a whole request of twenty.
        """
        self.snapshot.forget()
        try:
            return await self._batches.write(requests, say)
        finally:
            self.snapshot.forget()

    async def _send_batch(self, body: Json) -> Json:
        seen = HeadersInspectionHandlerOption(inspect_request_headers=False)
        answer = await self._send(
            "POST", self._url("/$batch", {}), what="Sending many requests at once", body=body, seen=seen
        )
        listed = answer.get("responses")
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, dict) and isinstance(each.setdefault("headers", {}), dict):
                each["headers"].setdefault(REQUEST_ID, _request_id(seen))  # Graph names only the batch as a whole
        return answer

    async def get(self, path: str, *, select: str = "", missing_ok: bool = False) -> Json:
        """One object. `missing_ok` gives `{}` for a 404. Raises Refused, NotPermitted, Unreachable."""
        url = self._url(path, {"$select": select} if select else {})
        try:
            return await self._read(url, what=f"Reading {path}")
        except Refused as error:
            if missing_ok and error.status == 404:
                return {}
            raise

    async def list(self, path: str, query: Mapping[str, str] | None = None) -> list[Json]:
        """All objects of a collection, following the next links."""
        found: list[Json] = []
        url: str | None = self._url(path, query or {})
        while url:
            page = await self._read(url, what=f"Reading {path}")
            if not isinstance(page.get("value"), list):
                raise _garbled(f"Reading {path}")
            found += page["value"]
            url = page.get("@odata.nextLink")
        return found

    async def post(self, path: str, body: Json, *, why: str, before: object = None) -> Json:
        """Create something, once. A 429 is waited out, since nothing was done.

        Raises OutcomeUnknown when the answer was lost or is a 404 or 5xx: the caller looks before sending it again.
        """
        return await self._write("POST", path, body, why=why, before=before)

    async def patch(self, path: str, body: Json, *, why: str, before: object) -> None:
        """Write whole values; sent again after 429, 5xx and lost answers, which does no harm to whole values."""
        await self._write("PATCH", path, body, why=why, before=before)

    async def put(self, path: str, body: Json, *, why: str, before: object) -> None:
        """Replace something as a whole; sent again like a PATCH."""
        await self._write("PUT", path, body, why=why, before=before)

    async def delete(self, path: str, *, why: str, before: object) -> None:
        """Remove something; what is already gone counts as removed."""
        await self._write("DELETE", path, None, why=why, before=before)

    async def metadata(self, app_id: str) -> bytes:
        """The application's federation metadata, as it lies on the public address, without credentials.

        Raises Refused while the sign-in service does not know it, Throttled, Unreachable.
        """
        url = self._cloud.metadata_url(self._tenant_id, app_id)
        patient = AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(ATTEMPTS),
            wait=pause,
            retry=retry_if_exception(metadata.worth_repeating),
            reraise=True,
        )
        return await patient(asyncio.to_thread, metadata.fetch, self._wire, url)

    async def close(self) -> None:
        """Give the connections back; nothing can be asked afterwards."""
        await self._client.aclose()

    def reference(self, path: str) -> Json:
        """The body of a `$ref` write: the full address of the object, on this cloud's own host."""
        return {"@odata.id": f"{self._cloud.graph}/v1.0{path}"}

    def _url(self, path: str, query: Mapping[str, str]) -> str:
        """The address of a path in v1.0, or of one that begins with /beta/ in the beta."""
        suffix = "?" + urlencode(query, quote_via=quote, safe="$,()':") if query else ""
        if path.startswith("/beta/"):
            return f"{self._cloud.graph}{path}{suffix}"
        return f"{self._adapter.base_url}{path}{suffix}"

    async def _read(self, url: str, *, what: str) -> Json:
        """One answer, asked once in a look; what the look will ask too comes in the same request."""
        address = url.removeprefix(str(self._adapter.base_url))
        if together := self.snapshot.due():
            for each, answer in (await self._batches.once(together)).items():
                self.snapshot.keep(each, answer)
        found: Outcome | None = self.snapshot.found(address)
        if found is None:
            try:
                found = await self._send("GET", url, what=what)
            except Refused as error:
                if error.status != 404:
                    raise
                found = error
            self.snapshot.keep(address, found)
        self.snapshot.note(address)
        if isinstance(found, dict):
            return found
        raise found

    async def _write(self, method: str, path: str, body: Json | None, *, why: str, before: object) -> Json:
        entry = self._journal.intent(service="graph", method=method, path=path, why=why, before=before, body=body)
        self.snapshot.forget()
        seen = HeadersInspectionHandlerOption(inspect_request_headers=False)

        def answered(status: int, note: str) -> None:
            self._journal.answer(entry, status=status, note=note, request_id=_request_id(seen))

        try:
            answer = await self._send(method, self._url(path, {}), what=why, body=body, seen=seen)
        except Refused as error:
            answered(error.status, error.code or error.message)
            if method == "DELETE" and error.status == 404:
                return {}
            if method == "POST" and (error.status == 404 or error.status >= 500):
                raise unknown(why, f"Graph answered {error.status} {error.code}") from error
            raise
        except NotPermitted as error:
            answered(403, error.why)
            raise
        except FlexSSOError as error:
            answered(0, error.what)
            raise
        answered(200, str(answer.get("id", "")))
        return answer

    async def _send(
        self,
        method: str,
        url: str,
        *,
        what: str,
        body: Json | None = None,
        seen: HeadersInspectionHandlerOption | None = None,
    ) -> Json:
        """`seen` is given the headers of the last answer."""
        patient = AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(ATTEMPTS),
            wait=pause,
            retry=retry_if_exception(lambda error: _worth_repeating(method, error)),
            reraise=True,
        )
        return await patient(self._send_once, method, url, what, body, seen)

    async def _send_once(
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
            content = await self._adapter.send_primitive_async(request, "bytes", {"XXX": ODataError})
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
            raise unreachable(what, error) from error
        except httpx.TransportError as error:
            if method == "POST":
                raise unknown(what, f"the connection ended: {type(error).__name__}") from error
            raise unreachable(what, error) from error
        try:
            answer = json.loads(content) if content else None if method == "GET" else {}
        except ValueError:
            answer = None
        if isinstance(answer, dict):
            return answer
        if method == "POST":
            raise unknown(what, "the answer was not Graph's")
        raise _garbled(what)


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


def _request_id(seen: HeadersInspectionHandlerOption) -> str:
    return next(iter(seen.response_headers.get(REQUEST_ID)), "")


def literal(text: str) -> str:
    """A string literal for `$filter`, its quotes doubled."""
    return "'" + text.replace("'", "''") + "'"


def _garbled(what: str) -> Unreachable:
    return Unreachable(
        what,
        why="The answer was not Graph's: something on the way answered in its place, such as a hotspot or a proxy.",
        fix="Open a page in a browser of this machine, see what stands in the way, and run the cell again.",
        notebook="00",
    )


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
