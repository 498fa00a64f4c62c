"""People given otherwise than Entra knows them, or of whom it knows too little: said wherever they are named."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from onboarding import STEPS, finding, forget_sign_ons, proof
from stage import Stage

from flexsso_helpers.commands.judge.live_tenant import live_tenant
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections import claims
from flexsso_helpers.session import Session

RHEA, BO = "rhea.reader@contoso.com", "bo.agent@contoso.com"
GIVEN = "rhea@fabrikam.com"
NEAR = f"{GIVEN} is a mail address of {RHEA}: write the user name."


def changed(world: World, name: str, **fields: Any) -> World:
    world = world.copy()
    user = objects.user_by_name(world, name)
    assert user
    world.store.put("user", user["id"], {**user, **fields}, at=world.clock.now)
    world.advance(600.0)
    return world


@pytest.fixture
def by_mail(proved_world: World) -> World:
    """Rhea's mail address is another one than her user name."""
    return changed(proved_world, RHEA, mail=GIVEN)


def evidence_of(stage: Stage, number: str) -> Evidence:
    async def prove() -> Evidence:
        return await proof(await stage.open(apply=False), number)

    return asyncio.run(prove())


ASSIGNED = {"assignments": {"users": [{"user": GIVEN, "role": "agent"}], "groups": []}}


@pytest.mark.parametrize(
    ("number", "check", "changes"),
    [("00", "D24", ASSIGNED), ("07", "D24", ASSIGNED), ("08", "D30", {"test_sign_ons": [GIVEN]})],
)
def test_whoever_is_given_by_a_mail_address_is_named(
    number: str, check: str, changes: dict[str, Any], by_mail: World, tmp_path: Path
) -> None:
    found = evidence_of(Stage(tmp_path, world=by_mail, changes=changes), number)
    assert any(NEAR in each.fix for each in found.findings if each.check == check and each.state == "wrong")


def test_the_judge_and_the_preview_name_the_person_too(by_mail: World, tmp_path: Path) -> None:
    async def asked() -> tuple[str, str]:
        session: Session = await Stage(tmp_path, world=by_mail).open()
        with pytest.raises(ParametersError) as caught:
            await live_tenant(session, user=GIVEN)
        return caught.value.fix, (await claims.preview(session, GIVEN)).text

    fix, preview = asyncio.run(asked())
    assert fix.endswith(NEAR)
    assert NEAR in " ".join(preview.split())


def test_a_mark_that_nobody_sees_in_a_name_of_the_command_line_is_shown(configured: Stage) -> None:
    async def asked() -> str:
        with pytest.raises(ParametersError) as caught:
            await live_tenant(await configured.open(), user="bo\u200b.agent@contoso.com")
        return caught.value.fix

    assert asyncio.run(asked()).endswith(
        "“bo[U+200B].agent@contoso.com” is nearly bo.agent@contoso.com: write it without what nobody sees."
    )


@pytest.mark.parametrize(
    "typed", ["bo\u200b.agent@contoso.com", "mailto:bo.agent@contoso.com", "Bo <bo.agent@contoso.com>"]
)
def test_a_name_typed_for_the_preview_is_looked_at_like_one_of_the_file(typed: str, configured: Stage) -> None:
    async def problem() -> str:
        form = claims.form(await configured.open())
        form.inputs["preview"].value = typed
        return form.problems()["preview"]

    assert asyncio.run(problem()).endswith(BO)


@pytest.mark.thinned(2)
@pytest.mark.parametrize("number", ["00", "07"])
def test_a_person_without_a_display_name_is_named_beforehand(number: str, proved_world: World, tmp_path: Path) -> None:
    found = evidence_of(Stage(tmp_path, world=changed(proved_world, BO, displayName=" ")), number)
    said = finding(found, "S56", "Without a display name")
    assert (said.received, said.fix.split(" in Entra")[0]) == (BO, "Fill in the display name")


def test_after_the_sign_on_of_such_a_person_the_fix_is_in_entra_too(proved_world: World, tmp_path: Path) -> None:
    world = changed(proved_world, BO, displayName="")
    forget_sign_ons(world)

    async def sign_on() -> Evidence:
        session = await Stage(tmp_path, world=world, changes={"test_sign_ons": [BO]}).open()
        plan = await STEPS["08"].plan(session)
        await STEPS["08"].apply(session, plan, session.approval(plan))
        return await proof(session, "08")

    found = asyncio.run(sign_on())
    assert (
        finding(found, "S55").fix
        == "00 · Start here: fill in the person's display name in Entra; the claims are right."
    )
