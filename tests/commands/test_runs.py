"""Old runs go; those that undo, the change record or a proof rests on stay."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flexsso_helpers.commands.main import app
from flexsso_helpers.commands.result import TenantResult, notebook_result
from flexsso_helpers.ledger import Ledger
from flexsso_helpers.plan import Evidence, Target

TARGET = Target(tenant="x", title="x", cloud="rehearsal", tenant_id="t", account_sid="a", application="Twilio Flex")
LONG_AGO = ("2026-01-01T02-00-00Z", "2026-01-02T02-00-00Z", "2026-01-02T02-00-00Z-2", "2026-01-03T02-00-00Z")
NEW = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")


def ledger(folder: Path) -> Ledger:
    return Ledger(folder, rehearsal=True, now=lambda: datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that wrote, a look, the newest proof, a note, one of today; fleets; and what is no run."""
    runs = tmp_path / "runs"
    monkeypatch.setenv("FLEXSSO_RUNS", str(runs))
    wrote, look, proof, note = (runs / "contoso" / name for name in LONG_AGO)
    for folder in (wrote, look, proof, note, runs / "contoso" / NEW, runs / "contoso" / "docs", runs / ".kept"):
        folder.mkdir(parents=True)
        (folder / "file").write_text("x" * 1000, "utf-8")
    ledger(wrote).intent(service="graph", method="POST", path="/x", why="Making it", before=None, body=None)
    of_look = ledger(proof)
    of_look.section = "03"
    of_look.proved(Evidence(section="03", title="", target=TARGET, findings=(), planned=0))
    (note / "notes.jsonl").write_text("{}\n", "utf-8")
    for name in (LONG_AGO[0], NEW):
        (runs / f"fleet-{name}.json").write_text("{}", "utf-8")
        (runs / f"fleet-{name}.html").write_text("", "utf-8")
    return runs


def left(runs: Path) -> set[str]:
    return {path.name for path in (*runs.iterdir(), *(runs / "contoso").iterdir())}


def prune(*words: str, ends: int = 0) -> str:
    done = CliRunner().invoke(app, ["runs", "prune", *words])
    assert done.exit_code == ends, done.output
    return done.output


def test_what_nothing_rests_on_goes_and_everything_else_stays(runs: Path) -> None:
    before = left(runs)
    assert "4 removed" in prune("--older-than", "30d")
    assert before - left(runs) == {*LONG_AGO[1:3], f"fleet-{LONG_AGO[0]}.json", f"fleet-{LONG_AGO[0]}.html"}


def test_a_proof_stays_where_it_is_to_be_kept(runs: Path) -> None:
    prune("--older-than", "30d", "--keep-proofs")
    assert LONG_AGO[2] in left(runs)
    assert LONG_AGO[1] not in left(runs)


AT = "2026-01-07T02:00:00+00:00"


def test_what_a_kept_look_leads_to_stays_with_its_proof(runs: Path) -> None:
    """A look holds no notebook and no page: those are in runs before it, which wrote nothing."""
    executed, handed_over, look, passed = (runs / "contoso" / f"2026-01-0{day}T02-00-00Z" for day in (5, 6, 7, 8))
    for folder in (executed, handed_over, look, passed):
        folder.mkdir()
        told = ledger(folder)
        told.section = "03"
        if folder is not passed:
            told.proved(Evidence(section="03", title="", target=TARGET, findings=(), planned=0))
    notebook = notebook_result("03_signing_certificate", look, outcome=0, verdict="proved", as_good_as=str(executed))
    result = TenantResult(
        tenant="contoso", file="", rehearsal=True, outcome=0, started=AT, ended=AT, notebooks=[notebook],
        folder=str(look), handover=str(handed_over / "handover.html"),
    )  # fmt: skip
    (look / "result.json").write_text(result.model_dump_json(), "utf-8")
    prune("--older-than", "30d", "--keep-proofs")
    assert left(runs) >= {executed.name, handed_over.name, look.name}
    assert left(runs).isdisjoint({LONG_AGO[1], LONG_AGO[2], passed.name})


def test_a_dry_run_removes_nothing_and_says_what_it_would(runs: Path) -> None:
    before = left(runs)
    said = prune("--older-than", "30d", "--dry-run")
    assert f"contoso/{LONG_AGO[1]}" in said.replace(os.sep, "/")
    assert "4 would be removed" in said
    assert left(runs) == before


def test_nothing_is_old_enough_or_there_is_nothing(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "0 removed" in prune("--older-than", "2025-12-31")
    monkeypatch.setenv("FLEXSSO_RUNS", str(runs / "nowhere"))
    assert "0 removed" in prune("--older-than", "1d")


@pytest.mark.skipif(os.name == "nt", reason="Windows asks a right for links")
def test_a_link_is_not_followed(runs: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    (runs / "contoso" / "2026-01-04T02-00-00Z").symlink_to(elsewhere)
    prune("--older-than", "30d")
    assert (elsewhere / "kept").exists()


def test_what_cannot_be_removed_is_said(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("flexsso_helpers.commands.runs.shutil.rmtree", refused)
    assert "Permission denied" in prune("--older-than", "30d", ends=1)


def test_wrong_use_is_told(runs: Path) -> None:
    assert "is no moment" in prune("--older-than", "soon", ends=2)
