"""One person in two letter cases: file, Entra and Flex may each write a name in their own (F87)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from onboarding import STEPS, finding, forget_sign_ons, look, proof, wrong
from stage import Stage

from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.flex import workers
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.claims.sign_on_forecast import forecast
from flexsso_helpers.sections.sign_on import capture

BO = "bo.agent@contoso.com"
CAPITALS = "Bo.Agent@Contoso.com"


def mail(world: World, address: str) -> None:
    user = objects.user_by_name(world, BO)
    assert user
    world.store.put("user", user["id"], {**user, "mail": address}, at=world.clock.now)
    world.advance(600.0)


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("in_entra", "at_flex"), [(BO, BO), (CAPITALS, BO), (BO, CAPITALS)])
def test_a_worker_in_the_way_is_named_whatever_its_letters(
    in_entra: str, at_flex: str, before: Callable[[str], Stage], tmp_path: Path
) -> None:
    world = before("08").world
    workers.create(world, at_flex, "{}")
    mail(world, in_entra)

    async def sign_on() -> tuple[Evidence, str]:
        session = await Stage(tmp_path, world=world, changes={"test_sign_ons": [BO]}).open()
        foreseen = (await forecast(session)).html
        plan = await STEPS["08"].plan(session)
        await STEPS["08"].apply(session, plan, session.approval(plan))
        return await proof(session, "08"), foreseen

    evidence, foreseen = asyncio.run(sign_on())
    advice = finding(evidence, "D29", "Sign-on of").fix
    assert f"A worker {at_flex} is there that no sign-on of {in_entra} made" in advice
    assert "paste the values" not in advice
    assert ("The worker’s name differs in letter case" in foreseen.replace("&#x27;", "’")) is (in_entra != at_flex)
    assert "This sign-on would make a second worker" not in foreseen


def test_a_proof_holds_for_a_name_that_the_file_now_writes_in_other_letters(configured: Stage, tmp_path: Path) -> None:
    _, evidence = asyncio.run(
        look(Stage(tmp_path, world=configured.world, changes={"test_sign_ons": [CAPITALS]}), "08")
    )
    assert isinstance(evidence, Evidence)
    assert finding(evidence, "D29", f"Sign-on of {CAPITALS}").state == "holds"
    assert wrong(evidence) == []


def test_capture_finds_the_person_of_the_file_in_any_letters(proved_world: World, tmp_path: Path) -> None:
    world = proved_world.copy()
    forget_sign_ons(world)

    async def planned() -> str:
        session = await Stage(tmp_path, world=world).open()
        await capture.plan(session, CAPITALS)
        return session.memory(capture.Capture).user

    assert asyncio.run(planned()) == BO
