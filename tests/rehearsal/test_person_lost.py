"""A person who goes astray in the practice pages: every page leads on, and what was typed is kept."""

from urllib.parse import urlencode

import httpx
import pytest
from entra_stage import Entra, authn_request
from flex_stage import InProcess, error, heading
from lxml import html

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.rehearsal.console import site
from flexsso_helpers.rehearsal.entra import sign_in
from flexsso_helpers.rehearsal.entra.clients import PUBLIC_CLIENTS
from flexsso_helpers.rehearsal.server import server
from flexsso_helpers.rehearsal.world.world import TENANT_ID

HERE = "http://localhost:8000"


@pytest.fixture
def browser() -> httpx.Client:
    return httpx.Client(transport=InProcess(server.app_for(Entra().world)), base_url=HERE)


def ways(answer: httpx.Response) -> list[str]:
    return [str(link) for link in html.fromstring(answer.text).xpath("//main//a/@href")]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/example.com/", 421),
        ("/favicon.ico", 421),
        ("/console.twilio.com/us1/nowhere", 404),
        (f"/{CONSOLE_SSO_PAGE[8:]}/save", 405),
        ("/flex.twilio.com/", 404),
        ("/login.microsoftonline.com/", 404),
        ("/login.microsoftonline.com/contoso.com/oauth2/v2.0/token", 405),
    ],
)
def test_no_address_is_a_dead_end(browser: httpx.Client, path: str, status: int) -> None:
    answer = browser.get(path)
    assert answer.status_code == status
    assert "REHEARSAL" in answer.text
    assert len(ways(answer)) == 3
    for way in ways(answer):
        assert browser.get(way).status_code < 400, way


def test_every_address_that_only_takes_a_form_leads_on_when_it_is_opened(browser: httpx.Client) -> None:
    world = Entra().world
    tables = [site.routes(world), sign_in.routes(world)]  # the other hosts answer programs, in JSON
    found = {
        (host, route.path)
        for table in tables
        for host, routes in table.items()
        for route in routes
        if "{" not in route.path and route.methods == {"POST"}
    }
    assert found
    for host, path in sorted(found):
        shown = browser.get(f"/{host}{path}", follow_redirects=True)
        assert "REHEARSAL" in shown.text, (host, path)


def test_a_program_gets_the_bare_words() -> None:
    client = httpx.Client(transport=InProcess(server.app_for(Entra().world)))
    answer = client.get("https://console.twilio.com/us1/nowhere")
    assert (answer.status_code, answer.text) == (404, "Not Found")


CLI = {
    "client_id": next(iter(PUBLIC_CLIENTS)), "redirect_uri": "http://localhost:8400", "scope": "openid", "state": "s",
    "code_challenge": "x" * 43, "code_challenge_method": "S256", "response_type": "code",
}  # fmt: skip


@pytest.mark.parametrize("name", ["eve@example.com", "dee.disabled@contoso.com"])
@pytest.mark.parametrize("start", ["request", "tile", "program"])
def test_a_wrong_user_name_is_asked_for_again_and_kept(start: str, name: str) -> None:
    entra = Entra()
    browser = httpx.Client(transport=InProcess(server.app_for(entra.world)), base_url=HERE)
    login = f"/login.microsoftonline.com/{TENANT_ID}"
    sent = {"SAMLRequest": authn_request(), "RelayState": "kept"}
    answer = browser.get(
        {
            "request": f"{login}/saml2?{urlencode(sent)}",
            "tile": f"/launcher.myapps.microsoft.com/api/signin/{entra.app['appId']}",
            "program": f"{login}/oauth2/v2.0/authorize?{urlencode(CLI)}",
        }[start]
    )
    answer = enter(browser, answer, name)
    assert error(answer).startswith("AADSTS500")
    assert html.fromstring(answer.text).forms[0].fields["user"] == name
    answer = enter(browser, answer, "bo.agent@contoso.com")
    if start == "program":
        assert "state=s" in answer.headers["location"]
    else:
        assert heading(answer) == "Signing you in"
        assert start == "tile" or html.fromstring(answer.text).forms[0].fields["RelayState"] == "kept"


def enter(browser: httpx.Client, page: httpx.Response, name: str) -> httpx.Response:
    """Type a user name into the form of this page, and send it."""
    form = html.fromstring(page.text).forms[0]
    form.fields["user"] = name
    return browser.post(form.action, data=dict(form.form_values()))
