"""The whole runbook meets worlds in which all open questions are answered at once, in any way under which it proves.

The worlds are a covering set over both halves: any two answers to any two questions are together in one of them.
"""

from collections.abc import Mapping
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from covertable import criteria, make
from stage import Stage
from whole_runs import run

from flexsso_helpers.rehearsal.quirks import QUIRKS, Expected
from flexsso_helpers.rehearsal.world import World

SIZE = 29
"""How many worlds the set has; a quirk more may make it larger."""
AGAIN = 8
LATE = ("refused", "OutcomeUnknown", "01")
NOT_PROVEN = ("refused", "NotProven", "08")
CONFLICTS: dict[tuple[tuple[str, str], tuple[str, str]], Expected] = {
    # What was made shows up later than anybody would wait for it; run again, it is found.
    (("instantiate_ghost", "404"), ("lag", "long")): LATE,
    (("instantiate_ghost", "504"), ("lag", "long")): LATE,
    (("ambiguous_failure", "on"), ("lag", "long")): LATE,
    # Flex tells the connection and not its host: the documented one is taken, until 06 sees which one Flex means.
    (("listed_before_save", "yes"), ("region", "other")): ("refused", "NotProven", "06"),
    # Entra obeys only a policy that came with a new certificate, and the template's certificate is taken.
    (("policy_attachment", "preexisting"), ("template_certificate", "present_inactive")): NOT_PROVEN,
    (("policy_attachment", "preexisting"), ("template_certificate", "present_active")): NOT_PROVEN,
    # Flex asks for a persistent NameID, and Entra gives what is asked for and not what the policy says.
    (("authn_nameid_policy", "persistent"), ("nameidpolicy_under_policy", "requested")): NOT_PROVEN,
    # Entra obeys only a policy of the service principal, and does not show which policies that has.
    (("policy_attachment", "preexisting"), ("signing_policy_on_principal", "all_403")): NOT_PROVEN,
    (("policy_attachment", "preexisting"), ("signing_policy_on_principal", "all_400")): NOT_PROVEN,
}
"""Answers under each of which the runbook proves, and refuses under both."""

PROVED = {
    name: answers
    for name, each in sorted(QUIRKS.items())
    if len(answers := [answer for answer in each.choices if each.expects[answer] == "proved"]) > 1
}


@cache
def covering_set() -> list[dict[str, str]]:
    apart = [
        {"operator": "or", "conditions": [{"operator": "ne", "left": name, "value": answer} for name, answer in pair]}
        for pair in CONFLICTS
    ]
    return list(make(PROVED, constraints=apart, criterion=criteria.simple))


def _conflicts(world: dict[str, str]) -> bool:
    return any(all(world[name] == answer for name, answer in pair) for pair in CONFLICTS)


def test_any_two_answers_are_together_in_one_world() -> None:
    together = {pair for world in covering_set() for pair in combinations(sorted(world.items()), 2)}
    missing = [
        (one, other)
        for one, other in combinations(PROVED, 2)
        for answer in PROVED[one]
        for another in PROVED[other]
        if ((one, answer), (other, another)) not in together | set(CONFLICTS)
    ]
    assert missing == []
    assert not any(map(_conflicts, covering_set()))
    assert len(covering_set()) == SIZE


@pytest.mark.parametrize("number", range(SIZE))
def test_the_runbook_is_proved_in_each_world(number: int, worlds: Mapping[str, World], tmp_path: Path) -> None:
    answers = covering_set()[number]
    outcome = run(Stage(tmp_path, world=World(worlds["00"].store.copy(), quirks=answers)), "00")
    assert outcome.is_as == "proved", (answers, outcome.error)


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
