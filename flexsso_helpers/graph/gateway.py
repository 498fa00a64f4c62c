"""Graph, as plain JSON: objects, collections, batches, and writes that stand in the ledger before they are sent.

Bodies are plain dictionaries because the typed models drop nulls and cut timestamps to microseconds, which Graph then
takes for an edit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import quote, urlencode

from azure.core.credentials import TokenCredential
from kiota_http.middleware.options import HeadersInspectionHandlerOption
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

from flexsso_helpers.clouds import Cloud
from flexsso_helpers.errors import FlexSSOError, NotPermitted, Refused
from flexsso_helpers.graph import metadata
from flexsso_helpers.graph.batch import REQUEST_ID, Batches, Journal, Outcome, Request, Say, silent
from flexsso_helpers.graph.refusals import garbled, unknown
from flexsso_helpers.graph.sending import ATTEMPTS, Json, Sending, request_id
from flexsso_helpers.graph.snapshot import Snapshot
from flexsso_helpers.wire import Wire
from flexsso_helpers.wire.patience import pause


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
        """Nothing is sent yet."""
        self.snapshot = snapshot or Snapshot()
        self._cloud, self._tenant_id, self._wire = cloud, tenant_id, wire
        self._base = f"{cloud.graph}/v1.0"
        self._journal, self._sleep = journal, sleep
        self.sending = Sending(
            cloud=cloud, tenant_id=tenant_id, credential=credential, scopes=scopes, wire=wire, sleep=sleep
        )
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
        answer = await self.sending.send(
            "POST", self._url("/$batch", {}), what="Sending many requests at once", body=body, seen=seen
        )
        listed = answer.get("responses")
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, dict) and isinstance(each.setdefault("headers", {}), dict):
                each["headers"].setdefault(REQUEST_ID, request_id(seen))  # Graph names only the batch as a whole
        return answer

    async def get(self, path: str, *, select: str = "", missing_ok: bool = False) -> Json:
        """One object. `missing_ok` gives `{}` for a 404; an answer that shows nothing of what was selected is not taken
        for an object without it. Raises Refused, NotPermitted, Unreachable.
        """
        url = self._url(path, {"$select": select} if select else {})
        try:
            found = await self._read(url, what=f"Reading {path}")
            if select and found.keys().isdisjoint(select.split(",")):
                raise garbled(f"Reading {path}")
            return found
        except Refused as error:
            if missing_ok and error.status == 404:
                return {}
            raise

    def expect(self, asked: Sequence[tuple[str, Mapping[str, str]]]) -> None:
        """What the look will ask too, by path and query: asked together with what the last of its kind asked."""
        self.snapshot.expect([self._url(path, query).removeprefix(self._base) for path, query in asked])

    async def list_many(self, asked: Sequence[tuple[str, Mapping[str, str]]], say: Say = silent) -> list[list[Json]]:
        """All objects of many collections, given by path and query, the first pages of twenty in one request."""
        addresses = [self._url(path, query).removeprefix(self._base) for path, query in asked]
        firsts = await self.read_many(addresses, say)
        for address in addresses:
            self.snapshot.note(address)
        return [
            await self._pages(path, first) if first else await self.list(path, query)  # which says what is missing
            for (path, query), first in zip(asked, firsts, strict=True)
        ]

    async def _pages(self, path: str, page: Json) -> list[Json]:
        """What stands on this page of a collection, and on those that follow."""
        found: list[Json] = []
        while isinstance(page.get("value"), list):
            found += page["value"]
            url = page.get("@odata.nextLink")
            if not url:
                return found
            page = await self._read(url, what=f"Reading {path}")
        raise garbled(f"Reading {path}")

    async def list(self, path: str, query: Mapping[str, str] | None = None) -> list[Json]:
        """All objects of a collection, following the next links."""
        return await self._pages(path, await self._read(self._url(path, query or {}), what=f"Reading {path}"))

    async def post(self, path: str, body: Json, *, why: str, before: object = None, gives: str = "") -> Json:
        """Create something, once. A 429 is waited out, since nothing was done. `gives`: what the answer must hold.

        Raises OutcomeUnknown when the answer was lost, does not say what was made, or is a 404 or 5xx: the caller
        looks before sending it again.
        """
        answer = await self._write("POST", path, body, why=why, before=before)
        if gives and not answer.get(gives):
            raise unknown(why, "the answer does not say what was made")
        return answer

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
        await self.sending.client.aclose()

    def reference(self, path: str) -> Json:
        """The body of a `$ref` write: the full address of the object, on this cloud's own host."""
        return {"@odata.id": f"{self._cloud.graph}/v1.0{path}"}

    def _url(self, path: str, query: Mapping[str, str]) -> str:
        """The address of a path in v1.0, or of one that begins with /beta/ in the beta."""
        suffix = "?" + urlencode(query, quote_via=quote, safe="$,()':") if query else ""
        if path.startswith("/beta/"):
            return f"{self._cloud.graph}{path}{suffix}"
        return f"{self._base}{path}{suffix}"

    async def _read(self, url: str, *, what: str) -> Json:
        """One answer, asked once in a look; what the look will ask too comes in the same request."""
        address = url.removeprefix(self._base)
        if together := self.snapshot.due(address):
            for each, answer in (await self._batches.once(together)).items():
                self.snapshot.keep(each, answer)
        found: Outcome | None = self.snapshot.found(address)
        if not found:  # nothing yet, or that it was missing among many, which does not say why
            try:
                found = await self.sending.send("GET", url, what=what)
            except NotPermitted as error:
                found = error
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
            self._journal.answer(entry, status=status, note=note, request_id=request_id(seen))

        try:
            answer = await self.sending.send(method, self._url(path, {}), what=why, body=body, seen=seen)
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


def literal(text: str) -> str:
    """A string literal for `$filter`, its quotes doubled."""
    return "'" + text.replace("'", "''") + "'"
