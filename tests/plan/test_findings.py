"""Short ways to make a finding: the verdict's state, and names of which there are very many."""

import pytest

from flexsso_helpers.plan import Finding, State
from flexsso_helpers.plan.findings import MOST, judged, listed


@pytest.mark.parametrize(
    ("verdict", "state"), [(True, "holds"), (False, "wrong"), ("waiting", "waiting"), ("unknown", "unknown")]
)
def test_a_verdict_is_whether_it_holds_or_a_state_of_its_own(verdict: bool | State, state: State) -> None:
    assert judged("S45", "Relay state", "a", "b", verdict, "mend it in 02") == Finding(
        check="S45", title="Relay state", level="error", state=state, configured="a", received="b", fix="mend it in 02"
    )


def test_what_should_not_be_there_is_named_and_of_very_many_the_first() -> None:
    names = [f"Person {number}" for number in range(MOST + 2)]
    assert (listed("S45", "Strangers", (), "02").state, listed("S45", "Strangers", (), "02").received) == (
        "holds",
        "none",
    )
    few = listed("S45", "Strangers", names[:-1], "02", want="nobody")
    assert (few.state, few.level, few.configured, few.received) == ("wrong", "warning", "nobody", ", ".join(names[:-1]))
    assert listed("S45", "Strangers", names, "02").received == ", ".join([*names[:MOST], "and 2 more"])
