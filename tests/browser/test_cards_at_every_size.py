"""Every card in every state can be read whole: at each width that a window leaves to it, in light, dark and on paper.

A JupyterLab window of 1440 pixels leaves a card 1060 of them, one of 1280 leaves 880, at 125 % 640, at 200 % 400.
A reader may enlarge until 320 are left (WCAG). Pictures are kept under `runs/pictures/cards/` by `make pictures`.
"""

import asyncio
import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from every_card import every_card
from installed import needs_chromium
from playwright.sync_api import Browser, Page
from stage import PROJECT

pytestmark = [pytest.mark.browser, pytest.mark.full, needs_chromium]

PICTURES = PROJECT / "runs" / "pictures" / "cards"
WIDTHS = (1060, 880, 700, 640, 400, 320)
A4 = 730
NO_TENANT = r"^other-|-30-"
"""Cards of many tenants, and of none."""
MEASURE = """() => {
  const bad = [];
  const name = (e) => e.closest("section").id;
  const words = (e) => e.textContent.trim().replace(/\\s+/g, " ").slice(0, 40);
  const unseen = (e) => e.closest(".fx-hid, svg, style, .fx-bare")
    || (e.closest("thead") && getComputedStyle(e.closest("thead")).position === "absolute");
  for (const e of document.querySelectorAll(".fx *")) {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (!box.width || unseen(e)) continue;
    const card = e.closest(".fx").getBoundingClientRect();
    if (box.right > card.right + 1 || box.left < card.left - 1) bad.push(`${name(e)}: outside: ${words(e)}`);
    const cut = e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1;
    const scrolls = e.tagName === "PRE" && style.overflowY === "auto";
    if (cut && style.display !== "inline" && style.overflowX !== "visible" && !scrolls)
      bad.push(`${name(e)}: cut: ${words(e)}`);
  }
  for (const cell of document.querySelectorAll(".fx td[data-of]"))  // its label is before it, and no element
    if (cell.scrollHeight > cell.clientHeight + 1) bad.push(`${name(cell)}: label too long: ${cell.dataset.of}`);
  for (const row of document.querySelectorAll(".fx tr, .fx-copy, .fx-head")) {
    const parts = [...row.children].filter((e) => !unseen(e) && e.getBoundingClientRect().width);
    for (const [at, one] of parts.entries()) for (const other of parts.slice(at + 1)) {
      const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
      const over = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
      const floats = getComputedStyle(one).float !== "none";
      if (over && !floats) bad.push(`${name(row)}: overlap: ${words(one)} / ${words(other)}`);
    }
  }
  const range = document.createRange(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, at = node.parentElement;
    if (!at.closest(".fx") || unseen(at) || at.closest("pre") || !at.getClientRects().length) continue;
    let block = at;
    while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
    range.selectNodeContents(node);
    if (range.getBoundingClientRect().right > block.getBoundingClientRect().right + 1)
      bad.push(`${name(at)}: spills over: ${node.data.trim().slice(0, 40)}`);
    for (const word of node.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((each) => Math.round(each.top))).size > 1)
        bad.push(`${name(at)}: broken word: ${word[0]}`);
    }
  }
  return bad;
}"""


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    with ThreadPoolExecutor(1) as apart:  # this thread's event loop belongs to playwright
        return apart.submit(lambda: asyncio.run(every_card(tmp_path_factory.mktemp("cards")))).result()


def test_each_card_of_a_tenant_says_that_it_is_a_rehearsal(cards: Mapping[str, str]) -> None:
    without = [name for name, html in cards.items() if "REHEARSAL" not in html and ">✗ " not in html]
    assert [name for name in without if not re.search(NO_TENANT, name)] == []
    assert "Sign in as bo.agent@contoso.com" in "".join(html for name, html in cards.items() if "person-08" in name)


def laid_out(page: Page, cards: Mapping[str, str]) -> None:
    body = "".join(f'<section id="{name}" style="margin:0 0 20px">{html}</section>' for name, html in cards.items())
    page.set_content(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>cards</title>'
        f'<body style="margin:0;color-scheme:light dark;background:Canvas">{body}'
    )


def keep(page: Page, cards: Mapping[str, str], suffix: str) -> None:
    """Pictures of all, where somebody asked for them (`make pictures`)."""
    if not os.environ.get("FLEXSSO_PICTURES"):
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in cards:  # one at a time: a browser lays out the whole page anew for each picture of a part of it
        page.evaluate(
            "(name) => document.querySelectorAll('section').forEach((e) => { e.hidden = e.id !== name; })", name
        )
        page.locator(f'[id="{name}"]').screenshot(path=PICTURES / f"{name}-{suffix}.png")


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_nothing_overlaps_and_no_word_breaks(
    chromium: Browser, cards: Mapping[str, str], width: int
) -> None:
    assert len(cards) > 150
    for scheme in ("light", "dark"):
        page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        laid_out(page, cards)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert page.evaluate(MEASURE) == []
        keep(page, cards, f"{width}-{scheme}")
        page.close()


def test_on_paper_nothing_is_cut_and_no_word_breaks(chromium: Browser, cards: Mapping[str, str]) -> None:
    page = chromium.new_page(viewport={"width": A4, "height": 1123})
    laid_out(page, cards)
    scrolling = "[...document.querySelectorAll('pre')].filter((e) => getComputedStyle(e).overflowY === 'auto').length"
    assert page.evaluate(scrolling)
    page.emulate_media(media="print")
    assert page.evaluate(scrolling) == 0
    assert page.evaluate(MEASURE) == []
    keep(page, cards, "print")
    page.close()


def test_the_measure_finds_what_is_cut_overlaps_or_breaks(chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 300, "height": 900})
    wrong = {
        "outside": '<div class="fx"><p style="width:400px">wide</p></div>',
        "cut": '<div class="fx"><p style="overflow:hidden;width:40px;white-space:nowrap">a long line</p></div>',
        "overlap": '<div class="fx"><div class="fx-head"><p>one</p><p style="margin-left:-40px">two</p></div></div>',
        "label": '<div class="fx"><table><td data-of="x" style="display:block;height:4px">x</td></table></div>',
        "spills": '<div class="fx"><p style="width:40px;white-space:nowrap"><b>a long line</b></p></div>',
        "broken": '<div class="fx"><p style="width:30px;word-break:break-all">unbreakable</p></div>',
    }
    laid_out(page, wrong)
    found = "\n".join(page.evaluate(MEASURE))
    assert all(f"{name}: " in found for name in wrong), found
    page.close()
