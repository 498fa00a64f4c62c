"""CONTRIBUTING takes a newcomer by the hand: its paths are there, its house is the house, its first change works."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from stage import PROJECT

from flexsso_helpers.handover.invitation import PARTS
from flexsso_helpers.notebooks import STEPS
from flexsso_helpers.saml.checks.numbers import CHECKS
from flexsso_helpers.sections.documented import ALL

PAGE = (PROJECT / "CONTRIBUTING.md").read_text("utf-8")
WALK = PAGE.partition("## A first change")[2].partition("\n## ")[0]
TOPS = (PROJECT, PROJECT / "flexsso_helpers")
MISTAKES = "tests/saml/checks/test_mistakes.py"


def contract(name: str) -> list[str]:
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if name in each["name"])
    return [part.strip() for layer in layers for part in re.split(r"[:|]", layer)]


def test_every_path_that_it_names_is_there() -> None:
    named = set(re.findall(r"(?:tests|flexsso_helpers|scripts|docs|benchmarks|parameters)/[\w/.]*\w", PAGE))
    assert {each for each in named if not any((top / each).exists() for top in TOPS)} == set()
    assert MISTAKES in named


def test_its_house_names_every_room_of_the_contract() -> None:
    house = PAGE.partition("## The house")[2].partition("```\n")[2].partition("```")[0]
    assert {room.rpartition(".")[2] for room in contract("The house")} - set(re.findall(r"\w+", house)) == set()


def test_each_documented_step_stands_wherever_a_step_is_named() -> None:
    """Whoever adds one is told what is missing."""
    numbers = [each.number for each in STEPS]
    assert [each.number for each in ALL] == numbers
    assert [number for number, *_ in PARTS] == numbers[:-1], "08 takes its minutes for each person who signs on"


def test_the_number_of_its_first_change_is_free() -> None:
    used = set(re.findall(r"\bS\d\d\b", WALK))
    assert used
    assert used.isdisjoint(CHECKS)


def blocks() -> list[str]:
    return [
        re.sub(r"^   ", "", each, flags=re.MULTILINE) for each in re.findall(r"```python\n(.*?)```", WALK, re.DOTALL)
    ]


@pytest.mark.full
def test_its_first_change_goes_as_it_says(tmp_path: Path) -> None:
    for name in ("flexsso_helpers", "tests", "pyproject.toml"):
        kept = PROJECT / name
        if kept.is_dir():
            shutil.copytree(kept, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "matrix", "browser"))
        else:
            shutil.copy(kept, tmp_path / name)
    row, check = blocks()
    line = re.search(r'`("S\d\d": "[^`]*",)`', WALK)
    assert line
    _insert(tmp_path / MISTAKES, '    "another\'s name": ', row, indent=4)
    assert _tests(tmp_path, MISTAKES) == 1
    _insert(tmp_path / "flexsso_helpers/saml/checks/attributes.py", "\n\ndef _namespaces(", check, indent=4)
    _insert(tmp_path / "flexsso_helpers/saml/checks/numbers.py", '    "S90": ', line[1] + "\n", indent=4)
    assert _tests(tmp_path, MISTAKES) == 0


def _insert(file: Path, before: str, text: str, *, indent: int) -> None:
    content = file.read_text("utf-8")
    assert content.count(before) == 1
    whole = "".join(" " * indent + each for each in text.strip("\n").splitlines(keepends=True))
    file.write_text(content.replace(before, f"{whole}\n{before}"), "utf-8")


def _tests(folder: Path, name: str) -> int:
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "", name]
    return subprocess.run(run, cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, check=False).returncode
