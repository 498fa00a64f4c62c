"""No rule of the Flex side without its proof."""

import re

import test_flex_console
import test_flex_faults
import test_flex_judge
import test_flex_legacy
import test_flex_login
import test_flex_provisioning
import test_flex_reading
import test_flex_taskrouter
import test_flex_users

from flexsso_helpers.rehearsal.flex.quirks import CASES, QUIRKS, SINCE
from flexsso_helpers.rehearsal.flex.rules import RULES

MODULES = (
    test_flex_console,
    test_flex_faults,
    test_flex_judge,
    test_flex_legacy,
    test_flex_login,
    test_flex_provisioning,
    test_flex_reading,
    test_flex_taskrouter,
    test_flex_users,
)


PROVED = [number for module in MODULES for number in module.CHECKS]


def test_every_rule_is_proved_once() -> None:
    assert sorted(PROVED) == sorted(RULES)


def test_every_quirk_has_a_choice_a_source_and_an_expectation_for_each_answer() -> None:
    for quirk in QUIRKS.values():
        assert len(set(quirk.choices)) == len(quirk.choices) >= 2
        assert re.match(r"F\d+: ", quirk.source), quirk.source
        assert tuple(quirk.expects) == quirk.choices
    assert (SINCE.keys() | CASES.keys()) <= QUIRKS.keys()
