"""A contact that does not know which answers are played names the right ones, and leaves the tenant as it was.

Each answer is played in one of the rounds; `python -m tests.first_contact` plays each by itself, and many at random.
"""

from pathlib import Path

import pytest
from contacting import CIRCUMSTANCES, Contacted, contact, mixed_at_random, wrong
from rounds import ROUNDS, Round
from watching import Watched

from flexsso_helpers.first_contact.verdicts.all_of_them import JUDGES
from flexsso_helpers.rehearsal.world.quirks import QUIRKS


def test_each_answer_that_can_be_told_is_told_in_a_round() -> None:
    played = {pair for each in ROUNDS for pair in each.tells.items()}
    assert {(name, answer) for name in JUDGES for answer in QUIRKS[name].choices} <= played
    assert set(CIRCUMSTANCES) <= set(JUDGES) <= set(QUIRKS)


def judge(round_: Round, done: Contacted) -> None:
    told = dict(done.found.told)
    untold = {each.quirk: each.why for each in done.found.verdicts if not each.alternative}
    assert {name: told.get(name, untold.get(name, "")) for name in round_.tells} == round_.tells
    assert wrong(told, round_.quirks) == {}
    assert done.found.clean
    assert done.as_before()


def test_what_goes_together_is_named(watched: Watched) -> None:
    judge(ROUNDS[0], watched.done)


@pytest.mark.sampled(2)
@pytest.mark.full
@pytest.mark.parametrize("number", range(1, len(ROUNDS)))
def test_the_answers_that_are_played_are_named(number: int, tmp_path: Path) -> None:
    played = ROUNDS[number]
    judge(played, contact(tmp_path, quirks=played.quirks, there=played.there, read_only=played.read_only))


@pytest.mark.full
@pytest.mark.parametrize("seed", range(2))
def test_many_answers_at_once_are_named_or_not_told_and_never_mistaken(seed: int, tmp_path: Path) -> None:
    quirks, there = mixed_at_random(seed)
    done = contact(tmp_path, quirks=quirks, there=there)
    assert wrong(dict(done.found.told), quirks) == {}, quirks
    assert done.as_before(), quirks
