"""Microsoft's and Twilio's libraries for Node sign in and work here unmodified: only their connections are led here."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import node_service
import pytest
from entra_listening import COMMAND_LINE_TOOLS, Listening, serving
from entra_stage import Entra

from flexsso_helpers.rehearsal.flex import seed as flex_seed
from flexsso_helpers.rehearsal.server.seed import AUTOMATION_CLIENT, AUTOMATION_SECRET
from flexsso_helpers.rehearsal.world.world import TENANT_ID

pytestmark = [pytest.mark.interop, pytest.mark.full]

CLIENTS = Path(__file__).parent / "clients"
ADA = "ada.admin@contoso.com"
READ = "https://graph.microsoft.com/User.Read"
Act = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Entra, Listening]]:
    entra = Entra()
    with serving(entra.world) as listening:
        yield entra, listening


@pytest.fixture(scope="module")
def act(stage: tuple[Entra, Listening]) -> Act:
    """Do one act of `clients.mjs`; its outcome."""
    try:
        node = node_service.installed(CLIENTS)
    except node_service.NotHere as error:
        pytest.skip(f"Node's libraries cannot be asked: {error}")

    def do(name: str, **given: str) -> dict[str, Any]:
        done = subprocess.run(
            [node, "--require", "./loopback.cjs", "clients.mjs", name, json.dumps(given)],
            cwd=CLIENTS,
            env={**os.environ, "REHEARSAL_PORT": str(stage[1].port)},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        assert "error" not in found, found
        return found

    return do


def test_a_program_by_its_secret(act: Act) -> None:
    found = act(
        "identitySecret",
        tenant=TENANT_ID,
        client=AUTOMATION_CLIENT,
        secret=AUTOMATION_SECRET,
        path="/v1.0/organization",
    )
    assert (found["status"], found["body"]["value"][0]["id"]) == (200, TENANT_ID)


@pytest.mark.parametrize("tenant", [TENANT_ID, "common", "organizations"])
@pytest.mark.parametrize("library", ["identityDevice", "msalDevice"])
def test_a_person_by_device_code(act: Act, library: str, tenant: str) -> None:
    found = act(library, tenant=tenant, client=COMMAND_LINE_TOOLS, scope=READ, user=ADA, path="/v1.0/me")
    assert (found["status"], found["body"]["userPrincipalName"]) == (200, ADA)
    assert found.get("username", ADA) == ADA


def test_what_was_made_here_signs_in(act: Act, stage: tuple[Entra, Listening]) -> None:
    entra, _ = stage
    app = entra.write("POST", "/applications", {"displayName": "Made for Node"})
    entra.wait()
    entra.write("POST", "/servicePrincipals", {"appId": app["appId"]})
    secret = entra.call("POST", f"/applications/{app['id']}/addPassword", {}).json()["secretText"]
    entra.wait()
    found = act("msalSecret", tenant=TENANT_ID, client=app["appId"], secret=secret)
    assert found["type"] == "Bearer"
    assert 55 <= found["left"] <= 95


def test_twilios_library(act: Act) -> None:
    found = act(
        "twilio",
        key=flex_seed.API_KEY,
        secret=flex_seed.SECRET,
        account=flex_seed.ACCOUNT_SID,
        workspace=flex_seed.WORKSPACE_SID,
    )
    assert found == {"workers": 3, "activity": "Available", "refused": 501, "status": "ok"}
