"""Thousands of people assigned: notebook 07's own step against msgraph-sdk, which assigns them one by one.

    python benchmarks/assign.py [people] [--latency 0.05] [--quick]

Each side is a process of its own with the rehearsal in it; each request takes the latency on top. Ours runs with
throttling: one request in fifty is answered 429, and waits are the rehearsal's, so they cost no time here; msgraph-sdk
runs without, on a sample, of which the time an assignment counts. Afterwards every person has exactly one assignment,
or it fails. The memory is the most that the whole process of ours had while it assigned, with the rehearsal and all its
people: no less than what ours alone would take.
"""

import argparse
import asyncio
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
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
from flexsso_helpers.rehearsal.server.server import app_for  # noqa: E402
from flexsso_helpers.rehearsal.world.faults import Faults  # noqa: E402
from flexsso_helpers.rehearsal.world.world import World  # noqa: E402

THROTTLED = {"match": {"host": "graph.microsoft.com"}, "fault": "throttle", "retry_after": 5, "probability": 0.02}
SAMPLE, MOST_MEMORY = 100, 300


def far(app: Any, latency: float) -> Any:
    """The application, this far away."""

    async def answered(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/-/"):
            await asyncio.sleep(latency)
        await app(scope, receive, send)

    return answered


def memory() -> float:
    """The most memory of this process, in MB; Linux's own figure can begin anew."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text("utf-8"))):
        return int(found[1]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def begin_anew() -> None:
    """Forget the most that it was, where the system can: what came before the assignments is not theirs."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "utf-8")


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


async def ours(folder: Path, count: int, latency: float) -> dict[str, float]:
    """Seconds an assignment by notebook 07's step, and the most memory meanwhile."""
    world = World(people=count + 100)
    chosen = {each["id"]: each["userPrincipalName"] for each in members(world)[-count:]}
    users = [{"user": name, "role": "agent"} for name in chosen.values()]
    stage = Stage(folder, world=world, changes={"assignments": {"users": users, "groups": []}})
    await onboard(stage, until="06", apply=True)
    stage.app = far(stage.app, latency)
    session = await stage.open(apply=True)
    world.faults = Faults([THROTTLED])
    begin_anew()
    before, begun = memory(), time.perf_counter()
    _, applied, _ = await through(session, STEPS["07"])
    took, most = time.perf_counter() - begun, memory()
    given = Counter(each["principalId"] for each in world.store.all("appRoleAssignment"))
    lost, doubled = len(chosen.keys() - given.keys()), sum(given[each] > 1 for each in chosen)
    print(
        f"ours         {len(applied.made):6,} assignments  {took:8.1f} s  {before:4.0f} MB before, {most:4.0f} at most"
    )
    print(f"             {lost:6,} lost, {doubled} doubled, of {len(chosen):,}", flush=True)
    assert len(chosen) == len(applied.made) == count
    assert lost == doubled == 0
    return {"seconds": took / count, "memory": most}


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


async def sampled(folder: Path, latency: float) -> dict[str, float]:
    """Seconds an assignment by msgraph-sdk."""
    stage = Stage(folder, world=World(people=100 + SAMPLE))
    people = members(stage.world)[-SAMPLE:]
    await onboard(stage, until="06", apply=True)
    stage.app = far(stage.app, latency)
    return {"seconds": await by_sdk(stage, [each["id"] for each in people])}


def members(world: World) -> list[dict[str, Any]]:
    """Who may be assigned, planted now."""
    if not world.planted:
        app_for(world)
    return [each for each in world.store.all("user") if each["accountEnabled"] and each["userType"] == "Member"]


def apart(*words: str) -> dict[str, float]:
    """What one side comes to, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "told.json")
        subprocess.run([sys.executable, __file__, *words, "--side", folder], check=True)  # noqa: S603 - this file
        return dict(json.loads(told.read_text("utf-8")))


def main() -> None:
    """Ours, then the SDK's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", type=int, nargs="?", default=10_000)
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        here = Path(asked.side)
        side = ours(here, asked.people, asked.latency) if asked.people else sampled(here, asked.latency)
        (here / "told.json").write_text(json.dumps(asyncio.run(side)), "utf-8")
        return
    latency = ("--latency", str(asked.latency))
    of_ours = apart(str(500 if asked.quick else asked.people), *latency)
    of_sdk = apart("0", *latency)
    print(f"ratio assign_faster_than_sdk = {of_sdk['seconds'] / of_ours['seconds']:.1f}")
    print(f"ratio assign_memory_to_{MOST_MEMORY}_MB = {of_ours['memory'] / MOST_MEMORY:.2f}")


if __name__ == "__main__":
    main()
