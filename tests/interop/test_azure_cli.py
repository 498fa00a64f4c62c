"""Azure CLI signs a person and programs in, and administers applications here, unmodified but for its connections."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from entra_listening import Listening, serving
from entra_stage import Entra
from stage import PROJECT

from flexsso_helpers.rehearsal.world.world import TENANT_ID

pytestmark = [pytest.mark.interop, pytest.mark.full]

VERSION = "2.91.0"
OWN = PROJECT / ".azure-cli" / "bin"
LEAD_HERE = Path(__file__).parent / "azure_cli"
GRAPH = "https://graph.microsoft.com/v1.0"
GRETA, BO = "greta.global@contoso.com", "bo.agent@contoso.com"


class AzureCli:
    """The command, with a folder of its own; after each the rehearsal's time goes on."""

    def __init__(self, program: str, entra: Entra, listening: Listening, folder: Path) -> None:
        self.program, self.entra, self.listening = program, entra, listening
        self.environment = {
            **os.environ,
            "REHEARSAL_PORT": str(listening.port),
            "PYTHONPATH": str(LEAD_HERE),
            "AZURE_CONFIG_DIR": str(folder),
            "AZURE_CORE_COLLECT_TELEMETRY": "no",
            "AZURE_CORE_NO_COLOR": "true",
        }

    def __call__(self, *words: str) -> Any:
        """What it answers."""
        done = subprocess.run(
            [self.program, *words, "--output", "json"],
            env=self.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (words, done.stderr[-800:])
        self.entra.wait(60)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def by_device_code(self, user: str) -> None:
        """Sign a person in, who types the code that is shown."""
        words = [self.program, "login", "--use-device-code", "--tenant", TENANT_ID, "--allow-no-subscriptions"]
        with subprocess.Popen(
            words,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.PIPE,
        ) as process:
            assert process.stderr
            shown = next(line for line in process.stderr if "enter the code" in line)
            code = re.search(r"enter the code (\w+)", shown)
            assert code
            page = f"http://localhost:{self.listening.port}/microsoft.com/devicelogin"
            answer = httpx.post(page, data={"code": code[1], "user": user}, trust_env=False)
            assert "You have signed in" in answer.text
            _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said[-800:]


@pytest.fixture(scope="module")
def az(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureCli]:
    program = shutil.which("az", path=os.pathsep.join([str(OWN), os.environ.get("PATH", "")]))
    if program is None:
        pytest.skip(
            "Azure CLI is not installed, too large for every run: "
            f"python3 -m venv .azure-cli; pip install azure-cli=={VERSION} in it"
        )
    entra = Entra()
    with serving(entra.world) as listening:
        command = AzureCli(program, entra, listening, tmp_path_factory.mktemp("azure"))
        command.by_device_code(GRETA)
        yield command


def test_a_person_reads_the_directory(az: AzureCli) -> None:
    assert az("account", "show")["user"]["name"] == GRETA
    assert az("ad", "signed-in-user", "show")["userPrincipalName"] == GRETA
    assert az("ad", "user", "show", "--id", BO)["displayName"] == "Bo Agent"
    assert [each["userPrincipalName"] for each in az("ad", "user", "list", "--filter", f"mail eq '{BO}'")] == [BO]
    groups = az("ad", "group", "list", "--display-name", "Flex Agents")
    group = next(each for each in groups if each["displayName"] == "Flex Agents")
    assert az("ad", "group", "show", "--group", group["id"])["displayName"] == "Flex Agents"
    assert az("ad", "group", "member", "list", "--group", group["id"])
    assert az("rest", "--method", "GET", "--url", f"{GRAPH}/me")["userPrincipalName"] == GRETA


def test_what_it_makes_can_act(az: AzureCli) -> None:
    app = az("ad", "app", "create", "--display-name", "Made by a command")
    app_id = app["appId"]
    assert az("ad", "app", "show", "--id", app_id)["displayName"] == "Made by a command"
    assert [each["appId"] for each in az("ad", "app", "list", "--display-name", "Made by")] == [app_id]
    az("ad", "app", "update", "--id", app_id, "--display-name", "Renamed")
    assert az("ad", "app", "show", "--id", app_id)["displayName"] == "Renamed"
    bo = az("ad", "user", "show", "--id", BO)["id"]
    az("ad", "app", "owner", "add", "--id", app_id, "--owner-object-id", bo)
    assert bo in [each["id"] for each in az("ad", "app", "owner", "list", "--id", app_id)]
    sp = az("ad", "sp", "create", "--id", app_id)
    assert az("ad", "sp", "show", "--id", app_id)["id"] == sp["id"]
    assert [each["id"] for each in az("ad", "sp", "list", "--filter", f"appId eq '{app_id}'")] == [sp["id"]]
    url = f"{GRAPH}/servicePrincipals/{sp['id']}"
    az("rest", "--method", "PATCH", "--url", url, "--body", json.dumps({"preferredSingleSignOnMode": "saml"}))
    assert az("rest", "--method", "GET", "--url", url)["preferredSingleSignOnMode"] == "saml"
    secret = az("ad", "app", "credential", "reset", "--id", app_id)["password"]
    assert len(az("ad", "app", "credential", "list", "--id", app_id)) == 1
    az("login", "--service-principal", "-u", app_id, "-p", secret, "--tenant", TENANT_ID, "--allow-no-subscriptions")
    assert az("account", "show")["user"] == {"name": app_id, "type": "servicePrincipal"}
    az("logout")
    az.by_device_code(GRETA)
    az("ad", "sp", "delete", "--id", app_id)
    az("ad", "app", "delete", "--id", app_id)
    assert az("ad", "app", "list", "--display-name", "Renamed") == []
