"""The Flex account: its SSO connection, configuration and workers, and the start of a login.

Nothing is ever written here: Flex Console's settings have no API (F08), and workers are made by sign-ons.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from flexsso_helpers.clouds import FLEX_LOGIN, FLEX_SERVICES, FLEX_UI
from flexsso_helpers.errors import Refused, Throttled
from flexsso_helpers.flex.probe import Probe, login_start, read_request, words
from flexsso_helpers.flex.refusals import refused, unreachable
from flexsso_helpers.wire import Wire

ATTEMPTS = 5
MOST_HOPS = 6
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Connection:
    """An Enhanced SSO connection; reply URL and identifier follow from its name (F02)."""

    name: str
    active: bool
    client_id: str = ""

    @property
    def reply_url(self) -> str:
        """The ACS URL of this connection."""
        return f"{FLEX_LOGIN}/login/callback?connection={self.name}"

    @property
    def identifier(self) -> str:
        """The entity ID of this connection."""
        return f"urn:flex:{self.name}"


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What is worth knowing of a Flex account's configuration."""

    account_sid: str
    workspace_sid: str
    runtime_domain: str
    ui_version: str
    status: str

    @property
    def login_link(self) -> str:
        """The hosted link that starts a single sign-on at once (flex.md 6.1)."""
        return f"{FLEX_UI}/{self.runtime_domain}"


@dataclass(frozen=True, kw_only=True)
class Worker:
    """A TaskRouter worker."""

    sid: str
    friendly_name: str
    attributes: dict[str, Any]


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

    async def connections(self) -> tuple[Connection, ...]:
        """The account's Enhanced connections, as anyone may read them; none before Console has saved one (F10, F21)."""
        url = f"{FLEX_SERVICES}/v1/Flex/Authentication/Config?{urlencode({'AccountSid': self.account_sid})}"
        answer = await self._plainly(url, "Reading the SSO connection of the Flex account.")
        if answer.status_code in (400, 404):
            return ()
        if answer.status_code != 200:
            raise refused("Reading the SSO connection of the Flex account.", answer.status_code, answer.text)
        listed = answer.json().get("config_list", [])
        return tuple(
            Connection(
                name=str(entry.get("connection_name", "")),
                active=bool(entry.get("active")),
                client_id=str(entry.get("client_id") or ""),
            )
            for entry in listed
            if entry.get("account_sid", self.account_sid) == self.account_sid and entry.get("connection_name")
        )

    async def configuration(self) -> Configuration:
        """Flex's configuration of this account."""
        found = await self._sdk(
            "Reading the Flex configuration.", lambda client: client.flex_api.v1.configuration().fetch()
        )
        domain = str(found.runtime_domain or "")
        return Configuration(
            account_sid=str(found.account_sid or ""),
            workspace_sid=str(found.taskrouter_workspace_sid or ""),
            runtime_domain=urlsplit(domain).path.strip("/") if "://" in domain else domain,
            ui_version=str(found.ui_version or ""),
            status=str(found.status or ""),
        )

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
        try:
            attributes = json.loads(item.attributes or "{}")
        except ValueError:
            attributes = {}
        return Worker(
            sid=str(item.sid),
            friendly_name=str(item.friendly_name or ""),
            attributes=attributes if isinstance(attributes, dict) else {},
        )

    async def probe(self, connection: str, *, stop_at: str) -> Probe:
        """Start a login without credentials and follow it up to the identity provider, which is not contacted.

        `stop_at` is the login origin of the tenant's cloud; any other host outside Twilio ends the chain too.
        """
        url, hops = login_start(connection), []
        for _ in range(MOST_HOPS):
            hops.append(urlsplit(url).netloc)
            answer = await self._plainly(url, "Starting a Flex login.")
            if not answer.is_redirect:
                return Probe(sso_url="", said=words(answer.text), hops=tuple(hops))
            url = urljoin(url, answer.headers["Location"])
            if url.startswith(f"{stop_at}/") or not urlsplit(url).netloc.endswith(".twilio.com"):
                return read_request(url, tuple(hops))
        return Probe(sso_url="", said="the login start went round in a circle", hops=tuple(hops))

    async def _plainly(self, url: str, what: str) -> requests.Response:
        return await self._patiently(lambda: self._plain(url, what))

    def _plain(self, url: str, what: str) -> requests.Response:
        """A call without credentials; the SDK's client would send them along (F23)."""
        with self._wire.session() as session:
            try:
                return session.get(url, timeout=60, allow_redirects=False)
            except requests.RequestException as error:
                raise unreachable(what, error) from error

    async def _sdk(self, what: str, call: Callable[[Client], T]) -> T:
        return await self._patiently(lambda: self._call(what, call))

    def _call(self, what: str, call: Callable[[Client], T]) -> T:
        if self._client is None:
            self._client = Client(
                self._api_key, self._secret(), self.account_sid, http_client=self._wire.twilio_client()
            )
        try:
            return call(self._client)
        except TwilioRestException as error:
            raise refused(what, error.status, error.msg, error.code) from error
        except TwilioException as error:  # lists raise this one, with the answer as its second argument
            answer = error.args[1] if len(error.args) > 1 else None
            raise refused(what, getattr(answer, "status_code", 0), getattr(answer, "text", str(error))) from error
        except requests.RequestException as error:
            raise unreachable(what, error) from error

    async def _patiently(self, call: Callable[[], T]) -> T:
        patient = AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(ATTEMPTS),
            wait=_pause,
            retry=retry_if_exception(_worth_repeating),
            reraise=True,
        )
        return await patient(asyncio.to_thread, call)


def _worth_repeating(error: BaseException) -> bool:
    """Only reads are made here, so everything that may pass is repeated."""
    return isinstance(error, Throttled) or (isinstance(error, Refused) and error.status in (500, 502, 503, 504))


def _pause(state: RetryCallState) -> float:
    return float(2.0 ** (state.attempt_number - 1))
