"""What a customer sees of a guided session: no code until a key is pressed, nothing at the sides, larger type."""

import re
from pathlib import Path

import pytest
from installed import in_jupyterlab
from jupyterlab_walk import PATIENCE, guided
from playwright.sync_api import Browser

pytestmark = in_jupyterlab


@pytest.mark.sampled(2)
@pytest.mark.parametrize("locale", ["en-US", "de-DE", "ja-JP"])
def test_the_code_is_folded_and_one_key_shows_it(chromium: Browser, tmp_path: Path, locale: str) -> None:
    with guided(tmp_path, "practice", "--present") as address:
        page = chromium.new_page(viewport={"width": 1280, "height": 720}, locale=locale)
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        page.get_by_role("heading", name="00 · Start here").wait_for()
        folded = page.locator(".jp-CodeCell .jp-InputPlaceholder, .jp-CodeCell .jp-Placeholder")
        folded.first.wait_for()
        assert page.locator(".jp-CodeCell .cm-content:visible").count() == 0
        assert page.locator("#jp-left-stack:visible").count() == 0
        shown = page.locator(".jp-Notebook").inner_text()
        for operators in ("apply = None", "No account is needed", "papermill", "without a person"):
            assert operators not in shown
        assert page.get_by_role("heading", name="Parameters").count() == 0
        size = "getComputedStyle(document.querySelector('.jp-RenderedMarkdown p')).fontSize"
        assert page.evaluate(size) == "18px"
        page.locator("#jp-main-statusbar").get_by_text(re.compile(r"\| Idle$")).wait_for()  # the kernel has answered
        page.get_by_role("button", name="Run all", exact=True).click()
        page.locator(".fx-card", has_text="Sign in as ada.admin@contoso.com").wait_for()
        page.get_by_role("heading", name="00 · Start here").click()
        page.keyboard.press("F2")
        page.locator(".jp-CodeCell .cm-content:visible").first.wait_for()
        page.keyboard.press("Shift+F2")
        folded.first.wait_for()
        page.close()
