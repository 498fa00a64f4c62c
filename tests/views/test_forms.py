from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ipywidgets import Widget
from views_reading import fragment, unlinked, visible

from flexsso_helpers.views.field_note import FieldNote
from flexsso_helpers.views.fields import Field, Kind, Taken
from flexsso_helpers.views.forms import Form
from flexsso_helpers.views.shown import WIDGET_VIEW

PEOPLE = (("bo.agent@contoso.com", "agent"), ("Flex Agents, Night", "supervisor"))
CHOICES = ("mail", "userprincipalname")


def too_long(days: int) -> str:
    return "At most 1095 days." if days > 1095 else ""


def form() -> Form:
    return Form(
        "02 · Values",
        [
            Field("url", "Reply URL", "text", "https://login.example.com/cb", help="As Flex Console shows it."),
            Field("days", "Valid for (days)", "number", 1095, check=too_long),
            Field("mails", "Notification addresses", "lines", ("a@contoso.com", "b@contoso.com")),
            Field("people", "Users", "people", PEOPLE),
            Field("name_id", "Name ID", "choice", "mail", choices=CHOICES),
            Field("popup", "Pop-up", "flag", False),
            Field("user", "User", "text", None),
        ],
        badge="REHEARSAL",
    )


TEXT = """\
02 · Values  [REHEARSAL]

  Reply URL                https://login.example.com/cb
  Valid for (days)         1095
  Notification addresses   a@contoso.com
                           b@contoso.com
  Users                    bo.agent@contoso.com, agent
                           Flex Agents, Night, supervisor
  Name ID                  mail
  Pop-up                   no
  User                     (not set)

  As given when this was shown. What is edited later does not show here."""


def test_the_recorded_faces_show_the_given_values_and_do_not_change() -> None:
    one, other = form(), form()
    other.inputs["days"].value = "30"
    first, second = one._repr_mimebundle_(), other._repr_mimebundle_()

    assert first.pop(WIDGET_VIEW) != second.pop(WIDGET_VIEW)
    assert first == second
    assert first["text/plain"] == TEXT
    assert visible(first["text/html"]).startswith(
        "02 · Values [REHEARSAL] Reply URL https://login.example.com/cb Valid"
    )


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "urn:flex:JQ1"),
        ("text", "  two\nlines "),
        ("text", ""),
        ("number", 0),
        ("lines", ["a", "", " b "]),
        ("lines", ()),
        ("people", PEOPLE),
        ("people", [("no role", "")]),
        ("choice", "mail"),
        ("choice", "not one of them"),
        ("flag", True),
        ("flag", False),
        *((kind, None) for kind in ("text", "number", "lines", "people", "choice", "flag")),
    ],
)
def test_what_is_passed_in_is_what_comes_out(kind: Kind, value: Any) -> None:
    made = Form("t", [Field("key", "Label", kind, value, choices=CHOICES)])

    assert made.values()["key"] is value
    assert made.edited() == {}


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("url", " https://other.example.com ", "https://other.example.com"),
        ("url", "", None),
        ("days", " 365 ", 365),
        ("days", "", None),
        ("mails", "c@contoso.com\n\n  d@contoso.com\n", ("c@contoso.com", "d@contoso.com")),
        ("mails", "", ()),
        ("people", "bo@contoso.com,agent\nA, B ,admin", (("bo@contoso.com", "agent"), ("A, B", "admin"))),
        ("name_id", "userprincipalname", "userprincipalname"),
        ("popup", True, True),
        ("user", "ada.admin@contoso.com", "ada.admin@contoso.com"),
    ],
)
def test_what_is_edited_by_hand_is_told_apart_from_the_rest(key: str, typed: Any, value: Any) -> None:
    made = form()
    before = made.values()
    made.inputs[key].value = typed

    assert made.edited() == {key: value}
    assert made.values() == before | {key: value}


def test_a_value_put_back_by_hand_is_not_an_edit() -> None:
    made = form()
    made.inputs["days"].value = "30"
    made.inputs["days"].value = "1095"

    assert made.edited() == {}


@pytest.mark.parametrize(
    ("kind", "first", "typed", "anew"),
    [
        ("text", "one", "typed", "two"),
        ("number", 1095, "30", 365),
        ("lines", ("a@contoso.com",), "typed@contoso.com", ("b@contoso.com",)),
        ("people", (("bo@contoso.com", "agent"),), "bo@contoso.com, admin", (("bo@contoso.com", "supervisor"),)),
        ("choice", "mail", "userprincipalname", "mail"),
        ("flag", False, True, False),
    ],
)
def test_a_value_passed_anew_beats_what_was_typed_into_an_earlier_form(
    kind: Kind, first: Any, typed: Any, anew: Any
) -> None:
    def showing(value: Any) -> Form:
        return Form("t", [Field("key", "Label", kind, value, choices=CHOICES)])

    earlier = showing(first)
    earlier.inputs["key"].value = typed
    assert earlier.edited()

    later = showing(anew)
    assert later.values() == {"key": anew}
    assert later.inputs["key"].value == Field("key", "Label", kind, anew, choices=CHOICES).typed


def test_what_has_been_saved_is_no_edit_any_more_and_putting_the_old_value_back_is_one() -> None:
    made = form()
    made.inputs["days"].value = "30"
    made.settle()
    assert made.edited() == {}
    assert made.values()["days"] == 30

    made.inputs["days"].value = "1095"
    assert made.edited() == {"days": 1095}


def test_a_judge_of_all_values_speaks_at_the_field_that_it_names_and_falls_silent() -> None:
    def judge(edited: dict[str, Any]) -> dict[str, str]:
        return {"user": "Say who, too."} if "url" in edited and "user" not in edited else {}

    made = Form("t", [Field("url", "URL", "text", "a"), Field("user", "User", "text", None)], judge=judge)
    assert made.problems() == {}
    made.inputs["url"].value = "b"
    assert made.problems() == {"user": "Say who, too."}
    assert [alert for at in made.children for alert in _alerts(at)] == ["✗ Say who, too."]
    made.inputs["user"].value = "ada"
    assert [alert for at in made.children for alert in _alerts(at)] == []


@pytest.mark.parametrize(
    ("key", "typed", "message"),
    [
        ("days", "2000", "At most 1095 days."),
        ("days", "three years", "Write a whole number, such as 1095."),
        ("people", "bo.agent@contoso.com", "Write each line as name, role. This one has no role: bo.agent@contoso.com"),
    ],
)
def test_what_is_wrong_is_said_in_words_as_one_types_and_goes_when_mended(key: str, typed: str, message: str) -> None:
    made = form()
    good = made.inputs[key].value
    made.inputs[key].value = typed

    assert made.problems() == {key: message}
    alerts = [alert for at in made.children for alert in _alerts(at)]
    assert alerts == [f"✗ {message}"]

    made.inputs[key].value = good
    assert made.problems() == {}
    assert [alert for at in made.children for alert in _alerts(at)] == []


def _alerts(widget: Any) -> list[str]:
    notes = [child.value for child in getattr(widget, "children", ()) if isinstance(child, FieldNote)]
    return [alert.text_content() for note in notes for alert in fragment(note).xpath(".//*[@role='alert']")]


def test_a_given_value_that_is_no_choice_is_shown_and_called_wrong_not_replaced() -> None:
    made = Form("t", [Field("name_id", "Name ID", "choice", "upn", choices=CHOICES)])

    assert made.inputs["name_id"].value == "upn"
    assert made.problems() == {"name_id": "Choose one of: mail, userprincipalname."}


def test_every_input_has_its_label_uncut() -> None:
    inputs = form().inputs.values()

    assert [widget.description for widget in inputs] == [
        "Reply URL", "Valid for (days)", "Notification addresses", "Users", "Name ID", "Pop-up", "User",
    ]  # fmt: skip
    assert {widget.style.description_width for widget in inputs} == {"initial"}


def test_two_fields_with_one_key_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="same key"):
        Form("t", [Field("a", "A", "text", ""), Field("a", "B", "text", "")])


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_text_passes_through_a_form_and_never_becomes_markup(text: str) -> None:
    made = Form(text, [Field("key", text, "text", text, help=text)])

    assert made.values() == {"key": text}
    html = made._repr_mimebundle_()["text/html"] + made.children[2].children[1].value
    assert {element.tag for element in fragment(unlinked(html)).iter()} <= {
        "div", "style", "b", "span", "table", "caption", "tbody", "tr", "th", "td", "code", "br", "wbr",
        "p",
    }  # fmt: skip


def read_lines(data: bytes, name: str, now: Any) -> Taken:
    lines = [line.split(",") for line in data.decode().split()]
    bad = tuple(f"{name}, line {at}: no role" for at, line in enumerate(lines, 1) if len(line) < 2)
    return Taken((*now, *map(tuple, lines)), f"{name}: {len(lines)} people", bad)


def dropped(data: bytes) -> Form:
    form = Form("07", [Field("people", "Users", "people", PEOPLE[:1], take=read_lines)])
    drop = form.drops["people"]
    drop.name, drop.content = "people.csv", data
    drop.turn += 1
    return form


def note(form: Form) -> str:
    return visible(form.children[2].children[-1].value)


def test_a_dropped_file_is_put_where_it_can_be_read_before_it_is_saved() -> None:
    form = dropped(b"ada.admin@contoso.com,admin")

    assert form.inputs["people"].value == "bo.agent@contoso.com, agent\nada.admin@contoso.com, admin"
    assert form.edited() == {"people": (PEOPLE[0], ("ada.admin@contoso.com", "admin"))}
    assert note(form) == "people.csv: 1 people"


def test_a_file_with_problems_changes_nothing_and_each_is_told_up_to_twenty() -> None:
    form = dropped(b"nobody " * 22 + b"ada.admin@contoso.com,admin")

    assert form.edited() == {}
    assert "✗ people.csv, line 20: no role ✗ … and 2 more" in note(form)


def test_a_dropped_file_has_no_static_face_of_its_own() -> None:
    form = Form("07", [Field("people", "Users", "people", PEOPLE, take=read_lines)])
    assert "drop" not in form._repr_mimebundle_()["text/plain"].lower()


def test_what_is_entered_in_a_fleeting_field_is_in_no_widget_and_counts_until_it_is_put_away() -> None:
    form = Form(
        "Values", [Field("response", "Response", "lines", (), fleeting=True), Field("other", "Other", "lines", ())]
    )
    assert (form.inputs["response"].continuous_update, form.inputs["other"].continuous_update) == (False, True)
    for text in ("PHNhbWxw one", "PHNhbWxw another"):
        form.inputs["response"].value = text
        assert form.edited() == {"response": (text,)}
        assert "PHNhbWxw" not in str(Widget.get_manager_state(drop_defaults=False))
        assert f"Taken, {len(text)} characters" in form._notes["response"].value
    form.put_away("response")
    assert form.edited() == {}
    assert "Taken" not in form._notes["response"].value


def test_a_dropped_file_is_in_no_widget_once_it_is_taken() -> None:
    taken = Taken(value=("a",), told="1 read")
    form = Form("Values", [Field("people", "People", "lines", (), take=lambda *_: taken)])
    drop = form.drops["people"]
    for turn in (1, 2):
        drop.content = b"name,role\nada.admin@contoso.com,admin\n"
        drop.turn = turn
        assert form.edited() == {"people": ("a",)}
        assert drop.content == b""
