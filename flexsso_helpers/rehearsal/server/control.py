"""The paths that steer the rehearsal itself. They begin with `/-/`, which no Microsoft or Twilio path does.

Both sides prove by a keyed hash that they know the nonce, and it never travels. Each proof is over a fresh value of the
other side and is good once; what a client says is also over its method, path and body. A name of another machine that
leads here (DNS rebinding) steers nothing: only the loopback's own names are answered.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from flexsso_helpers.rehearsal.entra import federated
from flexsso_helpers.rehearsal.entra.clients import automation_pem
from flexsso_helpers.rehearsal.flex import legacy_realm
from flexsso_helpers.rehearsal.server import seed
from flexsso_helpers.rehearsal.server.hosts import LOOPBACK, Hosts, host_of
from flexsso_helpers.rehearsal.world import journal

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
MOST_FRESH = 1000
"""Fresh values that were given out and not used; of more, the oldest are forgotten."""


class Control:
    """Clock, reset, marks, status and proof of one server. All but status and proof ask for a proof too."""

    def __init__(self, hosts: Hosts, *, nonce: str, recording: Path, stop: Callable[[], None]) -> None:
        """Steer `hosts`; `stop` ends the server."""
        self.hosts, self.world = hosts, hosts.world
        self.nonce, self.recording, self.stop_server = nonce, recording, stop
        self._fresh: OrderedDict[str, None] = OrderedDict()

    def routes(self) -> list[Route]:
        """The control paths."""
        return [
            Route("/-/status", _here(self.status), methods=["GET"]),
            Route("/-/proof", _here(self.proof), methods=["GET"]),
            Route("/-/clock", self._guarded(self.clock), methods=["GET", "POST"]),
            Route("/-/reset", self._guarded(self.reset), methods=["POST"]),
            Route("/-/mark", self._guarded(self.mark), methods=["POST"]),
            Route("/-/tenant-values", self._guarded(self.tenant_values), methods=["GET", "POST"]),
            Route("/-/client-certificate", self._guarded(self.client_certificate), methods=["GET"]),
            Route("/-/job-token", self._guarded(self.job_token), methods=["GET"]),
            Route("/-/journal", self._guarded(self.journal), methods=["GET"]),
            Route("/-/stop", self._guarded(self.stop), methods=["POST"]),
        ]

    async def status(self, _request: Request) -> Response:
        """What this is, its time, how much was asked and written, and how often it began anew."""
        return JSONResponse(
            {
                "product": "flexsso rehearsal",
                "pid": os.getpid(),
                "seed": self.world.seed,
                "cloud": self.world.cloud.name,
                "quirks": self.world.quirks.chosen,
                "now": self.world.clock.iso(),
                "requests": self.world.requests,
                "writes": self.world.writes(),
                "resets": self._resets(),
            }
        )

    async def proof(self, request: Request) -> Response:
        """Show that this server knows the nonce, without telling it; and the fresh value for one request."""
        fresh = secrets.token_hex(16)
        self._fresh[fresh] = None
        while len(self._fresh) > MOST_FRESH:
            self._fresh.popitem(last=False)
        return JSONResponse({"proof": self._keyed("server", request.query_params.get("challenge", "")), "fresh": fresh})

    def _keyed(self, *parts: str) -> str:
        return hmac.new(self.nonce.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()

    async def clock(self, request: Request) -> Response:
        """Tell the time, or let `seconds` pass."""
        if request.method == "POST":
            seconds = (await _body(request)).get("seconds")
            if not isinstance(seconds, int | float) or isinstance(seconds, bool):
                return PlainTextResponse("seconds must be a number.\n", 400)
            try:
                self.world.advance(float(seconds))
            except ValueError as error:
                return PlainTextResponse(f"{error}\n", 400)
        return JSONResponse({"now": self.world.clock.iso()})

    async def reset(self, request: Request) -> Response:
        """Back to the beginning, or to how the tenant stands before the notebook named by `before`.

        With `quirks` (name to alternative) these are chosen first, in place of those before. With `legacy` true the
        account stands on Legacy single sign-on, as if it had been set up years ago.
        """
        asked = await _body(request)
        before, chosen = asked.get("before"), asked.get("quirks")
        entries = journal.load(self.recording) if before else []
        if entries is None:
            text = f"There is no recording of a run yet, so the tenant before {before} cannot be made.\n"
            return PlainTextResponse(text, 409)
        until = [entry for entry in entries if entry["step"] < str(before)]
        begins = [entry for entry in entries if entry["step"] == before and "mark" in entry][:1]
        resets = self._resets() + 1
        try:
            with self.world.store.transaction():
                if isinstance(chosen, dict):
                    self.world.choose(chosen)
                seed.plant(self.world, self.world.seed)
                if asked.get("legacy") is True:
                    legacy_realm.plant(self.world)
                await self.hosts.replay([*until, *begins])
                self.world.store.set_meta("resets", str(resets))
        except KeyError as error:
            self.world.reload()
            return PlainTextResponse(f"{error.args[0]}\n", 400)
        except ValueError as error:
            self.world.reload()
            fits = "" if str(error).startswith("Quirk") else "The recording does not fit this rehearsal any more: "
            return PlainTextResponse(f"{fits}{error}\n", 409 if fits else 400)
        self.world.requests = 0
        return JSONResponse({"now": self.world.clock.iso()})

    def _resets(self) -> int:
        """How often this began anew: what a run noted before belongs to another world."""
        return int(self.world.store.meta("resets", "0"))

    async def mark(self, request: Request) -> Response:
        """Note which notebook the following writes belong to."""
        step = (await _body(request)).get("step")
        if not isinstance(step, str):
            return PlainTextResponse("step must be a notebook's number, such as 04.\n", 400)
        journal.mark(self.world, step)
        return JSONResponse({"step": step})

    async def tenant_values(self, request: Request) -> Response:
        """Tell, or replace, what is kept in place of a tenant's file."""
        if request.method == "POST":
            journal.keep_tenant_values(self.world, await _body(request))
        return JSONResponse(journal.tenant_values(self.world))

    async def journal(self, _request: Request) -> Response:
        """The journal so far, for a recording."""
        return JSONResponse({"entries": journal.export(self.world)})

    async def client_certificate(self, _request: Request) -> Response:
        """Private key and certificate by which the tenant's own program may sign in, as PEM."""
        return JSONResponse({"pem": automation_pem(self.world).decode()})

    async def job_token(self, _request: Request) -> Response:
        """A token of the invented pipeline, by which the tenant's own program may sign in."""
        return JSONResponse({"token": federated.token(self.world)})

    async def stop(self, _request: Request) -> Response:
        """End the server once this answer is sent."""
        self.stop_server()
        return JSONResponse({"stopping": True})

    def _guarded(self, handler: Handler) -> Handler:
        async def checked(request: Request) -> Response:
            if not await self._proven(request):
                return PlainTextResponse("The proof in X-Rehearsal-Proof is missing, used or another server's.\n", 403)
            return await handler(request)

        return _here(checked)

    async def _proven(self, request: Request) -> bool:
        fresh = request.headers.get("x-rehearsal-fresh", "")
        if fresh not in self._fresh:
            return False
        del self._fresh[fresh]
        body = hashlib.sha256(await request.body()).hexdigest()
        wanted = self._keyed("client", fresh, request.method, request.url.path, body)
        return hmac.compare_digest(request.headers.get("x-rehearsal-proof", "").encode(), wanted.encode())


def _here(handler: Handler) -> Handler:
    """For the loopback's own names only."""

    async def checked(request: Request) -> Response:
        if host_of(request.scope) not in LOOPBACK:
            return PlainTextResponse("The rehearsal is steered at localhost only.\n", 421)
        return await handler(request)

    return checked


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
