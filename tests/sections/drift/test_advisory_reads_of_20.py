"""20 goes on without each of its advisory reads, and says that it could not look."""

import asyncio
import re
from dataclasses import dataclass

import pytest
from faults import host_of
from onboarding import finding
from stage import Stage
from starlette.types import ASGIApp, Receive, Scope, Send
from test_advisory_reads import ANSWERS

from flexsso_helpers.plan import Evidence
from flexsso_helpers.sections import drift

GREETED = {"sign_in": {"user": "greta.global@contoso.com", "audit_log": True}}
READS = {
    "/v1.0/auditLogs/directoryAudits": "G107",
    "/v1.0/identity/conditionalAccess/policies": "G108",
}
"""The path, and the check that tells of it."""


@dataclass
class Instead:
    """The application, with another answer to one path."""

    app: ASGIApp
    path: str
    status: int
    body: bytes
    asked: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or host_of(scope) != "graph.microsoft.com" or scope["path"] != self.path:
            await self.app(scope, receive, send)
            return
        self.asked += 1
        kind = b"text/html" if self.body.startswith(b"<!") else b"application/json"
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": self.body})


async def looked_at(stage: Stage, app: ASGIApp) -> Evidence:
    return await drift.verify(await stage.open(apply=False, app=app))


@pytest.mark.thinned(5)
@pytest.mark.parametrize("answer", [each for each in ANSWERS if re.fullmatch(r"\d+|HTML|empty body", each)])
@pytest.mark.parametrize("path", READS)
def test_ends_as_it_would_without_it(path: str, answer: str, configured: Stage) -> None:
    configured.changes |= GREETED
    status, body = ANSWERS[answer]
    other = Instead(configured.app, path, status, body)
    evidence = asyncio.run(looked_at(configured, other))
    assert other.asked
    assert evidence.outcome == 0
    assert finding(evidence, READS[path]).state == "unknown"
    assert "could not look" in finding(evidence, READS[path]).received
