"""Hearing what passes over the wire, as it is: one exchange a request, also of those that a library sends itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import requests


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One request and its answer. It holds secrets and names: whoever keeps it redacts it first."""

    method: str
    url: str
    sent: bytes
    status: int
    headers: Mapping[str, str]
    """Of the answer, by names in lower case."""
    answer: bytes


Listener = Callable[[Heard], None]


class ListenedSession(requests.Session):
    """A session that tells a listener of each request, redirects too: a hook would be lost where a library sets one."""

    def __init__(self, listener: Listener) -> None:
        """Tell this listener."""
        super().__init__()
        self._listener = listener

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send as always, and tell."""
        response = super().send(request, **kwargs)
        body = request.body or b""
        sent = body.encode() if isinstance(body, str) else bytes(body) if isinstance(body, bytes) else b""
        headers = {name.lower(): value for name, value in response.headers.items()}
        url, method = str(request.url), str(request.method)
        heard = Heard(
            method=method, url=url, sent=sent, status=response.status_code, headers=headers, answer=response.content
        )
        self._listener(heard)
        return response


def listen(client: httpx.AsyncClient, listener: Listener) -> None:
    """Tell a listener of each answer that this client gets."""

    async def tell(response: httpx.Response) -> None:
        await response.aread()
        request, headers = response.request, {name.lower(): value for name, value in response.headers.items()}
        listener(
            Heard(
                method=request.method,
                url=str(request.url),
                sent=await request.aread(),
                status=response.status_code,
                headers=headers,
                answer=response.content,
            )
        )

    client.event_hooks = {"request": [], "response": [tell]}
