"""A form of a page is sent once, by whom the page was drawn for; whoever sends it again sees how it stands now."""

from pathlib import Path

import pytest
from stage import InProcessClient, Stage

from flexsso_helpers import clouds
from flexsso_helpers.person.browsing import Browser
from flexsso_helpers.rehearsal.flex import connection
from flexsso_helpers.rehearsal.server.forms import KEY, Forms
from flexsso_helpers.rehearsal.world.pages import STATE

PAGE = clouds.CONSOLE_SSO_PAGE
SENT_BEFORE = "This form was sent before, and nothing was done a second time. This is how it stands now."


@pytest.fixture
def client(tmp_path: Path) -> InProcessClient:
    return Stage(tmp_path).rehearsal_client


def window(client: InProcessClient, url: str = PAGE) -> Browser:
    browser = Browser(client.home, client.browser())
    browser.open(client.face(url))
    return browser


def stage_of(client: InProcessClient) -> str:
    found = connection.connection(client.world)
    assert found is not None
    return str(found["stage"])


def confirm(browser: Browser) -> None:
    browser.tick("I have updated my identity provider")
    browser.press("Save and continue")


def save(browser: Browser, url: str) -> None:
    browser.fill("Friendly Name", "Entra")
    browser.fill("X.509 Certificate", "no certificate")
    browser.fill("Identity Provider Issuer", "https://sts.windows.net/x/")
    browser.fill("Single Sign-On URL", url)
    browser.press("Save")


def test_back_and_a_second_click_show_how_it_stands_now_in_words(client: InProcessClient) -> None:
    first = window(client)
    again = Browser(first.home, first.session, first.url, first.page)  # the page that Back shows
    confirm(first)
    save(first, "https://login.example.com/one")
    written = dict(client.world.writes())
    confirm(again)
    assert again.text("sent-before") == SENT_BEFORE
    assert again.heading == first.heading
    assert client.world.writes() == written
    assert again.has("Edit identity provider data")  # it goes on from here


def test_two_windows_do_not_stand_in_each_others_way(client: InProcessClient) -> None:
    one, two = window(client), window(client)
    confirm(one)
    confirm(two)
    assert (one.text("sent-before"), two.text("sent-before")) == ("", "")
    save(one, "https://login.example.com/one")
    save(two, "https://login.example.com/two")
    found = connection.connection(client.world)
    assert found is not None
    assert found["sso_url"] == "https://login.example.com/two"


@pytest.mark.parametrize("state", [None, "", "x", "a.b", "é.ü"])
def test_a_form_that_no_page_of_ours_drew_is_not_taken(state: str | None, client: InProcessClient) -> None:
    fields = {"updated": "on", **({STATE: state} if state is not None else {})}
    own = {"Origin": client.face("").rstrip("/")}
    answer = client.browser().post(client.face(f"{PAGE}/confirm"), data=fields, headers=own)
    assert answer.status_code == 403
    assert "This form came from another site" in answer.text
    assert stage_of(client) == "started"


def test_what_was_refused_may_be_sent_again_and_keeps_what_was_typed(client: InProcessClient) -> None:
    first = window(client)
    confirm(first)
    reloaded = Browser(first.home, first.session, first.url, first.page)  # a reload sends the same form again
    for browser in (first, reloaded):
        browser.fill("Trusted URLs", "https://*.example.com")
        browser.fill("Friendly Name", "Kept")
        browser.press("Save")
        assert "wildcards" in browser.text("error")
        assert browser.written("Friendly Name") == "Kept"
    assert reloaded.text("sent-before") == ""


def test_a_page_that_was_left_open_is_taken_by_the_next_server(tmp_path: Path) -> None:
    drawn = Forms(tmp_path).fresh()
    assert (tmp_path / KEY).stat().st_mode & 0o077 == 0
    after = Forms(tmp_path)
    assert (after.known(drawn), Forms(None).known(drawn)) == ("fresh", "foreign")
    after.spend(drawn)
    assert after.known(drawn) == "used"


def test_the_state_is_in_no_journal(client: InProcessClient) -> None:
    browser = window(client)
    state = browser.hidden(STATE)
    confirm(browser)
    assert state
    assert [entry for entry in client.world.store.notes() if entry["path"].endswith("/confirm")]
    assert state not in str(client.world.store.notes())
