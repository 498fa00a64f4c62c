"""The scripts of the search table and of the place for files, in a real browser with a stand-in for the model."""

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from flexsso_helpers.views.field_note import FieldNote
from flexsso_helpers.views.file_drop import FileDrop
from flexsso_helpers.views.search_table import SearchTable
from flexsso_helpers.views.table import Cell, Row

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="no Chromium")]

STAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>stage</title>BEFORE<div id="el"></div>
<script type="module">
import widget from "/widget.js";
const state = STATE;
window.state = state;
widget.render({ model: { get: (name) => state[name], set: (name, value) => { state[name] = value; },
  save_changes: () => { state.saved = true; }, on: (_, told) => { state.changed = told; } },
  el: document.getElementById("el") });
</script>"""


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def staged(page: Page, widget: Any, *names: str, before: str = "") -> None:
    """Everything is answered here: nothing leaves the browser. `before` is HTML that stands before the widget."""
    state = json.dumps({name: getattr(widget, name) for name in names}).replace("</", "<\\/")
    page.route(
        "**/*",
        lambda route: route.fulfill(
            content_type="text/html", body=STAGE.replace("STATE", state).replace("BEFORE", before)
        ),
    )
    page.route(
        "**/widget.js", lambda route: route.fulfill(content_type="text/javascript; charset=utf-8", body=widget._esm)
    )
    page.goto("http://localhost/stage")


@pytest.mark.full
def test_an_input_says_that_it_is_refused_and_why(page: Page) -> None:
    note = FieldNote()
    note.tell("<div role='alert'>9999; write a whole number from 1 to 1095</div>", wrong=True)
    staged(page, note, "value", "wrong", before="<label>Days <input id='days'></label>")
    days = page.get_by_label("Days")
    assert days.get_attribute("aria-invalid") == "true"
    assert "from 1 to 1095" in page.locator(f"#{days.get_attribute('aria-describedby')}").inner_text()

    page.evaluate("state.value = 'At most three years'; state.wrong = false; state.changed()")

    assert days.get_attribute("aria-invalid") == "false"
    assert page.get_by_role("alert").count() == 0


@pytest.mark.full
def test_people_are_found_by_any_words_without_accents(page: Page) -> None:
    names = ["Zoë Agent", "Bo Agent", *(f"User {at}" for at in range(500))]
    rows = [Row((Cell("assigned", "ok"), name, f"{name.split()[0].lower()}@contoso.com")) for name in names]
    table = SearchTable("People", ("Verdict", "Who", "User name"), rows, noun="people")
    staged(page, table, "skeleton", "rows", "noun", "most")
    status = page.get_by_role("status")
    assert status.inner_text() == "502 of 502 people, the first 50 are shown"
    assert page.locator("tbody tr").count() == 50

    page.get_by_label("Search").fill("agent ZOE")

    assert status.inner_text() == "1 of 502 people"
    assert page.locator("tbody tr").inner_text().split() == ["✓", "assigned", "Zoë", "Agent", "zoë@contoso.com"]
    page.get_by_label("Search").fill("nobody")
    assert status.inner_text() == "0 of 502 people"


def test_a_file_is_chosen_by_keyboard_or_dropped(page: Page) -> None:
    staged(page, FileDrop("Drop a CSV file here:", accept=".csv"), "skeleton", "label", "accept", "largest", "turn")
    read = "() => [state.name, state.turn, state.saved, new TextDecoder().decode(state.content ?? new Uint8Array())]"

    page.get_by_label("Drop a CSV file here:").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": b"user,role"}
    )
    page.get_by_text("people.csv is read").wait_for()
    assert page.evaluate(read) == ["people.csv", 1, True, "user,role"]

    page.evaluate("""() => {
      const data = new DataTransfer();
      data.items.add(new File(["other"], "other.csv"));
      document.querySelector(".fx-drop").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));
    }""")
    page.get_by_text("other.csv is read").wait_for()
    assert page.evaluate(read) == ["other.csv", 2, True, "other"]


@pytest.mark.full
def test_a_file_that_is_too_large_is_refused_in_the_browser(page: Page) -> None:
    drop = FileDrop("Drop a CSV file here:", accept=".csv")
    drop.largest = 5
    staged(page, drop, "skeleton", "label", "accept", "largest", "turn")
    page.get_by_label("Drop a CSV file here:").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": b"user,role"}
    )
    page.get_by_text("people.csv is larger than").wait_for()
    assert page.evaluate("state.turn") == 0
