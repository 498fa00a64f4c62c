import re

from views_reading import visible

from flexsso_helpers.views.approval import ApprovalBox
from flexsso_helpers.views.shown import WIDGET_VIEW

NAMES = (("Old reply URL", "Remove https://old.example.com/acs"), ("department", "Disclose <department>"))


def box(given: bool = False, names_given: frozenset[str] = frozenset()) -> ApprovalBox:
    return ApprovalBox("Make these 3 changes in contoso.com", "Undo: notebook 29.", NAMES, given, names_given)


def test_nothing_is_approved_until_it_is_ticked() -> None:
    made = box()
    assert (made.given, made.names) == (False, frozenset())

    made.tick.value = True
    assert (made.given, made.names) == (True, frozenset())

    made.name_ticks["department"].value = True
    assert made.names == frozenset({"department"})


def test_an_approval_passed_in_needs_no_browser_and_names_nobody_listed_are_ignored() -> None:
    made = box(given=True, names_given=frozenset({"department", "something else"}))

    assert (made.given, made.names) == (True, frozenset({"department"}))


def test_the_recorded_faces_are_constant_and_do_not_follow_the_ticks() -> None:
    one, other = box(), box()
    other.tick.value = True
    first, second = one._repr_mimebundle_(), other._repr_mimebundle_()

    assert first.pop(WIDGET_VIEW) != second.pop(WIDGET_VIEW)
    assert first == second
    assert first["text/plain"] == (
        "Make these 3 changes in contoso.com\n"
        "    Undo: notebook 29.\n"
        "    Whether it was approved, by whom and when, is told by the cell that makes the changes.\n"
        "  - Remove https://old.example.com/acs\n"
        "  - Disclose <department>"
    )
    assert visible(first["text/html"]) == (
        "Make these 3 changes in contoso.com Undo: notebook 29. Whether it was approved, by whom and when, is told by "
        "the cell that makes the changes. Remove https://old.example.com/acs Disclose <department>"
    )


def test_what_the_start_of_the_run_ticked_is_recorded_as_that() -> None:
    text = box(given=True, names_given=frozenset({"department"}))._repr_mimebundle_()["text/plain"]

    assert text.startswith("Make these 3 changes in contoso.com (ticked by the start of this run)\n")
    assert text.endswith("Disclose <department> (ticked by the start of this run)")


def test_no_recorded_face_says_whether_something_is_approved() -> None:
    """It is kept as it was shown, and the tick comes later: such a word could only be wrong."""
    for given in (True, False):
        bundle = box(given=given)._repr_mimebundle_()
        for face in ("text/plain", "text/html"):
            assert not re.search(r"not approved|: approved|[☐☑✓✗]|\[[ x]\]", bundle[face])


def test_a_box_made_anew_knows_nothing_of_an_earlier_tick() -> None:
    earlier = ApprovalBox("Make this change", "", [("claim department", "claim department: leaves the tenant")])
    earlier.tick.value = earlier.name_ticks["claim department"].value = True
    assert earlier.given
    later = ApprovalBox("Make this change", "", [("claim department", "claim department: leaves the tenant")])
    assert not later.given
    assert later.names == frozenset()


def test_where_there_is_nothing_to_approve_nothing_can_be_ticked() -> None:
    assert ApprovalBox("There is nothing to approve", "", asks=False).tick.disabled
    assert not box().tick.disabled
