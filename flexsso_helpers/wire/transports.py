"""The transports below the SDKs. Live they only let known hosts pass; in a rehearsal they turn every request to the
loopback and keep the Host header, so that host names, next links and `@odata.id`s stay the real ones.

Whoever else asks for a secret or a token by http (a pipeline, a vault, the machine itself) goes by the same rules.

Measured: an httpx transport under msgraph-sdk, and one requests session for azure-identity and twilio.
"""

import os
import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient

from flexsso_helpers.clouds import (
    CONSOLE,
    FLEX_API,
    FLEX_LEGACY,
    FLEX_LOGIN,
    FLEX_LOGIN_HOST,
    FLEX_SERVICES,
    FLEX_UI,
    TASKROUTER,
    Cloud,
)
from flexsso_helpers.errors import NotContacted, Throttled, Unreachable
from flexsso_helpers.wire.answers import Recognising, refuse_others
from flexsso_helpers.wire.listening import ListenedSession, Listener, listen
from flexsso_helpers.wire.proxies import proxy_for, without_password

TIMEOUT_SECONDS = 60.0
LONGEST_SIGN_IN_WAIT = 120.0
"""Seconds that a sign-in is repeated after; it blocks, and where more is asked for a person is told when."""
ANY_FLEX_LOGIN = re.compile(FLEX_LOGIN_HOST)
_FLEX_LOGIN = FLEX_LOGIN.removeprefix("https://")


@dataclass(frozen=True)
class Wire:
    """How the outside is reached. `loopback` is the origin of a rehearsal's server; None means live."""

    hosts: frozenset[str]
    loopback: str | None = None
    listener: Listener | None = field(default=None, kw_only=True)
    """Who is told of each exchange, where a run keeps its traffic."""
    only_data: bool = field(default=False, kw_only=True)
    """Whether each of the hosts answers programs, and never with a page or a redirect."""

    @classmethod
    def for_cloud(cls, cloud: Cloud, loopback: str | None = None) -> "Wire":
        """The hosts of this cloud and of Flex, and nothing else."""
        twilio = (FLEX_API, TASKROUTER, FLEX_SERVICES, FLEX_LOGIN, FLEX_LEGACY, FLEX_UI, CONSOLE)
        origins = (cloud.graph, cloud.login, *twilio)
        return cls(frozenset(origin.removeprefix("https://") for origin in origins), loopback)

    @classmethod
    def to(cls, address: str, *, only_data: bool = False) -> "Wire":
        """Live, to the host of this one address and to nothing else. Raises NotContacted for what is no address."""
        try:
            return cls(frozenset({_place(httpx.URL(address))}), only_data=only_data)
        except httpx.InvalidURL as error:
            raise NotContacted(
                f"Nothing can be asked of {address}.",
                why="It is no address of the form https://host/path.",
                fix="Correct it where it is set: in the tenant's file, or in a variable of the pipeline.",
                notebook="00",
            ) from error

    def session(self) -> requests.Session:
        """A requests session: for plain calls without credentials, and for the two SDKs that are built on requests."""
        session = self.plain_session()
        session.trust_env = False  # proxy and authorities are decided here, for all clients; nobody's .netrc is read
        if self.loopback is None:
            session.verify = _authorities() or True
        session.mount("https://", _Adapter(self))
        session.mount("http://", _Adapter(self))
        return session

    def plain_session(self) -> requests.Session:
        """A session without any way out yet; the listener hears it."""
        return ListenedSession(self.listener) if self.listener else requests.Session()

    def identity_transport(self, what: str = "Signing in.") -> RequestsTransport:
        """The transport for azure-identity, and for what else is built on azure-core; `what` is asked by it."""
        return _Azure(what, self.session())

    def twilio_client(self) -> TwilioHttpClient:
        """The HTTP client for twilio; without automatic retries, which are the gateway's matter."""
        client = TwilioHttpClient(timeout=TIMEOUT_SECONDS)
        client.session = self.session()
        return client

    def graph_client(self) -> httpx.AsyncClient:
        """The HTTP client for msgraph-sdk, before the SDK puts its middleware around the transport."""
        timeout = httpx.Timeout(TIMEOUT_SECONDS)
        client = httpx.AsyncClient(transport=Recognising(_Transport(self)), timeout=timeout, trust_env=False)
        return self.heard(client)

    def heard(self, client: httpx.AsyncClient) -> httpx.AsyncClient:
        """The same client; the listener hears it."""
        if self.listener:
            listen(client, self.listener)
        return client

    def address(self, url: str) -> str:
        """Where a request for this URL really goes. Raises NotContacted for a host that is none of ours."""
        parts = httpx.URL(url)
        place = _place(parts)
        region = _FLEX_LOGIN in self.hosts and ANY_FLEX_LOGIN.fullmatch(place) is not None
        if not (place in self.hosts or region) or parts.scheme != "https":
            raise NotContacted(
                f"A request to {parts.scheme}://{parts.netloc.decode()} was stopped.",
                why="Only Microsoft's and Twilio's hosts of this cloud are contacted.",
                fix="Check the cloud and the addresses in the tenant's file.",
                notebook="00",
            )
        if self.loopback is None:
            return url
        target = httpx.URL(self.loopback)
        return str(parts.copy_with(scheme=target.scheme, host=target.host, port=target.port))


class _Azure(RequestsTransport):  # type: ignore[misc]
    """azure-core's side of the wire. Its retries wait by the transport, as long as Retry-After says."""

    def __init__(self, what: str, session: requests.Session) -> None:
        super().__init__(session=session, session_owner=False, use_env_settings=False)
        self._what = what

    def sleep(self, duration: float) -> None:
        if duration > LONGEST_SIGN_IN_WAIT:
            raise Throttled(
                self._what,
                status=429,
                why=f"The service asks to wait for {duration:,.0f} seconds.",
                fix="Try again then. Many requests of one account or application in a short time bring this about.",
                notebook="00",
                retry_after=duration,
            )
        super().sleep(duration if duration >= 0 else 1.0)  # what is no number is not waited for


class _Adapter(HTTPAdapter):
    """requests' side of the wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(max_retries=0)
        self._wire = wire

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        wanted = str(request.url)
        actual = self._wire.address(wanted)
        if actual == wanted:
            kwargs |= _way_out(wanted)
            return _own(wanted, super().send(request, *args, **kwargs), only_data=self._wire.only_data)
        request.headers["Host"] = httpx.URL(wanted).host
        request.url = actual
        try:
            response = super().send(request, *args, **{**kwargs, "proxies": None})
        finally:
            request.url = wanted
        response.url = wanted
        return response


class _Machine(HTTPAdapter):
    """The side of a chain of credentials that finds out by itself whom to ask; only https leaves the machine."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = str(request.url)
        if not url.startswith("https://"):  # a machine's own address: no proxy knows it, and no certificate is there
            return super().send(request, *args, **{**kwargs, "proxies": None})
        unproved = kwargs.get("verify") is False  # azure-identity says so where a node's own certificate answers
        kwargs |= _way_out(url) | ({"verify": False} if unproved else {})
        return _own(url, super().send(request, *args, **kwargs))


class _Transport(httpx.AsyncBaseTransport):
    """httpx's side of the wire. Each way out, direct or by a proxy, is a transport of its own."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        # On loopback nothing is encrypted; to load the authorities for it takes longer than many answers.
        self._trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if wire.loopback else _trust()
        self._ways: dict[str | None, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        actual = self._wire.address(str(request.url))
        redirected = httpx.Request(
            request.method,
            actual,
            headers=request.headers,  # the Host header stays that of the real host
            stream=request.stream,
            extensions=request.extensions,
        )
        proxy = None if self._wire.loopback else proxy_for(request.url.host)
        return await self._way(proxy).handle_async_request(redirected)

    def _way(self, proxy: str | None) -> httpx.AsyncHTTPTransport:
        if proxy not in self._ways:
            self._ways[proxy] = httpx.AsyncHTTPTransport(verify=self._trust, proxy=proxy, trust_env=False)
        return self._ways[proxy]

    async def aclose(self) -> None:
        for way in self._ways.values():
            await way.aclose()


def machine_transport() -> RequestsTransport:
    """The transport for azure-identity's own chain of credentials, which asks the machine itself and then Entra.

    Which addresses those are only the chain knows, so none is stopped; for the rest it goes by the rules of a wire.
    Raises Unreachable where the company's authorities are not there.
    """
    session = requests.Session()
    session.trust_env = False
    session.verify = _authorities() or True
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Machine(max_retries=0))
    return _Azure("Signing in.", session)


def _own(url: str, answer: requests.Response, *, only_data: bool = False) -> requests.Response:
    """The answer, which is the service's own; another one is closed. Raises AnsweredByAnother."""
    try:
        refuse_others(url, answer.status_code, answer.headers, only_data=only_data)
    except Unreachable:
        answer.close()
        raise
    return answer


def _place(url: httpx.URL) -> str:
    """Host and, where it is not that of https, the port."""
    return url.host if url.port is None else f"{url.host}:{url.port}"


def _way_out(url: str) -> dict[str, Any]:
    """Proxy and authorities for a live request by https, as requests takes them. Raises Unreachable."""
    proxy = proxy_for(httpx.URL(url).host)
    return {"proxies": {"https": proxy} if proxy else {}, "verify": _authorities() or True}


def way_to(host: str) -> str:
    """How a request for this host leaves the machine, in words, without a password. Raises Unreachable."""
    proxy, authorities = proxy_for(host), _authorities()
    way = f"by the proxy {without_password(proxy)}" if proxy else "directly"
    return f"{way}, trusting {authorities}" if authorities else way


def _authorities() -> str | None:
    """A company's own certificate authorities, where the usual variables name them. Raises Unreachable."""
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        named = os.environ.get(variable)
        if named and not Path(named).is_file():
            raise _no_authorities(f"{variable} names {named}, and there is no such file.")
        if named:
            return named
    return None


def _trust() -> ssl.SSLContext:
    """Whose certificates are believed. Raises Unreachable when the company's file cannot be read."""
    named = _authorities()
    try:
        return ssl.create_default_context(cafile=named)
    except OSError as error:  # ssl.SSLError is one
        raise _no_authorities(f"{named} holds no certificate in PEM form.") from error


def _no_authorities(what: str) -> Unreachable:
    return Unreachable(
        what,
        why="Without the company's certificate authorities no secure connection can be judged.",
        fix="Let the variable name a file with them in PEM form, or remove it.",
        notebook="00",
    )
