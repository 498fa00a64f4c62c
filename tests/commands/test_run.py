"""The command as its users meet it: real notebooks, kernels of their own, the rehearsal's server, exit codes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from shell import PROJECT, REHEARSAL, Shell

STEPS = 9
CONVERGED_LEAVES = 100_000
"""Bytes, at the most: a tenant is run each night."""

pytestmark = pytest.mark.kernel


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    yield shell
    if (shell.runs / ".rehearsal").exists():
        shell("flexsso_helpers.commands.main", "rehearsal", "stop")


def left(runs: Path) -> dict[Path, int]:
    """What runs have left, with its size; a rehearsal's own folder exists nowhere else."""
    files = (path for path in runs.rglob("*") if path.is_file())
    return {path: path.stat().st_size for path in files if ".rehearsal" not in path.parts}


def outcomes(result: dict[str, Any]) -> list[int]:
    return [record["outcome"] for record in result["notebooks"]]


def executed(result: dict[str, Any], number: str) -> nbformat.NotebookNode:
    path = next(Path(result["folder"]).glob(f"{number}_*.ipynb"))
    return nbformat.read(path, as_version=4)


def text_of(notebook: nbformat.NotebookNode) -> str:
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert not [output for output in shown if output.output_type == "error"]
    return "\n".join(str(output.get("data", {}).get("text/plain", output.get("text", ""))) for output in shown)


@pytest.mark.full
def test_a_dry_run_then_the_real_one_then_nothing_left_to_do(shell: Shell) -> None:
    dry = shell.results(str(REHEARSAL), expect=2)[0]
    assert shell.writes() == {"graph": 0, "console": 0, "sign_ins": 0}
    assert outcomes(dry) == [0, *[2] * (STEPS - 1)]
    for number in ("02", "03", "04", "05", "07"):
        assert "known after 01" in text_of(executed(dry, number)), number

    made = shell.results("rehearsal", "--apply", expect=2)[0]
    assert outcomes(made) == [0, *[2] * (STEPS - 1)]
    roles = {who: words.split(" · ")[0] for who, words in made["sign_ons"].items()}
    assert roles == {
        "ada.admin@contoso.com": "roles admin",
        "sol.supervisor@contoso.com": "roles supervisor",
        "bo.agent@contoso.com": "roles agent",
    }
    assert dry["certificate"] is None
    assert made["certificate"]["days_left"] > 1000
    signed = next(record for record in made["notebooks"] if record["notebook"].startswith("03"))
    assert {check["state"] for check in signed["checks"]} == {"holds"}
    assert signed["started"] <= signed["ended"] <= made["ended"]
    assert signed["session_started"] < signed["session_ended"]
    assert "Contoso" in Path(made["handover"]).read_text("utf-8")
    assert len(list((Path(made["folder"]) / "responses").glob("*.xml"))) == len(roles)
    folder = Path(made["folder"])
    pages = set(re.findall(r"\.\./docs/\w+\.md", "".join(path.read_text("utf-8") for path in folder.glob("*.ipynb"))))
    assert {"../docs/checks.md", "../docs/instructions.md"} <= pages
    assert [page for page in pages if not (folder / page).is_file()] == []

    before, lay = shell.writes(), left(shell.runs)
    again = shell.flexsso("run", str(REHEARSAL), "--apply")
    assert "there was nothing to do" in again
    assert again.count("proved, nothing changed") == STEPS
    assert shell.writes() == before
    more = {path: size for path, size in left(shell.runs).items() if lay.get(path) != size}
    assert any(path.name == "result.json" for path in more)
    assert sum(more.values()) < CONVERGED_LEAVES, sorted(more.items(), key=lambda each: -each[1])


@pytest.mark.full
def test_a_notebook_made_then_nothing_left_to_do(shell: Shell) -> None:
    """The same with one notebook, which is enough to see that a run finds what the one before left."""
    only = ("--only", "01")
    made = shell.results("rehearsal", "--apply", *only, expect=2)[0]
    assert [record["outcome"] for record in made["notebooks"] if record["outcome"] is not None] == [2]
    assert "Contoso" in Path(made["handover"]).read_text("utf-8")

    before = shell.writes()
    assert before["graph"] > 0
    again = shell.flexsso("run", str(REHEARSAL), "--apply", *only)
    assert again.count("proved, nothing changed") == 1
    assert shell.writes() == before


@pytest.mark.full
def test_plain_papermill_from_any_folder(shell: Shell) -> None:
    shell.flexsso("rehearsal", "reset", "--before", "04")
    notebook = PROJECT / "notebooks" / "04_attributes_and_claims.ipynb"
    out = shell.folder / "out.ipynb"
    shell("papermill", str(notebook), str(out), "-f", str(REHEARSAL))
    assert "proved, 5 changes made" in text_of(nbformat.read(out, as_version=4))


@pytest.mark.full
def test_a_typo_contacts_nobody(shell: Shell) -> None:
    broken = shell.folder / "rehearsal.yaml"
    broken.write_text(REHEARSAL.read_text("utf-8").replace("name_id: mail", "nameid: mail"), "utf-8")
    said = shell.flexsso("run", str(broken), "--apply", expect=1)
    assert "nameid is unknown; did you mean name_id?" in said
    assert not (shell.runs / ".rehearsal").exists()


@pytest.mark.full
def test_a_rehearsal_for_a_person_is_not_waited_for(shell: Shell) -> None:
    said = shell.flexsso("run", "practice", "--apply", expect=3)
    assert "flexsso guide practice" in said
    assert not (shell.runs / ".rehearsal").exists()


@pytest.mark.thinned(2)
@pytest.mark.parametrize(
    "words", [("run", "nobody"), ("run",), ("run", "rehearsal", "--only", "77"), ("dance",)], ids=" ".join
)
def test_wrong_use_is_told_from_failure(shell: Shell, words: tuple[str, ...]) -> None:
    shell.flexsso(*words, expect=64)


@pytest.mark.full
def test_a_failed_step_stops_those_after_it(shell: Shell) -> None:
    shell.flexsso("rehearsal", "reset")
    reader = shell.folder / "rehearsal.yaml"
    text = REHEARSAL.read_text("utf-8").replace("  sign_in:\n", "  sign_in:\n    user: rhea.reader@contoso.com\n", 1)
    lines = text.splitlines(keepends=True)
    first = next(index for index, line in enumerate(lines) if "rhea.reader" in line)
    lines = lines[: first + 1] + [
        line for line in lines[first + 1 :] if not line.strip().startswith("user: ada.admin@contoso.com")
    ]
    reader.write_text("".join(lines), "utf-8")
    result = shell.results(str(reader), "--apply", expect=1)[0]
    assert outcomes(result) == [0, 1, *[None] * (STEPS - 2)]  # a right that is not seen is not known: the write tells
    assert "NotPermitted" in result["notebooks"][1]["error"]
    assert [check["state"] for check in result["notebooks"][0]["checks"] if check["check"] == "G02"].count(
        "unknown"
    ) == 3
    assert shell.writes()["graph"] == 0
