from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from views_reading import fragment, squeezed, visible

from flexsso_helpers.output import clean
from flexsso_helpers.views.shown import show, stack
from flexsso_helpers.views.style import STYLE
from flexsso_helpers.views.table import Cell, Row, Style, Tone, card

PLAN = card(
    title="02 · Basic SAML configuration",
    subtitle="of “Twilio Flex”",
    right="2 changes · 1 already right",
    badge="REHEARSAL",
    columns=("Setting", "Now", "Should be", "Why"),
    rows=(
        Row(("Reply URL", Cell("none", "muted"), Cell("https://login.example.com/cb", "value"), "D03"), "add"),
        Row(("Identifier", Cell("urn:old", "was"), Cell("urn:flex:JQ1", "value"), Cell("D05", "muted")), "change"),
        Row(("Method", "saml", "saml", ""), "keep"),
    ),
    note="Flex stores every claim.",
    footer="Undo: notebook 29.",
)
PLAN_TEXT = """\
02 · Basic SAML configuration · of “Twilio Flex” · 2 changes · 1 already right  [REHEARSAL]

      Setting      Now       Should be                      Why
  ─────────────────────────────────────────────────────────────
  +   Reply URL    none      https://login.example.com/cb   D03
  ~   Identifier   urn:old   urn:flex:JQ1                   D05
  =   Method       saml      saml

  Note. Flex stores every claim.

  Undo: notebook 29."""

FACTS = card(
    title="Contoso",
    badge="LIVE",
    facts=(
        ("Signed in as", Cell("ada.admin@contoso.com", sub="Application Administrator")),
        ("May do", (Cell("policies", "ok"), Cell("assign users", "no"), Cell("claims", "wait"))),
        ("Report", Cell("open", href="https://example.com/report")),
    ),
)
FACTS_TEXT = """\
Contoso  [LIVE]

  Signed in as   ada.admin@contoso.com · Application Administrator
  May do         ✓ policies · ✗ assign users · ! claims
  Report         open (https://example.com/report)"""


@pytest.mark.parametrize(("shown", "text"), [(PLAN, PLAN_TEXT), (FACTS, FACTS_TEXT)], ids=["plan", "facts"])
def test_the_text_face_is_aligned_and_complete(shown: object, text: str) -> None:
    assert str(shown) == text
    assert repr(shown) == text


def test_a_card_in_a_notebook_has_both_faces_and_outside_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert PLAN._repr_mimebundle_() == {"text/html": PLAN.html, "text/plain": PLAN_TEXT}
    show(PLAN)
    assert capsys.readouterr().out == PLAN_TEXT + "\n"


def test_columns_stay_aligned_in_wide_scripts_and_the_page_never_gets_wider() -> None:
    long = "https://login.example.com/callback?connection=" + "JQ" * 200
    shown = card(title="People", columns=("Name", "Role"), rows=[Row(("安室 奈美", "agent")), Row((long, "agent"))])
    lines = shown.text.splitlines()

    assert max(map(len, lines)) <= 110
    assert long in squeezed("".join(line.removesuffix("agent") for line in lines))
    # Four wide signs take eight places: the second column starts four characters earlier.
    name, url = (line for line in lines if line.endswith("agent"))
    assert name.index("agent") == url.index("agent") - 4


def test_the_html_table_names_its_columns_its_rows_and_itself() -> None:
    tree = fragment(PLAN.html)

    assert "02 · Basic SAML configuration" in tree.xpath("string(.//caption)")
    assert [th.text_content() for th in tree.xpath(".//th[@scope='col']")] == [
        "Change", "Setting", "Now", "Should be", "Why",
    ]  # fmt: skip
    assert [th.text_content() for th in tree.xpath(".//th[@scope='row']")] == ["Reply URL", "Identifier", "Method"]


def test_a_row_is_named_by_what_was_checked_not_by_its_verdict() -> None:
    shown = card(title="Evidence", rows=[Row((Cell("holds", "ok"), Cell("Audience", sub="S35"), "urn:flex:JQ1"))])

    assert [" ".join(th.text_content().split()) for th in fragment(shown.html).iter("th")] == ["Audience · S35"]


def test_a_reader_without_the_style_sheet_gets_every_sign_and_word() -> None:
    assert visible(PLAN.html) == (
        "02 · Basic SAML configuration · of “Twilio Flex” · 2 changes · 1 already right [REHEARSAL] "
        "Change Setting Now Should be Why "
        "+ new Reply URL none https://login.example.com/cb D03 "
        "~ changes Identifier was: urn:old urn:flex:JQ1 D05 "
        "= stays Method saml saml "
        "Note. Flex stores every claim. Undo: notebook 29."
    )


def test_no_header_stands_over_no_rows() -> None:
    empty = card(title="Nothing", columns=("Setting", "Now"))
    assert empty.text == "Nothing"
    assert not fragment(empty.html).xpath(".//table")
    folded = card(title="Right", columns=("Setting", "Now"), folded=("2 right", [Row(("a", "b")), Row(("c", "d"))]))
    tree = fragment(folded.html)
    assert len(tree.xpath(".//thead")) == len(tree.xpath(".//details//thead")) == 1
    assert visible(folded.html).startswith("Right 2 right")
    beside = card(title="Right", columns=("Setting",), facts=[("x", "y")], folded=("1 right", [Row(("a",))]))
    assert visible(beside.html) == "Right 1 right Setting a x y"


def test_a_column_in_which_no_row_has_anything_is_left_out_of_its_own_table() -> None:
    some, none = Row(("Reply URL", "x", "open 02")), Row(("Identifier", "y", ""))
    shown = card(title="t", columns=("Setting", "Found", "What to do"), rows=[some], folded=("1 holds", [none]))
    titles = [[th.text for th in table.xpath("./thead//th")] for table in fragment(shown.html).iter("table")]
    assert titles == [["Setting", "Found", "What to do"], ["Setting", "Found"]]
    assert "What to do" in shown.text
    assert "Before" not in card(title="t", columns=("Setting", "Before", "Now"), rows=[Row(("a", "", "b"))]).text


def test_a_dot_between_two_stays_with_what_it_follows() -> None:
    assert Cell("Audience", sub="S35").html == 'Audience<span class="fx-sub">&#160;· S35</span>'
    assert Cell("", sub="S35").html == '<span class="fx-sub">S35</span>'
    pieces = card(title="t", facts=[("May do", (Cell("policies"), Cell("claims")))]).html
    assert 'policies<span class="fx-sub">&#160;·</span> claims' in pieces


def test_a_value_that_is_empty_leaves_no_box() -> None:
    assert Cell("", "value").html == ""


@pytest.mark.parametrize("tone", [tone for tone in get_args(Tone) if tone])
def test_no_tone_is_told_by_colour_alone(tone: Tone) -> None:
    toned, bare = (card(title="t", rows=[Row(("Reply URL", "x"), each)]) for each in (tone, ""))

    assert visible(toned.html) != visible(bare.html)
    assert toned.text != bare.text


@pytest.mark.parametrize(
    ("style", "given_text", "seen"),
    [
        ("ok", "holds", "✓ holds"),
        ("ok", "✓ holds", "✓ holds"),
        ("no", "fails", "✗ fails"),
        ("wait", "look", "! look"),
        ("wait", "~ drifted", "~ drifted"),
        ("no", "", "✗"),
    ],
)
def test_a_verdict_has_exactly_one_sign(style: Style, given_text: str, seen: str) -> None:
    assert Cell(given_text, style).plain == seen
    assert visible(Cell(given_text, style).html) == seen


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("https://example.com/?a=1&b=2", True),
        ("02_basic_saml_configuration.ipynb", True),
        ("mailto:ada.admin@contoso.com", True),
        ("javascript:alert(1)", False),
        ("JavaScript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("http://[bad", True),
    ],
)
def test_only_addresses_that_cannot_execute_become_links(href: str, kept: bool) -> None:
    shown = card(title="t", rows=[Row((Cell("open", href=href),))])

    assert [a.get("href") for a in fragment(shown.html).iter("a")] == ([href] if kept else [])
    assert "open" in shown.text


def test_a_title_names_its_facts_too_and_each_fact_its_row() -> None:
    tree = fragment(FACTS.html)

    assert tree.xpath("string(.//caption//b)") == "Contoso"
    assert [th.text for th in tree.xpath(".//th[@scope='row']")] == ["Signed in as", "May do", "Report"]


def test_an_untrusted_notebook_which_keeps_only_inline_styles_still_aligns_tables() -> None:
    cells = fragment(stack(PLAN, FACTS).html).xpath(".//td | .//th | .//caption")

    assert {cell.get("style") for cell in cells} == {"text-align:left;vertical-align:top"}


def test_several_outputs_share_one_style_sheet() -> None:
    both = stack(PLAN, FACTS)

    assert both.html.count("<style>") == 1
    assert both.html.removeprefix(STYLE) == PLAN.html.removeprefix(STYLE) + FACTS.html.removeprefix(STYLE)
    assert both.text == f"{PLAN_TEXT}\n\n{FACTS_TEXT}"


@given(st.text(st.characters(exclude_categories=())), st.sampled_from(get_args(Style)), st.sampled_from(get_args(Tone)))
def test_any_text_anywhere_is_shown_whole_and_never_becomes_markup(text: str, style: Style, tone: Tone) -> None:
    cell = Cell(text, style, sub=text, href=text)
    shown, plain = (
        card(title=t, subtitle=t, right=c, columns=(t,), rows=[Row((c, t), tone)], footer=t, note=t, facts=[(t, c)])
        for t, c in ((text, cell), ("x", Cell("x", style, sub="x", href="x")))
    )

    tree = fragment(shown.html)
    allowed = {element.tag for element in fragment(plain.html).iter()} | {"br", "wbr", "a"}
    assert {element.tag for element in tree.iter()} <= allowed
    assert squeezed(clean(text)) in squeezed("".join(tree.itertext()))
    assert squeezed(clean(text)) in squeezed(shown.text)
    assert not any(char in shown.text + shown.html for char in "\x00\x07\x1b\x9b\u202e")
    shown.text.encode(), shown.html.encode()
