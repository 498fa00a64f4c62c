"""What answers in a service's place, and what does not answer at all: told by type and shape, for all clients alike.

A hotspot, a company's proxy or a filter answers with a page or a redirect where a service answers with data. What is
told of it never holds the proxy's password.
"""

import socket
import ssl
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import httpx

from flexsso_helpers.clouds import FLEX_API, LIVE_CLOUDS, TASKROUTER
from flexsso_helpers.errors import Unreachable
from flexsso_helpers.wire.proxies import proxy_for, without_password

_ORIGINS = (FLEX_API, TASKROUTER, *(origin for cloud in LIVE_CLOUDS.values() for origin in (cloud.graph, cloud.login)))
_DATA = frozenset(origin.removeprefix("https://") for origin in _ORIGINS)
"""Hosts that answer programs, with data and nothing else."""
DOCUMENT = "/federationmetadata/"
"""The one address of the sign-in service that answers with a document; who reads it knows it by its content."""
PORTAL = "Open a page in a browser of this machine, see what stands in the way, and run the cell again."
NAMED = "Give HTTPS_PROXY the name and password that the proxy wants: http://name:password@host:port"
BUNDLE = "Set REQUESTS_CA_BUNDLE to a PEM file with the company's certificate authorities."
SSL_WHY = "its certificate is not believed; usually a company's proxy that opens connections"


class AnsweredByAnother(Unreachable):
    """An answer came, and it is not the service's own."""

    passes = False


def refuse_others(url: str, status: int, headers: Mapping[str, str], *, only_data: bool = False) -> None:
    """Raise AnsweredByAnother for an answer that this service never gives.

    `only_data`: it is one that answers with data and nothing else, though its host is none that is known for it.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if status == 407:
        raise AnsweredByAnother(
            f"Asking {host}.", why=f"{_proxy(host)} wants to know who asks.", fix=NAMED, notebook="00"
        )
    kind = headers.get("Content-Type", "").lower()
    data = only_data or (host in _DATA and DOCUMENT not in parts.path.lower())
    to = headers.get("Location", "")
    leads_away = 300 <= status < 400 and bool(to) and (data or to.lower().startswith("http://"))
    if leads_away or status == 511 or (data and status < 500 and "html" in kind):
        seen = f"led to {urlsplit(to).netloc or to[:80]}" if leads_away else f"was a page ({status})"
        raise AnsweredByAnother(
            f"Asking {host}.",
            why=f"Something on the way answered in its place, such as the sign-in page of a network or a proxy: the "
            f"answer {seen}.",
            fix=PORTAL,
            notebook="00",
        )


class Recognising(httpx.AsyncBaseTransport):
    """httpx's side: a transport whose answers are the service's own."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        """Ask by this transport."""
        self.inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer. Raises AnsweredByAnother."""
        answer = await self.inner.handle_async_request(request)
        try:
            refuse_others(str(request.url), answer.status_code, answer.headers)
        except Unreachable:
            await answer.aclose()
            raise
        return answer

    async def aclose(self) -> None:
        """Give the connections back."""
        await self.inner.aclose()


def unanswered(what: str, error: BaseException, *, by: str = "the network") -> Unreachable:
    """The exception for no answer at all, by where on the way the request ended."""
    why, fix = where(error, "")
    if not why:
        why = f"{type(error).__name__}: no answer from {by}."
        fix = "Check the connection, the proxy (HTTPS_PROXY) and the company's certificates (REQUESTS_CA_BUNDLE)."
    made = Unreachable(what, why=_sentence(why), fix=fix, notebook="00")
    made.passes = not any(isinstance(each, ssl.SSLError) for each in beneath(error))
    return made


def where(error: BaseException, host: str) -> tuple[str, str]:
    """Where a request ended, in words, and what mends that; both empty where it cannot be told."""
    chain = list(beneath(error))
    names = " ".join(type(each).__name__ for each in chain)
    told = " ".join(map(str, chain))
    if any(isinstance(each, ssl.SSLError) for each in chain) or "CERTIFICATE_VERIFY" in told:
        return SSL_WHY, BUNDLE
    if "Proxy" in names or (host and proxy_for(host)):
        if "407" in told:
            return f"{_proxy(host)} wants to know who asks", NAMED
        allowed = f", or have {host}:443 allowed on the proxy." if host else "."
        return f"{_proxy(host)} does not answer or does not let it pass", f"Correct HTTPS_PROXY{allowed}"
    if any(isinstance(each, socket.gaierror) for each in chain) or "NameResolution" in names:
        return "its name is not known here", "Check the connection; behind a proxy, set HTTPS_PROXY=http://proxy:port"
    return "", ""


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:].rstrip('.')}."


def _proxy(host: str) -> str:
    named = proxy_for(host or "graph.microsoft.com")
    return f"the proxy {without_password(named)}" if named else "a proxy"


def beneath(error: BaseException) -> Iterator[BaseException]:
    """The error and those that it is made of; urllib3 keeps them as reasons and arguments."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop()
        if isinstance(each, BaseException) and each not in seen:
            seen.append(each)
            waiting += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    yield from seen
