"""Where sockets may go in these tests, and a server on the loopback that remembers what it was asked."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Guard:
    """Every address that a socket of this process was to connect to, and every name that was looked up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.connected: list[tuple[Any, ...]] = []
        self.looked_up: list[str] = []
        connect, look_up = socket.socket.connect, socket.getaddrinfo

        def guarded_connect(sock: socket.socket, address: Any) -> Any:
            self.connected.append(address)
            assert address[0] in ("127.0.0.1", "::1", "localhost"), f"a byte was to leave for {address}"
            return connect(sock, address)

        def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
            self.looked_up.append(host if isinstance(host, str) else str(host))
            assert host in ("127.0.0.1", "localhost", b"127.0.0.1"), f"{host} was looked up"
            return look_up(host, *args, **kwargs)

        monkeypatch.setattr(socket.socket, "connect", guarded_connect)
        monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)


class _Handler(BaseHTTPRequestHandler):
    server: "Loopback"

    def _any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        self.server.asked.append((self.command, self.headers["Host"], self.path, body))
        self.server.heard.append(dict(self.headers))
        status, headers, content = self.server.answer
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_CONNECT = _any

    def log_message(self, *_: Any) -> None:
        """Quiet."""


class Loopback(ThreadingHTTPServer):
    """A server that answers everything alike; `asked` holds (method, Host, path, body), `heard` the headers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, str, str]] = []
        self.heard: list[dict[str, str]] = []
        self.answer: tuple[int, dict[str, str], bytes] = (200, {}, json.dumps({"value": []}).encode())

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def origin(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def listening() -> Iterator[Loopback]:
    """The server, for as long as it is needed."""
    server = Loopback()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
