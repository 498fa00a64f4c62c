"""Worlds in which any two answers to any two open questions are together, kept as data: finding few of them takes long.

`python tests/scenarios/covering.py` finds them anew, when a quirk or an answer is new.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import flexsso_helpers.rehearsal.server.server  # noqa: F401 - so that every quirk is declared
from flexsso_helpers.rehearsal.world.quirks import QUIRKS, Expected, Quirk

KEPT = Path(__file__).parent / "covering_worlds.json"
LATE = ("refused", "OutcomeUnknown", "01")
NOT_PROVEN = ("refused", "NotProven", "08")
CONFLICTS: Mapping[tuple[tuple[str, str], tuple[str, str]], Expected] = {
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


def covering_set() -> list[dict[str, str]]:
    """The worlds that are kept, each an answer to every question."""
    worlds: list[dict[str, str]] = json.loads(KEPT.read_text("utf-8"))
    return worlds


def proved_ones_by_night(
    quirks: Mapping[str, Quirk], alternatives: Sequence[tuple[str, str]], but: Collection[str] = ()
) -> list[Any]:
    """The same alternatives; those that are proved wait for `make test-night`: the worlds kept here play each of them.

    `but` names quirks that matter in circumstances only, which those worlds do not have.
    """
    return [
        pytest.param(
            name,
            answer,
            marks=[pytest.mark.full, pytest.mark.night]
            if name not in but and quirks[name].expects[answer] == "proved"
            else [],
        )
        for name, answer in alternatives
    ]


def find_anew() -> list[dict[str, str]]:
    """A covering set; takes a minute."""
    from covertable import criteria, make

    apart = [
        {"operator": "or", "conditions": [{"operator": "ne", "left": name, "value": answer} for name, answer in pair]}
        for pair in CONFLICTS
    ]
    return [dict(sorted(world.items())) for world in make(PROVED, constraints=apart, criterion=criteria.simple)]


if __name__ == "__main__":
    KEPT.write_text("[\n" + ",\n".join(map(json.dumps, find_anew())) + "\n]\n", "utf-8")
