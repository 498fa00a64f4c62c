"""Whatever is raised for people says what happened, why, what to do and where: each place that raises it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import flexsso_helpers
from flexsso_helpers.errors import FlexSSOError

ROOT = Path(flexsso_helpers.__file__).parent
GIVEN_BY_THE_READER = ("ParametersError", "Unreadable", "NotACertificate", "BadMetadata")
"""Of something that somebody wrote or pasted, what is wrong with it is the reason, too."""

NAMED_ELSEWHERE = {
    ("catalogue.py", "ParametersError"): "a language, which only the command line is told",
    ("commands/", ""): "the command line, outside notebooks",
    ("first_contact/observations.py", "ParametersError"): "a file that only the command line reads",
    ("graph/refusals.py", "OutcomeUnknown"): "a write of any section, which names itself",
    (
        "parameters/",
        "ParametersError",
    ): "a tenant's file: whoever opens it names 00, and a section that saves it itself",
    ("person/browsing.py", "Unreachable"): "a page of any section, which names itself",
    ("session/writing_lock.py", "InUse"): "a write of any section, which names itself",
}
"""Where an error names no notebook, by the beginning of the module's path and the kind of error; and why that is right.

`Session.speaking` gives an error the number of the section that met it, and `open_session` that of 00.
"""


MODULES = {
    path: ast.parse(path.read_text("utf-8"))
    for path in sorted(ROOT.rglob("*.py"))
    if not path.is_relative_to(ROOT / "rehearsal") and path != ROOT / "parameters" / "yaml_text.py"
}
"""The rehearsal is no part of the house; the other has an inner exception, which is no error for people."""


def kinds() -> set[str]:
    """The names of all errors for people, by who inherits from whom."""
    classes = [node for tree in MODULES.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found: set[str] = {FlexSSOError.__name__}
    while more := {each.name for each in classes if found & {getattr(base, "id", "") for base in each.bases}} - found:
        found |= more
    return found


@cache
def raised() -> tuple[tuple[str, str, ast.Call], ...]:
    """(place, the error's name, the call) of each error that is made by name."""
    names = kinds()
    return tuple(
        (f"{path.relative_to(ROOT)}:{node.lineno}", node.func.id, node)
        for path, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    )


def lacking() -> Iterator[str]:
    by_default = {"Unreadable": {"fix", "notebook"}}
    for place, name, call in raised():
        given = {each.arg for each in call.keywords} | by_default.get(name, set())
        if None in given:  # handed on, and asked where it is put together
            continue
        needed = {"fix"} if name in GIVEN_BY_THE_READER else {"why", "fix"}
        needed |= set() if elsewhere(place, name) else {"notebook"}
        if missing := sorted(needed - given):
            yield f"{place}: {name} without {', '.join(missing)}"


def elsewhere(place: str, name: str) -> list[tuple[str, str]]:
    """The exceptions that hold for an error of this name at this place."""
    return [(path, kind) for path, kind in NAMED_ELSEWHERE if place.startswith(path) and kind in ("", name)]


def test_every_error_says_why_what_to_do_and_where() -> None:
    assert len(raised()) > 120
    assert list(lacking()) == []


def test_every_exception_is_needed() -> None:
    nameless = [
        (place, name) for place, name, call in raised() if "notebook" not in {each.arg for each in call.keywords}
    ]
    needed = {exception for place, name in nameless for exception in elsewhere(place, name)}
    assert needed == NAMED_ELSEWHERE.keys()
