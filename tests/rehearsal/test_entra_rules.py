"""Every numbered rule of the Entra half, proved by a check that holds with the rule and fails without it."""

import entra_checks
import entra_open_checks
import pytest
from entra_registry import CHECKS
from entra_stage import Entra

from flexsso_helpers.rehearsal.flex.rules import RULES as FLEX_RULES
from flexsso_helpers.rehearsal.world import rules

assert entra_checks, entra_open_checks  # importing them registers their checks
OURS = sorted(rules.TITLES.keys() - FLEX_RULES.keys())


def test_every_rule_has_its_check() -> None:
    assert sorted(CHECKS) == OURS


@pytest.mark.parametrize("number", OURS)
def test_the_rule_holds(number: str) -> None:
    check, stage = CHECKS[number]
    check(Entra(**stage))


@pytest.mark.thinned(3)
@pytest.mark.parametrize("number", OURS)
def test_the_check_fails_without_the_rule(number: str) -> None:
    check, stage = CHECKS[number]
    with pytest.raises(AssertionError):
        check(Entra(off=(number,), **stage))
