"""A name that an earlier cell makes leads to that cell, in every notebook."""

import ast
import json
from pathlib import Path

import pytest

from flexsso_helpers.views.missing_cell import parts_for

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("0*.ipynb"))


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


def test_a_name_that_no_cell_of_ours_makes_is_pythons_own_business() -> None:
    assert parts_for("pandas") == {}
