"""A contact that does not know which answers are played names the right ones, and leaves the tenant as it was."""

import random
from pathlib import Path

import pytest
from contacting import ANYWHERE, CIRCUMSTANCES, Circumstance, contact

import flexsso_helpers.rehearsal.server.server  # noqa: F401 - so that every quirk is declared
from flexsso_helpers.first_contact.verdicts.all_of_them import JUDGES
from flexsso_helpers.rehearsal.world.quirks import QUIRKS

ALTERNATIVES = [(name, answer) for name in JUDGES for answer in QUIRKS[name].choices]
AT_THE_DOOR = ("admin_consent", "device_code_flow")
"""Other answers than the first end the contact before it begins."""
TOGETHER = 25


def played(name: str, quirks: dict[str, str]) -> str:
    """The answer that the rehearsal plays; a sign-in that obeys only the policy of the certificate implies that one."""
    if name == "cert_creates_policy" and quirks.get("policy_attachment") == "preexisting":
        return "yes_token_only"
    return quirks.get(name, QUIRKS[name].choices[0])


def wrong(told: dict[str, str], quirks: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {name: (answer, played(name, quirks)) for name, answer in told.items() if answer != played(name, quirks)}


@pytest.mark.thinned(60)
@pytest.mark.parametrize(("name", "answer"), ALTERNATIVES)
def test_the_answer_that_is_played_is_named(name: str, answer: str, tmp_path: Path) -> None:
    there = CIRCUMSTANCES.get(name, ANYWHERE)
    quirks = {**there.quirks, name: answer}
    done = contact(tmp_path, quirks=quirks, there=there)
    told = dict(done.found.told)
    assert told.get(name) == answer, [each for each in done.found.verdicts if each.quirk == name]
    assert wrong(told, quirks) == {}
    assert done.found.clean
    assert done.as_before()


@pytest.mark.thinned(20)
@pytest.mark.parametrize("seed", range(20))
def test_many_answers_at_once_are_named_or_not_told_and_never_mistaken(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    names = [name for name in JUDGES if name not in AT_THE_DOOR]
    quirks = {name: chance.choice(QUIRKS[name].choices) for name in chance.sample(names, TOGETHER)}
    done = contact(tmp_path, quirks=quirks, there=Circumstance(sign_ons=seed % 2 == 1))
    assert wrong(dict(done.found.told), quirks) == {}, quirks
    assert done.as_before(), quirks


def test_each_judge_answers_a_question_that_there_is() -> None:
    assert set(JUDGES) <= set(QUIRKS)
    assert set(CIRCUMSTANCES) <= set(JUDGES)
