"""What holds for the code as a whole: layers, types, style, where tests lie; and that none goes missing in CI."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

TOOLS = {
    "types": ["-m", "mypy"],
    "layers": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
    "style": ["-m", "ruff", "check"],
    "format": ["-m", "ruff", "format", "--check"],
}

BESIDE_THE_HOUSE = {"browser", "conformance", "interop", "matrix", "notebooks", "scenarios"}
"""Tests of the whole: in a browser, with others' programs, under mishaps, of notebooks as such, of tenants as found."""

SAMPLE = """
import pytest

@pytest.mark.skip(reason="no Chromium")
def test_marked(): ...

def test_by_itself():
    pytest.skip("no xmlsec1")

@pytest.mark.xfail(strict=True)
def test_expected_to_fail():
    assert False

def test_that_passes(): ...
"""


def run(*arguments: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=kept | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.long
@pytest.mark.parametrize("tool", TOOLS)
def test_house_is_in_order(tool: str) -> None:
    done = run(*TOOLS[tool])
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def folders(top: str, files: str) -> set[str]:
    """Every folder below the one named with a file like this in it or below it."""
    base = ROOT / top
    return {str(each) for path in base.rglob(files) for each in path.relative_to(base).parents[:-1]}


def test_tests_lie_where_what_they_test_lies() -> None:
    rooms, tests = folders("flexsso_helpers", "*.py"), folders("tests", "test_*.py")
    assert tests - rooms == BESIDE_THE_HOUSE
    assert rooms - tests == set()


@pytest.fixture
def skipping(tmp_path: Path) -> Path:
    """A folder of tests that skip, under the same conftest as these."""
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    (tmp_path / "test_module.py").write_text("import pytest\npytest.importorskip('no_such_package')\n")
    return tmp_path


def test_a_skip_is_counted_and_named(skipping: Path) -> None:
    done = run("-m", "pytest", "-ra", folder=skipping)
    assert done.returncode == 0, done.stdout
    assert "1 passed, 3 skipped, 1 xfailed" in done.stdout
    assert all(reason in done.stdout for reason in ("no Chromium", "no xmlsec1", "no_such_package"))


def test_in_ci_a_skip_fails_with_its_reason(skipping: Path) -> None:
    done = run("-m", "pytest", "--continue-on-collection-errors", folder=skipping, CI="true")
    assert done.returncode == 1, done.stdout
    assert "1 failed, 1 passed, 1 xfailed, 2 errors" in done.stdout
    assert all(reason in done.stdout for reason in ("no Chromium", "no xmlsec1", "no_such_package"))
