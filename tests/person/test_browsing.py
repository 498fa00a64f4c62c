"""The very small browser: labels, buttons and words, and never a page outside the rehearsal."""

import asyncio
from pathlib import Path

import pytest
import requests
from stage import Stage

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.errors import SignInError, Unreachable
from flexsso_helpers.person import ConsoleValues, SimulatedPerson
from flexsso_helpers.person.browsing import Browser

HOME = "http://localhost:80"


class Pages(requests.Session):
    """A browser's session over made-up pages; `sent` holds (method, url, fields)."""

    def __init__(self, **pages: str | tuple[int, str]) -> None:
        super().__init__()
        self.pages, self.sent = pages, []  # type: ignore[var-annotated]

    def request(self, method, url, data=None, **_):  # type: ignore[no-untyped-def, override]
        self.sent.append((method, url, data))
        page = self.pages[url.rsplit("/", 1)[-1].split("?")[0]]
        answer = requests.Response()
        answer.status_code, text = (200, page) if isinstance(page, str) else (page[0], "")
        if not isinstance(page, str):
            answer.headers["Location"] = page[1]
        answer._content = f"<main>{text}</main>".encode() if text else b""
        return answer


FORM = """
<h1>Two forms</h1>
<form method="post" action="/x/other"><input name="token" value="1"><button>Cancel</button></form>
<form method="post" action="next">
  <label for="n">User  name</label><input id="n" name="user" value="old">
  <label for="t">Agree</label><input id="t" type="checkbox" name="agree">
  <label for="a">Text</label><textarea id="a" name="text"></textarea>
  <input type="hidden" name="state" value="s&amp;1">
  <button><b>Sign</b> in</button>
</form>
"""


def browser(**pages: str | tuple[int, str]) -> tuple[Browser, Pages]:
    session = Pages(**pages)
    return Browser(HOME, session), session


def test_what_is_typed_by_label_is_sent_with_the_form_of_the_button() -> None:
    page, session = browser(first=FORM, next="<h1>You have signed in</h1>")
    page.open(f"{HOME}/x/first")
    page.fill("User name", "ada")
    page.tick("Agree")
    page.fill("Text", "line 1\nline 2")
    page.press("Sign in")
    fields = {"user": "ada", "agree": "on", "text": "line 1\nline 2", "state": "s&1"}
    assert session.sent[-1] == ("POST", f"{HOME}/x/next", fields)
    assert (page.heading, page.has("Sign in")) == ("You have signed in", False)


def test_words_values_and_hidden_fields_are_read_as_a_person_reads_them() -> None:
    page, _ = browser(
        first='<h1>A  <i>b</i></h1><p id="v"> x\n y </p><input type="hidden" name="SAMLResponse" value="R">'
    )
    page.open(f"{HOME}/x/first")
    assert (page.heading, page.text("v"), page.text("w")) == ("A b", "x y", "")
    assert (page.hidden("SAMLResponse"), page.hidden("RelayState")) == ("R", "")


def test_redirects_are_followed_within_the_rehearsal() -> None:
    page, session = browser(first=(302, "second?x=1"), second="<h1>There</h1>")
    page.open(f"{HOME}/x/first")
    assert (page.heading, page.url) == ("There", f"{HOME}/x/second?x=1")
    assert [sent[0] for sent in session.sent] == ["GET", "GET"]


@pytest.mark.parametrize(
    "target",
    [
        "https://login.microsoftonline.com/x/saml2?SAMLRequest=secret",
        "http://localhost.evil.example/",
        "http://localhost:8080/",
        "http://127.0.0.1:80/",
        "//evil.example/",
        "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)
def test_a_page_outside_the_rehearsal_is_never_opened(target: str) -> None:
    page, session = browser(first=(302, target))
    with pytest.raises(Unreachable) as caught:
        page.open(f"{HOME}/x/first")
    assert len(session.sent) == 1
    assert caught.value.what.startswith("A page of the rehearsal leads out of it, to ")
    assert "secret" not in str(caught.value)
    assert caught.value.notebook == "06"


@pytest.mark.parametrize(
    ("do", "missing"),
    [
        (lambda page: page.fill("Password", "x"), "a field called “Password”"),
        (lambda page: page.press("Continue"), "a button called “Continue”"),
    ],
    ids=["field", "button"],
)
def test_what_a_page_has_not_got_is_said_with_what_it_says(do, missing: str) -> None:  # type: ignore[no-untyped-def]
    page, _ = browser(first="<h1>Log in failed</h1><p>Something went wrong.</p>")
    page.open(f"{HOME}/x/first")
    with pytest.raises(Unreachable) as caught:
        do(page)
    assert caught.value.what == f"The rehearsal's page “Log in failed” has not got {missing}."
    assert caught.value.why == "It says: Log in failedSomething went wrong."


def test_an_empty_answer_is_an_empty_page() -> None:
    page, _ = browser(first="")
    page.open(f"{HOME}/x/first")
    assert (page.heading, page.text("error")) == ("", "")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def person(stage: Stage, user: str = "ada.admin@contoso.com") -> SimulatedPerson:
    return SimulatedPerson(user=user, rehearsal_client=stage.rehearsal_client)


def test_a_code_that_does_not_work_is_said_at_once(stage: Stage) -> None:
    with pytest.raises(SignInError) as caught:
        person(stage).enter_code("https://microsoft.com/devicelogin", "NOSUCHCODE")
    assert caught.value.why == "That code didn’t work. Check the code and try again."


async def values_pasted(stage: Stage, **changed: str) -> bool:
    values = {"certificate_pem": "-----BEGIN CERTIFICATE-----", "issuer": "https://sts.windows.net/x/",
              "sso_url": "https://login.microsoftonline.com/x/saml2"}  # fmt: skip
    return await person(stage).paste(ConsoleValues(**(values | changed)))


def test_both_values_are_read_off_consoles_page(stage: Stage) -> None:
    found = asyncio.run(person(stage).copy_connection())
    assert found is not None
    assert found.identifier == "urn:flex:JQf1e55000000000000000000000000001"
    assert found.reply_url.endswith("connection=JQf1e55000000000000000000000000001")


def test_where_nobody_has_started_the_set_up_there_is_nothing_to_copy(stage: Stage) -> None:
    stage.world.store.remove("flex_connection", "JQf1e55000000000000000000000000001", at=stage.world.clock.now)
    assert asyncio.run(person(stage).copy_connection()) is None


def test_consoles_page_is_walked_from_any_of_its_states(stage: Stage) -> None:
    stage.world.store.remove("flex_connection", "JQf1e55000000000000000000000000001", at=stage.world.clock.now)
    assert asyncio.run(values_pasted(stage))
    assert asyncio.run(values_pasted(stage, issuer="https://sts.windows.net/y/"))
    assert stage.world.store.all("flex_connection")[0]["issuer"] == "https://sts.windows.net/y/"
    assert person(stage).address(CONSOLE_SSO_PAGE) == CONSOLE_SSO_PAGE
