"""The part of the command that chooses what is rehearsed: quirks, faults, people, cloud."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flexsso_helpers.commands import main
from flexsso_helpers.first_contact.observations import Observations
from flexsso_helpers.first_contact.verdicts.all_of_them import Verdict
from flexsso_helpers.rehearsal.server import server
from flexsso_helpers.rehearsal.world.quirks import ALTERNATIVES, QUIRKS
from flexsso_helpers.wire.rehearsal_client import RehearsalClient, find_rehearsal, open_rehearsal

SHELL = CliRunner()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the command asks the server for."""
    asked: dict[str, Any] = {}

    def serve(folder: Path, **settings: Any) -> None:
        asked.update(settings, folder=folder)

    monkeypatch.setattr(server, "serve", serve)
    return asked


def test_what_was_observed_is_played_and_what_is_said_beside_it_counts_more(
    served: dict[str, Any], tmp_path: Path
) -> None:
    seen = (Verdict(quirk="lag", alternative="long"), Verdict(quirk="legacy", alternative="working"))
    said = Verdict(quirk="worker_touch", alternative="stays", attested=True)
    untold = Verdict(quirk="region", why="nobody looked")
    file = tmp_path / "observations.yaml"
    file.write_text(Observations(cloud="gov_l4", verdicts=(*seen, said, untold)).yaml(), "utf-8")
    options = ["--folder", str(tmp_path), "--as", str(file), "--quirk", "lag=none"]
    assert SHELL.invoke(main.app, ["rehearsal", "serve", *options]).exit_code == 0
    assert served["quirks"] == {"lag": "none", "legacy": "working", "worker_touch": "stays"}
    assert served["cloud"] == "gov_l4"


@pytest.mark.parametrize(
    "text", ["", "seen: 3", "lag: long", 'format: 1\ncloud: global\nseen: {lag: "soon"}\nsaid: {}', "seen: [", "\x00"]
)
def test_another_file_is_no_observations(text: str, served: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "observations.yaml"
    file.write_text(text, "utf-8")
    result = SHELL.invoke(main.app, ["rehearsal", "serve", "--folder", str(tmp_path), "--as", str(file)])
    assert result.exit_code == 2
    assert "observations.yaml" in result.output
    assert served == {}


def test_all_settings_reach_the_server(served: dict[str, Any], tmp_path: Path) -> None:
    script = tmp_path / "faults.yaml"
    script.write_text("- {fault: conflict}\n", "utf-8")
    options = ["--quirk", "lag=none", "--quirk", "retry_after=absent", "--faults", str(script)]
    options += ["--people", "500", "--cloud", "gov_l4", "--folder", str(tmp_path)]
    assert SHELL.invoke(main.app, ["rehearsal", "serve", *options]).exit_code == 0
    assert served["quirks"] == {"lag": "none", "retry_after": "absent"}
    assert (served["people"], served["cloud"], served["faults"]) == (500, "gov_l4", [{"fault": "conflict"}])
    assert served["clock"] == "wall"  # whoever serves it by hand waits by the clock on the wall


def test_nothing_said_leaves_the_settings_of_the_folder(served: dict[str, Any]) -> None:
    assert SHELL.invoke(main.app, ["rehearsal", "serve"]).exit_code == 0
    assert [served[name] for name in ("quirks", "people", "cloud", "faults")] == [None] * 4
    assert (served["clock"], served["port"]) == ("wall", 0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--quirk", "lag"], "name=value", id="no value"),
        pytest.param(["--quirk", "moon=full"], "flexsso rehearsal quirks", id="unknown quirk"),
        pytest.param(["--quirk", "lag=short"], "one of ordinary, none, long", id="unknown alternative"),
        pytest.param(["--cloud", "mars"], "global, gov_l4", id="unknown cloud"),
        pytest.param(["--people", "3"], "40 to 100000 people", id="too few people"),
        pytest.param(["--faults", "nowhere.yaml"], "nowhere.yaml", id="no such script"),
    ],
)
def test_a_wrong_setting_is_told(options: list[str], said: str, tmp_path: Path) -> None:
    done = SHELL.invoke(main.app, ["rehearsal", "serve", "--folder", str(tmp_path), *options])
    assert done.exit_code == 2  # click's own; the command's entry point makes it 64
    assert said in " ".join(done.output.replace("│", " ").split())


def test_quirks_are_listed_with_what_is_expected() -> None:
    listed = SHELL.invoke(main.app, ["rehearsal", "quirks"], env={"COLUMNS": "80"}).output
    lines = listed.splitlines()
    assert all(f"  {answer}: " in listed for answers in ALTERNATIVES.values() for answer in answers)
    assert [line.partition(":")[0] for line in lines if not line.startswith(" ")] == sorted(ALTERNATIVES)
    assert "  strict: refused in 02 (Refused)" in lines
    found = json.loads(SHELL.invoke(main.app, ["rehearsal", "quirks", "--json"]).output)
    assert found["lag"]["choices"] == ["ordinary", "none", "long"]
    assert found["identifier_policy"]["expects"]["strict"] == ["refused", "Refused", "02"]


@pytest.fixture
def rehearsal_client(tmp_path: Path) -> Iterator[RehearsalClient]:
    command = [sys.executable, "-m", "flexsso_helpers.commands.main", "rehearsal", "serve", "--folder", str(tmp_path)]
    process = subprocess.Popen([*command, "--quirk", "lag=none", "--people", "45", "--idle", "60"])
    while find_rehearsal(tmp_path) is None:
        assert process.poll() is None
    yield open_rehearsal(tmp_path)
    process.kill()
    process.communicate()


@pytest.mark.kernel
@pytest.mark.full
def test_a_reset_changes_quirks_of_a_running_rehearsal(rehearsal_client: RehearsalClient) -> None:
    folder = ["--folder", str(rehearsal_client.folder)]
    assert rehearsal_client.status()["quirks"] == {"lag": "none"}
    assert SHELL.invoke(main.app, ["rehearsal", "reset", *folder, "--quirk", "retry_after=absent"]).exit_code == 0
    assert rehearsal_client.status()["quirks"] == {"retry_after": "absent"}
    assert SHELL.invoke(main.app, ["rehearsal", "reset", *folder]).exit_code == 0
    assert rehearsal_client.status()["quirks"] == {"retry_after": "absent"}
    assert SHELL.invoke(main.app, ["rehearsal", "reset", *folder, "--no-quirks"]).exit_code == 0
    assert rehearsal_client.status()["quirks"] == {}


def test_quirks_are_printed_as_lines_to_read_however_narrow_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = SHELL.invoke(main.app, ["rehearsal", "quirks"]).output.splitlines()
    at = lines.index(f"nameid_case: {QUIRKS['nameid_case'].source}")
    assert [line.split(":")[0].strip() for line in lines[at + 1 : at + 4]] == list(QUIRKS["nameid_case"].choices)
