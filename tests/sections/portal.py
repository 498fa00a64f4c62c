"""What somebody does in the admin center, with their own account, so that Entra's audit log tells of it."""

from typing import Any

import requests
from stage import InProcessAdapter, Stage

from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.directory.tokens import Principal, access_token
from flexsso_helpers.rehearsal.entra.clients import CONSENTED

GRETA = "greta.global@contoso.com"


def by_hand(stage: Stage, method: str, path: str, body: dict[str, Any], who: str = GRETA) -> None:
    """One request of Graph, some minutes ago."""
    world = stage.world
    user = objects.signer(world, who)
    assert user is not None
    as_whom = Principal(
        id=user["id"], app_id="portal", name=user["displayName"], user_name=who, scopes=CONSENTED, wids=user["_wids"]
    )
    with requests.Session() as browser:
        browser.mount("https://", InProcessAdapter(stage.app))
        answer = browser.request(
            method,
            f"{world.cloud.graph}/v1.0{path}",
            json=body,
            headers={"Authorization": f"Bearer {access_token(world, as_whom)}"},
        )
    assert answer.ok, answer.text
    world.advance(600.0)
