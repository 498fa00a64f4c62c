"""JupyterLab for who only reads, and for who only edits: kept notebooks without trust, and a form without a mouse.

A notebook that came from elsewhere is not trusted: JupyterLab drops its style sheets, pictures and most attributes
until its reader says otherwise. The pictures are kept under `runs/pictures/untrusted/`.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from installed import in_jupyterlab
from jupyterlab_walk import PROJECT, Notebook, guided
from plain_reading import NAMES, NOTEBOOKS, SHAPES, bundles, notebook, read, unread
from playwright.sync_api import Browser, Locator

pytestmark = in_jupyterlab

PICTURES = PROJECT / "runs" / "pictures" / "untrusted"
LONG = {"width": 1280, "height": 8000}
"""Whole notebooks are drawn, not only what usually fits."""
KEPT = "kept"
AUTHORED = {
    "name: rehearsal ": "name: contoso ",
    "apply: true": "apply: false",
    "    valid_days: 1095": "    # Ticket 4711, agreed with Sol.\n    valid_days: 730      # two years: their rule",
}
"""What makes of the rehearsal's file one that somebody wrote."""
LIVE_DESK = """\
from flexsso_helpers.session import opening
from flexsso_helpers.session.tenant_values import TenantValues

opening.TenantValues = lambda given, path, _rehearsal_client: TenantValues(given, path, None)
"""
"""For a kernel: what is edited goes into the tenant's file, as for a live tenant. A rehearsal keeps it apart."""


@dataclass(frozen=True)
class Session:
    """A guided session, the file of its tenant, and its folder."""

    address: str
    file: Path
    folder: Path

    def page(self, name: str) -> str:
        """The address of another notebook of it, in a JupyterLab that remembers no tabs."""
        return self.address.replace("00_start_here.ipynb", name) + "&reset"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """`flexsso guide contoso`, for a file with its author's comments; kernels edit it as that of a live tenant."""
    folder = tmp_path_factory.mktemp("session")
    project = folder / "project"
    (project / "parameters").mkdir(parents=True)
    for each in ("notebooks", "docs"):
        (project / each).symlink_to(PROJECT / each)
    shutil.copy(PROJECT / "parameters" / "schema.json", project / "parameters")
    text = (PROJECT / "parameters" / "rehearsal.yaml").read_text("utf-8")
    for before, after in AUTHORED.items():
        assert before in text
        text = text.replace(before, after, 1)
    file = project / "parameters" / "contoso.yaml"
    file.write_text(text, "utf-8")
    with guided(folder, "contoso", project=project) as address:
        opened = next((folder / "runs" / "contoso").glob("20*"))
        [start_up] = opened.rglob("profile_default/startup")  # of the profile that all kernels of this session have
        (start_up / "desk.py").write_text(LIVE_DESK, "utf-8")
        yield Session(address, file, opened)


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


def test_a_number_leads_to_the_page_that_explains_it(session: Session, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(session.page("03_signing_certificate.ipynb"))
    page.locator(".jp-RenderedMarkdown").get_by_role("link", name="D14", exact=True).click()
    explained = page.locator(".jp-MarkdownViewer")
    explained.get_by_text("Response and assertion are signed").wait_for()
    page.close()


class Editor(Notebook):
    """Somebody who edits a value of 03, and has no mouse."""

    def run_to(self, text: str) -> Locator:
        """Run one cell after the other down to the one that holds this text."""
        wanted = self.cell(text)
        for _ in range(self.panel.locator(".jp-Notebook-cell").count()):
            at = self.active.get_attribute("data-windowed-list-index")
            last = self.active.and_(wanted).count() == 1
            self.page.keyboard.press("Shift+Enter")
            self.panel.locator(f".jp-mod-active:not([data-windowed-list-index='{at}'])").wait_for()
            if last:
                break
        self.done(wanted)
        return wanted

    def up_to(self, text: str) -> Locator:
        """Go up to the cell that holds this text."""
        wanted = self.cell(text)
        while not self.active.and_(wanted).count():
            self.page.keyboard.press("ArrowUp")
        return wanted

    def out_of(self, cell: Locator) -> None:
        """From a field back to its cell."""
        for _ in range(10):
            self.page.keyboard.press("Shift+Tab")
            if cell.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError("there is no way back by the keyboard")

    def type(self, text: str) -> None:
        """In place of what stands in the field."""
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def plan(self) -> int:
        """Run down to the plan: for how many days its new certificate is valid."""
        said = self.run_to("signing.plan(session)").inner_text()
        days = re.search(r"a new one, valid for (\d+) days", said)
        assert days is not None, said
        return int(days[1])


def described(field: Locator) -> str:
    """What a screen reader says of an input besides its label."""
    note = field.get_attribute("aria-describedby")
    return field.page.locator(f"[id='{note}']").inner_text()


def test_a_value_is_edited_refused_mended_and_saved_by_keyboard_and_the_file_stays_its_authors(
    session: Session, chromium: Browser
) -> None:
    page = chromium.new_page()
    page.goto(session.page("03_signing_certificate.ipynb"))
    editor = Editor(page, PICTURES)
    before = session.file.read_text("utf-8")
    form = editor.run_to("signing.form(session)")
    field = form.get_by_label("Days a new certificate is valid")
    assert field.input_value() == "730"
    first = editor.plan()

    editor.up_to("signing.form(session)")
    editor.tab_to(field)
    editor.type("9999")
    alert = form.get_by_role("alert")
    alert.filter(has_text="signing.valid_days is 9999").wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    assert "signing.valid_days is 9999" in described(field)
    editor.picture("form-refused", form)
    editor.type("365")
    alert.wait_for(state="detached")
    assert field.get_attribute("aria-invalid") == "false"
    assert "1095" in described(field)
    assert session.file.read_text("utf-8") == before
    editor.out_of(form)
    page.keyboard.press("ArrowDown")
    assert first - editor.plan() == 730 - 365
    after = session.file.read_text("utf-8")
    assert after == before.replace("valid_days: 730 ", "valid_days: 365 ", 1)

    # The file is the one truth: what its author writes into it beats what was typed into an earlier form.
    session.file.write_text(after.replace("valid_days: 365 ", "valid_days: 500 ", 1), "utf-8")
    written = session.file.read_text("utf-8")
    editor.up_to("await flexsso.open(")
    editor.run_to("signing.form(session)")
    assert field.input_value() == "500"
    assert first - editor.plan() == 730 - 500
    assert session.file.read_text("utf-8") == written
    page.close()
