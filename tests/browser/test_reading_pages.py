"""What people read without a kernel: exported notebooks and the handover page, in light and dark, and printed.

axe looks at each, and nothing is wider than its page. The pictures are kept under `runs/pictures/pages/`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from handed_over import RUNS, record_of
from installed import needs_chromium
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, Page, Route
from stage import PROJECT

from flexsso_helpers.handover.page import page as page_of

pytestmark = [pytest.mark.browser, pytest.mark.full, needs_chromium]

NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
PICTURES = PROJECT / "runs" / "pictures" / "pages"
HOME = "http://localhost/page"
SCHEMES = ("light", "dark")
GRAVE = ("serious", "critical")
MOST_SHEETS = 4
A4 = {"width": 794, "height": 1123}
CUT_OFF = """() => [...document.querySelectorAll(".fx *")]
  .filter(e => !e.closest(".fx-hid, svg, style")
    && !(e.closest("thead") && getComputedStyle(e.closest("thead")).position === "absolute")
    && getComputedStyle(e).display !== "inline"
    && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
    && getComputedStyle(e).overflow !== "visible")
  .map(e => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 40)}`)"""


@pytest.fixture(scope="module", params=RUNS)
def handover(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The name of a run, and the page that it leaves."""
    runs, words = RUNS[request.param]
    made = page_of(record_of(runs, tmp_path_factory.mktemp("handed-over")))
    assert words in made
    return request.param, made


def exported(path: Path, theme: str) -> str:
    """A notebook as nbconvert exports it, without what it would load from elsewhere."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    exporter = HTMLExporter(theme=theme, mathjax_url="", require_js_url="", mermaid_js_url="")
    body, _ = exporter.from_notebook_node(notebook)
    return str(body)


@contextmanager
def opened(browser: Browser, content: str, scheme: str) -> Iterator[Page]:
    """The page in a window that reaches nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()

    def answer(route: Route) -> None:
        if route.request.url == HOME:
            route.fulfill(content_type="text/html; charset=utf-8", body=content)
        else:
            route.abort()

    page.route("**/*", answer)
    page.goto(HOME)
    yield page
    context.close()


def judge(page: Page, name: str, within: str) -> None:
    """Everybody can read what is ours on this page, and nothing needs scrolling sideways."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    found = Axe().run(page, context=within).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found if each["impact"] in GRAVE] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def judge_paper(page: Page, name: str) -> None:
    """On paper nothing scrolls, so nothing may be cut off."""
    page.emulate_media(media="print")
    page.set_viewport_size(A4)  # type: ignore[arg-type]
    assert page.evaluate(CUT_OFF) == []
    assert page.pdf(format="A4", path=PICTURES / f"{name}.pdf")[:5] == b"%PDF-"


@pytest.mark.sampled(3)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_an_exported_notebook_can_be_read_by_everybody(chromium: Browser, path: Path) -> None:
    for scheme in SCHEMES:
        with opened(chromium, exported(path, scheme), scheme) as page:
            assert page.locator(".fx-card").count() > 0
            judge(page, f"{path.stem}-{scheme}", within=".fx")
            if scheme == "light":
                judge_paper(page, path.stem)


def test_the_handover_page_can_be_read_by_everybody(chromium: Browser, handover: tuple[str, str]) -> None:
    name = f"handover-{handover[0].replace(' ', '-')}"
    for scheme in SCHEMES:
        with opened(chromium, handover[1], scheme) as page:
            assert page.locator("h1").count() == 1
            judge(page, f"{name}-{scheme}", within="body")
            if scheme == "light":
                judge_paper(page, name)
                assert sheets(PICTURES / f"{name}.pdf") <= MOST_SHEETS, "an ordinary tenant's, with its details folded"


def sheets(path: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))
