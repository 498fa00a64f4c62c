"""The script of the copy fields, in a real browser with a stand-in for the widget model."""

import json
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from flexsso_helpers.views.copy_field import CopyField, CopyFields

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="no Chromium")]

PEM = "-----BEGIN CERTIFICATE-----\nMIIC8DCC\n-----END CERTIFICATE-----\n"
STAGE = """<!doctype html><meta charset="utf-8"><title>stage</title><div id="el"></div><script type="module">
import widget from "/widget.js";
const state = STATE;
widget.render({ model: { get: (name) => state[name] }, el: document.getElementById("el") });
</script>"""


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        yield context.new_page()
        browser.close()


def staged(page: Page) -> None:
    """Everything is answered here: nothing leaves the browser."""
    widget = CopyFields("Paste", [CopyField("Issuer", "", "https://sts.example.com/"), CopyField("Cert <1>", "", PEM)])
    state = json.dumps({"skeleton": widget.skeleton, "fields": widget.fields}).replace("</", "<\\/")
    page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=STAGE.replace("STATE", state)))
    page.route(
        "**/widget.js", lambda route: route.fulfill(content_type="text/javascript; charset=utf-8", body=widget._esm)
    )
    page.goto("http://localhost/stage")


@pytest.mark.full
def test_a_button_copies_the_exact_value_and_says_so(page: Page) -> None:
    staged(page)
    page.get_by_role("button", name="Copy Cert <1>").press("Enter")

    page.get_by_role("button", name="Copy Cert <1>").get_by_text("✓ Copied").wait_for()
    assert page.get_by_role("status").nth(1).text_content() == "Cert <1> copied"
    assert page.evaluate("navigator.clipboard.readText()") == PEM
    assert page.get_by_role("button", name="Copy Issuer").text_content() == "Copy"


@pytest.mark.full
def test_where_copying_is_refused_the_value_is_selected_for_the_keyboard(page: Page) -> None:
    staged(page)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.get_by_role("button", name="Copy Issuer").click()

    page.get_by_text("Press Ctrl+C").wait_for()
    assert page.evaluate("getSelection().toString().trim()") == "https://sts.example.com/"
