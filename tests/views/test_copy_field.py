from hypothesis import given, settings
from hypothesis import strategies as st
from views_reading import fragment, squeezed, visible

from flexsso_helpers.output import clean
from flexsso_helpers.views.copy_field import CopyField, CopyFields
from flexsso_helpers.views.shown import WIDGET_VIEW, show

PEM = "-----BEGIN CERTIFICATE-----\nMIIC8DCC\nAdigAwIB\n-----END CERTIFICATE-----\n"
FIELDS = (
    CopyField("Issuer", "Microsoft Entra Identifier", "https://sts.windows.net/f1e5/"),
    CopyField("X.509 Certificate", "", PEM),
)
LINK = ("open the page", "https://console.example.com/sso")
TEXT = """\
Paste these · open the page (https://console.example.com/sso)  [REHEARSAL]

  Issuer (Microsoft Entra Identifier): https://sts.windows.net/f1e5/

  X.509 Certificate:
    -----BEGIN CERTIFICATE-----
    MIIC8DCC
    AdigAwIB
    -----END CERTIFICATE-----"""


def made() -> CopyFields:
    return CopyFields("Paste these", FIELDS, link=LINK, badge="REHEARSAL")


def test_the_recorded_faces_are_the_same_for_every_instance() -> None:
    one, other = made()._repr_mimebundle_(), made()._repr_mimebundle_()

    assert one.pop(WIDGET_VIEW)["model_id"] != other.pop(WIDGET_VIEW)["model_id"]
    assert one == other
    assert one["text/plain"] == TEXT


def test_without_a_kernel_the_text_face_is_printed(capsys: object) -> None:
    show(made())
    assert capsys.readouterr().out == TEXT + "\n"  # type: ignore[attr-defined]


def test_values_stand_in_the_html_whole_named_and_reachable_by_keyboard() -> None:
    tree = fragment(made()._repr_mimebundle_()["text/html"])

    boxes = tree.findall(".//pre")
    assert [(box.get("aria-label"), box.get("tabindex")) for box in boxes] == [
        ("Issuer", "0"),
        ("X.509 Certificate", "0"),
    ]
    assert boxes[1].text_content().lstrip("\n") == PEM
    assert [(link.get("href"), link.get("target")) for link in tree.iter("a")] == [(LINK[1], "_blank")]


def test_what_the_button_copies_is_the_value_itself() -> None:
    assert [field["value"] for field in made().fields] == [FIELDS[0].value, PEM]


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_value_is_shown_whole_and_never_becomes_markup(text: str) -> None:
    bundle = CopyFields(text, [CopyField(text, text, text)], link=(text, text))._repr_mimebundle_()

    tags = {element.tag for element in fragment(bundle["text/html"]).iter()}
    assert tags <= {"div", "style", "b", "span", "pre", "a", "br", "wbr"}
    assert squeezed(clean(text)) in squeezed(visible(bundle["text/html"]))
    assert squeezed(clean(text)) in squeezed(bundle["text/plain"])


def test_a_value_passed_anew_is_what_is_copied() -> None:
    earlier, later = (CopyFields("t", [CopyField("Issuer", "", value)]) for value in ("old", "new"))
    assert [each.fields[0]["value"] for each in (earlier, later)] == ["old", "new"]
    assert "new" in later.skeleton
    assert "old" not in later.skeleton
