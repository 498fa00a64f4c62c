"""A value reads the same where it is planned and where it is proved."""

import pytest

from flexsso_helpers.plan import Value, in_words
from flexsso_helpers.sections.settings import Setting, planned, proved


@pytest.mark.parametrize("now", [None, "", (), ("a", "b"), True, False, "on"])
def test_plan_and_proof_say_a_value_alike(now: Value) -> None:
    row = Setting[Value](key="relay_state", title="Relay state", now=lambda state: state, wanted="x", check="S45")
    [change], [finding] = planned([row], now), proved([row], now, known=True, fix="")
    assert in_words(change.now) == finding.received
    assert in_words(change.should_be) == finding.configured
