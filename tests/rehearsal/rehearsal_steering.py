"""How the rehearsal is steered: a proof over the server's fresh value before each request, as its client gives it."""

import hashlib
import hmac
from collections.abc import Generator

import httpx


def keyed(nonce: str, *parts: str) -> str:
    """What only those can say who know the nonce."""
    return hmac.new(nonce.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()


class Steering(httpx.Auth):
    """For httpx: fetch a fresh value, and prove."""

    requires_response_body = True

    def __init__(self, nonce: str) -> None:
        self.nonce = nonce

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        asked = yield httpx.Request("GET", request.url.copy_with(raw_path=b"/-/proof?challenge=c"))
        fresh = asked.json()["fresh"] if asked.status_code == 200 else ""
        body = hashlib.sha256(request.content).hexdigest()
        request.headers["X-Rehearsal-Fresh"] = fresh
        request.headers["X-Rehearsal-Proof"] = keyed(
            self.nonce, "client", fresh, request.method, request.url.path, body
        )
        yield request
