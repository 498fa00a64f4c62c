"""A sign-on live has two halves: a human pastes the response, and only what is seen at Flex proves the other one."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from onboarding import STEPS, change_console, change_worker, finding, forget_sign_ons, proof
from stage import Stage

from flexsso_helpers.person import PersonAtTheConsole
from flexsso_helpers.person.browsing import Browser
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.directory.credentials import build_certificate
from flexsso_helpers.rehearsal.world.quirks import Quirks
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.sign_on import step as sign_on
from flexsso_helpers.session import Session
from flexsso_helpers.views.shown import text_of

ADA, SOL, BO = (f"{name}@contoso.com" for name in ("ada.admin", "sol.supervisor", "bo.agent"))
TENANT = "f1e55000-0000-4000-8000-000000000001"
OTHER_TENANT = "f1e55000-0000-4000-8000-0000000000ff"
WITHOUT_TRACE = {"worker_touch": "stays", "flex_user_version": "stays"}


def pem(world: World, name: str, *, from_days: float, to_days: float) -> str:
    now = world.clock.now
    made = build_certificate(world, name, start=now + from_days * 86400, end=now + to_days * 86400)
    return made.public_bytes(Encoding.PEM).decode()


def console(**fields: Any) -> Callable[[World], None]:
    return lambda world: change_console(world, **fields)


SABOTAGE: dict[str, Callable[[World], None]] = {
    "another certificate": lambda w: change_console(w, certificate=pem(w, "another", from_days=-1, to_days=100)),
    "another tenant's certificate": lambda w: change_console(
        w, certificate=pem(w, "fabrikam", from_days=-9, to_days=900)
    ),
    "an expired certificate": lambda w: change_console(w, certificate=pem(w, "old", from_days=-900, to_days=-9)),
    "the issuer without its slash": console(issuer=f"https://sts.windows.net/{TENANT}"),
    "another tenant's issuer": console(issuer=f"https://sts.windows.net/{OTHER_TENANT}/"),
    "another tenant's sign-on URL": console(sso_url=f"https://login.microsoftonline.com/{OTHER_TENANT}/saml2"),
    "the metadata address": console(
        sso_url=f"https://login.microsoftonline.com/{TENANT}/federationmetadata/2007-06/federationmetadata.xml"
    ),
    "another connection": lambda w: another_connection(w),
    "not saved": console(certificate="", issuer="", sso_url="", stage="confirmed"),
    "saved and switched off": console(stage="confirmed"),
}


def another_connection(world: World) -> None:
    """Console's page was that of a connection made anew; Entra knows the first one."""
    entry = world.store.all("flex_connection")[0]
    world.store.remove("flex_connection", entry["sid"], at=world.clock.now)
    anew = "JQf1e5500000000000000000000000000f"
    world.store.put("flex_connection", anew, entry | {"sid": anew}, at=world.clock.now)


class Human:
    """Hands and eyes: signs on in a browser, and copies what stands there then, a response or the page's words."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def signs_on(self, link: str, user: str) -> tuple[str, str]:
        """(the response that the browser carried, the words of the last page)."""
        browser = Browser(self.stage.rehearsal_client.home, self.stage.rehearsal_client.browser())
        browser.open(self.stage.rehearsal_client.face(link))
        response = ""
        if browser.has("Sign in"):
            browser.fill("User name", user)
            browser.press("Sign in")
        if browser.has("Continue"):
            response = browser.hidden("SAMLResponse")
            browser.press("Continue")
        return response, " ".join(browser.page.text_content().split())


async def with_a_human(stage: Stage) -> tuple[Session, Human]:
    session = await stage.open(apply=False)
    session.person = PersonAtTheConsole(ADA)
    return session, Human(stage)


async def pasted(session: Session, given: dict[str, str], *, opened: tuple[str, ...] = ()) -> Evidence:
    """08 as a human goes through it: paste, look, tick, change, prove."""
    form = sign_on.responses(session)
    for user, text in given.items():
        form.inputs[user].value = text
    for user in opened:
        form.inputs[f"opened: {user}"].value = True
    step = STEPS["08"]
    plan = await step.plan(session)
    cell = session.approval(plan)
    cell._box.tick.value = True
    await step.apply(session, plan, cell)
    assert not any(form.inputs[user].value for user in given)  # no response stays in a widget
    return await proof(session, "08")


def world_of(snapshots: dict[str, World], *, first: bool) -> World:
    """Everything is set and nobody has a worker yet; or everybody has signed on once, and has to again."""
    world = snapshots["08" if first else "09"].copy()
    if not first:
        forget_sign_ons(world)
    world.advance(3600.0)
    return world


@pytest.mark.sampled(2)
@pytest.mark.thinned(45)
@pytest.mark.parametrize("first", [True, False], ids=["first", "second"])
@pytest.mark.parametrize("paste", ["response", "page"])
@pytest.mark.parametrize("name", SABOTAGE)
def test_no_wrong_thing_in_console_ends_proved(
    name: str, paste: str, first: bool, snapshots: dict[str, World], tmp_path: Path
) -> None:
    """Ten wrong things, three people, first and second sign-on, a response or a page pasted: none of them is proved."""
    world = world_of(snapshots, first=first)
    SABOTAGE[name](world)
    world.advance(600.0)
    stage = Stage(tmp_path, world=world)

    async def go() -> tuple[Evidence, Session]:
        session, human = await with_a_human(stage)
        given = {}
        for user in (ADA, SOL, BO):
            response, page = human.signs_on("https://flex.twilio.com/contoso-1234", user)
            given[user] = (response if paste == "response" else page) or page
        world.advance(240.0)
        return await pasted(session, given), session

    evidence, session = asyncio.run(go())
    for user in (ADA, SOL, BO):
        line = finding(evidence, "D29", f"Sign-on of {user}")
        assert line.state in ("wrong", "waiting"), line
        assert line.fix
        if line.state == "wrong" and paste == "response":
            assert "06 ·" in line.fix or "02 ·" in line.fix or "Console" in line.fix
    assert evidence.outcome in (1, 3)
    assert session.tenant.attested is None or session.tenant.attested.sign_on is None
    assert "proved" not in evidence.verdict


@pytest.mark.full
@pytest.mark.parametrize("first", [True, False], ids=["first", "second"])
def test_a_response_with_a_trace_is_proved_also_when_it_is_pasted_minutes_later(
    first: bool, snapshots: dict[str, World], tmp_path: Path
) -> None:
    stage = Stage(tmp_path, world=world_of(snapshots, first=first))

    async def go() -> Evidence:
        session, human = await with_a_human(stage)
        given = {user: human.signs_on("https://flex.twilio.com/contoso-1234", user)[0] for user in (ADA, SOL, BO)}
        stage.world.advance(540.0)
        evidence = await pasted(session, given)
        assert session.tenant.attested.sign_on.users == (ADA, SOL, BO)
        return evidence

    evidence = asyncio.run(go())
    assert evidence.outcome == 2
    done = "made the worker on" if first else "updated the worker on"
    assert done in finding(evidence, "D29", f"Sign-on of {BO}").received
    assert not [each for each in evidence.findings if "clock" in each.fix]


@pytest.mark.full
def test_a_later_sign_on_is_no_proof_of_the_response_that_flex_refused(
    snapshots: dict[str, World], tmp_path: Path
) -> None:
    """Refused, pasted all the same, Console mended, signed on again: only the response of that one proves anything."""
    world = world_of(snapshots, first=False)
    right = world.store.all("flex_connection")[0]["certificate"]
    SABOTAGE["another certificate"](world)
    stage = Stage(tmp_path, world=world, changes={"test_sign_ons": [BO]})

    async def go() -> list[Evidence]:
        session, human = await with_a_human(stage)
        refused, _ = human.signs_on("https://flex.twilio.com/contoso-1234", BO)
        told = [await pasted(session, {BO: refused})]
        change_console(world, certificate=right)
        world.advance(60.0)
        accepted, _ = human.signs_on("https://flex.twilio.com/contoso-1234", BO)
        told += [await pasted(session, {}) for _ in range(2)]
        return [*told, await pasted(session, {BO: accepted})]

    lines = [finding(each, "D29", f"Sign-on of {BO}") for each in asyncio.run(go())]
    assert [line.state for line in lines] == ["waiting", "waiting", "waiting", "holds"]
    assert "if an error page came, paste its text there" in lines[0].fix


@pytest.mark.full
def test_without_a_trace_it_waits_and_a_persons_word_is_shown_as_said(
    snapshots: dict[str, World], tmp_path: Path
) -> None:
    world = world_of(snapshots, first=False)
    world.quirks = Quirks(WITHOUT_TRACE)
    stage = Stage(tmp_path, world=world)

    async def go() -> tuple[Evidence, Evidence, Evidence]:
        session, human = await with_a_human(stage)
        given = {user: human.signs_on("https://flex.twilio.com/contoso-1234", user)[0] for user in (ADA, SOL, BO)}
        half = await pasted(session, given)
        assert session.tenant.attested.sign_on is None
        whole = await pasted(session, {}, opened=(ADA, SOL, BO))
        attested = session.tenant.attested.sign_on
        assert (attested.users, attested.said) == ((), (ADA, SOL, BO))
        later, _ = await with_a_human(stage)
        return half, whole, await proof(later, "08")

    half, whole, later = asyncio.run(go())
    assert half.outcome == 3
    waits = finding(half, "D29", f"Sign-on of {BO}")
    assert "Entra’s half is proved; nothing at Flex has moved since" in waits.received
    assert f"tick “Flex opened as {BO}”" in waits.fix
    for evidence in (whole, later):
        said = finding(evidence, "D29", f"Sign-on of {BO}")
        assert (said.state, said.backed) == ("said", True)
        assert said.said.startswith(f"by {ADA} on 2026-")
        assert "✓ holds · Sign-on" not in text_of(evidence)
    assert (whole.outcome, later.outcome) == (2, 0)


@pytest.mark.full
def test_a_persons_word_over_a_worker_with_other_attributes_does_not_count(
    snapshots: dict[str, World], tmp_path: Path
) -> None:
    world = world_of(snapshots, first=False)
    world.quirks = Quirks(WITHOUT_TRACE)
    stage = Stage(tmp_path, world=world, changes={"test_sign_ons": [BO]})

    async def go() -> Evidence:
        session, human = await with_a_human(stage)
        response, _ = human.signs_on("https://flex.twilio.com/contoso-1234", BO)
        change_worker(world, BO, full_name="Somebody Else")
        world.advance(3000.0)
        return await pasted(session, {BO: response}, opened=(BO,))

    evidence = asyncio.run(go())
    assert evidence.outcome == 1
    assert not finding(evidence, "D29", f"Sign-on of {BO}").backed


def test_another_persons_response_is_named_and_nothing_else_is_said_of_it(
    snapshots: dict[str, World], tmp_path: Path
) -> None:
    stage = Stage(tmp_path, world=world_of(snapshots, first=True))

    async def go() -> Evidence:
        session, human = await with_a_human(stage)
        response, _ = human.signs_on("https://flex.twilio.com/contoso-1234", ADA)
        return await pasted(session, {BO: response})

    evidence = asyncio.run(go())
    line = finding(evidence, "D29", f"Sign-on of {BO}")
    assert (line.state, line.received) == ("waiting", f"in this person’s field: this is the response of {ADA}")
    assert f"field of {ADA}" in line.fix
    assert not [each for each in evidence.findings if each.check == "S51"]


@pytest.mark.thinned(5)
@pytest.mark.parametrize(
    ("text", "received", "fix"),
    [
        (
            "AADSTS50105: the user is not assigned. Trace ID: 11111111-2222-3333-4444-555555555555",
            "AADSTS50105",
            "07 ·",
        ),
        ("50105", "AADSTS50105", "07 ·"),
        ("45050", "Flex 45050", "08 ·"),
        (
            "<html><body><p>Log in failed</p><p>Invalid SSO Settings. (error code 70251)</p></body></html>",
            "70251",
            "06 ·",
        ),
        ("Bad SAML Response. (error code 70252)", "Flex 70252", "08 ·"),
    ],
)
def test_an_error_page_a_text_or_a_number_is_taken_in_the_same_field(
    text: str, received: str, fix: str, snapshots: dict[str, World], tmp_path: Path
) -> None:
    stage = Stage(tmp_path, world=world_of(snapshots, first=True))

    async def go() -> Evidence:
        session, _ = await with_a_human(stage)
        return await pasted(session, {BO: text})

    line = finding(asyncio.run(go()), "D29", f"Sign-on of {BO}")
    assert line.state == "wrong"
    assert received in line.received
    assert fix in line.fix


def test_what_is_nothing_we_know_waits_for_the_right_thing_and_names_the_field(
    snapshots: dict[str, World], tmp_path: Path
) -> None:
    stage = Stage(tmp_path, world=world_of(snapshots, first=True))

    async def go() -> Evidence:
        session, _ = await with_a_human(stage)
        return await pasted(session, {BO: "https://flex.twilio.com/contoso-1234"})

    line = finding(asyncio.run(go()), "D29", f"Sign-on of {BO}")
    assert line.state == "waiting"
    assert line.received == "in this person’s field: This is a web address, not a SAML response."


def test_a_stale_response_proves_nothing(snapshots: dict[str, World], tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=world_of(snapshots, first=True), changes={"test_sign_ons": [BO]})

    async def go() -> Evidence:
        session, human = await with_a_human(stage)
        response, _ = human.signs_on("https://flex.twilio.com/contoso-1234", BO)
        stage.world.advance(2 * 3600.0)
        return await pasted(session, {BO: response})

    evidence = asyncio.run(go())
    assert evidence.outcome == 1
    assert any(each.check == "S40" and each.fails for each in evidence.findings)
