"""The whole runbook meets worlds in which all open questions are answered at once, in any way under which it proves.

The worlds are a covering set over both halves: any two answers to any two questions are together in one of them.
"""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import pytest
from covering import CONFLICTS, LATE, PROVED, covering_set
from stage import Stage
from whole_runs import run

from flexsso_helpers.rehearsal.world.quirks import Expected
from flexsso_helpers.rehearsal.world.world import World

AGAIN = 10
"""Runs after a lost answer each; the last sees what was only said in the one that was cut off before it."""


def _conflicts(world: dict[str, str]) -> bool:
    return any(all(world[name] == answer for name, answer in pair) for pair in CONFLICTS)


def test_any_two_answers_are_together_in_one_world() -> None:
    together = {pair for world in covering_set() for pair in combinations(sorted(world.items()), 2)} | set(CONFLICTS)
    missing = [
        (one, other)
        for one, other in combinations(PROVED, 2)
        for answer in PROVED[one]
        for another in PROVED[other]
        if ((one, answer), (other, another)) not in together
    ]
    assert missing == []
    assert not any(map(_conflicts, covering_set()))
    assert {frozenset(world) for world in covering_set()} == {frozenset(PROVED)}


@pytest.mark.sampled(4)
@pytest.mark.full
@pytest.mark.parametrize("number", range(len(covering_set())))
def test_the_runbook_is_proved_in_each_world(number: int, worlds: Mapping[str, World], tmp_path: Path) -> None:
    answers = covering_set()[number]
    outcome = run(Stage(tmp_path, world=World(worlds["00"].store.copy(), quirks=answers)), "00")
    assert outcome.is_as == "proved", (answers, outcome.error)


@pytest.mark.sampled(3)
@pytest.mark.full
@pytest.mark.parametrize("pair", CONFLICTS, ids=lambda pair: "-".join(f"{name}-{answer}" for name, answer in pair))
def test_what_cannot_be_proved_together_is_refused_as_is_said(
    pair: tuple[tuple[str, str], tuple[str, str]], worlds: Mapping[str, World], tmp_path: Path
) -> None:
    world = World(worlds["00"].store.copy(), quirks=dict(pair))

    def once(turn: int) -> str | Expected:
        world.advance(600.0)
        return run(Stage(tmp_path / str(turn), world=world), "00", twice=False).is_as

    assert once(0) == CONFLICTS[pair]
    if CONFLICTS[pair] == LATE:
        assert "proved" in map(once, range(1, AGAIN))
