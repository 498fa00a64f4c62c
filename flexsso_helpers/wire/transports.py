"""The transports below the SDKs. Live they only let known hosts pass; in a rehearsal they turn every request to the
loopback and keep the Host header, so that host names, next links and `@odata.id`s stay the real ones.

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


@dataclass(frozen=True)
class Wire:
    """How the outside is reached. `loopback` is the origin of a rehearsal's server; None means live."""

    hosts: frozenset[str]
    loopback: str | None = None
    listener: Listener | None = field(default=None, kw_only=True)
    """Who is told of each exchange, where a run keeps its traffic."""

    @classmethod
    def for_cloud(cls, cloud: Cloud, loopback: str | None = None) -> "Wire":
        """The hosts of this cloud and of Flex, and nothing else."""
        twilio = (FLEX_API, TASKROUTER, FLEX_SERVICES, FLEX_LOGIN, FLEX_LEGACY, FLEX_UI, CONSOLE)
        origins = (cloud.graph, cloud.login, *twilio)
        return cls(frozenset(origin.removeprefix("https://") for origin in origins), loopback)

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

    def identity_transport(self) -> RequestsTransport:
        """The transport for azure-identity."""
        return _Identity(session=self.session(), session_owner=False, use_env_settings=False)

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
        known = parts.host in self.hosts or ANY_FLEX_LOGIN.fullmatch(parts.host) is not None
        if not known or parts.scheme != "https" or parts.port is not None:
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


class _Identity(RequestsTransport):  # type: ignore[misc]
    """azure-identity's side of the wire. Its retries wait by the transport, as long as Retry-After says."""

    def sleep(self, duration: float) -> None:
        if duration > LONGEST_SIGN_IN_WAIT:
            raise Throttled(
                "Signing in.",
                status=429,
                why=f"The sign-in service asks to wait for {duration:,.0f} seconds.",
                fix="Sign in again then. Many sign-ins of one account or application in a short time bring this about.",
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
            proxy = proxy_for(httpx.URL(wanted).host)
            kwargs |= {"proxies": {"https": proxy} if proxy else {}, "verify": _authorities() or True}
            answer = super().send(request, *args, **kwargs)
            refuse_others(wanted, answer.status_code, answer.headers)
            return answer
        request.headers["Host"] = httpx.URL(wanted).host
        request.url = actual
        try:
            response = super().send(request, *args, **{**kwargs, "proxies": None})
        finally:
            request.url = wanted
        response.url = wanted
        return response


class _Transport(httpx.AsyncBaseTransport):
    """httpx's side of the wire. Each way out, direct or by a proxy, is a transport of its own."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._trust = True if wire.loopback else _trust()
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
