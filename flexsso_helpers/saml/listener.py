"""The listener of a capture: both loopback addresses, one response, a time limit. It needs no cookie."""

import asyncio
import errno
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

from flexsso_helpers.errors import Unreachable
from flexsso_helpers.saml.capture import LIMIT, Incoming, Request, refusal_of, response_in

PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Flex SSO runbooks</title>'
    '<meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width">'
    "<style>body{{font:17px/1.5 system-ui,sans-serif;max-width:36em;margin:3em auto;padding:0 1em}}</style>"
    "<main><h1>{heading}</h1><p>{words}</p></main></html>"
)
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}


@dataclass
class Awaited:
    """The one response that is awaited. Threads of the listener share it."""

    request: Request
    ends: float
    """In seconds of time.monotonic."""
    deliver: Callable[[str], None]
    taken: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, body: bytes) -> tuple[int, str, str]:
        """HTTP status, heading and words for a form; the first that answers the request in time is delivered."""
        with self.lock:
            if self.taken:
                return 409, "Not accepted", "A response has been accepted already."
            if time.monotonic() > self.ends:
                return 410, "Not accepted", "The time for this sign-on is over. Run the cell again."
            response = response_in(body, self.request)
            if response is None:
                return 400, "Not accepted", "This does not answer the sign-on that was started from the notebook."
            self.taken = True
        self.deliver(response)
        return 200, "The response has arrived", "You may close this window. The verdict stands in the notebook."


@asynccontextmanager
async def listening(request: Request, *, limit: float = LIMIT) -> AsyncIterator["asyncio.Future[str]"]:
    """Listen on 127.0.0.1 and, where the machine has it, ::1; the future becomes the response as base64.

    Stops listening when left, however. `limit` is in seconds of this machine, also in a rehearsal. Raises Unreachable
    when the port was taken since the plan.
    """
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[str] = loop.create_future()

    def settle(response: str) -> None:
        if not arrived.done():
            arrived.set_result(response)

    def deliver(response: str) -> None:
        with suppress(RuntimeError):  # the loop ended between the look and the delivery: nobody waits any more
            loop.call_soon_threadsafe(settle, response)

    awaited = Awaited(request, time.monotonic() + limit, deliver)
    with ExitStack() as open_ones:
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            server = _server(family, address, awaited)
            if server is not None:
                open_ones.callback(_stop, server)
                threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield arrived


class _Listener(ThreadingTCPServer):
    """Many may knock at once, slowly or with nonsense: none keeps the others waiting, and nothing is printed."""

    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever breaks off, or sends no HTTP, is nobody's concern."""


def _server(family: socket.AddressFamily, address: str, awaited: Awaited) -> ThreadingTCPServer | None:
    kind = type("Listener", (_Listener,), {"address_family": family})
    handler = type("Handler", (_Handler,), {"awaited": awaited})
    try:
        server: ThreadingTCPServer = kind((address, awaited.request.port), handler)
    except OSError as error:
        if family == socket.AF_INET6 and error.errno != errno.EADDRINUSE:  # a machine without IPv6
            return None
        raise Unreachable(
            f"Port {awaited.request.port} of this machine was taken since the plan was made.",
            why="Another program listens there now.",
            fix="Run the capture's plan again: it chooses another one.",
            notebook="08",
        ) from error
    return server


def _stop(server: ThreadingTCPServer) -> None:
    server.shutdown()
    server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One connection. Nothing of it is logged: the form is as good as a password until it expires."""

    awaited: Awaited
    timeout = 10
    server_version, sys_version = "flexsso", ""

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "")
        incoming = Incoming(
            method=self.command,
            host=self.headers.get("Host", ""),
            path=self.path,
            content_type=self.headers.get("Content-Type", ""),
            length=int(length) if length.isascii() and length.isdigit() else None,
        )
        refused = refusal_of(incoming, self.awaited.request)
        if refused:
            status, heading, words = refused[0], "Not accepted", refused[1]
        else:
            status, heading, words = self.awaited.take(self.rfile.read(incoming.length or 0))
        page = PAGE.format(heading=heading, words=words).encode()
        self.send_response_only(status)
        for name, value in {**HEADERS, "Content-Length": str(len(page))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = _answer

    def log_message(self, *_: object) -> None:
        """Say nothing."""
