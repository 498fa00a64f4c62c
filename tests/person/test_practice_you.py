"""`practice: you`: a human being does what only a person can, on the rehearsal's pages; the notebook sees it done."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from onboarding import STEPS
from stage import Stage, through

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.errors import SignInError
from flexsso_helpers.person import ConsoleValues, Pages, PersonAtTheConsole, SimulatedPerson
from flexsso_helpers.person.browsing import Browser
from flexsso_helpers.sections.basic_saml import step as basic_saml
from flexsso_helpers.sections.flex_console import step as flex_console
from flexsso_helpers.sections.sign_on import step as sign_on
from flexsso_helpers.session import Session
from flexsso_helpers.views import ApprovalBox

PAGE = CONSOLE_SSO_PAGE.removeprefix("https://")
ADA, BO = "ada.admin@contoso.com", "bo.agent@contoso.com"
YOU = {"practice": "you", "test_sign_ons": [BO, ADA]}
show_code = PersonAtTheConsole.enter_code


class Human:
    """Eyes and hands: reads what is printed, and works in the rehearsal's pages with a browser."""

    def __init__(self, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
        self.stage, self.capsys, self.read = stage, capsys, ""

    def reads(self) -> str:
        """What was printed since last time."""
        new = self.capsys.readouterr().out
        self.read += new
        return new

    def browser(self, url: str) -> Browser:
        browser = Browser(self.stage.rehearsal_client.home, self.stage.rehearsal_client.browser())
        browser.open(url)
        return browser

    def code_page(self) -> Browser:
        """The page that the printed line names, with the code typed."""
        found = re.search(r"open (\S+) and type the code (\S+)", self.reads())
        assert found is not None
        browser = self.browser(found[1])
        browser.fill("Code", found[2])
        return browser

    def enters_the_code(self, user: str = ADA) -> None:
        browser = self.code_page()
        browser.fill("User name", user)
        browser.press("Sign in")
        assert browser.heading == "You have signed in"

    def declines_the_code(self) -> None:
        browser = self.code_page()
        browser.tick("I did not ask for this code: decline it")
        browser.press("Sign in")
        assert browser.heading == "You have declined"

    def leaves_the_code(self) -> None:
        """The page is closed, and nobody comes back."""
        self.stage.world.advance(901.0)

    def hands(self) -> SimulatedPerson:
        """For pages that are walked the same way by everybody."""
        return SimulatedPerson(user=ADA, rehearsal_client=self.stage.rehearsal_client)

    def signs_on(self, link: str, user: str) -> str:
        """The response that the browser carried, as developer tools show it."""
        browser = self.browser(link)
        browser.fill("User name", user)
        browser.press("Sign in")
        response = browser.hidden("SAMLResponse")
        browser.press("Continue")
        assert browser.heading == "Signed in to Flex"
        return response


@pytest.fixture
def human(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Human:
    """A human at a fresh tenant, who enters the device code as soon as it is shown."""
    human = Human(Stage(tmp_path, changes=YOU), capsys)

    def show_and_enter(self: PersonAtTheConsole, address: str, code: str) -> None:
        show_code(self, address, code)
        human.enters_the_code()

    monkeypatch.setattr(PersonAtTheConsole, "enter_code", show_and_enter)
    return human


SIGN_INS_GONE_WRONG: dict[str, tuple[Callable[[Human], None], str, str, str]] = {
    "as somebody else": (
        lambda human: human.enters_the_code(BO),
        f"{BO} signed in, and the tenant's file expects {ADA}.",
        "The browser or this machine was still signed in as somebody else.",
        f"Sign in as {ADA}, or correct or remove tenant.sign_in.user.",
    ),
    "the page closed": (
        Human.leaves_the_code,
        "(AADSTS70019)",
        "The code was not entered in time",
        "Run the cell again and enter the new code within fifteen minutes.",
    ),
    "declined": (Human.declines_the_code, "(AADSTS65004)", "was declined", "An administrator opens this address"),
}


@pytest.mark.parametrize("mistake", SIGN_INS_GONE_WRONG)
def test_a_sign_in_that_goes_wrong_says_what_to_do(mistake: str, human: Human, monkeypatch: pytest.MonkeyPatch) -> None:
    does, what, why, fix = SIGN_INS_GONE_WRONG[mistake]
    monkeypatch.setattr(
        PersonAtTheConsole, "enter_code", lambda person, *shown: (show_code(person, *shown), does(human))
    )
    with pytest.raises(SignInError) as caught:
        asyncio.run(human.stage.open())
    assert what in caught.value.what
    assert why in caught.value.why
    assert fix in caught.value.fix


def tick(session: Session, plan: object) -> object:
    """The box, ticked by hand."""
    cell = session.approval(plan)  # type: ignore[arg-type]
    box: ApprovalBox = cell._box
    assert not box.given
    box.tick.value = True
    return cell


def test_a_human_goes_all_the_way(human: Human) -> None:
    async def go() -> None:
        stage = human.stage
        session = await stage.open()
        assert isinstance(session.person, PersonAtTheConsole)
        assert "microsoft.com/devicelogin" in human.read
        assert human.read.startswith(f"To sign in, open {stage.rehearsal_client.home}/")
        await through(session, STEPS["01"])
        await _connection(session, human)
        for number in ("03", "04", "05"):
            await through(session, STEPS[number])
        await _console(session, human)
        await through(session, STEPS["07"])
        await _sign_ons(session, human)

    asyncio.run(go())


async def _connection(session: Session, human: Human) -> None:
    """Copied from Console's page into the form of 02."""
    human.reads()
    waiting = await basic_saml.plan(session)
    assert [str(change.should_be) for change in waiting.open][:2] == ["known after Flex Console shows it"] * 2
    where = re.search(r": (http://localhost\S+)", human.reads())
    assert where is not None
    page = human.browser(where[1])
    form = basic_saml.form(session)
    for key, identity in zip(basic_saml.CONNECTION, ("acs-url", "entity-id"), strict=True):
        form.inputs[key].value = page.text(identity)
    _, applied, evidence = await through(session, STEPS["02"])
    assert applied.left == ()
    assert evidence.outcome == 2


async def _console(session: Session, human: Human) -> None:
    """Pasted into Console's page, then the box of 06 is ticked."""
    shown = str((await flex_console.values(session))._repr_mimebundle_())
    assert f"{human.stage.rehearsal_client.home}/{PAGE}" in shown
    plan = await flex_console.plan(session)
    applied = await flex_console.apply(session, plan, session.approval(plan))
    assert (applied.made, applied.why_not) == ((), flex_console.STEP.waiting)
    assert (await flex_console.verify(session)).outcome == 3
    state = await flex_console.read(session)
    values = ConsoleValues(certificate_pem=state.certificate_pem, issuer=state.issuer, sso_url=state.sso_url)
    assert await human.hands().paste(values)
    plan = await flex_console.plan(session)
    applied = await flex_console.apply(session, plan, tick(session, plan))  # type: ignore[arg-type]
    assert applied.left == ()
    assert (await flex_console.verify(session)).outcome == 2
    assert session.tenant.attested is not None
    assert session.tenant.attested.console is not None
    assert session.tenant.attested.console.by == ADA


async def _sign_ons(session: Session, human: Human) -> None:
    """Signed on in the browser; each response is pasted into the field of 08, one person after the other."""
    form = sign_on.responses(session)
    human.reads()
    for number, user in enumerate((BO, ADA)):
        plan = await sign_on.plan(session)
        assert len(plan.open) == 2 - number
        applied = await sign_on.apply(session, plan, tick(session, plan))  # type: ignore[arg-type]
        assert applied.made == ()
        assert applied.why_not == sign_on.STEP.waiting
        link = re.search(
            rf"Sign in as {user} \(expected in Flex as \w+\): (\S+)", human.read + human.reads() + human.read
        )
        assert link is not None
        form.inputs[user].value = human.signs_on(link[1], user)
        plan = await sign_on.plan(session)
        await sign_on.apply(session, plan, tick(session, plan))  # type: ignore[arg-type]
        assert session.tenant.attested is not None
        assert session.tenant.attested.sign_on is not None
        assert session.tenant.attested.sign_on.users == (BO, ADA)[: number + 1]
        evidence = await sign_on.verify(session)
        assert evidence.outcome == (3 if number == 0 else 2)
    assert list(evidence.facts) == [BO, ADA]


def test_what_a_simulated_person_is_shown_names_no_port(tmp_path: Path) -> None:
    async def go() -> str:
        stage = Stage(tmp_path)
        session = await stage.open()
        return session.person.address(CONSOLE_SSO_PAGE)

    assert asyncio.run(go()) == CONSOLE_SSO_PAGE


def test_live_the_page_is_the_page_and_every_task_waits(capsys: pytest.CaptureFixture[str]) -> None:
    person = PersonAtTheConsole("ada")
    person.enter_code("https://microsoft.com/devicelogin", "ABC123")
    assert capsys.readouterr().out == "To sign in, open https://microsoft.com/devicelogin and type the code ABC123\n"

    async def tasks() -> list[object]:
        values = ConsoleValues(certificate_pem="", issuer="", sso_url="")
        return [await person.copy_connection(), await person.paste(values), await person.sign_on("", "bo")]

    assert asyncio.run(tasks()) == [None, False, None]


def test_practice_says_once_where_to_go(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    person = PersonAtTheConsole("ada", Pages(Stage(tmp_path).rehearsal_client), hints=True)

    async def twice() -> None:
        for _ in range(2):
            await person.copy_connection()
            await person.paste(ConsoleValues(certificate_pem="", issuer="", sso_url=""))

    asyncio.run(twice())
    shown = capsys.readouterr().out
    assert shown.count("Practice: Flex Console") == shown.count("[REHEARSAL]") == 2
    lines = [line for line in shown.splitlines() if line.startswith("  Single sign-on (")]
    assert len(lines) == 2
    assert all(f"/{PAGE}" in line for line in lines)
