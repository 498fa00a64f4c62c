"""What only a person can do is attested by that person's tick, never by the start of a run, and then checked."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from onboarding import STEPS, change_principal, finding, forget_sign_ons, proof, wrong
from stage import Stage

from flexsso_helpers.errors import NotProven
from flexsso_helpers.person import ConsoleValues, PersonAtTheConsole, SimulatedPerson
from flexsso_helpers.plan import Applied, Approval, Evidence, Plan
from flexsso_helpers.sections.flex_console import step as flex_console
from flexsso_helpers.session import Session

ADA = "ada.admin@contoso.com"


async def with_a_human(stage: Stage, *, apply: bool = False) -> Session:
    """A session whose person is a human being, as it is live."""
    session = await stage.open(apply=apply)
    session.person = PersonAtTheConsole(ADA)
    return session


async def run(session: Session, number: str, *, tick: bool = False) -> tuple[Plan, Applied]:
    plan = await STEPS[number].plan(session)
    cell = session.approval(plan)
    if tick:
        cell._box.tick.value = True
    return plan, await STEPS[number].apply(session, plan, cell)


@pytest.mark.thinned(4)
@pytest.mark.parametrize("apply", [False, True], ids=["opened-without", "opened-with-apply"])
@pytest.mark.parametrize(
    ("number", "why", "waits", "fix"),
    [
        (
            "06",
            "a person has to paste the values into Flex Console, save, and tick the box",
            ["D21", "D22", "D23"],
            "06 · Flex Console: paste the values and save.",
        ),
        (
            "08",
            "a person has to sign in at the login link",
            ["D29", "D29", "D29"],
            "Sign in at https://flex.twilio.com/contoso-1234.",
        ),
    ],
    ids=["06", "08"],
)
def test_a_step_of_a_human_waits_and_says_for_what(
    apply: bool, number: str, why: str, waits: list[str], fix: str, before: Callable[[str], Stage]
) -> None:
    stage = before(number)

    async def go() -> tuple[Applied, Evidence]:
        session = await with_a_human(stage, apply=apply)
        _, applied = await run(session, number)
        return applied, await STEPS[number].verify(session)

    writes = stage.writes
    applied, evidence = asyncio.run(go())
    assert (applied.made, applied.why_not) == ((), why)
    assert (evidence.outcome, evidence.verdict) == (3, "waiting for a person")
    waiting = [each for each in evidence.findings if each.state == "waiting"]
    assert [each.check for each in waiting] == waits
    assert {each.fix for each in waiting} == {fix}
    assert stage.writes == writes


def test_the_start_of_a_run_attests_nothing_for_a_human(before: Callable[[str], Stage]) -> None:
    async def go() -> None:
        session = await with_a_human(before("06"), apply=True)
        plan = await STEPS["06"].plan(session)
        by_command = Approval(digest=plan.digest, given=True)
        applied = await STEPS["06"].apply(session, plan, by_command)
        assert (applied.made, applied.why_not) == ((), STEPS["06"].waiting)
        assert session.tenant.attested is None

    asyncio.run(go())


def test_a_humans_tick_attests_what_was_shown_with_name_and_time(before: Callable[[str], Stage]) -> None:
    stage = before("06")

    async def go() -> None:
        session = await with_a_human(stage)
        await paste(session, stage)
        plan, applied = await run(session, "06", tick=True)
        assert applied.made == plan.open
        console = session.tenant.attested.console
        assert (console.by, console.issuer) == (ADA, "https://sts.windows.net/f1e55000-0000-4000-8000-000000000001/")
        assert console.at.startswith("2026-11-02T08:")
        evidence = await STEPS["06"].verify(session)
        assert evidence.outcome == 2
        only = finding(evidence, "S80")
        assert (only.state, only.received) == ("unknown", "no API shows them")
        assert evidence.facts["Pasted into Flex Console"] == f"said by {ADA} on 2026-11-02"
        pasted = [finding(evidence, check) for check in ("D21", "D22")]
        assert [(each.state, each.said) for each in pasted] == [("said", f"by {ADA} on 2026-11-02")] * 2
        assert finding(evidence, "D23").state == "holds"  # a started login shows this one

    asyncio.run(go())


def test_a_tick_without_the_deed_is_found_out_by_a_started_login(before: Callable[[str], Stage]) -> None:
    async def go() -> None:
        session = await with_a_human(before("06"))
        await run(session, "06", tick=True)
        with pytest.raises(NotProven) as caught:
            await STEPS["06"].verify(session)
        assert caught.value.fix == "06 · Flex Console: paste the values again and save."
        assert wrong(await proof(session, "06")) == ["S32", "S35", "S33"]

    asyncio.run(go())


def test_a_tick_by_hand_does_not_keep_the_simulated_person_from_doing_it(before: Callable[[str], Stage]) -> None:
    stage = before("06")

    async def go() -> None:
        session = await stage.open(apply=False)
        _, applied = await run(session, "06", tick=True)
        assert len(applied.made) == 3
        assert (await STEPS["06"].verify(session)).outcome == 2
        assert session.tenant.attested.console.by == f"{ADA} (simulated)"

    asyncio.run(go())
    assert stage.writes["console"] == 2


def test_a_certificate_renewed_since_makes_the_attestation_void(configured: Stage) -> None:
    async def go() -> None:
        change_principal(configured.world, preferredTokenSigningKeyThumbprint=None, keyCredentials=[])
        session = await configured.open()
        plan = await STEPS["03"].plan(session)
        await STEPS["03"].apply(session, plan, session.approval(plan))
        session.person = PersonAtTheConsole(ADA)
        assert [change.setting for change in (await STEPS["06"].plan(session)).open] == ["X.509 Certificate"]
        evidence = await proof(session, "06")
        assert (evidence.outcome, wrong(evidence)) == (2, ["D21"])
        assert (await STEPS["08"].verify(session)).outcome == 3  # signed on before this certificate

    asyncio.run(go())


def test_only_those_whose_sign_on_was_proved_are_attested(configured: Stage) -> None:
    forget_sign_ons(configured.world)
    configured.changes["test_sign_ons"] = [ADA, "nia.nomail@contoso.com"]

    async def go() -> None:
        session = await configured.open()
        await run(session, "08")
        attested = session.tenant.attested.sign_on
        assert (attested.users, attested.by) == ((ADA,), f"{ADA} (simulated)")

    asyncio.run(go())


async def paste(session: Session, stage: Stage) -> Any:
    """What the human does in Console, in the meantime."""
    state = await flex_console.read(session)
    values = ConsoleValues(certificate_pem=state.certificate_pem, issuer=state.issuer, sso_url=state.sso_url)
    assert await SimulatedPerson(user=ADA, rehearsal_client=stage.rehearsal_client).paste(values)
