"""What the box of a plan says, with and without an approval by the start of the run."""

import pytest

from flexsso_helpers.plan import Change, Plan, Target
from flexsso_helpers.plan.changes import Kind
from flexsso_helpers.session.approval import ApprovalCell

TARGET = Target(tenant="c", title="Contoso", cloud="global", tenant_id="t", account_sid="A", application="Flex")
BY_THE_START = "(ticked by the start of this run)"


def box(*kinds: Kind, may_apply: bool = False, may_remove: bool = False) -> str:
    changes = tuple(
        Change(setting=f"Setting {at}", now="x", should_be="y", kind=kind, reason="documented")
        for at, kind in enumerate(kinds)
    )
    plan = Plan(section="05", title="App roles", target=TARGET, changes=changes, read="r")
    cell = ApprovalCell(plan, human=False, may_apply=may_apply, may_remove=may_remove, badge="LIVE")
    return str(cell._repr_mimebundle_()["text/plain"])


def test_a_person_is_asked_to_tick() -> None:
    text = box("~", "-")
    assert text.startswith("Make this 1 change in Contoso  [LIVE]\n    Tick, then run the next cell.")
    assert "ticked by the start" not in text.lower()


def test_nobody_is_asked_to_tick_what_the_start_of_the_run_ticked() -> None:
    text = box("~", may_apply=True)
    assert text.startswith(f"Make this 1 change in Contoso {BY_THE_START}")
    assert "Ticked by the start of this run: run the next cell." in text
    assert "Tick, then" not in text


@pytest.mark.parametrize("kinds", [("-",), ("~", "-")])
def test_a_removal_that_the_start_of_the_run_did_not_approve_asks_for_its_own_tick(kinds: tuple[Kind, ...]) -> None:
    text = box(*kinds, may_apply=True)
    assert "What is named below and not ticked yet needs a tick of its own" in text
    assert (BY_THE_START in text.splitlines()[0]) is ("~" in kinds)
    assert BY_THE_START not in text.splitlines()[-1]


def test_of_removals_alone_each_says_that_it_is_ticked_and_the_title_does_not() -> None:
    text = box("-", may_apply=True, may_remove=True)
    assert text.startswith("Make what is approved by name below in Contoso  [LIVE]\n    Ticked by the start")
    assert text.splitlines()[-1].endswith(BY_THE_START)
