"""`flexsso run` of a file with `practice: live`: as on a live tenant, whatever needs a person waits (exit 3)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from live_play import LIVE
from stage import PROJECT, REHEARSAL

from flexsso_helpers.parameters import load
from flexsso_helpers.rehearsal.server.seed import AUTOMATION_CLIENT

pytestmark = [pytest.mark.kernel, pytest.mark.full]
BY_SECRET = {"method": "client_secret", "client_id": AUTOMATION_CLIENT, "secret": "env:NO_SUCH_SECRET"}


def flexsso(folder: Path, *words: str) -> tuple[int, str]:
    environment = {**os.environ, "FLEXSSO_RUNS": str(folder / "runs"), "FLEXSSO_HOME": str(PROJECT)}
    command = [sys.executable, "-m", "flexsso_helpers.commands.main", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    return done.returncode, done.stdout


def test_a_run_without_anybody_ends_where_a_person_is_awaited(tmp_path: Path) -> None:
    values = load(REHEARSAL).model_dump(mode="json", exclude_none=True) | LIVE
    file = tmp_path / "as-live.yaml"
    file.write_text(yaml.safe_dump({"tenant": values | {"name": "as-live", "sign_in": BY_SECRET}}), "utf-8")
    before = file.read_bytes()
    try:
        code, said = flexsso(tmp_path, "run", str(file), "--apply", "--json")
        _, status = flexsso(tmp_path, "rehearsal", "status", "as-live", "--json")
    finally:
        flexsso(tmp_path, "rehearsal", "stop", "as-live")
    [result] = json.loads(said)
    outcomes = {record["notebook"][:2]: record["outcome"] for record in result["notebooks"]}
    assert code == result["outcome"] == 3
    assert {number for number, outcome in outcomes.items() if outcome == 3} >= {"02", "06", "08"}
    assert set(outcomes.values()) <= {0, 2, 3}
    assert (result["rehearsal"], result["sign_ons"]) == (True, {})
    writes = json.loads(status)["writes"]
    assert writes["graph"] > 0
    assert (writes["console"], writes["sign_ins"]) == (0, 0)
    assert file.read_bytes() == before
