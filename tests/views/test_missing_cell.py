"""A name that an earlier cell makes leads to that cell, in every notebook."""

import ast
import asyncio
import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from flexsso_helpers.views.errors_html import _drawn
from flexsso_helpers.views.missing_cell import TITLE, parts_for

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


class Shell:
    """What IPython is asked to write below the card, or in its place."""

    def __init__(self) -> None:
        self.lines = list[str]()

    def _showtraceback(self, _kind: Any, _error: Any, lines: list[str]) -> None:
        self.lines = lines


def made_by(path: Path) -> dict[str, str]:
    """Every name that a cell of this notebook makes, and the heading above that cell."""
    found, heading = dict[str, str](), ""
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            headings = [line.lstrip("# ") for line in source.splitlines() if line.startswith("##")]
            heading = headings[-1] if headings else heading
            continue
        for line in ast.walk(ast.parse(source)):
            if isinstance(line, ast.Name) and isinstance(line.ctx, ast.Store):
                found.setdefault(line.id, heading)
            elif isinstance(line, ast.alias):
                found.setdefault(line.asname or line.name, heading)
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_name_leads_to_the_heading_of_its_cell(path: Path) -> None:
    wrong = {name: heading for name, heading in made_by(path).items() if f"“{heading}”" not in str(parts_for(name))}
    assert wrong == {}


async def run_alone(source: str) -> None:
    """In a kernel that knows nothing yet."""
    code = compile(source, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    value = eval(code, {})  # the cells of our own notebooks
    if inspect.iscoroutine(value):
        await value


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_cell_that_is_run_first_says_which_one_comes_before_it(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cells out of order, or the kernel was started again since."""
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    cells = [each for each in json.loads(path.read_text("utf-8"))["cells"] if each["cell_type"] == "code"]
    for cell in cells[1:]:
        with pytest.raises(NameError) as caught:
            asyncio.run(run_alone("".join(cell["source"])))
        shell = Shell()
        _drawn(shell, NameError, caught.value, None)  # type: ignore[arg-type]
        assert shell.lines == [f"NameError: {TITLE}"]
        told = " ".join(capsys.readouterr().out.split())
        assert f"This cell needs {caught.value.name}, which the cell under “" in told
        assert "Forms and boxes shown before are not connected any more." in told
        assert "Run the cells from the top down to “" in told
        assert ("Run all" in told) == (path.stem != "90_first_contact"), "90 has no boxes, and may write"


def test_a_name_that_no_cell_of_ours_makes_is_pythons_own_business() -> None:
    assert parts_for("pandas") == {}
