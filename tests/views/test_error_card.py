import pytest
from views_reading import fragment, visible

from flexsso_helpers.errors import NotPermitted, Refused
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


@pytest.mark.parametrize("sign", ["\x1b]0;x\x07", "\x1b[2J", "\x9b31m", "\u202e", "\u2066", "\b", "\x00", "\udcff"])
def test_a_tenants_text_in_an_error_drives_no_terminal(sign: str) -> None:
    """A tenant, a proxy or a page may put anything into the words that an error repeats."""
    parts = dict.fromkeys(("why", "fix"), f"before{sign}after")
    error = Refused(f"Reading “{sign}”.", status=400, code=sign, message=f"<b>{sign}</b>", request_id=sign, **parts)
    for face in (str(error), error._repr_html_(), "\n".join(error._render_traceback_())):
        assert not [character for character in sign if character in face and not character.isprintable()]
        assert "after" in face
    assert "<b>\ufffd" not in error._repr_html_()
