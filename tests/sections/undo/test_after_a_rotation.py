"""An undo after the certificate was exchanged: what was active before is active again, and what is gone is said."""

import asyncio
from pathlib import Path

import pytest
from as_it_was import Managed, managed
from onboarding import BY_HAND, change_principal, made_by_hand, onboard, open_settings, principal
from rotating import DAY, keys, run
from stage import Stage, approved

from flexsso_helpers.plan import Evidence, Plan
from flexsso_helpers.rehearsal.directory.credentials import make_certificate, thumbprint_of
from flexsso_helpers.sections import undo


def undone(stage: Stage, *, removals: bool = True) -> tuple[Plan, Evidence]:
    async def go() -> tuple[Plan, Evidence]:
        session = await stage.open()
        plan = await undo.plan(session)
        names = [change.setting for change in plan.open if change.by_name and removals]
        await undo.apply(session, plan, approved(plan, *names))
        return plan, await undo.verify(await stage.open())

    done = asyncio.run(go())
    stage.world.advance(600.0)
    return done


@pytest.fixture
def adopted(tmp_path: Path) -> tuple[Stage, str, Managed]:
    """Somebody's application with a certificate of theirs, set up, and exchanged for another one; how it was before."""
    stage = Stage(tmp_path)
    stage.changes = {"application": {"app_id": made_by_hand(stage.world)}}
    now = stage.world.clock.now
    theirs = make_certificate(stage.world, name="CN=Theirs", start=now - 90 * DAY, end=now + 900 * DAY)
    change_principal(
        stage.world, BY_HAND, keyCredentials=theirs.keys, passwordCredentials=[theirs.password],
        preferredTokenSigningKeyThumbprint=theirs.thumbprint.lower(),
    )  # fmt: skip
    before = managed(stage.world)
    asyncio.run(onboard(stage))
    for phase in ("stage", "activate"):
        run(stage, phase)
    return stage, theirs.thumbprint.lower(), before


@pytest.mark.full
def test_the_one_from_before_is_active_again_and_everything_as_it_was(adopted: tuple[Stage, str, Managed]) -> None:
    stage, theirs, before = adopted
    assert principal(stage.world, BY_HAND)["preferredTokenSigningKeyThumbprint"] != theirs
    plan, evidence = undone(stage)
    assert "Active certificate" in open_settings(plan)
    assert managed(stage.world) == before
    assert evidence.outcome in (0, 2)
    writes = stage.writes
    again, _ = undone(stage)
    assert (again.open, stage.writes) == ((), writes)


@pytest.mark.full
def test_without_a_name_the_new_one_stays_beside_it(adopted: tuple[Stage, str, Managed]) -> None:
    stage, theirs, _ = adopted
    undone(stage, removals=False)
    entry = principal(stage.world, BY_HAND)
    assert entry["preferredTokenSigningKeyThumbprint"] == theirs
    assert len({thumbprint_of(key) for key in entry["keyCredentials"]}) == 2


@pytest.mark.full
def test_one_that_was_cleaned_up_cannot_come_back_and_the_undo_says_so(adopted: tuple[Stage, str, Managed]) -> None:
    stage, theirs, before = adopted
    stage.world.advance(30 * DAY)
    run(stage, "clean_up", "all")
    ours = principal(stage.world, BY_HAND)["preferredTokenSigningKeyThumbprint"]
    assert theirs not in {thumbprint_of(key) for key in principal(stage.world, BY_HAND)["keyCredentials"]}
    plan, _ = undone(stage)
    entry = principal(stage.world, BY_HAND)
    assert entry["preferredTokenSigningKeyThumbprint"] == ours  # people go on signing on
    assert "Active certificate" not in open_settings(plan)
    shown = str(plan._repr_mimebundle_()["text/plain"])
    assert f"{theirs[:4].upper()}…{theirs[-4:].upper()}" in shown, shown
    after = managed(stage.world)
    differing = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert {name.split()[-1] for name in differing} == {"certificates", "preferredTokenSigningKeyThumbprint"}


@pytest.mark.full
def test_what_we_made_goes_with_both_certificates(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    before = managed(stage.world)
    asyncio.run(onboard(stage))
    for phase in ("stage", "activate"):
        run(stage, phase)
    active, others = keys(stage.world)
    assert active not in others
    undone(stage)
    assert managed(stage.world) == before
