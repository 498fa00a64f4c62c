"""Canaries: what the world of a contact holds of its tenant, and what may stand in a file all the same."""

import re
from collections.abc import Iterator
from typing import Any

from contacting import ADA

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.traffic.vocabulary import CLAIMS, HOSTS, KEYS, PATHS, WORDS

KINDS = (
    "user", "group", "organization", "application", "servicePrincipal", "deleted", "flex_account", "flex_connection",
    "worker", "flex_user", "subscribedSku", "claimsMappingPolicy", "tokenIssuancePolicy", "directoryRole",
)  # fmt: skip
OF_EVERYBODY = KEYS | CLAIMS | PATHS | WORDS | HOSTS | {"rehearsal"}
SHORTEST = 6
CANARIES = {"displayName": "Canary Zyxwv", "mail": "zyxwv.mail@canary.example", "jobTitle": "Keeper of Zyxwv"}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str) and len(value) >= SHORTEST and not re.fullmatch(r"[a-zA-Z]+|P\d+D", value):
        yield value


def canary(world: World) -> None:
    """Who signs in has a name that stands nowhere else."""
    user = objects.user_by_name(world, ADA)
    assert user is not None
    world.store.put("user", user["id"], user | CANARIES, at=world.clock.now)
    world.advance(600.0)


def held_texts(world: World) -> set[str]:
    """Every text that the store holds now."""
    return {text for kind in KINDS for each in world.store.all(kind) for text in texts(each)}
