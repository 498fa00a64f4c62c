"""Nothing of a tenant is in a file of a first contact: every value that it holds is a canary."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contacting import ADA, Circumstance, connected, contact

from flexsso_helpers.first_contact.files import keep
from flexsso_helpers.first_contact.observations import FILE
from flexsso_helpers.first_contact.page import ISSUE, PAGE
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.flex import seed
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World
from flexsso_helpers.traffic import FILE as TRAFFIC
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
    """Who signs in has a name that stands nowhere else; and Flex has its single sign-on."""
    connected(world)
    user = objects.user_by_name(world, ADA)
    assert user is not None
    world.store.put("user", user["id"], user | CANARIES, at=world.clock.now)
    world.advance(600.0)


def test_no_value_of_the_tenant_is_in_any_file_that_is_sent(tmp_path: Path) -> None:
    held: set[str] = set()

    def watching(app: Any) -> Any:
        async def watch(scope: Any, receive: Any, send: Any) -> None:
            if scope.get("method") in ("POST", "DELETE"):
                held.update(text for kind in KINDS for each in WORLD[0].store.all(kind) for text in texts(each))
            await app(scope, receive, send)

        return watch

    def arrange(world: World) -> None:
        canary(world)
        WORLD.append(world)

    quirks = {"claims_policy_put": "200", "app_delete": "cascades", "legacy": "working"}
    done = contact(tmp_path, quirks=quirks, there=Circumstance(arrange=arrange), wrap=watching)
    keep(done.found, done.folder)
    held |= {*CANARIES.values(), TENANT_ID, seed.ACCOUNT_SID, seed.API_KEY, seed.SECRET, "contoso", "fabrikam", "zyxwv"}
    files = {name: (done.folder / name).read_text("utf-8").lower() for name in (FILE, PAGE, ISSUE, TRAFFIC)}
    assert len(held) > 300
    found = {
        (name, text)
        for name, content in files.items()
        for text in held - OF_EVERYBODY
        if text.lower() in content and not text.startswith(("https://graph", "https://login.microsoft"))
    }
    assert found == set()
    assert len(files[TRAFFIC]) > 10_000


WORLD: list[World] = []
