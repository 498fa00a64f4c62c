"""A start at the tile on My Apps (D27): tried in 08 where the file asks for it, once; a person there ticks it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from onboarding import (
    STEPS,
    application,
    change_application,
    change_console,
    change_desk,
    finding,
    look,
    onboard,
    open_settings,
    outcomes,
)
from stage import Stage

from flexsso_helpers.person import PersonAtTheConsole
from flexsso_helpers.plan import Evidence, Plan
from flexsso_helpers.rehearsal.world import journal
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.sign_on import my_apps_tile
from flexsso_helpers.sections.sign_on import step as sign_on
from flexsso_helpers.session import Session

OTHER = "https://elsewhere.example.com/acs"
LINK = "https://flex.twilio.com/contoso-1234"
HOSTED: dict[str, Any] = {"flex": {"landing": LINK}}
SIGN_ONS = tuple(f"Sign-on of {name}@contoso.com" for name in ("ada.admin", "sol.supervisor", "bo.agent"))


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world after an onboarding whose file asks for a landing page; not to be changed."""
    stage = Stage(tmp_path_factory.mktemp("hosted"), changes=HOSTED)
    assert set(outcomes([each[2] for each in asyncio.run(onboard(stage)).values()]).values()) <= {0, 2}
    stage.world.advance(600.0)
    return stage.world


def forget(world: World, *blocks: str) -> None:
    values = journal.tenant_values(world)
    for block in blocks:
        values["attested"].pop(block)
    journal.keep_tenant_values(world, values)


def seen(stage: Stage) -> tuple[Plan, Evidence]:
    plan, evidence = asyncio.run(look(stage, "08"))
    assert isinstance(evidence, Evidence)
    return plan, evidence


def again(stage: Stage) -> Evidence:
    """08 once more, written and judged."""

    async def go() -> Evidence:
        session = await stage.open()
        plan = await STEPS["08"].plan(session)
        await STEPS["08"].apply(session, plan, session.approval(plan))
        return (await STEPS["08"]._examined(session))[1]

    return asyncio.run(go())


@pytest.mark.full
def test_a_start_that_opened_flex_is_noted_and_not_tried_again(hosted: World, tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=hosted.copy(), changes=HOSTED)
    before = stage.writes
    plan, evidence = seen(stage)
    assert (open_settings(plan), evidence.outcome) == ([], 0)
    found = finding(evidence, "D27")
    assert (found.state, found.configured, found.backed) == ("said", f"opens Flex at {LINK}", True)
    assert found.said == "by ada.admin@contoso.com (simulated) on 2026-11-02"
    assert stage.writes == before  # sign-ins are counted too


@pytest.mark.full
def test_what_is_noted_names_the_addresses_and_nobody_who_signed_in(hosted: World) -> None:
    noted = dict(journal.tenant_values(hosted)["attested"]["tile"])
    assert noted.pop("at").startswith("2026-11-02T")
    assert noted == {
        "by": "ada.admin@contoso.com (simulated)",
        "leads_to": "https://login.flex.us1.twilio.com/login/callback?connection=JQf1e55000000000000000000000000001",
        "lands_at": LINK,
    }


@pytest.mark.full
@pytest.mark.parametrize(
    ("spoil", "flex", "planned"),
    [
        (lambda world: change_desk(world, tile={"at": "2026-11-01T08:00:00Z"}), LINK, [my_apps_tile.SETTING]),
        (
            lambda world: change_desk(world, tile={"leads_to": "https://elsewhere.example.com/acs"}),
            LINK,
            [my_apps_tile.SETTING],
        ),
        (lambda _world: None, "https://flex.contoso.example.com", [my_apps_tile.SETTING]),
        (lambda world: forget(world, "tile", "sign_on"), LINK, [*SIGN_ONS, my_apps_tile.SETTING]),
    ],
    ids=["older than the certificate", "led elsewhere", "lands elsewhere now", "never"],
)
def test_a_start_that_says_nothing_any_more_is_to_be_tried_again(
    spoil: Callable[[World], None], flex: str, planned: list[str], hosted: World, tmp_path: Path
) -> None:
    world = hosted.copy()
    spoil(world)
    plan, evidence = seen(Stage(tmp_path, world=world, changes={"flex": {"landing": flex}}))
    assert open_settings(plan) == planned
    assert finding(evidence, "D27").state == "waiting"


@pytest.mark.full
def test_a_start_stays_noted_whatever_the_order_in_which_reply_urls_are_read(hosted: World, tmp_path: Path) -> None:
    world = hosted.copy()
    web = application(world)["web"]
    several = {"redirectUris": [*web["redirectUris"], OTHER], "redirectUriSettings": []}
    change_application(world, defaultRedirectUri=None, web=web | several)
    world.advance(600.0)
    forget(world, "tile")
    stage = Stage(tmp_path, world=world, changes=HOSTED)
    again(stage)
    for order in ("kept", "turned"):
        world.quirks.chosen["list_order"] = order
        assert my_apps_tile.SETTING not in open_settings(seen(stage)[0]), order


@pytest.mark.parametrize(
    ("spoil", "quirks"),
    [
        (lambda world: change_console(world, default_redirect_url=""), {}),
        (lambda _world: None, {"idp_initiated": "refused"}),
    ],
    ids=["no default redirect URL any more", "a connection that takes no such response"],
)
def test_a_tile_that_leads_to_a_refusal_fails_with_the_refusal(
    spoil: Callable[[World], None], quirks: dict[str, str], hosted: World, tmp_path: Path
) -> None:
    world = World(hosted.store.copy(), quirks=quirks)
    spoil(world)
    forget(world, "tile")
    evidence = again(Stage(tmp_path, world=world, changes=HOSTED))
    found = finding(evidence, "D27")
    assert (found.state, evidence.outcome) == ("wrong", 1)
    assert "signed in" not in found.received
    assert "Default Redirect URL" in found.fix
    assert "tile" not in journal.tenant_values(world)["attested"]
    assert [each.check for each in evidence.findings if each.fails] == ["D27"]


def test_without_a_landing_page_nothing_is_tried_and_the_proof_says_so(configured: Stage) -> None:
    plan, evidence = seen(configured)
    assert my_apps_tile.SETTING not in {change.setting for change in plan.changes}
    found = finding(evidence, "D27")
    assert (found.level, found.state, evidence.outcome) == ("info", "unknown", 0)  # nobody has seen it
    assert "flex.landing" in found.received


def test_on_legacy_nobody_is_kept_waiting_for_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path, changes={"flex": {"mode": "legacy"}})

    async def go() -> list[bool]:
        session = await stage.open(apply=False)
        simulated = my_apps_tile.asked_for(session.tenant)
        session.person = PersonAtTheConsole("ada.admin@contoso.com")
        return [simulated, my_apps_tile.asked_for(session.tenant)]

    assert asyncio.run(go()) == [False, False]
    found = my_apps_tile.findings(my_apps_tile.Tile(legacy=True), "", None, proved=())
    assert [(each.received, each.state) for each in found] == [
        ("not tried: Legacy takes it without a setting", "unknown")
    ]


async def with_a_human(stage: Stage) -> Session:
    session = await stage.open(apply=False)
    session.person = PersonAtTheConsole("ada.admin@contoso.com")
    return session


@pytest.mark.parametrize("ticked", [True, False], ids=["ticked", "not ticked"])
def test_a_person_opens_it_and_ticks_that_flex_has_opened(ticked: bool, hosted: World, tmp_path: Path) -> None:
    world = hosted.copy()
    forget(world, "tile")
    stage = Stage(tmp_path, world=world, changes=HOSTED)

    async def go() -> Evidence:
        session = await with_a_human(stage)
        form = sign_on.responses(session)
        assert form.inputs[my_apps_tile.KEY].description == "The tile on My Apps opened Flex"
        form.inputs[my_apps_tile.KEY].value = ticked
        plan = await STEPS["08"].plan(session)
        assert open_settings(plan) == [my_apps_tile.SETTING]
        cell = session.approval(plan)
        cell._box.tick.value = True
        await STEPS["08"].apply(session, plan, cell)
        return await STEPS["08"].verify(session)

    evidence = asyncio.run(go())
    found = finding(evidence, "D27")
    if ticked:
        assert (found.state, found.said, found.backed) == ("said", "by ada.admin@contoso.com", True)
        assert journal.tenant_values(world)["attested"]["tile"]["by"] == "ada.admin@contoso.com"
    else:
        assert (found.state, evidence.outcome) == ("waiting", 3)
        assert "https://launcher.myapps.microsoft.com/api/signin/" in found.fix
        assert "tile" not in journal.tenant_values(world)["attested"]


def test_the_form_asks_about_the_tile_only_where_the_file_asks_for_it(configured: Stage) -> None:
    async def go() -> list[str]:
        return list(sign_on.responses(await with_a_human(configured)).inputs)

    assert my_apps_tile.SETTING not in asyncio.run(go())
