"""README's and CONTRIBUTING's commands, run as they are written, in a copy of the project with a tenant of one's own.

The copy has two of the step notebooks and those of two commands, which is enough; test_run goes through all steps. What
is not run here is named with the reason, and a command that is new in either page has to be put on one of the lists.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from shell import PROJECT, conforms

from flexsso_helpers.wire.rehearsal_client import find_rehearsal

BY_HAND = ("customer", "unattended", "practice", "installing", "proved", "record", "first_contact")
PAGES = ("README.md", "CONTRIBUTING.md", *(f"docs/{name}.md" for name in BY_HAND))
COMMAND = re.compile(r"(?:\.venv[/\\](?:bin|Scripts)[/\\]|make\b|conda |py -|\.ci/|flexsso )\S*.*")
NOTEBOOKS = ("04", "05", "20", "21")

pytestmark = pytest.mark.kernel


@dataclass(frozen=True)
class Run:
    """How a command ends, and words that it prints."""

    ends: int = 0
    says: tuple[str, ...] = ()
    first: str = ""
    """What the pages say has to be there beforehand."""
    many: bool = False
    """Whether it starts so many kernels that it is left to `make test-all`."""


RESET = ".venv/bin/flexsso rehearsal reset --before 04"
STARTED = "test -e runs/contoso/*/handover.html || .venv/bin/flexsso run contoso --only 05 || true"
RUN = {
    "make help": Run(says=("make demo", "make schema")),
    ".venv/bin/flexsso show NAME": Run(says=("tenant_id", "contoso.yaml:")),
    ".venv/bin/flexsso doctor NAME": Run(says=("Ready.",)),
    "flexsso init FOLDER": Run(says=("files written", "Next, in that folder")),
    "flexsso schema --result": Run(says=("schema_version",)),
    ".venv/bin/flexsso prepare NAME --at 2026-12-01T09:00": Run(says=("invitation.ics", "invitation.eml")),
    ".venv/bin/flexsso status NAME": Run(3, ("Next: 00 · Start here",), first=STARTED, many=True),
    ".venv/bin/flexsso handover NAME": Run(says=("handover.html",), first=STARTED, many=True),
    ".venv/bin/flexsso handover NAME --verify": Run(says=("Checksum",), first=STARTED, many=True),
    ".venv/bin/flexsso run parameters/contoso.yaml": Run(2, ("--apply makes them",), many=True),
    ".venv/bin/flexsso run parameters/contoso.yaml --apply": Run(2, ("contoso · REHEARSAL",), many=True),
    ".venv/bin/flexsso run parameters/*.yaml --apply --allow-removals": Run(
        2,
        ("contoso · REHEARSAL", "rehearsal · REHEARSAL", "Skipped: an example", "Skipped: practice: you"),
        many=True,
    ),
    ".venv/bin/flexsso run parameters/*.yaml --apply --workers 8 --continue": Run(
        2, ("contoso · REHEARSAL", "Fleet page: "), many=True
    ),
    ".venv/bin/flexsso observe NAME --read-only": Run(says=("# First contact", "Nothing was written.")),
    ".venv/bin/flexsso drift parameters/contoso.yaml": Run(2, ("Something moved",), many=True),
    ".venv/bin/flexsso rotate contoso --phase stage": Run(3, ("03",), many=True),
    ".venv/bin/flexsso run contoso --only 04,05 --json": Run(2, ('"schema_version": 1', '"05_app_roles"'), many=True),
    ".venv/bin/papermill notebooks/04_attributes_and_claims.ipynb out.ipynb -f parameters/rehearsal.yaml": Run(
        first=RESET, many=True
    ),
    ".venv/bin/flexsso runs prune --older-than 30d --keep-proofs": Run(says=("0 removed",)),
    ".venv/bin/flexsso rehearsal status": Run(says=("Running at http://localhost:",)),
    ".venv/bin/flexsso rehearsal reset": Run(says=("at its beginning",)),
    RESET: Run(says=("before notebook 04",)),
    ".venv/bin/flexsso rehearsal serve": Run(),
}
ELSEWHERE = "needs a machine of its own"
NOT_RUN = {
    ".venv/bin/flexsso people contoso people.csv": "needs a list of somebody's own; test_drift_and_rotate runs it",
    ".venv/bin/flexsso undo contoso": "test_drift_and_rotate runs it",
    "make demo": ".ci/run runs it",
    "make practice": "opens JupyterLab; test_guided_session runs the same",
    "make test": "runs this test",
    "make test-all": "runs this test",
    "make test-night": "takes an hour; each of its families has cases in `make test-all`",
    ".ci/run": "runs this test",
    "make coverage": "runs most tests once more",
    "make matrix": "disturbs runs for half an hour; tests/matrix/test_matrix.py proves what it finds",
    "make mutants ROOM=plan": "runs a room's tests hundreds of times; test_mutants proves what it asks for",
    "make lint": "test_house runs the same tools",
    "make docs": "changes the notebooks; test_notebook_outputs proves what it made",
    "make pictures": "changes the pages' pictures; test_readme_pictures proves what it made",
    "make schema": "changes the schemas; test_parameters_schema and test_result compare them",
    "make release-check": "makes an environment of its own, and takes minutes",
    "make lock": "asks the package index",
    "make lock UPGRADE=--upgrade": "asks the package index",
    ".venv/bin/python -m pytest tests/saml": "is run with all tests",
    '.venv/bin/python -m pytest -m "" tests/saml': "test_contributing runs it where it should be red and green",
    ".venv/bin/python -m pytest tests/test_reference_pages.py": "is run with all tests",
    ".venv/bin/python scripts/make_pages.py": "changes the pages; test_reference_pages compares what it writes",
    ".venv/bin/python -m tests.first_contact": "plays each answer by itself; test_named_right plays them in rounds",
    "make matrix-kernels": "kills and stops runs with kernels for ten minutes; test_stopping stops one",
    ".venv/bin/python -m tests.conformance": "tests/conformance holds the same exchanges against the descriptions",
    ".venv/bin/python -m flexsso_helpers.coverage": "test_coverage_table runs it",
    ".venv/bin/python -m flexsso_helpers.coverage --live": "test_failures plays the same files",
    ".venv/bin/flexsso guide NAME": "opens JupyterLab; test_guide and test_guided_session run it",
    ".venv/bin/flexsso guide NAME --present": "as above; test_customer_view runs it",
    ".venv/bin/flexsso guide --slow": "as above; test_rehearsal_client tries its clock",
    ".venv/bin/flexsso observe NAME": "asks a person; test_observe runs the same",
    ".venv/bin/flexsso observe NAME --billed-user ada@contoso.com": "as above",
    ".venv/bin/flexsso observe --recording FOLDER": "needs the folder of a run; test_recorded_run runs the same",
    ".venv/bin/flexsso run NAME --record": "test_recorded_run runs the same",
    "flexsso rehearsal serve --as observations.yaml": "needs somebody's observations; test_rehearsal runs the same",
    ".venv/bin/keyring set service user": "asks a person for the secret and writes to the system's keychain",
    "conda env create -f environment.yml": "needs conda; the page says that it was not tried",
    "conda run -n flexsso pip install --no-deps --no-build-isolation --editable .": "as above",
    "conda run --live-stream -n flexsso flexsso run parameters/rehearsal.yaml --apply": "as above",
    "py -3.12 -m venv .venv": "needs Windows; the page says that it was not tried",
    r".venv\Scripts\python -m pip install --require-hashes -r requirements.lock": "as above",
    r".venv\Scripts\python -m pip install --require-hashes -r requirements-dev.lock": "as above",
    r".venv\Scripts\python -m pip install --no-deps --no-build-isolation --editable .": "as above",
    r".venv\Scripts\flexsso run parameters\rehearsal.yaml --apply": "as above",
    r".venv\Scripts\python -m pytest": "as above",
}


def documented(page: str) -> list[str]:
    """Each command of a page, in order and once: a line of a fenced block, or a piece of code in a sentence."""
    text = (PROJECT / page).read_text("utf-8")
    fence = re.compile(r"^```\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    lines = [line for block in fence.findall(text) for line in block.splitlines()]
    pieces = re.findall(r"`([^`\n]+)`", fence.sub("", text))
    found = [re.sub(r"\s+#.*", "", each).strip() for each in (*lines, *pieces) if COMMAND.match(each)]
    return [each for each in dict.fromkeys(found) if each not in ("flexsso run", "flexsso")]


def test_every_documented_command_is_run_or_says_why_not() -> None:
    found = {command for page in PAGES for command in documented(page)}
    assert found - set(NOT_RUN) == set(RUN)
    assert not set(RUN) & set(NOT_RUN)
    assert all(NOT_RUN.values())
    assert set(NOT_RUN) - found == set(), "no longer documented"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project as it lies after `make demo`, with the file of a customer."""
    folder = tmp_path_factory.mktemp("clone") / "flexsso"
    (folder / "notebooks").mkdir(parents=True)
    for name in ("parameters", "docs"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("*.png"))
    for name in ("README.md", "Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(PROJECT / name, folder)
    for number in NOTEBOOKS:
        shutil.copy(next((PROJECT / "notebooks").glob(f"{number}_*.ipynb")), folder / "notebooks")
    text = (PROJECT / "parameters" / "rehearsal.yaml").read_text("utf-8")
    (folder / "parameters" / "contoso.yaml").write_text(text.replace("name: rehearsal ", "name: contoso "), "utf-8")
    (folder / ".venv").symlink_to(sys.prefix)
    yield folder
    for each in (folder / "runs" / ".rehearsal").glob("*"):
        if rehearsal_client := find_rehearsal(each):
            rehearsal_client.stop()


def shell(clone: Path, command: str) -> subprocess.Popen[str]:
    """The line in a shell, word for word; NAME is the tenant's."""
    dropped = ("FLEXSSO_HOME", "FLEXSSO_RUNS", "FLEXSSO_RUN", "MAKEFLAGS", "MAKELEVEL")
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    environment["PATH"] = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
    line = command.replace("NAME", "contoso")
    out = subprocess.PIPE
    return subprocess.Popen(
        ["bash", "-c", line], cwd=clone, env=environment, stdout=out, stderr=out, text=True, start_new_session=True
    )


def done(clone: Path, command: str, ends: int = 0) -> str:
    with shell(clone, command) as process:
        out, beside = process.communicate(timeout=300)
    assert process.returncode == ends, f"{command}: exit {process.returncode}\n{out}\n{beside}"
    assert "Traceback" not in out + beside
    return out


BY_TURNS = [
    pytest.param(command, marks=[pytest.mark.full] if run.many else [])
    for command, run in RUN.items()
    if not command.endswith("serve")
]


@pytest.mark.sampled(2)
@pytest.mark.thinned(12)
@pytest.mark.parametrize("command", BY_TURNS)
def test_a_documented_command_does_what_the_page_says(clone: Path, command: str) -> None:
    asked = RUN[command]
    if asked.first:
        done(clone, asked.first)
    if command.endswith("status"):
        done(clone, ".venv/bin/flexsso rehearsal reset")  # it starts the rehearsal, if nothing before has
    out = done(clone, command, asked.ends)
    missing = [words for words in asked.says if words not in out]
    assert not missing, out
    if command.endswith("--json"):
        conforms(json.loads(out))


@pytest.mark.full
def test_the_rehearsal_serves_in_the_foreground(clone: Path) -> None:
    done(clone, ".venv/bin/flexsso rehearsal stop")
    (command,) = (each for each in RUN if each.endswith("serve"))
    with shell(clone, command) as process:
        give_up = time.monotonic() + 60
        while find_rehearsal(clone / "runs" / ".rehearsal" / "rehearsal") is None:
            assert process.poll() is None
            assert time.monotonic() < give_up
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    assert find_rehearsal(clone / "runs" / ".rehearsal" / "rehearsal") is None
