"""What a run asks of Microsoft Graph, beside Microsoft's tutorial: over an empty tenant, then over the one it made.

    python benchmarks/requests.py [assignments] [--quick] [--addresses]

The tutorial's calls are played one by one over a company of their own, each person found, assigned and read back
alone: https://learn.microsoft.com/graph/application-saml-sso-configure-api. Ours are the notebooks' own cells, then the
same over what they made, then the one look of a nightly run. Counts are taken at the server: a batch is one round trip,
its entries stand beside it. `again` is what asks an address for a second time within one notebook.
"""

import argparse
import ast
import asyncio
import inspect
import json
import math
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# In place of this folder, whose requests.py would hide the library of that name.
sys.path[0] = str(Path(__file__).parent.parent / "tests")

import httpx  # noqa: E402
from stage import PROJECT, REHEARSAL, Stage  # noqa: E402 - the rehearsal in this process, as the tests have it

import flexsso_helpers  # noqa: E402
from flexsso_helpers.parameters import load  # noqa: E402
from flexsso_helpers.rehearsal.directory import objects  # noqa: E402
from flexsso_helpers.rehearsal.directory.tokens import Principal, access_token  # noqa: E402
from flexsso_helpers.rehearsal.entra.clients import CONSENTED  # noqa: E402
from flexsso_helpers.rehearsal.server.server import app_for  # noqa: E402
from flexsso_helpers.rehearsal.world.world import World  # noqa: E402
from flexsso_helpers.sections.converged import holding  # noqa: E402

GRAPH, ENTRIES = b"graph.microsoft.com", 20
"""Microsoft's host, and the most that one batch holds."""
OF_PEOPLE = ("GET /v1.0/me", "GET /v1.0/users")
SAML, ENTRY_POINT = "urn:flex:JQf1e55000000000000000000000000001", "https://flex.twilio.com/acs"
ROLES = ("admin", "supervisor", "agent")


@dataclass
class Asked:
    """The requests of one notebook."""

    requests: list[str] = field(default_factory=list)
    batches: list[list[str]] = field(default_factory=list)
    """What travelled together, batch by batch."""

    @property
    def entries(self) -> list[str]:
        """What travelled in batches."""
        return [each for batch in self.batches for each in batch]

    @property
    def again(self) -> int:
        """How many reads asked for something that had been asked for already."""
        reads = Counter(each for each in (*self.requests, *self.entries) if each.startswith("GET "))
        return sum(reads.values()) - len(reads)

    @property
    def sub_requests(self) -> int:
        """How many there are once batches are taken apart."""
        return len(self.requests) - len(self.batches) + len(self.entries)

    @property
    def own(self) -> list[list[str]]:
        """The batches of the section itself: neither who has signed in nor people, whom one batch cannot hold."""
        return [batch for batch in self.batches if not any(each.startswith(OF_PEOPLE) for each in batch)]

    @property
    def beyond(self) -> float:
        """Batches of the section's own, in multiples of as few as would hold their entries; one is always allowed."""
        return len(self.own) / max(1, math.ceil(sum(map(len, self.own)) / ENTRIES))


class Counting:
    """The application behind a counter of what reaches Graph."""

    def __init__(self, app: Any) -> None:
        """Nothing is counted yet."""
        self._app, self.asked = app, Asked()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Count, and pass on."""
        if scope["type"] != "http" or dict(scope["headers"]).get(b"host") != GRAPH:
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode()
        self.asked.requests.append(f"{scope['method']} {scope['path']}{'?' + query if query else ''}")
        if not scope["path"].endswith("/$batch"):
            await self._app(scope, receive, send)
            return
        message = await receive()
        entries = json.loads(message["body"])["requests"]
        self.asked.batches.append([f"{entry['method']} /v1.0{entry['url']}" for entry in entries])
        waiting = [message]

        async def once_more() -> Any:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, once_more, send)


async def run(stage: Stage) -> dict[str, Asked]:
    """All notebooks in order, each with a session of its own."""
    asked, server = {}, stage.app
    for path in sorted((PROJECT / "notebooks").glob("0*.ipynb")):
        stage.app = counting = Counting(server)  # an `app` of open() is shown each entry of a batch by itself

        async def opened(_tenant: Any, *, apply: bool | None = None) -> Any:
            return await stage.open(apply=apply, unattended=True)

        flexsso_helpers.open = opened  # type: ignore[assignment]
        names: dict[str, Any] = {}
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                await _cell("".join(cell["source"]), names)
        asked[path.name[:2]] = counting.asked
    stage.app = server
    return asked


async def one_look(stage: Stage) -> Asked:
    """The look of a nightly run: all steps in one session."""
    server = stage.app
    stage.app = counting = Counting(server)
    proved = await holding(await stage.open(apply=True, unattended=True))
    assert [each.section for each in proved] == [f"{number:02}" for number in range(9)], "a step does not hold"
    stage.app = server
    return counting.asked


async def _cell(source: str, names: dict[str, Any]) -> None:
    code = compile(source, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, names)  # noqa: S307 - the project's own notebooks
    if inspect.iscoroutine(result):
        await result


class Tutorial:
    """The tutorial's calls over a company of their own, as whoever types them would make them."""

    def __init__(self, world: World) -> None:
        """Nothing is asked yet."""
        self.world, self.counting = world, Counting(app_for(world))
        ada = objects.user_by_name(world, "ada.admin@contoso.com")
        assert ada is not None
        self._who = Principal(
            id=ada["id"], app_id="bench", name="Ada", user_name="ada", scopes=CONSENTED, wids=tuple(ada["_wids"])
        )

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        self.world.advance(60.0)  # never too early, so that nothing is asked twice
        headers = {"Authorization": f"Bearer {access_token(self.world, self._who)}"}
        transport = httpx.ASGITransport(app=self.counting)
        async with httpx.AsyncClient(transport=transport, headers=headers) as client:
            answer = await client.request(method, f"https://graph.microsoft.com/v1.0{path}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def play(self, users: Sequence[str], groups: Sequence[str]) -> Asked:
        """From the gallery to the last person; all are agents."""
        name = "$filter=displayName eq 'Twilio Flex'"
        template = objects.template_id(self.world)
        await self._ask("GET", f"/applicationTemplates?{name}")
        made = await self._ask("POST", f"/applicationTemplates/{template}/instantiate", {"displayName": "Twilio Flex"})
        app, sp = f"/applications/{made['application']['id']}", f"/servicePrincipals/{made['servicePrincipal']['id']}"
        await self._ask("GET", sp)
        await self._ask("PATCH", sp, {"preferredSingleSignOnMode": "saml", "loginUrl": "https://flex.twilio.com"})
        kept = [each | {"origin": None} for each in (await self._ask("GET", app))["appRoles"]]
        roles = kept + [_role(each) for each in ROLES]
        await self._ask("PATCH", app, {"identifierUris": [SAML], "web": {"redirectUris": [ENTRY_POINT]}})
        await self._ask("PATCH", app, {"appRoles": roles})
        certificate = await self._ask("POST", f"{sp}/addTokenSigningCertificate", {"displayName": "CN=Flex"})
        await self._ask("PATCH", sp, {"preferredTokenSigningKeyThumbprint": certificate["thumbprint"]})
        policy = await self._ask("POST", "/policies/claimsMappingPolicies", _claims())
        there = f"https://graph.microsoft.com/v1.0/policies/claimsMappingPolicies/{policy['id']}"
        await self._ask("POST", f"{sp}/claimsMappingPolicies/$ref", {"@odata.id": there})
        for path in (app, sp, f"{sp}/claimsMappingPolicies"):
            await self._ask("GET", path)
        for each in (
            *(f"/users?$filter=userPrincipalName eq '{user}'" for user in users),
            *(f"/groups?$filter=displayName eq '{group}'" for group in groups),
        ):
            found = (await self._ask("GET", each))["value"][0]
            body = {"principalId": found["id"], "resourceId": sp.rpartition("/")[2], "appRoleId": roles[-1]["id"]}
            given = await self._ask("POST", f"{sp}/appRoleAssignedTo", body)
            await self._ask("GET", f"{sp}/appRoleAssignedTo/{given['id']}")
        return self.counting.asked


def _role(name: str) -> dict[str, Any]:
    about = {"displayName": name, "description": name, "value": name}
    return {"id": str(uuid.uuid4()), "allowedMemberTypes": ["User"], "isEnabled": True, **about}


def _claims() -> dict[str, Any]:
    schema = [{"Source": "user", "ID": "mail", "SamlClaimType": "email"}]
    body = {"ClaimsMappingPolicy": {"Version": 1, "IncludeBasicClaimSet": "true", "ClaimsSchema": schema}}
    return {"definition": [json.dumps(body)], "displayName": "Flex claims"}


def told(title: str, asked: dict[str, Asked], *, addresses: bool) -> int:
    """Print one run; its round trips in all."""
    print(f"{title:14} round trips  batches  of the section's own  sub-requests  again")
    for number, each in asked.items():
        own, batches = len(each.own), len(each.batches)
        print(f"{number:14} {len(each.requests):11}  {batches:7}  {own:20}  {each.sub_requests:12}  {each.again:5}")
        if addresses:
            print(*(f"    {line}" for line in each.requests), sep="\n")
            for count, batch in enumerate(each.batches, 1):
                print(*(f"      in batch {count}: {line}" for line in batch), sep="\n")
    total, batches = sum(len(each.requests) for each in asked.values()), sum(len(a.batches) for a in asked.values())
    own, entries = (sum(count) for count in zip(*((len(a.own), a.sub_requests) for a in asked.values()), strict=True))
    print(f"{'in all':14} {total:11}  {batches:7}  {own:20}  {entries:12}\n", flush=True)
    return total


async def main() -> None:
    """The tutorial, then ours over one tenant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assignments", type=int, nargs="?", default=200)
    parser.add_argument("--addresses", action="store_true")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    count, addresses = 40 if given.quick else given.assignments, given.addresses
    file = load(REHEARSAL).assignments
    world = World(people=count + 100)
    app_for(world)  # plants its people
    groups, users = [each.group for each in file.groups], {each.user: each.role for each in file.users}
    for each in reversed(world.store.all("user")):
        if len(users) + len(groups) < count and each["accountEnabled"] and each["userType"] == "Member":
            users.setdefault(each["userPrincipalName"], "agent")
    tutorial = await Tutorial(world.copy()).play([*users], groups)
    typed = told("tutorial", {"all": tutorial}, addresses=addresses)
    changes = {"assignments": {"users": [{"user": user, "role": role} for user, role in users.items()]}}
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), world=world, changes=changes)
        first = await run(stage)
        made = told("first run", first, addresses=addresses)
        for title in ("converged", "and again"):
            stage.world.advance(600.0)
            converged = await run(stage)
            total = told(title, converged, addresses=addresses)
        for title in ("first look", "second look"):
            stage.world.advance(600.0)
            look = await one_look(stage)
            told(title, {"all": look}, addresses=addresses)
    print(f"ratio first_to_tutorial = {made / typed:.2f}")
    print(f"ratio first_to_tutorial_not_read_back = {made / (typed - count):.2f}")
    print(f"ratio first_sub_requests_to_tutorial = {sum(a.sub_requests for a in first.values()) / typed:.2f}")
    worst = max(each.beyond for each in converged.values())
    print(f"ratio converged_batches_to_fewest = {worst:.2f}")
    print(f"ratio look_batches_to_fewest = {look.beyond:.2f}")
    print(f"ratio converged_to_first = {total / made:.2f}")
    print(f"ratio look_to_first = {len(look.requests) / made:.2f}")


if __name__ == "__main__":
    asyncio.run(main())
