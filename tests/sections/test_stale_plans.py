"""What was approved is what is written: another plan, another tenant, a tenant that moved, and nothing happens."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from onboarding import (
    STEPS,
    application,
    change_application,
    change_principal,
    change_worker,
    open_settings,
    proof,
    unassign,
)
from stage import Stage, approved

from flexsso_helpers.errors import StalePlan
from flexsso_helpers.plan import Applied, Approval, Plan
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.views.shown import text_of

OTHER = "https://one.contoso.com/acs"

# (id, section, what makes it plan something, what then moves, what the message says)
MOVES: list[tuple[str, str, Callable[[World], None], Callable[[World], None], str]] = [
    (
        "another-setting-of-the-section",
        "02",
        lambda world: change_principal(world, appRoleAssignmentRequired=False),
        lambda world: change_principal(world, samlSingleSignOnSettings={"relayState": OTHER}),
        f"Relay state: was empty, is {OTHER}",
    ),
    (
        "the-very-setting",
        "02",
        lambda world: change_principal(world, appRoleAssignmentRequired=False),
        lambda world: change_principal(world, appRoleAssignmentRequired=True),
        "Assignment required: was no, is yes",
    ),
    (
        "something-that-was-not-there",
        "02",
        lambda world: change_principal(world, appRoleAssignmentRequired=False),
        lambda world: change_application(world, tokenEncryptionKeyId="f1e55000-0000-4000-8000-00000000cafe"),
        "Token encryption key f1e55000-0000-4000-8000-00000000cafe: was not there, is "
        "f1e55000-0000-4000-8000-00000000cafe",
    ),
    (
        "addresses",
        "03",
        lambda world: change_principal(world, notificationEmailAddresses=[]),
        lambda world: change_principal(world, notificationEmailAddresses=["it@contoso.com"]),
        "Expiry notifications go to: was none, is it@contoso.com",
    ),
    (
        "an-assignment",
        "07",
        lambda world: unassign(world, "Bo Agent"),
        lambda world: unassign(world, "Flex Supervisors"),
        "Group Flex Supervisors: was supervisor, is none",
    ),
    (
        "only-something-that-was-read",
        "01",
        lambda world: change_principal(world, tags=[]),
        lambda world: change_principal(world, accountEnabled=False),
        "something that was read for this plan, though none of its settings",
    ),
]


@pytest.mark.thinned(6)
@pytest.mark.parametrize(("number", "spoil", "move", "said"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES])
def test_a_tenant_that_moved_since_the_plan_is_not_written_to(
    number: str, spoil: Callable[[World], None], move: Callable[[World], None], said: str, configured: Stage
) -> None:
    spoil(configured.world)

    async def run() -> str:
        session = await configured.open()
        plan = await STEPS[number].plan(session)
        move(configured.world)
        with pytest.raises(StalePlan) as caught:
            await STEPS[number].apply(session, plan, session.approval(plan))
        assert len(str(caught.value).splitlines()) <= 12
        return str(caught.value)

    before = configured.writes
    message = asyncio.run(run())
    assert configured.writes == before
    assert message == (
        "The tenant has changed since this plan was made\n"
        "  What:     Between the plan and now this has moved:\n"
        f"            {said}\n"
        "  Why:      Somebody else, or another run, changed the tenant; nothing was written.\n"
        "  To do:    Run the Look cell again, read the new plan, and approve that.\n"
        f"  Notebook: {number}"
    )


def test_when_a_whole_section_moved_the_message_stays_short(configured: Stage) -> None:
    change_principal(configured.world, appRoleAssignmentRequired=False)

    async def run() -> str:
        session = await configured.open()
        plan = await STEPS["02"].plan(session)
        change_application(configured.world, identifierUris=[f"https://{n}.contoso.com" for n in range(20)])
        with pytest.raises(StalePlan) as caught:
            await STEPS["02"].apply(session, plan, session.approval(plan))
        return str(caught.value)

    lines = asyncio.run(run()).splitlines()
    assert len(lines) == 10
    assert lines[6].strip() == "… and 17 more"


def test_the_values_of_the_file_may_have_moved_too(configured: Stage) -> None:
    async def run() -> str:
        session = await configured.open()
        plan = await STEPS["03"].plan(session)
        session.record({("signing", "notification_addresses"): ["new@contoso.com"]})
        with pytest.raises(StalePlan) as caught:
            await STEPS["03"].apply(session, plan, session.approval(plan))
        return caught.value.what

    assert asyncio.run(run()).endswith(
        "Expiry notifications go to: should have been sso-owners@contoso.com, "
        "should be sso-owners@contoso.com, new@contoso.com"
    )


def test_a_read_that_only_lags_behind_is_waited_for(configured: Stage) -> None:
    """The plan is made on fresh reads; the next ones show the older state for some seconds, and then agree again."""

    async def run() -> Applied:
        session = await configured.open()
        world = configured.world
        change_principal(world, appRoleAssignmentRequired=False)
        plan = await STEPS["02"].plan(session)
        entry = world.store.all("servicePrincipal")
        mine = next(each for each in entry if each["displayName"].startswith("Twilio Flex"))
        now = world.clock.now
        world.store.put("servicePrincipal", mine["id"], mine | {"loginUrl": OTHER}, at=now - 2.0)
        # The reads of the next two seconds see the one before this.
        world.store.put("servicePrincipal", mine["id"], mine, at=now)
        return await STEPS["02"].apply(session, plan, session.approval(plan))

    assert [change.setting for change in asyncio.run(run()).made] == ["Assignment required"]


def spoiled(stage: Stage) -> Stage:
    change_principal(stage.world, appRoleAssignmentRequired=False, loginUrl=OTHER)
    return stage


def of_another_plan(plan: Plan) -> Approval:
    return approved(replace(plan, read="something else"))


def of_another_tenant(plan: Plan) -> Approval:
    return approved(replace(plan, target=replace(plan.target, tenant_id="f1e55000-0000-4000-8000-000000000002")))


def of_another_account(plan: Plan) -> Approval:
    return approved(replace(plan, target=replace(plan.target, account_sid="ACf1e55000000000000000000000000009")))


def of_another_section(plan: Plan) -> Approval:
    return approved(replace(plan, section="03"))


def unticked(plan: Plan) -> Approval:
    return replace(approved(plan, *open_settings(plan)), given=False)


@pytest.mark.parametrize(
    ("approval", "why"),
    [
        (of_another_plan, "the approval is for another plan"),
        (of_another_tenant, "the approval is for another plan"),
        (of_another_account, "the approval is for another plan"),
        (of_another_section, "the approval is for another plan"),
        (unticked, "not approved"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_an_approval_of_anything_else_writes_nothing(
    approval: Callable[[Plan], Approval], why: str, configured: Stage
) -> None:
    stage = spoiled(configured)

    async def run() -> Applied:
        session = await stage.open()
        plan = await STEPS["02"].plan(session)
        return await STEPS["02"].apply(session, plan, approval(plan))

    before = stage.writes
    applied = asyncio.run(run())
    assert (applied.made, applied.why_not) == ((), why)
    assert stage.writes == before


def test_the_box_is_ticked_by_the_start_of_the_run_or_by_hand_and_not_otherwise(configured: Stage) -> None:
    stage = spoiled(configured)

    async def run() -> None:
        session = await stage.open(apply=False)
        plan = await STEPS["02"].plan(session)
        box = session.approval(plan)
        assert box.read().given is False
        box._box.tick.value = True
        assert (box.read().given, box.read().by_hand) == (True, True)
        applied = await STEPS["02"].apply(session, plan, box)
        assert [change.setting for change in applied.made] == ["Assignment required", "Sign-on URL"]
        ticked = (await stage.open(apply=True)).approval(plan)
        assert (ticked.read().given, ticked.read().by_hand) == (True, False)

    asyncio.run(run())


def test_a_box_for_an_older_plan_does_not_serve_the_new_one(configured: Stage) -> None:
    stage = spoiled(configured)

    async def run() -> Applied:
        session = await stage.open()
        box = session.approval(await STEPS["02"].plan(session))
        change_principal(stage.world, loginUrl="https://two.contoso.com")
        return await STEPS["02"].apply(session, await STEPS["02"].plan(session), box)

    before = stage.writes
    assert asyncio.run(run()).made == ()
    assert stage.writes == before


def test_a_plan_applied_again_says_when_it_was_done_and_writes_nothing(configured: Stage) -> None:
    change_principal(configured.world, appRoleAssignmentRequired=False)

    async def run() -> None:
        session = await configured.open(apply=True)
        plan = await STEPS["02"].plan(session)
        first = await STEPS["02"].apply(session, plan, session.approval(plan))
        assert first.made
        before = configured.writes
        again = await STEPS["02"].apply(session, plan, session.approval(plan))
        assert configured.writes == before
        assert again.made == first.made
        assert "done already at " in text_of(again)
        assert "1 change made" in text_of(again)

    asyncio.run(run())


def test_a_box_names_a_removal_as_one_and_none_is_there_to_tick_where_nothing_is_planned(configured: Stage) -> None:
    async def boxes() -> tuple[str, str, bool]:
        session = await configured.open(apply=False)
        nothing = session.approval(await STEPS["02"].plan(session))
        web = application(configured.world)["web"]
        change_application(configured.world, web=web | {"redirectUris": [*web["redirectUris"], OTHER]})
        removal = session.approval(await STEPS["02"].plan(session))
        return text_of(nothing), text_of(removal), bool(nothing._box.tick.disabled)

    nothing, removal, disabled = asyncio.run(boxes())
    assert nothing.startswith("There is nothing to approve")
    assert disabled
    assert f"Remove Other reply URL {OTHER}: " in " ".join(removal.split())


def test_the_box_of_a_plan_keeps_its_tick_and_a_new_plan_has_none(configured: Stage) -> None:
    change_principal(configured.world, appRoleAssignmentRequired=False)

    async def run() -> None:
        session = await configured.open(apply=False)
        plan = await STEPS["02"].plan(session)
        session.approval(plan)._box.tick.value = True
        assert session.approval(plan).read().given
        assert not session.approval(await STEPS["02"].plan(session)).read().given

    asyncio.run(run())


def test_a_worker_of_somebody_else_may_change_without_making_the_plan_stale(before: Callable[[str], Stage]) -> None:
    stage = before("08")

    async def run() -> None:
        session = await stage.open()
        plan = await STEPS["08"].plan(session)
        change_worker(stage.world, "olga.owner@contoso.com", full_name="Olga O.")
        applied = await STEPS["08"].apply(session, plan, session.approval(plan))
        assert len(applied.made) == 3  # not one of the people who sign on here
        assert (await proof(session, "08")).outcome == 2

    asyncio.run(run())
