"""Certificates at the edges: dates that Graph does not tell, a plan over midnight, metadata that does not come."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from faults import Fault, Faulty
from onboarding import (
    DOCUMENTED,
    STEPS,
    certificates,
    change_principal,
    finding,
    look,
    onboard,
    open_settings,
    principal,
)
from stage import Stage, through

from flexsso_helpers.plan import Approval, Evidence
from flexsso_helpers.sections.signing import step as signing

METADATA = "(?i)/[^/]+/federationmetadata/2007-06/federationmetadata.xml"
MIDNIGHT = 86400.0


@pytest.mark.parametrize("gone", [{"endDateTime": None}, {"startDateTime": None, "endDateTime": None}])
def test_a_certificate_without_dates_is_neither_valid_nor_over(gone: dict[str, Any], configured: Stage) -> None:
    keys = [key | gone for key in principal(configured.world)["keyCredentials"]]
    change_principal(configured.world, keyCredentials=keys)
    plan, evidence = asyncio.run(look(configured, "03"))
    assert open_settings(plan) == []
    assert isinstance(evidence, Evidence)
    own = finding(evidence, "S24")
    assert (own.state, evidence.outcome) == ("unknown", 0)
    assert "dates not told" in own.received

    async def shown() -> str:
        return str((await signing.timeline(await configured.open()))._repr_mimebundle_()["text/plain"])

    assert "no dates" in asyncio.run(shown())


@pytest.mark.thinned(8)
@pytest.mark.parametrize("number", DOCUMENTED)
def test_a_plan_that_was_made_before_midnight_is_applied_after_it(number: str, before: Callable[[str], Stage]) -> None:
    """No section's plan holds anything that only the clock moved."""
    stage = before(number)
    world = stage.world
    world.advance(MIDNIGHT - world.clock.now % MIDNIGHT - 60.0)

    async def run() -> None:
        session = await stage.open()
        plan = await STEPS[number].plan(session)
        world.advance(120.0)
        assert (await STEPS[number].compare(session)).digest == plan.digest
        applied = await STEPS[number].apply(session, plan, Approval(digest=plan.digest, given=True))
        assert applied.made == plan.open

    asyncio.run(run())


@pytest.mark.full
@pytest.mark.parametrize("status", [404, 400])
def test_metadata_that_does_not_come_is_not_waited_for_in_vain(status: int, before: Callable[[str], Stage]) -> None:
    """The certificate is there and active; that its copy is not, is said, and the next run sees it."""
    stage = before("03")
    away = Fault(method="GET", path=METADATA, effect=False, status=status, times=999)
    _, applied, evidence = asyncio.run(onboard(stage, since="03", until="03", app=Faulty(stage.app, away)))["03"]
    assert "Token-signing certificate" in [change.setting for change in applied.made]
    assert evidence.outcome == 2
    assert finding(evidence, "S26").state == "unknown"
    assert len(certificates(principal(stage.world))) == 1
    _, _, again = asyncio.run(onboard(stage, since="03", until="03"))["03"]
    assert finding(again, "S26").state == "holds"
    assert again.outcome == 0


@pytest.mark.full
def test_what_cannot_be_read_at_all_is_not_waited_for(before: Callable[[str], Stage]) -> None:
    stage = before("03")
    away = Fault(method="GET", path=METADATA, effect=False, status=403, times=999)

    async def run() -> None:
        session = await stage.open(app=Faulty(stage.app, away))
        start = stage.world.clock.now
        _, _, evidence = await through(session, signing.STEP)
        assert finding(evidence, "S26").received.startswith("could not look")
        assert stage.world.clock.now - start < 600

    asyncio.run(run())
