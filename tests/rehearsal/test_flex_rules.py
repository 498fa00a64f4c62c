"""No rule of the Flex side without its proof."""

import test_flex_console
import test_flex_judge
import test_flex_legacy
import test_flex_login
import test_flex_provisioning
import test_flex_reading
import test_flex_taskrouter
import test_flex_users

from flexsso_helpers.rehearsal.flex_rules import QUIRKS, RULES

MODULES = (
    test_flex_console,
    test_flex_judge,
    test_flex_legacy,
    test_flex_login,
    test_flex_provisioning,
    test_flex_reading,
    test_flex_taskrouter,
    test_flex_users,
)


def test_every_rule_is_proved_once() -> None:
    proved = [number for module in MODULES for number in module.CHECKS]
    assert sorted(proved) == sorted(RULES)


def test_every_quirk_has_a_choice() -> None:
    assert all(len(set(choices)) == len(choices) >= 2 for choices in QUIRKS.values())
