"""A person at JupyterLab: Shift + Enter from cell to cell, links that are clicked, pages beside it, and pictures."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from left_bytes import IN_ITS_PLACE
from playwright.sync_api import BrowserContext, Locator, Page, TimeoutError, ViewportSize

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 40_000.0
USUAL: ViewportSize = {"width": 1024, "height": 576}
"""A window of 1280 by 720 at 125 %, as on the laptop of a meeting room."""
TALL: ViewportSize = {"width": 1024, "height": 2400}
"""As wide, and high enough for the longest output, so that a picture holds all of it; nobody works in it."""
OPEN = ".jp-NotebookPanel:not(.lm-mod-hidden)"
TROUBLE = ".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr'], .fx-error"
"""A bare error, which JupyterLab shows as it shows what is printed to stderr; and one in our words."""


@contextmanager
def guided(folder: Path, *words: str, project: Path | None = None) -> Iterator[str]:
    """`flexsso guide --no-browser`, at home in `folder`; gives the address that it prints, and ends it by Ctrl-C.

    `words` may begin with the name of a tenant's file in the folder of parameters of `project`.
    """
    environment = {
        **os.environ,
        **IN_ITS_PLACE,
        "FLEXSSO_HOME": str(project or os.environ.get("FLEXSSO_HOME", PROJECT)),
        "FLEXSSO_RUNS": str(folder / "runs"),
        "HOME": str(folder / "home"),
        "JUPYTER_CONFIG_DIR": str(folder / "home" / ".jupyter"),
        "JUPYTER_DATA_DIR": str(folder / "home" / ".local" / "share" / "jupyter"),
        "IPYTHONDIR": str(folder / "home" / ".ipython"),
    }
    (folder / "home").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "flexsso_helpers.commands.main", "guide", "--no-browser", *words]
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests in the background ignore Ctrl-C
    )
    watch = threading.Timer(1500, process.kill)
    watch.start()
    try:
        assert process.stdout is not None
        address = next((line.strip() for line in process.stdout if line.startswith("http://127.0.0.1:")), "")
        assert address, "the session did not come up"
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        watch.cancel()
        stop = [
            sys.executable,
            "-m",
            "flexsso_helpers.commands.main",
            "rehearsal",
            "stop",
            *(words[:1] or ["practice"]),
        ]
        subprocess.run(stop, env=environment, cwd=folder, check=True, capture_output=True, timeout=60)


class Notebook:
    """The notebook that is open, and the person working through it."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self.page, self.pictures = page, pictures
        pictures.mkdir(parents=True, exist_ok=True)
        page.set_default_timeout(PATIENCE)
        page.set_viewport_size(USUAL)
        self.ready()

    @property
    def context(self) -> BrowserContext:
        """The browser window."""
        return self.page.context

    @property
    def name(self) -> str:
        """The open notebook's number."""
        return str(self.page.locator(".lm-DockPanel-tabBar .lm-mod-current .lm-TabBar-tabLabel").inner_text())[:2]

    @property
    def panel(self) -> Locator:
        """What is open in front."""
        return self.page.locator(OPEN)

    @property
    def active(self) -> Locator:
        """The selected cell."""
        return self.panel.locator(".jp-Notebook-cell.jp-mod-active")

    def ready(self) -> None:
        """Wait until the kernel has answered; where JupyterLab missed it, connect anew as a person does."""
        self.active.first.wait_for()
        idle = self.page.locator("#jp-main-statusbar").get_by_text(re.compile(r"\| Idle$"))
        for _ in range(2):
            try:
                idle.wait_for(timeout=15_000)
            except TimeoutError:
                self.page.get_by_role("menuitem", name="Kernel", exact=True).click()
                self.page.get_by_role("menuitem", name="Reconnect to Kernel").click()
            else:
                return
        idle.wait_for()

    def cell(self, text: str) -> Locator:
        """The code cell that holds this text."""
        found = self.panel.locator(".jp-CodeCell").filter(has=self.page.locator(".jp-Editor", has_text=text))
        return found.first

    def select(self, cell: Locator) -> None:
        """Click beside its text, so that keys mean the cell."""
        cell.locator(".jp-InputPrompt").click()
        cell.and_(self.page.locator(".jp-mod-active")).wait_for()

    def start(self, text: str) -> Locator:
        """Run the cell that holds this text, and do not wait."""
        cell = self.cell(text)
        self.select(cell)
        self.page.keyboard.press("Shift+Enter")
        return cell

    def run(self, text: str) -> Locator:
        """Run the cell that holds this text to its end."""
        cell = self.start(text)
        self.done(cell)
        return cell

    def done(self, cell: Locator) -> None:
        """Wait until the cell has run, without an error."""
        number = cell.locator(".jp-InputArea-prompt").filter(has_text=re.compile(r"\[\d+\]"))
        number.wait_for()
        trouble = cell.locator(TROUBLE)
        assert trouble.count() == 0, trouble.all_inner_texts()

    def follow(self, link: str) -> None:
        """Click the link to another notebook, which opens beside this one."""
        self.panel.locator(".jp-RenderedMarkdown a", has_text=re.compile(rf"^{link}")).last.click()
        title = self.page.locator(".lm-DockPanel-tabBar .lm-mod-current .lm-TabBar-tabLabel")
        title.filter(has_text=re.compile(rf"^{link}_")).wait_for()
        self.ready()

    def beside(self, link: Locator) -> Page:
        """Click a link to a page that opens in a tab of its own."""
        with self.context.expect_page() as opened:
            link.click()
        opened.value.set_default_timeout(PATIENCE)
        return opened.value

    def picture(self, name: str, of: Locator | None = None) -> None:
        """Keep how it looks now: one cell whole, or the window as it usually is."""
        self.page.wait_for_timeout(100)
        if of is None:
            self.page.screenshot(path=self.pictures / f"{name}.png")
            return
        self.page.set_viewport_size(TALL)
        of.scroll_into_view_if_needed()
        of.screenshot(path=self.pictures / f"{name}.png")
        self.page.set_viewport_size(USUAL)

    def darken(self) -> None:
        """Choose JupyterLab's dark theme, by its menu."""
        self.page.get_by_role("menuitem", name="Settings", exact=True).click()
        for entry in ("Theme", "JupyterLab Dark"):
            self.page.locator(".lm-Menu-item", has_text=entry).first.click()
        self.page.locator("body[data-jp-theme-light='false']").wait_for(state="attached")

    def outputs(self, suffix: str) -> None:
        """A picture of every output of every open notebook."""
        tabs = self.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab")
        for tab in tabs.all():
            tab.click()
            for number, cell in enumerate(self.panel.locator(".jp-CodeCell:has(.jp-OutputArea-output)").all(), 1):
                self.picture(f"{self.name}-{number}-{suffix}", cell)

    def tab_to(self, target: Locator, most: int = 30) -> None:
        """Reach something by the Tab key alone."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError("it cannot be reached by the keyboard")
