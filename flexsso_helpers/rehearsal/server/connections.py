"""Connections that can break: a dropped request's socket is really closed, with not a byte of an answer."""

import asyncio
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

DROP = "rehearsal.drop"


class BreakingProtocol(H11Protocol):
    """uvicorn's own protocol; the application finds in `scope["rehearsal.drop"]` how to end its connection."""

    def connection_made(self, transport: Any) -> None:
        """Wrap the application for this connection."""
        super().connection_made(transport)
        self.app = _breakable(self.app, transport)


def _breakable(app: Any, transport: asyncio.Transport) -> ASGIApp:
    async def with_drop(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, DROP: transport.abort}, receive, send)

    return with_drop


async def drop(scope: Scope, receive: Receive) -> None:
    """End the connection of a request without an answer.

    In process there is no connection: raises httpx.RemoteProtocolError, which is what a client sees over a socket.
    """
    end = scope.get(DROP)
    if end is None:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
    end()
    while (await receive())["type"] != "http.disconnect":
        pass
