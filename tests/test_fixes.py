"""Whatever sends a person to a notebook sends them to one that there is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from flexsso_helpers.notebooks import TITLES, fix_in

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = {path.name[:2]: path for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))}
NAMED = re.compile(r"(?<![\w:.-])(\d\d) · [A-Z]")
IN_WORDS = re.compile(r"\b[Nn]otebooks? (\d\d)\b")


def constants(code: list[ast.AST]) -> Iterator[tuple[int, str]]:
    """Each text in the code of a module, f-strings piece by piece."""
    for node in code:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def numbers_given(code: list[ast.AST]) -> Iterator[tuple[int, str]]:
    """Each number given as `notebook=` or to `fix_in`."""
    for node in code:
        if not isinstance(node, ast.Call):
            continue
        given = [each.value for each in node.keywords if each.arg == "notebook"]
        if isinstance(node.func, ast.Name) and node.func.id == "fix_in":
            given += node.args[:1]
        for each in given:
            if isinstance(each, ast.Constant) and each.value:
                yield node.lineno, str(each.value)


SOURCES = sorted((ROOT / "flexsso_helpers").rglob("*.py"))


def test_the_table_of_notebooks_is_that_of_the_folder() -> None:
    assert set(TITLES) == set(NOTEBOOKS)


def test_every_notebook_that_a_fix_names_exists() -> None:
    wrong: list[str] = []
    met: set[str] = set()
    for path in SOURCES:
        code = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        for line, number in numbers_given(code):
            met.add(number)
            wrong += [f"{path.name}:{line}: {number}"] if number not in NOTEBOOKS else []
        for line, text in constants(code):
            named = [*IN_WORDS.findall(text), *NAMED.findall(text)]
            wrong += [f"{path.name}:{line}: {number}" for number in named if number not in NOTEBOOKS]
    assert not wrong
    assert len(met) > 5


def test_a_notebook_that_does_not_exist_cannot_be_named() -> None:
    with pytest.raises(KeyError):
        fix_in("19", "nothing.")
