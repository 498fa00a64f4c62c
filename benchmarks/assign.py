"""Thousands of people assigned: notebook 07's own step against msgraph-sdk, which assigns them one by one.

    python benchmarks/assign.py [people] [--latency 0.05] [--quick]

Graph is the rehearsal in this process; each request takes the latency on top. Ours runs with throttling: one request
in fifty is answered 429, and waits are the rehearsal's, so they cost no time here; msgraph-sdk runs without, on a
sample, of which the time an assignment counts. Afterwards every person has exactly one assignment, or it fails.
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

# In place of this folder, whose requests.py would hide the library of that name.
PROJECT = Path(__file__).resolve().parent.parent
sys.path[0:1] = [str(PROJECT / "tests"), str(PROJECT / "tests" / "sections")]

import httpx  # noqa: E402
from kiota_abstractions.authentication import AccessTokenProvider, BaseBearerTokenAuthenticationProvider  # noqa: E402
from msgraph import GraphRequestAdapter, GraphServiceClient  # noqa: E402
from msgraph.generated.models.app_role_assignment import AppRoleAssignment  # noqa: E402
from msgraph_core import GraphClientFactory  # noqa: E402
from onboarding import STEPS, application, onboard, principal  # noqa: E402
from stage import Stage, through  # noqa: E402

from flexsso_helpers.rehearsal.directory import objects  # noqa: E402
from flexsso_helpers.rehearsal.directory.tokens import Principal, access_token  # noqa: E402
from flexsso_helpers.rehearsal.entra.clients import CONSENTED  # noqa: E402
from flexsso_helpers.rehearsal.world.faults import Faults  # noqa: E402
from flexsso_helpers.rehearsal.world.world import World  # noqa: E402

THROTTLED = {"match": {"host": "graph.microsoft.com"}, "fault": "throttle", "retry_after": 5, "probability": 0.02}
SAMPLE = 100


def far(app: Any, latency: float) -> Any:
    """The application, this far away."""

    async def answered(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/-/"):
            await asyncio.sleep(latency)
        await app(scope, receive, send)

    return answered


def memory() -> float:
    """The most memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


class Token(AccessTokenProvider):
    """The token of the session, for the SDK."""

    def __init__(self, token: str) -> None:
        """It is long enough."""
        self._token = token

    async def get_authorization_token(self, *_: Any, **__: Any) -> str:
        """The same each time."""
        return self._token

    def get_allowed_hosts_validator(self) -> Any:
        """Only the rehearsal is asked."""
        return None


async def ours(stage: Stage) -> float:
    """Seconds an assignment, by notebook 07's step."""
    session = await stage.open(apply=True)
    stage.world.faults = Faults([THROTTLED])
    begun = time.perf_counter()
    _, applied, _ = await through(session, STEPS["07"])
    took = time.perf_counter() - begun
    stage.world.faults = Faults()
    print(f"ours         {len(applied.made):6,} assignments  {took:8.1f} s", flush=True)
    return took / len(applied.made)


async def by_sdk(stage: Stage, users: list[str]) -> float:
    """Seconds an assignment, by msgraph-sdk."""
    ada = objects.user_by_name(stage.world, "ada.admin@contoso.com")
    assert ada is not None
    who = Principal(
        id=ada["id"], app_id="bench", name="Ada", user_name="ada", scopes=CONSENTED, wids=tuple(ada["_wids"])
    )
    token = access_token(stage.world, who)
    client = GraphClientFactory.create_with_default_middleware(
        client=httpx.AsyncClient(
            transport=httpx.ASGITransport(app=stage.app), base_url="https://graph.microsoft.com/v1.0"
        )
    )
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Token(token)), client=client)
    adapter.base_url = "https://graph.microsoft.com/v1.0"
    graph, sp = GraphServiceClient(request_adapter=adapter), principal(stage.world)
    role = next(each["id"] for each in application(stage.world)["appRoles"] if each["value"] == "agent")
    begun = time.perf_counter()
    for user in users:
        body = AppRoleAssignment(principal_id=user, resource_id=sp["id"], app_role_id=role)  # type: ignore[arg-type]
        await graph.service_principals.by_service_principal_id(sp["id"]).app_role_assigned_to.post(body)
    took = time.perf_counter() - begun
    print(f"msgraph-sdk  {len(users):6,} assignments  {took:8.1f} s", flush=True)
    return took / len(users)


async def main() -> None:
    """Both, over one tenant each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", type=int, nargs="?", default=10_000)
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    count = 500 if asked.quick else asked.people
    world = World(people=count + 100 + SAMPLE)
    people = [each for each in world_of(world) if each["accountEnabled"] and each["userType"] == "Member"]
    chosen, sample = people[-count:], people[:-count][-SAMPLE:]
    users = [{"user": each["userPrincipalName"], "role": "agent"} for each in chosen]
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), world=world, changes={"assignments": {"users": users}})
        await onboard(stage, until="06", apply=True)
        stage.app = far(stage.app, asked.latency)
        before = memory()
        of_ours = await ours(stage)
        grown = memory() - before
        given = [each["principalId"] for each in world.store.all("appRoleAssignment")]
        assert {each["id"] for each in chosen} <= set(given), "some are lost"
        assert len(set(given)) == len(given), "some are doubled"
        of_sdk = await by_sdk(stage, [each["id"] for each in sample])
    print(f"memory: {before:.0f} MB before, of the rehearsal and its people too; {grown:.0f} MB more while assigning")
    print(f"ratio assign_faster_than_sdk = {of_sdk / of_ours:.1f}")


def world_of(world: World) -> list[dict[str, Any]]:
    """Its people, planted now."""
    from flexsso_helpers.rehearsal.server.server import app_for

    app_for(world)
    return list(world.store.all("user"))


if __name__ == "__main__":
    asyncio.run(main())
