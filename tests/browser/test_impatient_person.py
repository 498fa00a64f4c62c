"""An impatient person in the practice pages: reload, Back, two tabs, too long a pause, a wrong name, a bookmark.

No page is a dead end, and nothing that was typed is lost.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from installed import needs_chromium
from playwright.sync_api import Browser, BrowserContext, Page
from serving import serving
from stage import PROJECT

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE, FLEX_UI
from flexsso_helpers.rehearsal.server import server
from flexsso_helpers.rehearsal.world.store import Store
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.wire import RehearsalClient

pytestmark = [pytest.mark.browser, pytest.mark.full, needs_chromium]

PICTURES = PROJECT / "runs" / "pictures"
PEM = "-----BEGIN CERTIFICATE-----\nhalf of it"


class Served:
    """A rehearsal in a folder, which can end and begin again."""

    def __init__(self, folder: Path, port: int, nonce: str) -> None:
        self.folder, self.port, self.nonce = folder, port, nonce

    def face(self, url: str) -> str:
        return f"http://localhost:{self.port}/{url.removeprefix('https://')}"

    def end(self) -> None:
        RehearsalClient(folder=self.folder, port=self.port, nonce=self.nonce).stop()
        while (self.folder / "server.json").exists():
            threading.Event().wait(0.02)

    def begin_again(self) -> threading.Thread:
        """As a person does who starts it in a terminal: no port is named."""
        thread = threading.Thread(target=server.serve, args=(self.folder,), kwargs={"idle_seconds": 20}, daemon=True)
        thread.start()
        return thread


@pytest.fixture(scope="module")
def planted() -> Store:
    world = World()
    server.app_for(world)
    return world.store


@pytest.fixture
def served(planted: Store, tmp_path: Path) -> Iterator[Served]:
    with serving(planted, tmp_path) as found:
        yield Served(tmp_path, found["port"], found["nonce"])


@pytest.fixture
def window(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 900, "height": 700})
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext) -> Page:
    return window.new_page()


def heading(page: Page) -> str:
    return str(page.locator("h1").inner_text())


def press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()


def keep_picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"impatient-{name}.png", full_page=True)


def to_data_page(page: Page, served: Served) -> None:
    page.goto(served.face(CONSOLE_SSO_PAGE))
    page.get_by_label("I have updated my identity provider").check()
    press(page, "Save and continue")
    assert heading(page) == "Enter identity provider data"


def test_the_rehearsal_ends_while_somebody_types(page: Page, served: Served) -> None:
    to_data_page(page, served)
    page.get_by_label("Friendly Name").fill("Microsoft Entra ID")
    page.get_by_label("X.509 Certificate").fill(PEM)
    served.end()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("The rehearsal has ended").wait_for()
    assert page.get_by_label("Friendly Name").input_value() == "Microsoft Entra ID"
    keep_picture(page, "waiting")
    with page.expect_navigation():
        thread = served.begin_again()
    assert heading(page) == "Single sign-on (SSO)"
    assert "Microsoft Entra ID" in page.inner_text("main")
    known = requests.get(f"http://localhost:{served.port}/-/status", timeout=10).json()
    assert known["product"] == "flexsso rehearsal"
    assert thread.is_alive()


def test_reload_and_back_lose_nothing(page: Page, served: Served) -> None:
    to_data_page(page, served)
    page.reload()
    assert heading(page) == "Enter identity provider data"
    page.get_by_label("Trusted URLs").fill("https://*.example.com")
    page.get_by_label("Friendly Name").fill("Kept")
    press(page, "Save")
    assert "wildcards" in page.get_by_role("alert").first.inner_text()
    page.reload()  # the browser sends it again
    keep_picture(page, "reloaded")
    assert page.get_by_label("Friendly Name").input_value() == "Kept"
    page.go_back()
    assert heading(page) == "Enter identity provider data"
    page.go_back()
    assert page.locator("h1").count() == 1


def test_two_tabs_at_different_steps_both_lead_on(window: BrowserContext, page: Page, served: Served) -> None:
    page.goto(served.face(CONSOLE_SSO_PAGE))
    other = window.new_page()
    to_data_page(other, served)
    page.get_by_label("I have updated my identity provider").check()
    press(page, "Save and continue")
    assert heading(page) == "Enter identity provider data"
    keep_picture(page, "two-tabs")


@pytest.mark.parametrize(
    "bookmark", ["", "example.com/", f"{CONSOLE_SSO_PAGE[8:]}/save", f"{CONSOLE_SSO_PAGE[8:]}/nowhere"]
)
def test_a_bookmark_that_leads_nowhere_leads_on(page: Page, served: Served, bookmark: str) -> None:
    page.goto(f"http://localhost:{served.port}/{bookmark}")
    keep_picture(page, f"lost-{len(bookmark)}")
    page.get_by_role("link", name="Flex Console: Single sign-on").click()
    page.get_by_role("heading", level=1, name="Set up your identity provider").wait_for()


def test_a_wrong_name_at_a_program_is_typed_again(page: Page, served: Served) -> None:
    page.goto(served.face("https://microsoft.com/devicelogin"))
    page.get_by_label("Code", exact=True).fill("XXXXXXXXX")
    page.get_by_label("User name").fill("ada.admin@contoso.com")
    press(page, "Sign in")
    assert page.get_by_label("User name").input_value() == "ada.admin@contoso.com"
    assert "That code didn’t work" in page.get_by_role("alert").first.inner_text()
    keep_picture(page, "device")


def test_flex_before_it_is_set_up_says_so(page: Page, served: Served) -> None:
    page.goto(served.face(FLEX_UI) + "/contoso-1234")
    assert "has not been configured" in page.get_by_role("alert").first.inner_text()
    keep_picture(page, "too-early")
