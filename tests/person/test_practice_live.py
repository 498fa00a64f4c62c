"""`practice: live`: a rehearsal's file that is played as a live tenant's; what differs is redirect, clock and badge."""

import asyncio
import webbrowser
from pathlib import Path
from typing import Any

import pytest
from human import Human, SystemBrowser
from live_play import LIVE, LiveStage, Notebook, at_the_screen
from onboarding import STEPS
from stage import REHEARSAL, Stage

from flexsso_helpers.clouds import CONSOLE_SSO_PAGE
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import from_mapping, load
from flexsso_helpers.person import PersonAtTheConsole
from flexsso_helpers.rehearsal.server.seed import AUTOMATION_CLIENT
from flexsso_helpers.rehearsal.world import journal
from flexsso_helpers.session import Session
from flexsso_helpers.wire import redirect_browsers

BY_SECRET = {"method": "client_secret", "client_id": AUTOMATION_CLIENT, "secret": "env:NO_SUCH_SECRET", "user": None}


def opened(stage: Stage, human: Human) -> Session:
    async def go() -> Session:
        with at_the_screen(stage, human):
            return await stage.open()

    return asyncio.run(go())


def test_the_person_is_that_of_a_live_tenant_at_the_pages_of_the_rehearsal(tmp_path: Path) -> None:
    stage = LiveStage(tmp_path)
    human = Human(stage)
    session = opened(stage, human)
    assert type(session.person) is PersonAtTheConsole
    assert (session.person.human, session.person.name) == (True, "ada.admin@contoso.com")
    assert session.person.address(CONSOLE_SSO_PAGE) == stage.rehearsal_client.face(CONSOLE_SSO_PAGE)
    assert (session.badge, session.may_apply) == ("REHEARSAL", False)
    assert f"open {stage.rehearsal_client.home}/" in human.words
    assert "not kept" in session.sign_in_kept


def test_nothing_is_done_for_this_person_and_nobody_tells_where_the_pages_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = LiveStage(tmp_path)
    session = opened(stage, Human(stage))
    before = stage.writes

    async def look() -> dict[str, int]:
        found = {}
        for number, step in STEPS.items():
            if number != "00":
                plan = await step.plan(session)
                await step.apply(session, plan, session.approval(plan))
            found[number] = (await step.verify(session)).outcome
        return found

    outcomes = asyncio.run(look())
    assert set(outcomes.values()) <= {2, 3}
    assert stage.writes == before
    assert "Practice:" not in capsys.readouterr().out


def test_what_is_noted_stands_in_the_tenants_file_and_not_on_a_desk(tmp_path: Path) -> None:
    stage = LiveStage(tmp_path)
    session = opened(stage, Human(stage))
    session.record({("signing", "valid_days"): 365})
    assert load(stage.file).signing.valid_days == 365
    assert session.tenant.signing.valid_days == 365
    assert journal.tenant_values(stage.world) == {}


def test_no_start_is_approved_by_such_a_file() -> None:
    values = load(REHEARSAL).model_dump(mode="json", exclude_none=True)
    assert from_mapping(values | LIVE).practice == "live"
    with pytest.raises(ParametersError) as caught:
        from_mapping(values | {"practice": "live", "apply": True})
    assert "is true in a file with practice: live" in caught.value.what


def test_a_secret_of_the_machine_is_never_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flexsso_helpers.session.secrets.reveal", lambda _reference: pytest.fail("was looked up"))
    stage = LiveStage(tmp_path, changes={"sign_in": BY_SECRET})
    session = opened(stage, Human(stage))
    assert session.principal.app_only
    assert session.person.name == "Contoso Automation"


@pytest.fixture
def system_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SystemBrowser:
    """The machine's own browser, with a human before it; no other one can be opened."""
    browser = SystemBrowser(Human(LiveStage(tmp_path, changes={"sign_in": {"method": "browser"}})))
    redirect_browsers(browser.human.stage.rehearsal_client)
    names = ["flexsso-rehearsal", "human"]
    monkeypatch.setattr(webbrowser, "_tryorder", names)
    monkeypatch.setitem(webbrowser._browsers, "human", [None, browser])  # type: ignore[attr-defined]
    return browser


def test_a_sign_in_by_browser_opens_the_page_in_the_rehearsal(system_browser: SystemBrowser) -> None:
    stage = system_browser.human.stage
    session = opened(stage, system_browser.human)
    assert session.principal.user_name == "ada.admin@contoso.com"
    [page] = system_browser.opened
    assert page.startswith(f"{stage.rehearsal_client.home}/login.microsoftonline.com/f1e55000-")


@pytest.mark.parametrize(
    "url",
    [
        "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/oauth2/v2.0/authorize",
        "https://example.com/",
        "http://localhost:8400/",
    ],
)
def test_any_other_page_is_opened_where_it_is(url: str, system_browser: SystemBrowser, monkeypatch: Any) -> None:
    opened_as: list[str] = []
    monkeypatch.setattr(system_browser, "open", lambda address, *_: opened_as.append(address) or True)
    assert webbrowser.open(url)
    assert opened_as == [url]


def test_values_are_copied_pasted_and_signed_on_by_what_the_notebooks_show(tmp_path: Path) -> None:
    stage = LiveStage(tmp_path)
    human = Human(stage)

    async def go() -> list[int]:
        found = []
        with at_the_screen(stage, human):
            for number in ("01", "02", "03"):
                notebook = Notebook(number, human)
                await notebook.work_through()
                assert notebook.evidence is not None
                found.append(notebook.evidence.outcome)
        return found

    assert asyncio.run(go()) == [2, 2, 2]
    connection = load(stage.file).flex.connection
    assert connection is not None
    assert connection.identifier.startswith("urn:flex:JQf1e55000")
