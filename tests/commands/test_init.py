"""`flexsso init`: a folder that one can work in, nothing overwritten, and the same files in the wheel."""

import re
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from shell import PROJECT, Shell

from flexsso_helpers import places
from flexsso_helpers.commands.init import FILES, begin, told
from flexsso_helpers.notebooks import in_folder
from flexsso_helpers.parameters import find


def test_the_files_are_those_of_the_project(tmp_path: Path) -> None:
    begun = begin(tmp_path / "work")
    assert begun.written == FILES
    assert all((begun.folder / name).read_bytes() == (PROJECT / name).read_bytes() for name in FILES)
    assert in_folder(begun.folder / "notebooks").keys() == in_folder(PROJECT / "notebooks").keys()


def test_every_page_that_a_notebook_leads_to_is_there(tmp_path: Path) -> None:
    begun = begin(tmp_path / "work")
    texts = [path.read_text("utf-8") for path in (begun.folder / "notebooks").glob("*.ipynb")]
    led = {page for text in texts for page in re.findall(r"\.\./docs/([\w.-]+)", text)}
    assert {"checks.md", "instructions.md"} <= led
    assert [page for page in led if not (begun.folder / "docs" / page).is_file()] == []


def test_a_folder_without_pages_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that an earlier version made."""
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("FLEXSSO_HOME", str(tmp_path))
    (tmp_path / "runs" / "contoso" / "now").mkdir(parents=True)
    places.keep_pages(tmp_path / "runs" / "contoso" / "now")


def test_what_is_there_stays_and_is_named(tmp_path: Path) -> None:
    own = tmp_path / "parameters" / "rehearsal.yaml"
    own.parent.mkdir()
    own.write_text("mine", "utf-8")
    begun = begin(tmp_path)
    assert own.read_text("utf-8") == "mine"
    assert begun.kept == ("parameters/rehearsal.yaml",)
    assert "left as they were: parameters/rehearsal.yaml" in told(begun)
    assert begin(tmp_path).written == ()


@pytest.mark.full
def test_the_command_says_what_next_and_the_folder_is_found_from_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Shell(tmp_path).flexsso("init", str(tmp_path / "work"))
    assert "flexsso run rehearsal --apply" in said
    monkeypatch.delenv("FLEXSSO_HOME", raising=False)
    monkeypatch.chdir(tmp_path / "work" / "notebooks")
    assert places.project() == tmp_path / "work"
    assert find("rehearsal", folder=places.parameters()).is_file()


@pytest.mark.full
def test_a_folder_that_cannot_be_made_is_wrong_use(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    (tmp_path / "file").write_text("", "utf-8")
    shell.flexsso("init", str(tmp_path / "file"), expect=64)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    (built,) = WheelBuilder(str(PROJECT)).build(directory=str(folder), versions=["standard"])
    return zipfile.ZipFile(built)


def test_the_wheel_carries_them_and_no_tenant(wheel: zipfile.ZipFile) -> None:
    inside = "flexsso_helpers/_files/"
    carried = {name.removeprefix(inside) for name in wheel.namelist() if name.startswith(inside)}
    assert {name for name in carried - set(FILES) if not name.startswith("docs/")} == set()
    assert set(FILES) <= carried


def test_the_wheel_has_the_version_of_the_project(wheel: zipfile.ZipFile) -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"flexsso-{version}.dist-info/METADATA" in wheel.namelist()
