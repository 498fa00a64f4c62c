"""The notebooks as a code-hosting page shows them: no script, style or class, and of markup what its list names.

No host publishes its list for notebooks, and they differ in what becomes of SVG: here both, taken away whole and its
tags alone. Others show text only. The pictures are kept under `runs/pictures/untrusted/`.
"""

import re
from collections.abc import Iterator

import pytest
from installed import CHROMIUM, QUIET, needs_chromium
from lxml import html
from nbconvert.preprocessors.sanitize import SanitizeHTML
from plain_reading import NAMES, WIDEST, bundles, judge_words, read, unread
from playwright.sync_api import Page, sync_playwright
from stage import PROJECT

PICTURES = PROJECT / "runs" / "pictures" / "untrusted"
TAGS = re.findall(
    r"\w+",
    """a b blockquote br caption code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd
    li ol p pre s small span strong sub summary sup table tbody td tfoot th thead tr tt ul wbr""",
)
ATTRIBUTES = {"*": ["align", "scope", "colspan", "rowspan", "title", "lang"], "a": ["href"], "img": ["src", "alt"]}
HOST = """
html{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:1012px;margin:0 auto;padding:16px}
section{margin-bottom:16px}
table{border-collapse:collapse;font-size:13px;display:block;width:max-content;max-width:100%;overflow:auto}
td,th{padding:6px 13px;border:1px solid color-mix(in srgb,currentColor 25%,transparent)}
pre,code{font-family:monospace;font-size:85%}
pre{overflow:auto}"""


@pytest.fixture(scope="module")
def pages() -> Iterator[dict[str, Page]]:
    """A window of each colour scheme, which asks nobody for anything."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        made = {}
        for scheme in ("light", "dark"):
            context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
            made[scheme] = context.new_page()
            made[scheme].route("**/*", lambda route: route.abort())
        yield made
        browser.close()


def hosted(recorded: str, *, svg: bool) -> str:
    """What a host makes of an output's HTML; with `svg` the words of a picture stay where its tags are taken away."""
    tree = html.fragment_fromstring(recorded, create_parent="div")
    for whole in list(tree.iter("style", *(() if svg else ("svg",)))):
        whole.drop_tree()
    bare = html.tostring(tree, encoding="unicode")
    return str(SanitizeHTML(tags=TAGS, attributes=ATTRIBUTES, strip=True).sanitize_html_tags(bare))


def site(name: str, *, svg: bool) -> str:
    """A notebook's outputs below each other, as the host shows them."""
    shown = "".join(f"<section>{hosted(each['text/html'], svg=svg)}</section>" for each in bundles(name))
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>host</title><style>{HOST}</style>{shown}'


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize(
    "bad",
    [
        "<b>Planned</b><span>3 changes</span>",
        "<table><tr><td style='padding:0;border:0'>Planned<td style='padding:0;border:0'>3 changes</table>",
        "<div style='width:9px;white-space:nowrap'>Reply URL</div><p style='margin-left:-30px'>left</p>",
        "<div style='width:2000px;text-align:right'>far away</div>",
        "<p hidden>lost</p>seen",
        "<p>&lt;div class=fx&gt;</p>",
        "<p>Loading widget...</p>",
        "<span class=fx-ok>✓holds</span>",
        "<span class=fx-no>✗ </span>",
        " ",
    ],
)
def test_the_judge_is_not_asleep(pages: dict[str, Page], bad: str) -> None:
    pages["light"].set_content(f"<style>{HOST}</style><section>{bad}</section>")
    with pytest.raises(AssertionError):
        read(pages["light"].locator("section"), bad)


@pytest.mark.browser
@needs_chromium
@pytest.mark.thinned(7)
@pytest.mark.parametrize("svg", [False, True], ids=["without pictures", "with the words of pictures"])
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_reads_well_on_a_code_hosting_page(pages: dict[str, Page], name: str, svg: bool) -> None:
    page = pages["light"]
    page.set_content(site(name, svg=svg))
    sections = page.locator("section").all()
    texts = [read(section, each["text/html"], svg=svg) for section, each in zip(sections, bundles(name), strict=True)]
    assert unread(name, texts) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
@needs_chromium
@pytest.mark.thinned(6)
@pytest.mark.parametrize("name", NAMES)
def test_its_pictures_are_kept(pages: dict[str, Page], name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for scheme, page in pages.items():
        page.set_content(site(name, svg=scheme == "dark"))
        page.screenshot(path=PICTURES / f"host-{name}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_that_shows_text_only_says_it_all_in_lines_that_fit(name: str) -> None:
    for each in bundles(name):
        text = each["text/plain"]
        judge_words(text)
        assert max(map(len, text.splitlines())) <= WIDEST
