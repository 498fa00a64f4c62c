"""How the rehearsal grows: what a large tenant costs in proportion to a small one, measured in the same run.

    python benchmarks/rehearsal_scale.py [people] [assignments]

Prints ratios, not times: a time says more about the machine than about the program. A ratio near 1 means that the size
of the tenant does not matter; near the ratio of the sizes, that the work grows with it.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.tokens import Principal, access_token
from flexsso_helpers.rehearsal.entra.clients import CONSENTED
from flexsso_helpers.rehearsal.server import server
from flexsso_helpers.rehearsal.world.world import World

ROOT = "https://graph.microsoft.com/v1.0"
TIMES = 15


class Tenant:
    """A planted world of so many people, and a service principal with so many assignments."""

    def __init__(self, people: int, assignments: int) -> None:
        """Plant, and assign everybody in turn."""
        self.world = World(people=people)
        begun = time.perf_counter()
        app = server.app_for(self.world)
        self.planting = time.perf_counter() - begun
        self._transport = httpx.ASGITransport(app=app)
        ada = objects.user_by_name(self.world, "ada.admin@contoso.com")
        assert ada is not None
        who = Principal(
            id=ada["id"], app_id="bench", name="Ada", user_name="ada", scopes=CONSENTED, wids=tuple(ada["_wids"])
        )
        self._headers = {"Authorization": f"Bearer {access_token(self.world, who)}"}
        self.sp = next(sp for sp in self.world.store.all("servicePrincipal") if sp["displayName"] == "Contoso Travel")
        travel = objects.application_of(self.world, self.sp["appId"])
        assert travel is not None
        self.role = travel["appRoles"][-1]["id"]
        users = self.world.store.all("user")
        past = self.world.clock.now - 1000
        with self.world.store.transaction():
            for number in range(assignments):
                objects.assign(self.world, self.sp, users[number % len(users)], "user", self.role, at=past)
        self.last = users[-1]

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """One request to Graph."""

        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, headers=self._headers) as client:
                return await client.request(method, path if path.startswith("http") else ROOT + path, json=body)

        self.world.clock.now += 10  # no bucket runs dry while it is measured
        return asyncio.run(send())

    def pages(self, path: str) -> tuple[int, list[float]]:
        """Objects and seconds a page of a whole listing."""
        found, seconds, url = 0, [], path
        while url:
            begun = time.perf_counter()
            page = self.ask("GET", url).json()
            seconds.append(time.perf_counter() - begun)
            found += len(page["value"])
            url = page.get("@odata.nextLink", "")
        return found, seconds


def typical(act: Callable[[], httpx.Response]) -> float:
    """Median seconds of something done several times; every answer must be a good one."""
    seconds = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        answer = act()
        seconds.append(time.perf_counter() - begun)
        assert answer.status_code < 300, answer.text
    return statistics.median(seconds)


def assigning(tenant: Tenant) -> Callable[[], httpx.Response]:
    """Assign a role to another person each time."""
    names = iter(tenant.world.store.all("user")[:TIMES])
    roles = objects.application_of(tenant.world, tenant.sp["appId"]) or {}
    role = roles["appRoles"][0]["id"]

    def act() -> httpx.Response:
        body = {"principalId": next(names)["id"], "resourceId": tenant.sp["id"], "appRoleId": role}
        return tenant.ask("POST", f"/servicePrincipals/{tenant.sp['id']}/appRoleAssignedTo", body)

    return act


def main(people: int, assignments: int) -> None:
    """Measure and print."""
    Tenant(40, 0)  # makes the keys that all of them share
    small, large = Tenant(40, 12), Tenant(people, assignments)
    print(f"{people} people beside 40 ({people / 40:.0f} times), {assignments} assignments beside 12\n")
    print(f"{large.planting / small.planting:8.1f}  planting the company")
    asked = {
        "one user by name": lambda t: t.ask("GET", f"/users/{t.last['userPrincipalName']}"),
        "user by mail filter": lambda t: t.ask("GET", f"/users?$filter=mail eq '{t.last['mail']}'"),
        "users whose name begins": lambda t: t.ask("GET", "/users?$filter=startswith(displayName,'Bo Ag')"),
        "first page of 40 users": lambda t: t.ask("GET", "/users?$top=40"),
        "first page of 12 assignments": lambda t: t.ask(
            "GET", f"/servicePrincipals/{t.sp['id']}/appRoleAssignedTo?$top=12"
        ),
        "one service principal": lambda t: t.ask("GET", f"/servicePrincipals/{t.sp['id']}"),
    }
    for title, act in asked.items():
        ratio = typical(lambda act=act: act(large)) / typical(lambda act=act: act(small))  # type: ignore[misc]
        print(f"{ratio:8.1f}  {title}")
    print(f"{typical(assigning(large)) / typical(assigning(small)):8.1f}  assigning one person")
    for title, path in (
        ("users", "/users?$top=999"),
        ("assignments", f"/servicePrincipals/{large.sp['id']}/appRoleAssignedTo?$top=999"),
    ):
        found, seconds = large.pages(path)
        assert found >= (people if title == "users" else assignments), found
        print(f"{seconds[-2] / seconds[0]:8.1f}  last full page beside the first, of {len(seconds)} pages of {title}")


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:3]]
    main(*(numbers + [20_000, 12_000][len(numbers) :]))
