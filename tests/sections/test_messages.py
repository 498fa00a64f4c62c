"""What a consultant reads when something is not as it should be, word for word: short, and with the notebook."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from faults import Fault, Faulty
from onboarding import STEPS, finding, onboard, proof
from stage import Stage

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.plan import Finding
from flexsso_helpers.rehearsal.server import seed
from flexsso_helpers.rehearsal.world.quirks import Quirks
from flexsso_helpers.rehearsal.world.world import World

Attempt = Callable[[Stage], Awaitable[Any]]
TENANT = "f1e55000-0000-4000-8000-000000000001"


def opened(stage: Stage) -> Awaitable[Any]:
    return stage.open()


def first_step(stage: Stage) -> Awaitable[Any]:
    return onboard(stage, until="01")


async def preflight(stage: Stage) -> Any:
    return await STEPS["00"].verify(await stage.open())


def with_fault(attempt: str, **fault: Any) -> Attempt:
    async def run(stage: Stage) -> Any:
        app = Faulty(stage.app, Fault(**{"effect": False, "times": 99, **fault}))
        if attempt == "open":
            return await stage.open(app=app)
        if attempt == "preflight":
            return await STEPS["00"].verify(await stage.open(app=app))
        return await onboard(stage, until="01", app=app)

    return run


def no_network() -> Exception:
    return requests.ConnectionError("no route to host")


SUPPORT = r"(Correlation ID [0-9a-f-]{36} · Trace ID [0-9a-f-]{36} · Timestamp 2026-11-02 08:00:00Z)?"
MESSAGES: dict[str, tuple[dict[str, Any], Attempt, str]] = {
    "missing-permission": (
        {"sign_in": {"user": "rhea.reader@contoso.com"}},
        first_step,
        """\
The signed-in account may not do this
  What:     Creating the enterprise application from the template for custom SAML applications
  Why:      Graph answered 403 Authorization_RequestDenied: Insufficient privileges to complete the operation. A \
scope, its consent or a directory role is missing; a role that was activated just now counts only after a new sign-in. \
Of what this takes, missing or not known: no active role Application Administrator or Cloud Application Administrator \
is seen; custom and scoped roles may not be read.
  To do:    Open notebook 00: it lists what each step needs beside what this account has.
  Notebook: 00""",
    ),
    "wrong-tenant-id": (
        {"tenant_id": "f1e55000-0000-4000-8000-000000000002"},
        opened,
        """\
Signing in did not work
  What:     Entra refused the sign-in for tenant f1e55000-0000-4000-8000-000000000002 (AADSTS90002).
  Why:      Entra knows no tenant with this id in this cloud.
  To do:    Copy the tenant id from the Overview page of Microsoft Entra ID into tenant.tenant_id.
  Notebook: 00""",
    ),
    "nobody-of-this-name": (
        {"sign_in": {"user": "no.body@contoso.com"}},
        opened,
        """\
Signing in did not work
  What:     no.body@contoso.com could not sign in.
  Why:      AADSTS50034: The user account no.body@contoso.com does not exist in the contoso.com directory.
  To do:    Correct tenant.sign_in.user; in a rehearsal ada.admin@contoso.com may administer applications.
  Notebook: 00""",
    ),
    "client-that-is-not-known": (
        {
            "sign_in": {
                "method": "client_secret",
                "user": None,
                "secret": "env:SECRET",
                "client_id": "f1e55000-0000-4000-8000-00000000dead",
            }
        },
        opened,
        """\
Signing in did not work
  What:     Entra refused the sign-in for tenant f1e55000-0000-4000-8000-000000000001 (AADSTS700016).
  Why:      The application that signs in is not known in this tenant.
  To do:    Nobody has consented to it in this tenant yet, or tenant.sign_in.client_id is another one. \
An administrator opens this address and agrees; then sign in again. It takes a Privileged Role Administrator (an \
Application Administrator may not, here).
            First read what consent leaves behind: docs/customer.md, Consent.
            https://login.microsoftonline.com/f1e55000-0000-4000-8000-000000000001/adminconsent?client_id=\
f1e55000-0000-4000-8000-00000000dead
  Notebook: 00
  Support:  {support}""",
    ),
    "sign-in-service-not-reached": (
        {},
        with_fault("open", method="GET", path=".*", error=no_network),
        f"""\
No connection
  What:     Signing in to tenant {TENANT}.
  Why:      ServiceRequestError: no answer from the sign-in service.
  To do:    Check the connection, the proxy (HTTPS_PROXY) and the company's certificates (REQUESTS_CA_BUNDLE).
  Notebook: 00""",
    ),
    "another-application-of-this-name": (
        {"application": {"name": "Contoso Travel"}},
        first_step,
        """\
It is not clear which one is meant
  What:     This tenant already has 1 application called “Contoso Travel” without our mark: {travel} (made 2026-06-05, https://travel.contoso.com/saml)
  Why:      Somebody made it by hand or with another tool. It may be in use, so it is neither taken nor doubled.
  To do:    To adopt it, write its application id into tenant.application.app_id. To keep it and make a new one, \
choose another tenant.application.name.
  Notebook: 01""",
    ),
    "application-to-adopt-is-not-there": (
        {"application": {"app_id": "f1e55000-0000-4000-8000-00000000dead"}},
        first_step,
        """\
The parameters need a correction
  What:     This tenant has no application with the id f1e55000-0000-4000-8000-00000000dead.
  Why:      tenant.application.app_id names the application to adopt; an application just made is seen later.
  To do:    Correct tenant.application.app_id, or leave it out to have an application made.
  Notebook: 01""",
    ),
    "a-create-that-is-lost-and-not-found": (
        {},
        with_fault("01", method="POST", path=".*/instantiate"),
        """\
The answer to a request was lost
  What:     Creating the enterprise application from the template for custom SAML applications
  Why:      the connection ended: ReadError; what was sent may have taken effect all the same.
  To do:    Run the cell again: it looks for what was made before it makes anything.
  Notebook: 01""",
    ),
    "graph-asks-to-wait-for-too-long": (
        {},
        with_fault("01", method="GET", path="/v1.0/applications", status=429),
        """\
Too many requests
  What:     Reading /applications
  Why:      Graph asked to wait, again and again.
  To do:    Wait some minutes and run the cell again: what is already there is not made twice.
  Notebook: 01
  Answer:   HTTP 429 · TooManyRequests · Made up by a test.""",
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_the_message_word_for_word(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    changes, attempt, message = MESSAGES[name]
    stage = Stage(tmp_path, changes=changes)
    with pytest.raises(FlexSSOError) as caught:
        asyncio.run(attempt(stage))
    support = getattr(caught.value, "support", "")
    assert re.fullmatch(SUPPORT, support)
    travel = next(each["appId"] for each in stage.world.store.all("application") if "Travel" in each["displayName"])
    message = message.replace("{travel}", travel).replace("{support}", support)
    assert str(caught.value) == message
    assert len(message.splitlines()) <= 12
    assert caught.value._render_traceback_() == message.splitlines()
    assert "Traceback" not in caught.value._repr_html_()
    assert capfd.readouterr().err == ""  # nothing is printed beside the message
    assert stage.writes["graph"] == 0


@pytest.mark.thinned(2)
@pytest.mark.parametrize(("number", "level"), [("00", "warning"), ("07", "warning")])
def test_who_has_no_mail_address_is_named_before_anyone_signs_on(number: str, level: str, configured: Stage) -> None:
    async def look() -> Finding:
        return finding(await proof(await configured.open(), number), "S56", "Without a mail address")

    found = asyncio.run(look())
    assert (found.state, found.level, found.received) == ("wrong", level, "nia.nomail@contoso.com")
    assert found.fix.startswith("Fill in the mail address in Entra")


def test_someone_without_a_value_for_the_name_id_is_named_with_entras_number(configured: Stage) -> None:
    async def look(stage: Stage) -> Finding:
        return finding(await proof(await stage.open(), "07"), "S47")

    found = asyncio.run(look(configured))
    assert found.received == "nia.nomail@contoso.com"
    assert found.fix == "Fill it in, or choose userprincipalname for all in 04: without it Entra answers AADSTS501241."
    configured.changes["name_id"] = "userprincipalname"
    assert asyncio.run(look(configured)).state == "holds"


def test_what_an_account_may_not_do_is_listed_with_the_notebooks_that_need_it(empty: Stage) -> None:
    empty.changes["sign_in"] = {"user": "rhea.reader@contoso.com"}

    async def look() -> list[Finding]:
        return [each for each in (await proof(await empty.open(), "00")).findings if each.check == "G02"]

    found = asyncio.run(look())
    assert [each.title for each in found] == [
        "May create and change applications", "May set policies", "May assign users and groups",
    ]  # fmt: skip
    role = "no active role Application Administrator or Cloud Application Administrator is seen"
    assert {each.received for each in found} == {f"not known: {role}; custom and scoped roles may not be read"}
    assert {each.state for each in found} == {"unknown"}
    assert found[1].fix.startswith("Used by 03, 04. Go on: the first write tells.")
    empty.world.quirks = Quirks({"token_scopes": "consented"})
    found = asyncio.run(look())
    assert {each.received for each in found} == {
        "no: directory role Application Administrator or Cloud Application Administrator"
    }
    assert found[1].fix == "Used by 03, 04. Ask for it, then sign in again."


def test_the_session_says_who_is_signed_in_and_what_is_missing(empty: Stage) -> None:
    empty.changes["sign_in"] = {"user": "rhea.reader@contoso.com"}
    text = " ".join(str(asyncio.run(empty.open()).card()).split())
    assert "rhea.reader@contoso.com · no administrator role seen" in text
    assert "May create and change applications ! not known · no active role" in text
    assert "May read users and groups ✓ yes" in text


@pytest.mark.parametrize(
    ("user", "quirks", "state", "received", "fix"),
    [
        (
            "pat.partner@fabrikam.com",
            {},
            "wrong",
            "a guest of this tenant: pat.partner_fabrikam.com#EXT#",
            "A guest with",
        ),
        (
            "dana.delegate@fabrikam.com",
            {},
            "unknown",
            "Fabrikam Technician has no account here",
            "Roles of a partner's",
        ),
    ],
)
def test_who_is_no_member_of_the_tenant_is_said_and_stops_nothing(
    user: str, quirks: dict[str, str], state: str, received: str, fix: str, tmp_path: Path
) -> None:
    async def look() -> list[Finding]:
        stage = Stage(tmp_path, world=World(quirks=quirks), changes={"sign_in": {"user": user}})
        return list((await preflight(stage)).findings)

    (found,) = [each for each in asyncio.run(look()) if each.title == "Account that is signed in"]
    assert (found.state, found.level, found.configured) == (state, "warning", user)
    assert found.received.startswith(received)
    assert found.fix.startswith(fix)


def test_a_key_of_another_twilio_account_is_said_and_00_goes_on(tmp_path: Path) -> None:
    stage = Stage(tmp_path, changes={"flex": {"api_key": "SKf1e55000000000000000000000000099"}})
    found = finding(asyncio.run(preflight(stage)), "F29")
    assert (found.state, found.received) == ("unknown", "could not look: answered 401 20003")
    assert "check tenant.flex (account_sid, api_key, api_secret)" in found.fix


def test_two_applications_of_this_name_are_counted(tmp_path: Path) -> None:
    world = World()
    stage = Stage(tmp_path, world=world, changes={"application": {"name": "Contoso Travel"}})
    travel = next(each for each in world.store.all("application") if each["displayName"] == "Contoso Travel")
    twin = travel | {"id": "f1e55000-0000-4000-8000-0000000000cc", "appId": "f1e55000-0000-4000-8000-0000000000cd"}
    world.store.put("application", twin["id"], twin, at=world.clock.now - 900)
    with pytest.raises(FlexSSOError, match="already has 2 applications called “Contoso Travel” without our mark: "):
        asyncio.run(first_step(stage))


def test_a_role_that_is_not_activated_is_to_be_activated(tmp_path: Path) -> None:
    async def look() -> list[Finding]:
        world = World(quirks={"token_scopes": "consented"})
        stage = Stage(tmp_path, world=world, changes={"sign_in": {"user": "ellis.eligible@contoso.com"}})
        seed.administrators(world)
        return [each for each in (await proof(await stage.open(), "00")).findings if each.check == "G02"]

    found = asyncio.run(look())
    assert {each.fails for each in found} == {True}
    assert {each.fix.partition(". ")[2] for each in found} == {
        "Activate it in Privileged Identity Management, then sign in again."
    }
