"""Logins that begin at My Apps, and a self-hosted Flex: entered by hand, attested, and tried in rehearsal."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from onboarding import STEPS, finding, look, onboard, open_settings, wrong
from stage import Stage
from test_migration_stages import BO, LINK, from_my_apps

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import from_mapping, load
from flexsso_helpers.person import SimulatedPerson
from flexsso_helpers.rehearsal.flex import workers
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.flex_console import self_hosting
from flexsso_helpers.sections.flex_console import step as flex_console

OWN = "https://flex.contoso.example.com"
HOSTED = {"flex": {"landing": LINK}}
SELF = {"flex": {"self_hosted": [OWN, "http://localhost:3000"]}}
REHEARSAL = Path(__file__).parent.parent.parent / "parameters" / "rehearsal.yaml"


def made(folder: Path, changes: dict[str, Any]) -> tuple[World, Any]:
    stage = Stage(folder, changes=changes)
    done = asyncio.run(onboard(stage))
    stage.world.advance(60.0)
    return stage.world, done


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Any]:
    return made(tmp_path_factory.mktemp("hosted"), HOSTED)


@pytest.fixture(scope="module")
def self_hosted(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Any]:
    return made(tmp_path_factory.mktemp("self"), SELF)


@pytest.mark.full
def test_with_a_landing_page_a_response_that_nobody_asked_for_is_accepted(
    hosted: tuple[World, Any], tmp_path: Path
) -> None:
    world, done = hosted
    entered, opened = finding(done["06"][2], "D27"), finding(done["08"][2], "D27")
    assert (entered.state, opened.state, opened.backed) == ("said", "said", True)
    assert opened.received == "opened Flex"
    assert from_my_apps(Stage(tmp_path, world=world.copy())) == "Signed in to Flex"


@pytest.mark.full
def test_without_one_a_tile_on_my_apps_leads_nowhere(tmp_path: Path) -> None:
    world, _ = made(tmp_path, {})
    assert from_my_apps(Stage(tmp_path, world=world)) != "Signed in to Flex"


@pytest.mark.full
def test_a_self_hosted_flex_starts_a_login_of_its_own_and_ends_it(
    self_hosted: tuple[World, Any], tmp_path: Path
) -> None:
    stage = Stage(tmp_path, world=self_hosted[0].copy())
    seen = asyncio.run(SimulatedPerson(user=BO, rehearsal_client=stage.rehearsal_client).sign_on(OWN, BO))
    assert seen is not None
    assert (seen.signed_in, seen.said) == (True, "signed in to Flex")
    elsewhere = stage.rehearsal_client.browser().get(
        stage.rehearsal_client.face("https://elsewhere.example.com"), timeout=10
    )
    assert (elsewhere.status_code, "plays no such host" in elsewhere.text) == (421, True)


@pytest.mark.full
def test_a_tile_leads_to_a_self_hosted_flex_too(tmp_path: Path) -> None:
    world, done = made(tmp_path, {"flex": {"landing": OWN, "self_hosted": [OWN]}})
    assert (finding(done["08"][2], "D27").state, done["08"][2].outcome) == ("said", 2)
    assert from_my_apps(Stage(tmp_path, world=world)) == "Signed in to Flex"


@pytest.mark.full
def test_a_second_run_plans_nothing(self_hosted: tuple[World, Any], tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=self_hosted[0].copy(), changes=SELF)
    before = stage.writes
    plan, evidence = asyncio.run(look(stage, "06"))
    assert (open_settings(plan), wrong(evidence), stage.writes) == ([], [], before)  # type: ignore[arg-type]


@pytest.mark.full
def test_the_block_for_app_config_is_made_of_what_flex_reports(self_hosted: tuple[World, Any], tmp_path: Path) -> None:
    async def go() -> dict[str, str]:
        session = await Stage(tmp_path, world=self_hosted[0].copy(), changes=SELF).open()
        return {field["label"]: field["value"] for field in (await flex_console.values(session)).fields}

    shown = asyncio.run(go())
    block = json.loads(shown["appConfig of the self-hosted Flex"])
    assert block["oauth"]["connection"] == self_hosted[0].store.all("flex_connection")[0]["sid"]
    assert block["oauth"]["clientId"].startswith("XVO")
    assert block["oauth"]["redirectUrl"] == shown["Default Redirect URL"] == OWN
    assert shown["Trusted URLs"] == f"{OWN} http://localhost:3000"


@pytest.mark.full
@pytest.mark.parametrize(
    ("flex", "planned", "checks"),
    [
        ({"self_hosted": [OWN, "https://other.contoso.example.com"]}, ["Trusted URLs"], ["D28"]),
        ({"landing": LINK}, ["Default Redirect URL"], ["D27"]),
    ],
    ids=["another trusted URL", "another landing page"],
)
def test_what_differs_from_the_file_is_named(
    flex: dict[str, Any],
    planned: list[str],
    checks: list[str],
    self_hosted: tuple[World, Any],
    tmp_path: Path,
) -> None:
    stage = Stage(tmp_path, world=self_hosted[0].copy(), changes={"flex": SELF["flex"] | flex})

    async def see() -> tuple[Any, Any]:
        session = await stage.open(apply=False)
        return await STEPS["06"].plan(session), (await STEPS["06"]._examined(session))[1]

    plan, evidence = asyncio.run(see())
    assert (open_settings(plan), wrong(evidence)) == (planned, checks)


@pytest.mark.parametrize(
    ("reported", "client_id", "state"),
    [("JQ1", "XVO1", "holds"), ("JQ2", "XVO1", "wrong"), ("JQ1", "", "wrong"), ("", "", "waiting")],
    ids=["as configured", "another connection", "no client id", "not saved in Console yet"],
)
def test_the_block_is_held_against_what_flex_reports(reported: str, client_id: str, state: str) -> None:
    landing = self_hosting.Landing(trusted=(OWN,), attested_trusted=(OWN,), reported=reported, client_id=client_id)
    last = self_hosting.findings(landing, "JQ1", "by ada.admin@contoso.com", backed=False)[-1]
    assert (last.title, last.state) == ("Connection in the appConfig block, as Flex reports it", state)


@pytest.mark.parametrize(
    ("flex", "says"),
    [
        ({"self_hosted": ["https://*.contoso.example.com"]}, "has a wildcard"),
        ({"self_hosted": ["http://flex.contoso.example.com"]}, "begins with https://"),
        ({"self_hosted": [OWN], "mode": "legacy"}, "is for mode enhanced"),
        ({"self_hosted": [OWN, OWN]}, "a second time"),
    ],
    ids=["wildcard", "not https", "beside legacy", "twice"],
)
def test_an_address_that_flex_console_would_refuse_is_refused_in_the_file(flex: dict[str, Any], says: str) -> None:
    plain = load(REHEARSAL).model_dump(mode="json", exclude_unset=True)
    with pytest.raises(ParametersError) as caught:
        from_mapping(plain | {"flex": plain["flex"] | flex})
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "state"), [({}, "holds"), (SELF, "wrong")], ids=["hosted by Twilio", "self-hosted"]
)
def test_a_self_hosted_flex_needs_a_newer_ui(changes: dict[str, Any], state: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path, changes=changes)
    home = workers.account(stage.world)
    stage.world.store.put("flex_account", home["sid"], home | {"ui_version": "2.6.0"}, at=stage.world.clock.now)
    stage.world.advance(60.0)
    found = finding(asyncio.run(look(stage, "00"))[1], "F07")
    assert (found.state, found.received) == (state, "2.6.0")
