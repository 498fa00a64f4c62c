"""The fleet page as a file in a browser: 200 tenants, sorted and searched without a server, light and dark."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from installed import needs_chromium

from flexsso_helpers.fleet import Fleet, Standing, fleet_page, in_order

pytestmark = [pytest.mark.browser, pytest.mark.full, needs_chromium]
OUTCOMES = {"failed": 1, "waiting": 3, "planned": 2, "changed": 2, "proved": 0}
RUNS = Path("/srv/runs")


def tenant(number: int, words: str) -> Standing:
    name = f"customer-{number:03}"
    return Standing(
        tenant=name, words=words, outcome=OUTCOMES[words], days_left=number * 7 - 20, not_after="2027-01-01",
        why="" if words in ("proved", "changed") else "06: The certificate stands in Flex Console",
        owner="administrator of Flex" if words == "waiting" else "", moved=number % 5 if words == "failed" else 0,
        handover=str(RUNS / name / "x" / "handover.html"), rehearsal=True,
        started="2026-11-26T02:00:00+00:00", ended="2026-11-26T02:00:42+00:00",
    )  # fmt: skip


@pytest.fixture
def page(chromium: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    tenants = in_order([tenant(number, list(OUTCOMES)[number % 5]) for number in range(200)])
    fleet = Fleet(tenants[0].started, tenants[0].ended, {"command": "run", "apply": True}, tenants)
    path = tmp_path / "fleet.html"
    path.write_text(fleet_page(fleet, RUNS), "utf-8")
    context = chromium.new_context(
        color_scheme=getattr(request, "param", "light"), viewport={"width": 1400, "height": 900}
    )
    page = context.new_page()
    page.goto(path.as_uri())
    yield page
    context.close()


def column(page: Any, at: int) -> list[str]:
    return page.eval_on_selector_all(
        "main tbody tr:not([hidden])", f"rows => rows.map((row) => row.cells[{at}].innerText.trim())"
    )


def left(text: str) -> int:
    """Days, as “✗ ended 20 days ago” or “1,373 days” says them."""
    ended, days = re.search(r"(ended )?([\d,]+) day", text).groups()  # type: ignore[union-attr]
    return int(days.replace(",", "")) * (-1 if ended else 1)


def test_a_click_on_a_head_sorts_by_value_and_another_turns_it_round(page: Any) -> None:
    assert column(page, 0)[0].endswith("failed")  # worst first, as it comes
    page.get_by_role("button", name="Certificate").click()
    days = [left(text) for text in column(page, 5)]
    assert days == sorted(days)
    assert len(days) == 200
    page.get_by_role("button", name="Certificate").click()
    assert page.get_by_role("columnheader", name="Certificate").get_attribute("aria-sort") == "descending"
    assert column(page, 1)[0] == "customer-199"


def test_all_words_have_to_be_there_and_it_is_said_how_many_are_found(page: Any) -> None:
    page.get_by_label("Search").fill("FLEX customer-00")
    assert {text[:11] for text in column(page, 1)} == {"customer-00"}
    assert page.get_by_role("status").inner_text() == f"{len(column(page, 1))} of 200 tenants"
    page.get_by_label("Search").fill("nobody")
    assert column(page, 1) == []


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
def test_everybody_can_read_it(page: Any) -> None:
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
