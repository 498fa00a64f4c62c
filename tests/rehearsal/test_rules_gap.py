"""Every numbered rule is built and proved, or listed in RULES.md with the reason; never both, never neither."""

import re
from collections.abc import Iterable
from pathlib import Path

import entra_checks
import entra_open_checks
import pytest
from entra_registry import CHECKS
from test_flex_rules import PROVED as FLEX_PROVED

from flexsso_helpers.rehearsal.world import rules

assert entra_checks, entra_open_checks  # importing them registers their checks
RULES = Path(rules.__file__).parent.with_name("RULES.md")
LINE = re.compile(r"^- ([GF]\d+) – \S.*$", re.MULTILINE)
FACTS = {"G": range(1, 89), "F": range(1, 121)}
"""The numbers of the facts, by the letter of their half."""
SINCE = {"G": 101, "F": 201}
"""What was learnt since the facts were numbered is counted on from here, without a gap."""
PROVED: dict[str, Iterable[str]] = {"G": CHECKS, "F": FLEX_PROVED}
"""The checks of each half, by its letter."""


def numbers(letter: str) -> list[str]:
    """All numbers of a half, as they are written."""
    first = SINCE[letter]
    later = sum(1 for number in PROVED[letter] if re.fullmatch(rf"{letter}\d+", number) and int(number[1:]) >= first)
    return [f"{letter}{number:02}" for number in (*FACTS[letter], *range(first, first + later))]


def listed() -> list[str]:
    """The numbers that RULES.md leaves out."""
    return LINE.findall(RULES.read_text("utf-8"))


@pytest.mark.parametrize("letter", sorted(FACTS))
def test_every_number_is_in_one_place(letter: str) -> None:
    proved = [number for number in PROVED[letter] if number.startswith(letter) and number[1:].isdigit()]
    left_out = [number for number in listed() if number.startswith(letter)]
    assert sorted([*proved, *left_out]) == sorted(numbers(letter))


@pytest.mark.parametrize("letter", sorted(FACTS))
def test_a_built_number_is_not_listed(letter: str) -> None:
    assert not set(listed()) & rules.TITLES.keys()
