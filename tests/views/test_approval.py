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
        "[ ] Make these 3 changes in contoso.com: not approved\n"
        "    Undo: notebook 29.\n"
        "[ ] Remove https://old.example.com/acs: not approved\n"
        "[ ] Disclose <department>: not approved"
    )
    assert visible(first["text/html"]) == (
        "☐ Make these 3 changes in contoso.com : not approved Undo: notebook 29. "
        "☐ Remove https://old.example.com/acs: not approved ☐ Disclose <department>: not approved"
    )


def test_what_was_approved_beforehand_is_recorded_in_words() -> None:
    text = box(given=True, names_given=frozenset({"department"}))._repr_mimebundle_()["text/plain"]

    assert text.startswith("[x] Make these 3 changes in contoso.com: approved\n")
    assert text.endswith("[x] Disclose <department>: approved")


def test_a_box_made_anew_knows_nothing_of_an_earlier_tick() -> None:
    earlier = ApprovalBox("Make this change", "", [("claim department", "claim department: leaves the tenant")])
    earlier.tick.value = earlier.name_ticks["claim department"].value = True
    assert earlier.given
    later = ApprovalBox("Make this change", "", [("claim department", "claim department: leaves the tenant")])
    assert not later.given
    assert later.names == frozenset()
