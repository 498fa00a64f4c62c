"""A tenant that stays on Legacy single sign-on for now: the whole runbook proves it, and says what replaces it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from legacy_play import IDENTIFIER, LEGACY, REPLY_URL, on_legacy
from onboarding import DOCUMENTED, STEPS, application, change_application, finding, look, onboard, open_settings, wrong
from stage import Stage

from flexsso_helpers.rehearsal.flex import legacy_realm
from flexsso_helpers.rehearsal.world.world import World

ENHANCED_URL = "https://login.flex.us1.twilio.com/login/callback?connection=JQf1e55000000000000000000000000099"


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, dict[str, Any]]:
    """The world after one whole run on Legacy, and the run; not to be changed."""
    stage = on_legacy(tmp_path_factory.mktemp("legacy"))
    done = asyncio.run(onboard(stage))
    stage.world.advance(600.0)
    return stage.world, done


@pytest.mark.full
def test_everything_is_proved_by_sign_ons_through_legacy(proved: tuple[World, dict[str, Any]]) -> None:
    world, done = proved
    assert {number: evidence.outcome for number, (_, _, evidence) in done.items()} == dict.fromkeys(DOCUMENTED, 2)
    entry = application(world)
    assert (entry["web"]["redirectUris"], entry["identifierUris"]) == ([REPLY_URL], [IDENTIFIER])
    basic = done["02"][2]
    assert finding(basic, "D04").state == finding(basic, "D06").state == "holds"
    signed_on = done["08"][2]
    assert [each.state for each in signed_on.findings if each.title.startswith("Sign-on of")] == ["holds"] * 3
    assert {each.state for each in signed_on.findings if each.check == "D32"} == {"holds"}
    assert world.store.all("flex_connection") == []


@pytest.mark.full
def test_it_is_said_that_legacy_ends_and_what_replaces_it(proved: tuple[World, dict[str, Any]], tmp_path: Path) -> None:
    world, done = proved
    start = asyncio.run(look(Stage(tmp_path, world=world.copy(), changes=LEGACY), "00"))[1]
    for evidence in (start, done["02"][2], done["06"][2]):
        said = finding(evidence, "F120")
        assert (said.level, said.state) == ("warning", "wrong")
        assert "Enhanced (OAuth 2.0) replaces it" in said.fix
        assert "Start" in said.fix or "New SSO Solution" in said.fix


@pytest.mark.full
def test_a_second_run_plans_nothing_and_writes_nothing(proved: tuple[World, dict[str, Any]], tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=proved[0].copy(), changes=LEGACY)
    before = stage.writes
    again = asyncio.run(onboard(stage))
    assert {number: open_settings(plan) for number, (plan, _, _) in again.items()} == {n: [] for n in DOCUMENTED}
    assert {number: evidence.outcome for number, (_, _, evidence) in again.items()} == dict.fromkeys(DOCUMENTED, 0)
    assert stage.writes == before


def web(**fields: Any) -> Callable[[World], None]:
    return lambda world: change_application(world, web=application(world)["web"] | fields)


def app(**fields: Any) -> Callable[[World], None]:
    return lambda world: change_application(world, **fields)


def realm(**fields: Any) -> Callable[[World], None]:
    def change(world: World) -> None:
        found = legacy_realm.realm(world)
        assert found is not None
        world.store.put("flex_legacy", found["sid"], found | fields, at=world.clock.now)

    return change


def retired(world: World) -> None:
    world.choose({"legacy": "retired"})


@pytest.mark.full
@pytest.mark.parametrize(
    ("section", "spoil", "checks"),
    [
        ("00", retired, ["F115", "S56", "S47", "S61", "F120"]),
        ("02", web(redirectUris=[ENHANCED_URL]), ["D04", "F120"]),
        ("02", app(identifierUris=[REPLY_URL]), ["D06", "F120"]),
        ("06", retired, ["F115", "S32", "S35", "S33", "F120"]),
        ("06", realm(sso_url="https://login.microsoftonline.com/f1e55000-0000-4000-8000-000000000002/saml2"),
         ["S32", "F120"]),
    ],
    ids=["legacy-is-retired", "reply-url-of-enhanced", "identifier-of-the-preview-era", "retired-since",
         "console-leads-to-another-tenant"],
)  # fmt: skip
def test_one_wrong_setting_is_named(
    section: str,
    spoil: Callable[[World], None],
    checks: list[str],
    proved: tuple[World, dict[str, Any]],
    tmp_path: Path,
) -> None:
    world = proved[0].copy()
    spoil(world)
    _, evidence = asyncio.run(look(Stage(tmp_path, world=world, changes=LEGACY), section))
    assert wrong(evidence) == checks  # type: ignore[arg-type]


def test_where_legacy_is_retired_the_runbook_refuses_with_the_way_out(tmp_path: Path) -> None:
    stage = on_legacy(tmp_path, quirk="retired")

    async def start() -> Any:
        session = await stage.open()
        return (await STEPS["00"]._examined(session))[1]

    evidence = asyncio.run(start())
    assert evidence.outcome == 1
    assert finding(evidence, "F115").fix.startswith("Legacy answers nobody for this account.")
