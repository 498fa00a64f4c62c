"""06 says which of Console's ways is this account's own, and of the table only the lines that are its own."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from onboarding import change_console, change_desk, finding, look, onboard
from stage import Stage

from flexsso_helpers.rehearsal.flex import legacy_realm
from flexsso_helpers.sections import flex_console
from flexsso_helpers.sections.flex_console import console_checklist
from flexsso_helpers.sections.flex_console.console_checklist import case_of
from flexsso_helpers.sections.flex_console.findings import State, three_values
from flexsso_helpers.views.shown import text_of

ALL = "paste Identity Provider Issuer, Single Sign-On URL and X.509 Certificate; Save"
CONFIRM = ["Set up your identity provider", "a box about the identity provider", "Enter identity provider data"]
OVERVIEW = "the overview, with the login link"
VALIDATE = "a request to validate"
OWN = "https://flex.contoso.example.com"
LEGACY = {"flex": {"mode": "legacy"}}


def shown(stage: Stage) -> tuple[str, list[str], str]:
    """The case's name, what the page shows line by line, and all words; nothing may be written for it."""

    async def go() -> Any:
        return await console_checklist.checklist(await stage.open(apply=False))

    before = stage.writes
    card = asyncio.run(go())
    assert stage.writes == before
    rows = re.findall(r"☐\s\d+</th>\s*<td[^>]*>(.*?)</td>", card.html, re.DOTALL)
    name = card.text.splitlines()[0].split(" · ")[2].split("  [")[0]
    return name, [re.sub(r"<[^>]+>", "", row).strip() for row in rows], " ".join(card.text.split())


@pytest.mark.parametrize(
    ("since", "name", "lines"),
    [
        ("02", "not yet", []),
        ("06", "first set-up", [*CONFIRM, OVERVIEW]),
        ("07", "nothing to paste, unless Flex refuses in 08", [VALIDATE, OVERVIEW]),
        ("09", "nothing to paste", [VALIDATE]),
    ],
    ids=["before there is a certificate", "nothing in Console yet", "pasted, as somebody said", "all pasted"],
)
def test_the_way_follows_what_has_been_done(
    since: str, name: str, lines: list[str], before: Callable[[str], Stage]
) -> None:
    assert shown(before(since))[:2] == (name, lines)


def test_the_first_set_up_names_this_tenants_values(before: Callable[[str], Stage]) -> None:
    words = shown(before("06"))[2]
    assert "urn:flex:JQf1e55000000000000000000000000001" in words
    assert ALL in words


def test_of_other_values_only_those_are_named_that_differ(configured: Stage) -> None:
    change_desk(configured.world, console={"issuer": "https://sts.windows.net/somebody-elses"})
    name, lines, words = shown(configured)
    assert (name, lines[0], lines[-1]) == ("other values", OVERVIEW, OVERVIEW)
    assert "paste Identity Provider Issuer; Save" in words
    assert "X.509" not in words


def test_a_new_connection_that_was_never_saved_is_a_first_set_up(configured: Stage) -> None:
    change_console(configured.world, stage="started", active=False)
    change_desk(configured.world, console={"certificate_sha256": "ab" * 32})
    assert shown(configured)[0] == "first set-up"


@pytest.mark.full
@pytest.mark.parametrize(
    ("changes", "name", "first"),
    [
        ({}, "02 first", "New SSO Solution Available"),
        (LEGACY, "the account stays on Legacy", "Edit identity provider data"),
    ],
    ids=["to Enhanced", "stays"],
)
def test_an_account_on_legacy_changes_over_or_stays(
    changes: dict[str, Any], name: str, first: str, tmp_path: Path
) -> None:
    stage = Stage(tmp_path, changes=changes)
    stage.rehearsal_client.reset(quirks={"legacy": "working"}, legacy=True)
    legacy_realm.plant(stage.world)
    asyncio.run(onboard(stage, until="05"))
    stage.world.advance(60.0)
    seen, lines, words = shown(stage)
    assert (seen, lines[0]) == (name, first)
    assert "press Finish" not in words


@pytest.mark.parametrize(
    ("leads_to", "name", "again"),
    [
        ("https://sts.windows.net/x/", "other values", True),
        ("", "first set-up", True),
        ("https://login.microsoftonline.com/x/saml2", "nothing to paste, unless Flex refuses in 08", False),
    ],
    ids=["swapped", "not saved", "right"],
)
def test_what_somebody_said_and_a_started_login_denies_is_pasted_again(leads_to: str, name: str, again: bool) -> None:
    state = State(
        certificate_sha256="ab" * 32,
        issuer="https://sts.windows.net/x/",
        sso_url="https://login.microsoftonline.com/x/saml2",
        attested_by="by ada.admin@contoso.com on 2026-11-02",
        connection="JQf1e55000000000000000000000000001",
        probe_known=True,
        probe_sso_url=leads_to,
    )
    case = case_of(state, on_legacy=False, pasted=())
    assert (case.name, case.lines[-1][0]) == (name, OVERVIEW)
    assert (ALL in [does for _, does in case.lines]) == again
    assert "says by" not in case.because


def test_a_change_over_that_was_started_goes_on_and_finishes_last() -> None:
    state = State(
        certificate_sha256="ab" * 32,
        issuer="https://sts.windows.net/x/",
        sso_url="https://login.microsoftonline.com/x/saml2",
        connection="JQf1e55000000000000000000000000001",
    )
    case = case_of(state, on_legacy=True, pasted=("X.509 Certificate",))
    assert case.name == "change-over from Legacy"
    assert "only then press Finish" in str(case.lines[-1])


@pytest.mark.full
def test_a_self_hosted_flex_is_to_be_deployed_too(tmp_path: Path) -> None:
    stage = Stage(tmp_path, changes={"flex": {"self_hosted": [OWN]}})
    asyncio.run(onboard(stage, until="05"))
    words = shown(stage)[2]
    assert "X.509 Certificate, Default Redirect URL and Trusted URLs; Save" in words
    assert "put the appConfig block from below into it, and deploy it" in words


SELF_HOSTED = {"flex": {"self_hosted": [OWN]}}


def test_what_a_person_pasted_is_not_said_to_be_read_back(before: Callable[[str], Stage]) -> None:
    async def paste() -> str:
        session = await before("06").open()
        plan = await flex_console.plan(session)
        return text_of(await flex_console.apply(session, plan, session.approval(plan)))

    text = " ".join(asyncio.run(paste()).split())
    assert "3 changes made" in text
    assert "a person’s word" in text
    assert "Read back" not in text


def test_nobody_is_asked_to_do_again_what_nobody_has_said_to_have_done(before: Callable[[str], Stage]) -> None:
    stage = before("06")
    stage.changes |= SELF_HOSTED
    plan, evidence = asyncio.run(look(stage, "06"))
    waits = [each for each in evidence.findings if each.state == "waiting"]
    assert [each.check for each in waits][:5] == ["D21", "D22", "D23", "D27", "D28"]
    assert not any("again" in each.fix or "three" in each.fix for each in waits)
    assert "three" not in plan.asks.lower()
    assert "paste the old one" not in " ".join(change.undo for change in plan.open)  # nobody knows it


def test_where_no_login_starts_nothing_is_said_of_what_flex_asks_for(before: Callable[[str], Stage]) -> None:
    _, evidence = asyncio.run(look(before("06"), "06"))
    asks = finding(evidence, "F38")
    assert asks.state == "unknown"
    assert asks.received != "nothing"


def test_what_was_pasted_before_can_be_pasted_back(configured: Stage) -> None:
    stale = State(attested_sha256="00", attested_issuer="old", attested_sso_url="old")
    assert {row.undo for row in three_values(stale)} == {"Flex Console keeps no earlier value; paste the old one back"}
