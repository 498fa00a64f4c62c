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
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from flexsso_helpers.clouds import FLEX_LOGIN, FLEX_SERVICES, FLEX_UI
from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.flex.legacy import read_start, start_address
from flexsso_helpers.flex.probe import Probe, login_start, read_request, words
from flexsso_helpers.flex.refusals import garbled, pause_after, refused, seconds, unreachable, worth_repeating
from flexsso_helpers.wire import Wire

ATTEMPTS = 5
PASSING = (429, 500, 502, 503, 504)
MOST_HOPS = 6
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Connection:
    """An Enhanced SSO connection; identifier and reply URL follow from its name (F02)."""

    name: str
    active: bool
    client_id: str = ""
    login: str = FLEX_LOGIN
    """The origin that its logins go through. No API tells it; other regions than us1 are not documented (F04)."""

    @classmethod
    def copied(cls, *, reply_url: str, identifier: str) -> "Connection":
        """The connection whose two values somebody copied from Flex Console."""
        origin = reply_url.partition("/login/callback")[0]
        return cls(name=identifier.removeprefix("urn:flex:"), active=False, login=origin or FLEX_LOGIN)

    @property
    def reply_url(self) -> str:
        """The ACS URL of this connection."""
        return f"{self.login}/login/callback?connection={self.name}"

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
        self._retry_after: float | None = None
        """What the SDK's last answer asked for; its exceptions do not tell."""

    async def connections(self) -> tuple[Connection, ...]:
        """The account's Enhanced connections, as anyone may read them; none before Console has saved one (F10, F21)."""
        url = f"{FLEX_SERVICES}/v1/Flex/Authentication/Config?{urlencode({'AccountSid': self.account_sid})}"
        answer = await self._plainly(url, "Reading the SSO connection of the Flex account.", json_wanted=True)
        if answer.status_code in (400, 404):
            return ()
        if answer.status_code != 200:
            raise refused("Reading the SSO connection of the Flex account.", answer.status_code, answer.text)
        return tuple(
            Connection(
                name=str(entry.get("connection_name", "")),
                active=bool(entry.get("active")),
                client_id=str(entry.get("client_id") or ""),
            )
            for entry in answer.json().get("config_list") or []
            if isinstance(entry, dict)
            and entry.get("account_sid", self.account_sid) == self.account_sid
            and entry.get("connection_name")
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

    async def legacy_probe(self, resource: str) -> Probe:
        """Start a Legacy login that would end at `resource`, without credentials; nobody signs in (F115)."""
        asked = {"products": ["flex"], "resource": resource}
        return read_start(await self._plainly(start_address(self.account_sid), "Starting a Legacy login.", sent=asked))

    async def _plainly(
        self, url: str, what: str, *, json_wanted: bool = False, sent: dict[str, Any] | None = None
    ) -> requests.Response:
        return await self._patiently(lambda: self._plain(url, what, json_wanted, sent))

    def _plain(self, url: str, what: str, json_wanted: bool, sent: dict[str, Any] | None) -> requests.Response:
        """A call without credentials; the SDK's client would send them along (F23)."""
        with self._wire.session() as session:
            try:
                method = "GET" if sent is None else "POST"
                answer = session.request(method, url, json=sent, timeout=60, allow_redirects=False)
            except requests.RequestException as error:
                raise unreachable(what, error) from error
        if answer.status_code in PASSING:
            raise refused(what, answer.status_code, answer.text, retry_after=seconds(answer.headers))
        if json_wanted and answer.status_code == 200 and not _is_object(answer):
            raise garbled(what)
        return answer

    async def _sdk(self, what: str, call: Callable[[Client], T]) -> T:
        return await self._patiently(lambda: self._call(what, call))

    def _call(self, what: str, call: Callable[[Client], T]) -> T:
        if self._client is None:
            http = self._wire.twilio_client()
            http.request_hooks = {"response": self._note}
            self._client = Client(self._api_key, self._secret(), self.account_sid, http_client=http)
        self._retry_after = None
        try:
            return call(self._client)
        except TwilioException as error:
            raise self._refusal(what, error) from error
        except requests.RequestException as error:
            raise unreachable(what, error) from error
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
            wait=_pause,
            retry=retry_if_exception(worth_repeating),
            reraise=True,
        )
        return await patient(asyncio.to_thread, call)


def _is_object(answer: requests.Response) -> bool:
    try:
        return isinstance(answer.json(), dict)
    except ValueError:
        return False


def _pause(state: RetryCallState) -> float:
    """As long as Twilio asks for; otherwise 1, 2, 4, 8 seconds."""
    error = state.outcome.exception() if state.outcome else None
    return pause_after(error) or float(2.0 ** (state.attempt_number - 1))
