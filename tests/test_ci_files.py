"""The files for pipelines in docs/ci: they are what they seem, and call the command as it is."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from flexsso_helpers.commands.main import app
from flexsso_helpers.graph import SCOPES

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "ci"
FILES = sorted(FOLDER.iterdir())
COMMAND: Any = get_command(app)
RUN = COMMAND.commands["run"]
OPTIONS = {name for parameter in RUN.params for name in parameter.opts if name.startswith("--")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_they_are_yaml_and_their_options_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    assert yaml.safe_load(text)
    runs = re.findall(r"flexsso run .*", text)
    assert runs
    used = {option for line in runs for option in re.findall(r"(?<!\S)(--[a-z-]+)", line)}
    assert used <= OPTIONS
    assert "Not tried" in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_metrics_lie_where_another_account_may_read(path: Path) -> None:
    """Nobody but its owner gets into the folder of runs."""
    written = re.findall(r"--metrics (\S+?)[\s\"\]]", path.read_text("utf-8"))
    assert [each for each in written if each.startswith("runs/")] == []
    mounted = re.findall(r"mountPath: (/\S+)", path.read_text("utf-8"))
    assert [each for each in written if each.startswith("/") and str(Path(each).parent) not in mounted] == []


def test_the_page_leads_to_each_of_them() -> None:
    page = (FOLDER.parent / "many_tenants.md").read_text("utf-8")
    assert set(re.findall(r"\]\(ci/([^)]+)\)", page)) == {path.name for path in FILES}


def test_the_page_names_every_permission_that_is_asked_for() -> None:
    page = (FOLDER.parent / "many_tenants.md").read_text("utf-8")
    listed = page.partition("## Which permissions")[2].partition("\n## ")[0]
    asked = {*SCOPES, "AuditLog.Read.All", "Directory.Read.All"}
    assert set(re.findall(r"`([A-Z]\w+(?:\.\w+)+)`", listed)) == asked
