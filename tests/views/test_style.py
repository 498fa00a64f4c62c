import re

import pytest
from views_reading import fragment

from flexsso_helpers.output import clean
from flexsso_helpers.views.style import STYLE, page

TOKENS = {name: pair for name, *pair in re.findall(r"--fx-([\w-]+):[^;]*?light-dark\((#\w{6}),(#\w{6})\)", STYLE)}
JUPYTERLAB_PAPER = ("#ffffff", "#212121")


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(ink: str, paper: str, share: float) -> str:
    """The band behind titles: a little ink on the paper."""
    pairs = ((int(ink[at : at + 2], 16), int(paper[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(i * share + p * (1 - share)):02x}" for i, p in pairs)


@pytest.mark.parametrize("dark", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "soft", "good", "wait", "bad", "new", "plum"])
def test_every_colour_of_text_can_be_read_on_every_ground(name: str, dark: int) -> None:
    ink, text = TOKENS["ink"][dark], TOKENS[name][dark]
    papers = (TOKENS["paper"][dark], JUPYTERLAB_PAPER[dark])
    grounds = (*papers, *(mixed(ink, paper, 0.05) for paper in papers))

    assert min(contrast(text, ground) for ground in grounds) >= 4.5


@pytest.mark.parametrize("dark", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["bad-bg", "wait-bg"])
def test_words_on_tinted_grounds_can_be_read(ground: str, dark: int) -> None:
    used = ("ink", "soft", "new", "bad") if ground == "bad-bg" else ("ink",)

    assert min(contrast(TOKENS[name][dark], TOKENS[ground][dark]) for name in used) >= 4.5


def test_the_sheet_touches_nothing_but_our_own_outputs_and_fetches_nothing() -> None:
    sheet = STYLE.removeprefix("<style>").removesuffix("</style>").replace("@media print{", "")
    outside, depth = [""], 0
    for sign in sheet:
        if sign in "{}":
            depth = depth + 1 if sign == "{" else max(depth - 1, 0)  # that of @media has lost its opening
            outside += [""] if not depth else []
        elif not depth:
            outside[-1] += sign
    assert sum(map(bool, outside)) > 4
    assert all(re.search(r"\.fx\b", selector) for selector in outside if selector.strip())
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_a_page_needs_no_script() -> None:
    assert [element.tag for element in fragment(page("<p>text</p>")).iter()] == ["div", "style", "div", "p"]


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("\x1b[31mred", "\ufffd[31mred"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("name\u202egnp.exe", "name\ufffdgnp.exe"),
        ("half \ud800", "half \ufffd"),
        ("Zoë · 安室\t✓ 👩‍💻", "Zoë · 安室\t✓ 👩‍💻"),
    ],
    ids=["terminal control", "line ends", "direction override", "lone surrogate", "ordinary text"],
)
def test_clean_keeps_text_and_disarms_the_rest(given: str, seen: str) -> None:
    assert clean(given) == seen


def test_no_line_of_the_sheet_ends_within_a_value_that_the_next_one_would_run_into() -> None:
    # `1.5var(` is no value, and the whole declaration is dropped.
    assert re.findall(r"[\w.%)]var\(", STYLE) == []
