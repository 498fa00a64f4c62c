from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from views_reading import fragment, squeezed, unlinked, visible

from flexsso_helpers.output import clean
from flexsso_helpers.views.diagram import Broken, StepNumber, sign_on
from flexsso_helpers.views.shown import Shown

JQ = "urn:flex:JQf1e55000000000000000000000000001"


def drawn(broken: Broken | None = None) -> Shown:
    return sign_on(
        tenant_title="contoso.com",
        user="bo.agent@contoso.com",
        identifier=JQ,
        tenant_short="f1e5…0001",
        response="both signed · roles agent",
        outcome="worker bo.agent · roles agent",
        broken=broken,
    )


def label(shown: Shown) -> str:
    (svg,) = fragment(shown.html).iter("svg")
    assert svg.get("role") == "img"
    return str(svg.get("aria-label"))


def test_a_sign_on_that_works_has_four_steps_with_their_values() -> None:
    assert drawn().text == (
        "Sign-on of bo.agent@contoso.com\n"
        f"  1. sign-in request from: {JQ}\n"
        "  2. asks Entra: /saml2 · tenant f1e5…0001\n"
        "  3. signed response: both signed · roles agent\n"
        "  4. signed in: worker bo.agent · roles agent"
    )
    assert label(drawn()) == (
        "Sign-on of bo.agent@contoso.com: Flex sends a sign-in request to the browser; the browser asks Entra ID of "
        "contoso.com; Entra ID posts a signed response through the browser; Flex accepts it and signs "
        "bo.agent@contoso.com in."
    )


def test_a_request_of_nobody_known_comes_from_nobody_and_no_line_ends_in_a_dot() -> None:
    shown = sign_on(
        tenant_title="contoso.com",
        user="ada",
        identifier="",
        tenant_short="f1e5…0001",
        response="response and assertion signed · 09D0…F03A · ada.admin@contoso.com",
    )
    assert "  1. sign-in request\n" in shown.text
    assert "Picture" in shown.html
    lines = [str(each.text) for each in fragment(shown.html).iter("text")]
    assert "1 sign-in request" in lines
    assert "response and assertion signed · 09D0…F03A" in lines
    assert not [line for line in lines if line.endswith("·")]


def test_a_broken_step_is_marked_with_a_sign_and_words_and_nothing_follows_it() -> None:
    shown = drawn(Broken(step=3, what="refused: not assigned", detail="AADSTS50105"))

    assert shown.text.endswith("\n  3. ✗ refused: not assigned: AADSTS50105")
    assert label(shown).endswith("; Entra ID refuses: refused: not assigned (AADSTS50105).")
    assert "3 ✗ refused: not assigned" in visible(shown.html)
    assert "signed in" not in visible(shown.html)


@pytest.mark.parametrize("step", get_args(StepNumber))
def test_any_step_can_break(step: StepNumber) -> None:
    shown = drawn(Broken(step=step, what="stopped"))

    assert shown.text.splitlines()[-1] == f"  {step}. ✗ stopped"
    assert f"{step} ✗ stopped" in visible(shown.html)


def test_a_reader_without_pictures_gets_the_steps_as_a_list() -> None:
    items = [item.text_content() for item in fragment(drawn().html).iter("li")]

    assert items == [line.split(". ", 1)[1] for line in drawn().text.splitlines()[1:]]


def test_where_svg_is_taken_away_its_words_do_not_stand_beside_the_list() -> None:
    (svg,) = fragment(drawn().html).iter("svg")

    assert svg.getparent().get("style") == "height:0;overflow:hidden"
    assert ".fx-draw{height:auto!important}" in drawn().html


def test_where_inline_styles_are_taken_away_too_its_words_are_a_sentence() -> None:
    (svg,) = fragment(drawn().html).iter("svg")

    assert " ".join(svg.text_content().split()) == (
        "(Picture: Flex, Browser of bo.agent@contoso.com, Entra ID · contoso.com. "
        f"1 sign-in request from: {JQ}; 2 asks Entra: /saml2 · tenant f1e5…0001; "
        "3 signed response: both signed · roles agent; 4 signed in: worker bo.agent · roles agent.)"
    )


def test_a_reader_without_pictures_is_told_whose_sign_on_it_is() -> None:
    assert visible(drawn().html).startswith("Sign-on of bo.agent@contoso.com sign-in request from: urn:flex:")


def test_long_values_are_drawn_whole_within_their_lane() -> None:
    shown = drawn(Broken(step=4, what="refused: audience", detail=f"{JQ[:-1]}8 ≠ {JQ}"))

    details = [text.text_content() for text in fragment(shown.html).xpath(".//*[@class='fx-detail']")]
    assert max(map(len, details)) <= 44
    assert squeezed(f"{JQ[:-1]}8 ≠ {JQ}") in squeezed("".join(details))


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_drawn_whole_and_never_becomes_markup(text: str) -> None:
    shown = sign_on(
        tenant_title=text,
        user=text,
        identifier=text,
        tenant_short=text,
        response=text,
        broken=Broken(step=4, what=text, detail=text),
    )

    tags = {element.tag for element in fragment(unlinked(shown.html)).iter()}
    assert tags <= {"div", "style", "figure", "svg", "text", "path", "figcaption", "b", "ol", "li", "br"}
    assert squeezed(clean(text)) in squeezed(shown.text)
    assert squeezed(clean(text)) in squeezed(visible(shown.html))
