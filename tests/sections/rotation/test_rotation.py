"""21 · Another certificate over a virtual year, each phase twice, and each wrong order explained."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from onboarding import change_console, change_desk, change_principal, finding, principal, wrong
from preparations import second_certificate
from rotating import DAY, keys, run
from stage import Stage

from flexsso_helpers.clouds import LIVE_CLOUDS
from flexsso_helpers.errors import ParametersError, StalePlan
from flexsso_helpers.plan import Change, Finding
from flexsso_helpers.rehearsal.directory.credentials import build_certificate, make_certificate, thumbprint_of
from flexsso_helpers.rehearsal.world import journal
from flexsso_helpers.rehearsal.world.clock import parse
from flexsso_helpers.resources.expiry import CLEAN_UP
from flexsso_helpers.saml.certificate import from_pem
from flexsso_helpers.sections import rotation
from flexsso_helpers.sections.rotation.step import STEPS


def twice(stage: Stage, phase: str) -> None:
    """Run again, a phase plans nothing and writes nothing."""
    before = stage.writes
    again = run(stage, phase)
    assert (again.settings, again.evidence.outcome) == ([], 0), again.evidence
    assert stage.writes == before


@pytest.mark.full
def test_a_certificate_is_exchanged_over_a_year(configured: Stage) -> None:
    world = configured.world
    first, _ = keys(world)
    world.advance(300 * DAY)
    done = run(configured, "stage")
    assert done.settings == ["Certificate beside the active one"]
    assert done.evidence.outcome == 2
    active, [second] = keys(world)
    assert active == first
    twice(configured, "stage")
    world.advance(3 * DAY)
    done = run(configured, "activate")
    assert done.settings == ["Active certificate"]
    assert keys(world) == (second, [first])
    assert done.evidence.outcome == 2
    assert finding(done.evidence, "D29").state == "holds"
    assert finding(done.evidence, "S27").state == "holds"
    twice(configured, "activate")
    world.advance(30 * DAY)
    without = run(configured, "clean_up")
    assert without.applied.made == ()
    assert keys(world) == (second, [first])
    done = run(configured, "clean_up", "all")
    assert len(done.applied.made) == 1
    assert keys(world) == (second, [])
    passwords = principal(world)["passwordCredentials"]
    assert len(passwords) == 1
    twice(configured, "clean_up")


@pytest.mark.full
def test_going_back_and_on_again(staged: Stage) -> None:
    first, [second] = keys(staged.world)
    run(staged, "activate")
    done = run(staged, "roll_back")
    assert keys(staged.world) == (first, [second])
    assert done.evidence.outcome == 2
    assert finding(done.evidence, "D29").state == "holds"
    twice(staged, "roll_back")
    assert run(staged, "activate").evidence.outcome == 2
    assert keys(staged.world) == (second, [first])


def test_activating_before_anybody_staged_changes_nothing(configured: Stage) -> None:
    before = configured.writes
    done = run(configured, "activate")
    assert (done.settings, done.evidence.outcome, configured.writes) == ([], 0, before)
    assert "phase stage makes another one" in done.plan.changes[0].reason


def test_a_phase_is_told_in_words(staged: Stage) -> None:
    assert "phase “roll back” goes back" in run(staged, "activate").plan.changes[0].reason
    titles = [step.title for step in STEPS.values()]
    assert [title.rpartition(" · ")[2] for title in titles] == ["stage", "activate", "roll back", "clean up"]
    assert not [title for title in titles if "_" in title]
    assert "_" not in CLEAN_UP


def test_nobody_to_go_back_to(configured: Stage) -> None:
    done = run(configured, "roll_back")
    assert done.settings == []
    assert "no valid certificate from before" in str(done.errors[0])
    assert "no valid certificate" in str(done.plan._repr_mimebundle_()["text/plain"])


def test_cleaning_up_waits_for_a_sign_on(staged: Stage) -> None:
    run(staged, "activate", paste=False)
    before = staged.writes
    done = run(staged, "clean_up", "all", paste=False)
    assert done.applied.made == ()
    assert staged.writes == before
    assert "08" in done.plan.changes[0].waits
    assert finding(done.evidence, "S27").fix.startswith("06 · Flex Console")
    assert done.evidence.outcome == 3


@pytest.mark.full
def test_pasted_before_it_was_activated(staged: Stage) -> None:
    """Somebody pastes the successor on another day: nobody can sign on, and 21 says what ends that."""
    world = staged.world
    _, [second] = keys(world)
    entry = next(
        each for each in principal(world)["keyCredentials"] if each["usage"] == "Sign" and thumbprint_of(each) == second
    )
    made = build_certificate(
        world, entry["keyId"], start=parse(entry["startDateTime"]), end=parse(entry["endDateTime"])
    )
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    change_console(world, certificate=pem)
    change_desk(world, console={"certificate_sha256": from_pem(pem).sha256})
    plan = run(staged, "activate", apply=False, paste=False)
    assert "nobody can sign on to Flex until this is made" in plan.plan.open[0].breaks
    assert "S27" in wrong(plan.evidence)
    done = run(staged, "activate")
    assert done.evidence.outcome == 2
    assert finding(done.evidence, "D29").state == "holds"


def test_another_certificate_was_pasted(staged: Stage) -> None:
    change_desk(staged.world, console={"certificate_sha256": "ab" * 32})
    done = run(staged, "activate", apply=False, paste=False)
    assert "none of these" in finding(done.evidence, "S27").received


@pytest.mark.full
def test_forgotten_until_it_expired(staged: Stage) -> None:
    """Entra signs with the successor by itself, which Flex does not know; activate and paste mend it."""
    first, [second] = keys(staged.world)
    staged.world.advance(800 * DAY)
    too_late = run(staged, "stage", paste=False)
    assert too_late.settings == []
    assert "no time to stage" in " ".join(too_late.plan.remarks)
    assert {"S24", "S30"} <= set(wrong(too_late.evidence))
    assert "AADSTS50146" in finding(too_late.evidence, "S24").received
    done = run(staged, "activate")
    assert keys(staged.world) == (second, [first])
    assert finding(done.evidence, "D29").state == "holds"
    assert done.evidence.outcome == 2
    assert run(staged, "clean_up", "all").applied.made


def test_expired_with_nothing_beside_it(configured: Stage) -> None:
    configured.world.advance(1200 * DAY)
    for phase in ("stage", "activate"):
        done = run(configured, phase, paste=False)
        assert done.settings == []
        assert "S24" in wrong(done.evidence)
        assert "03" in str(done.errors[0])


@pytest.mark.full
def test_two_wait_beside_it(staged: Stage) -> None:
    """Somebody staged one by hand too: the one that lasts longest is taken, and neither is removed as old."""
    asyncio.run(second_certificate(staged))
    done = run(staged, "stage")
    assert done.settings == []
    before = keys(staged.world)
    assert run(staged, "clean_up", "all").applied.made == ()
    assert keys(staged.world) == before


def test_made_in_the_portal_meanwhile_stops_the_approved_plan(staged: Stage) -> None:
    """What was approved is for the certificates that were read."""

    async def go() -> None:
        session = await staged.open()
        step = rotation.phase("activate")
        plan = await step.plan(session)
        await second_certificate(staged)
        with pytest.raises(StalePlan):
            await step.apply(session, plan, session.approval(plan))

    before = keys(staged.world)[0]
    asyncio.run(go())
    assert keys(staged.world)[0] == before


@pytest.mark.full
def test_a_portal_edit_between_the_phases_is_respected(staged: Stage) -> None:
    change_principal(staged.world, notificationEmailAddresses=["security@contoso.com"])
    run(staged, "activate")
    run(staged, "clean_up", "all")
    assert principal(staged.world)["notificationEmailAddresses"] == ["security@contoso.com"]


@pytest.mark.full
@pytest.mark.parametrize(
    ("name", "choice"),
    [
        ("lag", "long"),
        ("custom_key_identifier", "ascii_thumbprint"),
        ("lag", "none"),
        ("time_digits", "padded"),
        ("list_order", "changing"),
    ],
)
def test_in_tenants_that_answer_otherwise(name: str, choice: str, configured: Stage) -> None:
    configured.world.choose({name: choice})
    configured.world.advance(300 * DAY)
    first, _ = keys(configured.world)
    run(configured, "stage", paste=False)
    _, [second] = keys(configured.world)
    done = run(configured, "activate")
    assert (keys(configured.world), done.evidence.outcome) == ((second, [first]), 2)
    assert len(run(configured, "clean_up", "all", paste=False).applied.made) == 1
    assert keys(configured.world) == (second, [])


def test_where_graph_cannot_make_one_a_person_is_awaited(staged: Stage) -> None:
    """The same look, in a cloud without the action (G53): nothing beside the active one, and who makes it."""

    async def go() -> tuple[Sequence[Change], Sequence[Finding]]:
        session = await staged.open(apply=False)
        step = rotation.phase("stage")
        context, state = await step._read(session)
        china = replace(context, cloud=LIVE_CLOUDS["china"])
        ring = replace(state.ring, keys=tuple(key for key in state.ring.keys if key.sha1 == state.ring.active))
        alone = replace(state, ring=ring)
        return step.changes(china, alone), step.findings(china, alone)

    changes, findings = asyncio.run(go())
    assert [change.pending for change in changes] == [True]
    [awaited] = [each for each in findings if each.state == "waiting"]
    assert "do not make it active" in awaited.fix


def test_a_phase_that_there_is_not() -> None:
    with pytest.raises(ParametersError, match="no phase"):
        rotation.phase("renew")


def test_a_lost_desk_still_says_what_is_missing(staged: Stage) -> None:
    values = journal.tenant_values(staged.world)
    values["attested"].pop("console")
    journal.keep_tenant_values(staged.world, values)
    done = run(staged, "activate", apply=False, paste=False)
    assert finding(done.evidence, "S27").received == "nobody has said so yet"


def test_what_is_valid_from_another_day_on_is_neither_activated_nor_removed(configured: Stage) -> None:
    """Somebody imported one that begins next month: today it would sign nobody on."""
    world = configured.world
    now, entry = world.clock.now, principal(world)
    later = make_certificate(world, name="CN=Imported", start=now + 30 * DAY, end=now + 700 * DAY)
    change_principal(
        world,
        keyCredentials=[*entry["keyCredentials"], *later.keys],
        passwordCredentials=[*entry["passwordCredentials"], later.password],
    )
    before = keys(world)
    for phase in ("activate", "clean_up"):
        assert run(configured, phase, "all", paste=False).settings == []
    assert keys(world) == before


def test_a_successor_made_minutes_after_the_first_certificate_is_no_surplus(before: Callable[[str], Stage]) -> None:
    done = run(before("04"), "stage", paste=False)
    assert done.settings
    assert [each.title for each in done.evidence.findings if "made at once" in each.title] == []


def test_a_successor_that_ends_with_the_active_one_is_not_said_to_follow_it(configured: Stage) -> None:
    waits = finding(run(configured, "stage").evidence, "S30")  # on the day of the first one
    assert waits.state == "wrong"
    assert ", no later than the active one, and Flex does not know it" in waits.received
