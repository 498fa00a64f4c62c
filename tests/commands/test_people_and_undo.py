"""`flexsso people` and `flexsso undo` with real kernels, over a tenant that was set up before: twice each."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from past import leave, set_up
from stage import PROJECT

from flexsso_helpers.wire.rehearsal_client import find_rehearsal

pytestmark = [pytest.mark.full, pytest.mark.kernel]

NAME = "rehearsal"
NEXT_MONTH = "user,role\nsol.supervisor@contoso.com,admin\nbo.agent@contoso.com,agent\nrhea.reader@contoso.com,agent\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    leave(set_up(home / "runs", NAME), home / "runs", NAME)
    yield home
    if client := find_rehearsal(home / "runs" / ".rehearsal" / NAME):
        client.stop()


def flexsso(home: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """The command, its exit code and its result."""
    environment = os.environ | {
        "FLEXSSO_HOME": str(PROJECT),
        "FLEXSSO_RUNS": str(home / "runs"),
        "IPYTHONDIR": str(home / ".ipython"),
    }
    command = [sys.executable, "-m", "flexsso_helpers.commands.main", *words, "--json"]
    done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, json.loads(done.stdout)


def made(result: dict[str, Any]) -> tuple[int, str]:
    """The outcome, and the verdict of its one notebook."""
    [notebook] = result["notebooks"]
    return result["outcome"], notebook["verdict"]


def test_a_list_comes_in_and_everything_is_taken_back(home: Path) -> None:
    people = home / "people.csv"
    people.write_text(NEXT_MONTH, "utf-8")
    code, result = flexsso(home, "people", NAME, str(people), "--apply", "--allow-removals")
    assert (code, made(result)) == (2, (2, "proved, 5 changes made")), result
    code, result = flexsso(home, "people", NAME, str(people), "--apply", "--allow-removals")
    assert (code, made(result)) == (0, (0, "proved, nothing changed")), result

    code, result = flexsso(home, "undo", NAME)
    assert (code, result["outcome"]) == (2, 2), result
    code, result = flexsso(home, "undo", NAME, "--apply", "--allow-removals")
    assert (code, result["outcome"]) == (2, 2), result
    assert "proved" in made(result)[1]
    code, result = flexsso(home, "undo", NAME, "--apply", "--allow-removals")
    assert (code, made(result)) == (0, (0, "proved, nothing changed")), result
