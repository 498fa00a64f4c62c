from views_reading import fragment, visible

from flexsso_helpers.errors import NotPermitted
from flexsso_helpers.views.errors_html import error_card


def test_an_error_is_shown_with_all_its_parts_in_both_faces() -> None:
    error = NotPermitted("Ada may not\nassign users.", why="A role is <missing>.", fix="Ask an owner.", notebook="07")
    shown = error_card(error.parts, error.title)

    assert shown.text == (
        "✗ The signed-in account may not do this\n"
        "  What:       Ada may not\n"
        "              assign users.\n"
        "  Why:        A role is <missing>.\n"
        "  To do:      Ask an owner.\n"
        "  Notebook:   07"
    )
    assert visible(shown.html) == (
        "✗ The signed-in account may not do this What Ada may not assign users. Why A role is <missing>. "
        "To do Ask an owner. Notebook 07 · Assign users"
    )
    assert [dt.text for dt in fragment(shown.html).iter("dt")] == list(error.parts)
