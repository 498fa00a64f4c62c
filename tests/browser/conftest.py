"""The browser of this folder, and a window of it that asks this machine only."""

import re
from collections.abc import Iterator

import pytest
from installed import CHROMIUM, QUIET
from jupyterlab_walk import USUAL
from playwright.sync_api import Browser, BrowserContext, Request, sync_playwright

ALONE = (*QUIET, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def window(request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser window that may ask this machine only; in the language of its mark `locale`, else in English."""
    mark = request.node.get_closest_marker("locale")
    locale = mark.args[0] if mark else "en-US"
    strangers: list[str] = []

    def note(sent: Request) -> None:
        if not re.match(r"(http://(localhost|127\.0\.0\.1):|blob:|data:)", sent.url):
            strangers.append(sent.url)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=(*ALONE, f"--lang={locale}"))
        context = browser.new_context(viewport=USUAL, locale=locale, permissions=["clipboard-read", "clipboard-write"])
        context.on("request", note)
        yield context
        browser.close()
    assert strangers == []
