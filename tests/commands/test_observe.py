"""`flexsso observe` as a person types it, over a stage."""

import json
from pathlib import Path
from typing import Any

import pytest
from stage import Stage
from typer.testing import CliRunner

from flexsso_helpers.commands import main
from flexsso_helpers.first_contact import walk
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World
from flexsso_helpers.session import Session

RUNNER = CliRunner()


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The command opens this stage in place of a server's."""
    made = Stage(tmp_path / "stage", world=World(quirks={"bad_id_status": "404"}))

    async def opened(_tenant: Any, *, apply: bool, folder: Path, record: bool) -> Session:
        assert folder.parent.parent == tmp_path / "runs"
        return await made.open(apply=apply, record=record)

    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(walk, "open_session", opened)
    return made


def told(*arguments: str, ends: int) -> str:
    result = RUNNER.invoke(main.app, ["observe", *arguments])
    assert result.exit_code == ends, result.output
    return result.stdout


def test_to_look_only_names_what_differs_and_leaves_three_files(stage: Stage) -> None:
    said = told("rehearsal", "--read-only", ends=2)
    assert "* **bad_id_status**: here `404`; we go by `400`. It touches 00 · Start here. The runbook copes." in said
    assert "Nothing was written." in said
    kept = [Path(line) for line in said.splitlines() if line.startswith("/")]
    assert [path.name for path in kept] == ["observations.yaml", "first_contact.md", "issue.md"]
    assert all(path.is_file() for path in kept)
    assert "services.twilio.com/v1/Flex/Authentication/Config" in kept[2].read_text("utf-8")
    assert stage.writes["graph"] == 0


@pytest.mark.full
def test_a_tenant_that_was_named_again_is_written_to_and_found_clean(stage: Stage) -> None:
    result = RUNNER.invoke(main.app, ["observe", "rehearsal", "--test-tenant", TENANT_ID, "--json"])
    assert result.exit_code == 2, result.output
    found = json.loads(result.stdout)
    assert (found["clean"], found["left"], found["read_only"]) == (True, [], False)
    assert all(f"{step['number']} · {step['title']} · {step['went']}" in result.stderr for step in found["steps"])
    unasked = {"8", "9", "10"}  # nobody signs on
    assert {step["number"] for step in found["steps"] if step["went"] != "walked"} == unasked
    assert [each for each in found["observations"] if each["question"] == "bad_id_status"] == [
        {"question": "bad_id_status", "alternative": "404", "why_not": "", "attested": False, "expected": "400"}
    ]
    assert stage.writes["graph"] > 20


@pytest.mark.full
def test_whoever_agreed_to_be_billed_hears_what_console_holds_now(stage: Stage) -> None:
    said = told(
        "rehearsal", "--test-tenant", TENANT_ID, "--billed-user", "ada.admin@contoso.com", "--watched", "5", ends=2
    )
    assert "* flex_console: the values of the throw-away application, which is gone: no mistake is left" in said
    assert "in the metadata after" in said
    assert "* multi_cert: `refuse` (said)" in said
    assert stage.writes["sign_ins"] >= 3


def test_a_recording_is_judged_without_asking_anybody(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    told("rehearsal", "--read-only", ends=2)
    monkeypatch.setattr(walk, "open_session", None)
    said = told("--recording", str(stage.folder / "run-1"), "--attest", "worker_touch=stays", ends=2)
    assert "here `404`" in said
    assert "* **worker_touch**: here `stays`, as a person said; we go by `moves`." in said


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("rehearsal", "--read-only", "--attest", "nonsense"),
        ("--recording", "/nowhere"),
        ("nobody", "--read-only"),
        ("rehearsal",),
    ],
)
def test_wrong_use_is_told_before_anything_is_asked(arguments: tuple[str, ...]) -> None:
    assert RUNNER.invoke(main.app, ["observe", *arguments]).exit_code == 2  # click's own; the command turns it into 64
