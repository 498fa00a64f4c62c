"""JupyterLab for who only reads: the kept notebooks without trust.

A notebook that came from elsewhere is not trusted: JupyterLab drops its style sheets, pictures and most attributes
until its reader says otherwise. The pictures are kept under `runs/pictures/untrusted/`.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from jupyterlab_walk import PROJECT, Notebook, guided
from plain_reading import NAMES, NOTEBOOKS, SHAPES, bundles, notebook, read, unread
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.kernel,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium"),
]

PICTURES = PROJECT / "runs" / "pictures" / "untrusted"
LONG = {"width": 1280, "height": 8000}
"""Whole notebooks are drawn, not only what usually fits."""
KEPT = "kept"


@dataclass(frozen=True)
class Session:
    """A guided session, and its folder."""

    address: str
    folder: Path

    def page(self, name: str) -> str:
        """The address of another notebook of it, in a JupyterLab that remembers no tabs."""
        return self.address.replace("00_start_here.ipynb", name) + "&reset"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """`flexsso guide`, from whose JupyterLab they are read."""
    folder = tmp_path_factory.mktemp("session")
    with guided(folder) as address:
        yield Session(address, next((folder / "runs" / "practice").iterdir()))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=("--no-sandbox", "--disable-gpu"))
        yield browser
        browser.close()


class Reader(Notebook):
    """Somebody who got the notebooks from elsewhere and runs nothing."""

    def turn_to(self, name: str) -> None:
        """Open another notebook of the folder."""
        self.page.locator(".jp-DirListing-item", has_text=name).dblclick()
        title = self.page.locator(".lm-DockPanel-tabBar .lm-mod-current .lm-TabBar-tabLabel")
        title.filter(has_text=name).wait_for()
        self.panel.locator(".jp-OutputArea-output").first.wait_for()

    def read(self, recorded: list[str]) -> list[str]:
        """The words of all outputs of the open notebook, which are shown without trust."""
        outputs = self.panel.locator(".jp-OutputArea-output")
        outputs.nth(len(recorded) - 1).wait_for()
        assert (
            self.panel.locator(".jp-mod-trusted, .jp-OutputArea-output style, .jp-OutputArea-output svg").count() == 0
        )
        assert outputs.count() == len(recorded)
        return [read(output, html) for output, html in zip(outputs.all(), recorded, strict=True)]

    def whole(self, name: str) -> None:
        """Keep how the open notebook looks, from its title to its last cell."""
        top, end = (self.panel.locator(".jp-Notebook-cell").nth(at).bounding_box() for at in (0, -1))
        assert top is not None
        assert end is not None
        clip = {**top, "height": end["y"] + end["height"] - top["y"]}
        self.page.screenshot(path=self.pictures / f"{name}.png", clip=clip)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def reader(session: Session, chromium: Browser) -> Iterator[Reader]:
    kept = session.folder / KEPT
    kept.mkdir()
    for path in NOTEBOOKS.values():
        shutil.copy(path, kept)
    nbformat.write(notebook(SHAPES), kept / f"{SHAPES}.ipynb")  # type: ignore[no-untyped-call]
    page = chromium.new_page()
    page.goto(session.page(f"{KEPT}/{SHAPES}.ipynb"))
    made = Reader(page, PICTURES)
    page.set_viewport_size(LONG)  # type: ignore[arg-type]
    yield made
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_reads_well_without_trust(reader: Reader, name: str) -> None:
    reader.turn_to(name)
    texts = reader.read([each["text/html"] for each in bundles(name)])
    assert unread(name, texts) == []


def test_pictures_of_them_are_kept_in_light_and_dark(reader: Reader) -> None:
    for scheme in ("light", "dark"):
        if scheme == "dark":
            reader.darken()
        for tab in reader.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab").all():
            tab.click()
            name = tab.locator(".lm-TabBar-tabLabel").inner_text().removesuffix(".ipynb")
            reader.whole(f"{name}-{scheme}")
