"""2: advisory reads of the tenant and of the Flex account. Nothing is written."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from twilio.rest import Client

from flexsso_helpers.clouds import FLEX_SERVICES
from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.hand import Hand

SOME = 20
"""Workers looked at."""


async def step(hand: Hand) -> None:
    """Read the tenant's policy and licences, one user, Flex's configuration, and some workers."""
    graph, flex = hand.session.graph, hand.session.flex
    _, policy = await hand.tries(trials.POLICY, partial(graph.get, "/policies/defaultAppManagementPolicy"))
    hand.policy = policy or {}
    await hand.did(trials.PLANS, partial(graph.list, "/subscribedSkus", {"$select": "skuPartNumber,servicePlans"}))
    await hand.did(trials.LIST_USERS, partial(graph.get, "/users?$top=1&$select=id"))
    done, found = await hand.tries(trials.FLEX, flex.configuration)
    if not done or found is None:
        return
    name = found.runtime_domain.rstrip("/").rpartition("/")[2].removesuffix(".twil.io")
    if name:
        await hand.did(trials.BARE_DOMAIN, partial(flex.anybody, _by_domain(name)))
        await hand.did(trials.LONG_DOMAIN, partial(flex.anybody, _by_domain(f"{name}.twil.io")))
    if found.workspace_sid:
        await _workers(hand, found.workspace_sid)


async def _workers(hand: Hand, workspace: str) -> None:
    flex = hand.session.flex

    def some(client: Client) -> list[Any]:
        return list(client.taskrouter.v1.workspaces(workspace).workers.list(limit=SOME, page_size=SOME))

    _, found = await hand.tries(trials.WORKERS, partial(flex.ask, "Reading some workers.", some))
    if not found:
        return
    first = found[0]
    if first.attributes is None:
        one = lambda client: client.taskrouter.v1.workspaces(workspace).workers(first.sid).fetch()  # noqa: E731
        await hand.did(trials.WORKERS, partial(flex.ask, "Reading a worker.", one))
    other = first.friendly_name.swapcase()
    if other != first.friendly_name:
        named = lambda client: client.taskrouter.v1.workspaces(workspace).workers.list(friendly_name=other, limit=1)  # noqa: E731
        await hand.did(trials.OTHER_CASE, partial(flex.ask, "Looking for a worker.", named))


def _by_domain(domain: str) -> str:
    return f"{FLEX_SERVICES}/v1/Flex/Authentication/Config?{urlencode({'RuntimeDomain': domain})}"
