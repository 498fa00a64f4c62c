"""Advisory reads never stop a run: whatever is answered to one, its section ends as it would without it.

Each row names a section and one read of it that only advises. To add one: the number, the method, host and path (a
regular expression), and the `stage` that it is tried in. Everything else is the same for all.
"""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from faults import host_of
from onboarding import STEPS, change_application, proof
from stage import Stage
from starlette.types import ASGIApp, Receive, Scope, Send

from flexsso_helpers.plan import Evidence, Plan
from flexsso_helpers.rehearsal.flex import seed
from flexsso_helpers.rehearsal.world import journal
from flexsso_helpers.rehearsal.world.world import World

GRAPH, ENTRA, FLEX = "graph.microsoft.com", "login.microsoftonline.com", "services.twilio.com"
CONFIG = "/v1/Flex/Authentication/Config"
LEGACY = (
    f"https://iam.twilio.com/v1/Accounts/{seed.ACCOUNT_SID}/saml2",
    f"https://iam.twilio.com/v1/Accounts/{seed.ACCOUNT_SID}/saml2/metadata",
)


def migrating(world: World) -> None:
    """An application that still holds what Legacy needs, beside the values of Enhanced."""
    ours = next(each for each in world.store.all("application") if each["displayName"] == "Twilio Flex")
    web = ours["web"] | {"redirectUris": [*ours["web"]["redirectUris"], LEGACY[0]]}
    change_application(world, web=web, identifierUris=[*ours["identifierUris"], LEGACY[1]])


def not_in_the_file(world: World) -> None:
    """The file names no connection, so that Flex is asked for it."""
    values = journal.tenant_values(world)
    values.get("flex", {}).pop("connection", None)
    journal.keep_tenant_values(world, values)


def as_it_is(_world: World) -> None:
    """A tenant in which everything is proved."""


@dataclass(frozen=True, kw_only=True)
class Advisory:
    """One read that only advises."""

    section: str
    host: str
    path: str
    method: str = "GET"
    says: str = "could not look"
    """What the evidence says of it; empty where it says nothing in this tenant."""
    prepare: Callable[[World], None] = as_it_is
    changes: dict[str, Any] = field(default_factory=dict)


READS: dict[str, Advisory] = {
    "02: what Flex lists": Advisory(section="02", host=FLEX, path=CONFIG),
    "02: what Flex lists, in a migration": Advisory(section="02", host=FLEX, path=CONFIG, prepare=migrating),
    "02: the configuration, for Legacy's start": Advisory(
        section="02", host="flex-api.twilio.com", path="/v1/Configuration", prepare=migrating
    ),
    "02: whether Legacy starts": Advisory(
        section="02", method="POST", host="iam.twilio.com", path=".*/authenticate", prepare=migrating, says=""
    ),
    "03: the federation metadata": Advisory(
        section="03", host=ENTRA, path="(?i)/[^/]+/federationmetadata/2007-06/federationmetadata.xml", says=""
    ),
    "03: the signing policy of the service principal": Advisory(
        section="03", host=GRAPH, path="/v1.0/servicePrincipals/[0-9a-f-]{36}/tokenIssuancePolicies", says=""
    ),
    "03: the signing policy of the application": Advisory(
        section="03", host=GRAPH, path="/v1.0/applications/[0-9a-f-]{36}/tokenIssuancePolicies", says=""
    ),
    "06: what Flex lists": Advisory(section="06", host=FLEX, path=CONFIG, says=""),
    "06: the start of a login": Advisory(section="06", host=FLEX, path="/v1/Flex/Authorize", says=""),
    "06: its second hop": Advisory(section="06", host="login.flex.us1.twilio.com", path="/authorize", says=""),
    "08: the Flex user": Advisory(section="08", host="flex-api.twilio.com", path="/v4/Instances/[^/]+/Users", says=""),
    "08: the claims policy": Advisory(
        section="08", host=GRAPH, path="/v1.0/servicePrincipals/[0-9a-f-]{36}/claimsMappingPolicies", says=""
    ),
    **{
        f"{number}: what Flex lists": Advisory(section=number, host=FLEX, path=CONFIG, says="", prepare=not_in_the_file)
        for number in ("01", "03", "04", "05")
    },
}

ANSWERS: dict[str, tuple[int, bytes]] = {
    **{str(status): (status, json.dumps({"code": status, "message": "no"}).encode()) for status in (400, 403, 404)},
    "500": (500, b'{"error": {"code": "InternalServerError", "message": "no"}}'),
    "HTML": (200, b"<!DOCTYPE html><html><body>Sign in to this network</body></html>"),
    "empty body": (200, b""),
    "two entries": (200, b"two"),
}
"""`two entries` is the true answer with each entry of its list there twice, the second one somebody else's."""


@dataclass
class Answering:
    """The application, with another answer to one read."""

    app: ASGIApp
    read: Advisory
    status: int
    body: bytes
    asked: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fits = (scope["method"], host_of(scope)) == (self.read.method, self.read.host)
        if not fits or re.fullmatch(self.read.path, scope["path"]) is None:
            await self.app(scope, receive, send)
            return
        self.asked += 1
        body = await _doubled(self.app, scope, receive) if self.body == b"two" else self.body
        kind = b"text/html" if body.startswith(b"<!") else b"application/json"
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": body})


async def _doubled(app: ASGIApp, scope: Scope, receive: Receive) -> bytes:
    parts: list[bytes] = []

    async def keep(message: Any) -> None:
        parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    whole = b"".join(parts)
    try:
        body = json.loads(whole)
    except ValueError:
        return whole + whole
    return json.dumps(
        {key: _twice(value) if isinstance(value, list) else value for key, value in body.items()}
    ).encode()


def _twice(entries: list[Any]) -> list[Any]:
    """The entries, and a second one that has another name and another id."""
    other = {"connection_name": "JQ" + "0" * 32, "active": False}
    return [*entries, *({**entry, **{k: v for k, v in other.items() if k in entry}} for entry in entries)]


async def looked_at(stage: Stage, number: str, app: ASGIApp) -> tuple[Plan, Evidence]:
    session = await stage.open(apply=False, app=app)
    plan = await STEPS[number].plan(session)
    await STEPS[number].verify(session)
    return plan, await proof(session, number)


def changed(plan: Plan) -> list[tuple[str, object]]:
    return [(change.setting, change.should_be) for change in plan.open]


@pytest.mark.sampled(3)
@pytest.mark.thinned(117)
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("name", READS)
def test_a_section_ends_as_it_would_without_an_advisory_read(name: str, answer: str, configured: Stage) -> None:
    read, (status, body) = READS[name], ANSWERS[answer]
    read.prepare(configured.world)
    configured.changes |= read.changes
    other = Answering(configured.app, read, status, body)

    async def run() -> tuple[tuple[Plan, Evidence], tuple[Plan, Evidence]]:
        return await looked_at(configured, read.section, configured.app), await looked_at(
            configured, read.section, other
        )

    (plan, evidence), (without, ended) = asyncio.run(run())
    assert other.asked
    assert [finding.check for finding in ended.findings if finding.fails] == []
    less = [each for each in changed(plan) if each not in changed(without)]
    assert [each for each in changed(without) if each not in changed(plan)] == []
    assert all(should_be is None for _, should_be in less)  # only removals are held back for want of advice
    assert ended.outcome == (evidence.outcome if not less or changed(without) else 0)
    if read.says and answer in ("403", "500", "HTML", "empty body"):
        assert any(read.says in finding.received for finding in ended.findings)
