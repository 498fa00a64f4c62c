"""The Flex account: its SSO connection, configuration and workers, and the start of a login.

Two writes alone: the end of a Flex user, and that of a worker. Flex Console's settings have no API (F08), and workers
are made by sign-ons.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from flexsso_helpers.clouds import FLEX_API, FLEX_SERVICES
from flexsso_helpers.errors import FlexSSOError, Refused
from flexsso_helpers.flex.account import (
    Configuration,
    Connection,
    FlexUser,
    Worker,
    read_configuration,
    read_connections,
    read_users,
    read_worker,
)
from flexsso_helpers.flex.legacy import read_start, start_address
from flexsso_helpers.flex.probe import Probe, login_start, read_request, words
from flexsso_helpers.flex.refusals import ONLY_READS, garbled, refused, worth_repeating
from flexsso_helpers.identities import same
from flexsso_helpers.wire import Wire, unanswered
from flexsso_helpers.wire.patience import pause, seconds

ATTEMPTS = 5
PASSING = (429, 500, 502, 503, 504)
MOST_HOPS = 10
MOST_PAGES = 100
"""Of a thousand Flex users each."""
NOT_THE_MACHINES = {"TWILIO_REGION": "", "TWILIO_EDGE": ""}
"""In place of the environment: another region than the account's own would be asked, and is not contacted."""
ENDING = "Ending a user at Flex."
T = TypeVar("T")


class Flex:
    """One Flex account."""

    def __init__(
        self,
        *,
        account_sid: str,
        api_key: str,
        secret: Callable[[], str],
        wire: Wire,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """Keep how to reach it. The secret is asked for when the first call that needs it is made."""
        self.account_sid = account_sid
        self._api_key, self._secret, self._wire, self._sleep = api_key, secret, wire, sleep
        self._client: Client | None = None
        self._retry_after: float | None = None
        """What the SDK's last answer asked for; its exceptions do not tell."""

    async def connections(self) -> tuple[Connection, ...]:
        """The account's Enhanced connections, as anyone may read them; none before Console has saved one (F10).

        An account without one may be answered with an empty list, 400 or 404 (F21, F22): all three are none here.
        """
        try:
            return await self.listed_connections()
        except Refused as error:
            if error.status in (400, 404):
                return ()
            raise

    async def listed_connections(self) -> tuple[Connection, ...]:
        """The same, for whom a refusal is not the same as an empty list. Raises Refused, NotPermitted, Unreachable."""
        what = "Reading the SSO connection of the Flex account."
        url = f"{FLEX_SERVICES}/v1/Flex/Authentication/Config?{urlencode({'AccountSid': self.account_sid})}"
        answer = await self._plainly(url, what, json_wanted=True)
        if answer.status_code != 200:
            raise refused(what, answer.status_code, answer.text)
        return read_connections(answer.json(), self.account_sid)

    async def configuration(self) -> Configuration:
        """Flex's configuration of this account."""
        found = await self._sdk(
            "Reading the Flex configuration.", lambda client: client.flex_api.v1.configuration().fetch()
        )
        return read_configuration(found)

    async def workers(self, workspace_sid: str) -> tuple[Worker, ...]:
        """All workers, read page by page and never by an expression, which is limited to 3 requests a second (F108)."""
        listed = await self._sdk(
            "Reading the workers.",
            lambda client: client.taskrouter.v1.workspaces(workspace_sid).workers.list(page_size=1000),
        )
        return tuple([await self._worker(workspace_sid, item) for item in listed])

    async def _worker(self, workspace_sid: str, item: Any) -> Worker:
        if item.attributes is None:  # lists may leave attributes out (F105)
            item = await self._sdk(
                "Reading a worker.",
                lambda client: client.taskrouter.v1.workspaces(workspace_sid).workers(item.sid).fetch(),
            )
        return read_worker(item)

    async def users(self, instance_sid: str) -> tuple[FlexUser, ...]:
        """All Flex users of the beta API, page by page (F112). For advisory use: the API is a public beta."""
        found: list[FlexUser] = []
        uri, asked = f"{FLEX_API}/v1/Instances/{instance_sid}/Users", {"PageSize": "1000"}
        for _ in range(MOST_PAGES):
            body = await self._sdk("Reading the Flex users.", partial(self._page, uri, asked))
            found += read_users(body)
            meta = body.get("meta")
            uri, asked = str((meta if isinstance(meta, dict) else {}).get("next_page_url") or ""), {}
            if not uri.startswith(f"{FLEX_API}/"):  # the credentials go nowhere else
                break
        return tuple(found)

    async def user(self, instance_sid: str, username: str) -> FlexUser | None:
        """The Flex user of this name, or None. Advisory like `users`; letter case does not tell names apart (F87)."""
        uri, asked = f"{FLEX_API}/v4/Instances/{instance_sid}/Users", {"Username": username}
        body = await self._sdk("Reading a Flex user.", partial(self._page, uri, asked))
        found = read_users(body)
        exact = [each for each in found if each.username == username]
        alike = [each for each in found if same(each.username, username)]
        return next(iter(exact or alike), None)

    def _page(self, uri: str, asked: dict[str, Any], client: Client) -> dict[str, Any]:
        """One answer of an API that the SDK does not know."""
        answer = client.request("GET", uri, params=dict(asked))
        if answer.status_code != 200:
            raise refused("Reading the Flex users.", answer.status_code, answer.text, retry_after=self._retry_after)
        body = json.loads(answer.text)
        if not isinstance(body, dict):
            raise TypeError("no JSON object")  # said as garbled by the caller
        return body

    async def deprovision(self, instance_sid: str, user_sid: str) -> None:
        """End a Flex user; its worker and its Insights user go with it (F112). What is gone already counts as done."""
        uri, sent = f"{FLEX_API}/v4/Instances/{instance_sid}/Users/Deprovision", {"flex_user_sid": user_sid}

        def call(client: Client) -> None:
            answer = client.request("POST", uri, data=sent, headers={"Content-Type": "application/json"})
            if answer.status_code not in (200, 204, 404):
                raise refused(ENDING, answer.status_code, answer.text, retry_after=self._retry_after)

        await self._write(call)

    async def delete_worker(self, workspace_sid: str, worker_sid: str) -> None:
        """Delete a worker who has no Flex user; a next sign-on would make a new one (F89). Gone already is done."""

        def call(client: Client) -> None:
            try:
                client.taskrouter.v1.workspaces(workspace_sid).workers(worker_sid).delete()
            except TwilioException as error:
                if getattr(error, "status", 0) != 404:
                    raise

        await self._write(call)

    async def _write(self, call: Callable[[Client], None]) -> None:
        """Sent again like a read: the second time it is gone already."""
        try:
            await self._sdk(ENDING, call)
        except FlexSSOError as error:
            error.fix = error.fix.replace(ONLY_READS, "who is ended already is not ended twice")
            raise

    async def probe(self, connection: str, *, stop_at: str) -> Probe:
        """Start a login without credentials and follow it up to the identity provider, which is not contacted.

        Cookies are kept from hop to hop, as a browser keeps them. `stop_at` is the login origin of the tenant's cloud;
        any other host outside Twilio ends the chain too. Raises nothing: whatever happens, the probe says it.
        """
        url, hops = login_start(connection), []
        with self._wire.session() as session:
            for _ in range(MOST_HOPS):
                hops.append(urlsplit(url).netloc)
                try:
                    answer = await self._patiently(partial(self._plain, url, "Starting a Flex login.", session=session))
                except FlexSSOError as error:
                    said = f"could not look: {error.why or error.what}"
                    return Probe(sso_url="", said=said[:200], hops=tuple(hops))
                if not answer.is_redirect:
                    said = words(answer.text) or f"an empty answer ({answer.status_code})"
                    return Probe(sso_url="", said=said, hops=tuple(hops))
                url = urljoin(url, answer.headers["Location"])
                if url.startswith(f"{stop_at}/") or not urlsplit(url).netloc.endswith(".twilio.com"):
                    return read_request(url, tuple(hops))
        return Probe(sso_url="", said="the login start went round in a circle", hops=tuple(hops))

    async def legacy_probe(self, resource: str) -> Probe:
        """Start a Legacy login that would end at `resource`, without credentials; nobody signs in (F115).

        Raises Unreachable for what is not Twilio's answer: it tells nothing about Legacy.
        """
        asked = {"products": ["flex"], "resource": resource}
        return read_start(await self._plainly(start_address(self.account_sid), "Starting a Legacy login.", sent=asked))

    async def anybody(self, url: str) -> requests.Response:
        """Twilio's answer at this address to somebody without credentials, refusals too; no redirect is followed."""
        return await self._plainly(url, "Asking Flex without credentials.")

    async def ask(self, what: str, call: Callable[[Client], T]) -> T:
        """A reading call of Twilio's SDK, where no reader above fits. Raises Refused, NotPermitted, Unreachable."""
        return await self._sdk(what, call)

    async def _plainly(
        self, url: str, what: str, *, json_wanted: bool = False, sent: dict[str, Any] | None = None
    ) -> requests.Response:
        def once() -> requests.Response:
            with self._wire.session() as session:
                return self._plain(url, what, session=session, json_wanted=json_wanted, sent=sent)

        return await self._patiently(once)

    def _plain(
        self,
        url: str,
        what: str,
        *,
        session: requests.Session,
        json_wanted: bool = False,
        sent: dict[str, Any] | None = None,
    ) -> requests.Response:
        """A call without credentials; the SDK's client would send them along (F23)."""
        try:
            method = "GET" if sent is None else "POST"
            answer = session.request(method, url, json=sent, timeout=60, allow_redirects=False)
        except requests.RequestException as error:
            raise unanswered(what, error) from error
        if answer.status_code in PASSING:
            raise refused(what, answer.status_code, answer.text, retry_after=seconds(answer.headers))
        if json_wanted and answer.status_code == 200 and not _is_object(answer):
            raise garbled(what)
        return answer

    def close(self) -> None:
        """Give the connections back; the next call opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            client.http_client.session.close()

    async def _sdk(self, what: str, call: Callable[[Client], T]) -> T:
        return await self._patiently(lambda: self._call(what, call))

    def _call(self, what: str, call: Callable[[Client], T]) -> T:
        if self._client is None:
            http = self._wire.twilio_client()
            http.request_hooks = {"response": self._note}
            self._client = Client(
                self._api_key, self._secret(), self.account_sid, http_client=http, environment=NOT_THE_MACHINES
            )
        self._retry_after = None
        try:
            return call(self._client)
        except TwilioException as error:
            raise self._refusal(what, error) from error
        except requests.RequestException as error:
            raise unanswered(what, error) from error
        except (ValueError, TypeError, AttributeError) as error:  # the SDK found no JSON, or not what it reads
            raise garbled(what) from error

    def _note(self, answer: requests.Response, **_: Any) -> None:
        self._retry_after = seconds(answer.headers)

    def _refusal(self, what: str, error: TwilioException) -> FlexSSOError:
        """The SDK has three kinds: of single calls, of RFC 9457 answers, and of lists, with the answer as argument."""
        answer = error.args[1] if len(error.args) > 1 else None
        status = getattr(error, "status", getattr(answer, "status_code", 0))
        text = getattr(error, "msg", getattr(error, "title", getattr(answer, "text", "")))
        text = str(text or "").removeprefix("Unable to fetch record").removeprefix(": ")
        return refused(what, status, text, getattr(error, "code", None), retry_after=self._retry_after)

    async def _patiently(self, call: Callable[[], T]) -> T:
        patient = AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(ATTEMPTS),
            wait=pause,
            retry=retry_if_exception(worth_repeating),
            reraise=True,
        )
        return await patient(asyncio.to_thread, call)


def _is_object(answer: requests.Response) -> bool:
    try:
        return isinstance(answer.json(), dict)
    except ValueError:
        return False
