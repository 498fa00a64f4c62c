"""The cells of notebook 21 in this process, and what a test wants to know of the certificates afterwards."""

import asyncio
from dataclasses import dataclass, field

from onboarding import principal
from stage import Stage

from flexsso_helpers.errors import FlexSSOError, NotProven
from flexsso_helpers.plan import Applied, Evidence, Plan
from flexsso_helpers.rehearsal.directory.credentials import thumbprint_of
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections import rotation, sign_on

DAY = 86400.0


@dataclass
class Phase:
    """What one run of 21 came to."""

    plan: Plan
    applied: Applied
    evidence: Evidence
    errors: list[FlexSSOError] = field(default_factory=list)

    @property
    def settings(self) -> list[str]:
        """What was planned."""
        return [change.setting for change in self.plan.open]


def run(stage: Stage, phase: str, *names: str, apply: bool | None = None, paste: bool = True) -> Phase:
    """One run of 21; `names` approve removals; without `paste` nobody goes on after the change."""

    async def go() -> Phase:
        session = await stage.open(apply=apply)
        session.may_remove = bool(names)
        step = rotation.phase(phase)
        plan = await step.plan(session)
        applied = await step.apply(session, plan, session.approval(plan))
        errors: list[FlexSSOError] = []
        if paste:
            to_paste = await rotation.console.plan(session)
            await rotation.console.apply(session, to_paste, session.approval(to_paste))
            tests = await sign_on.plan(session)
            await sign_on.apply(session, tests, session.approval(tests))
        try:
            evidence = await step.verify(session)
        except NotProven as error:
            errors.append(error)
            evidence = (await step._examined(session))[1]
        return Phase(plan, applied, evidence, errors)

    done = asyncio.run(go())
    stage.world.advance(600.0)
    return done


def keys(world: World) -> tuple[str, list[str]]:
    """The active certificate and the others, by thumbprint, oldest first."""
    entry = principal(world)
    active = entry["preferredTokenSigningKeyThumbprint"]
    verify = sorted((each for each in entry["keyCredentials"] if each["usage"] == "Verify"), key=_start)
    return active, [each for each in map(thumbprint_of, verify) if each != active]


def _start(entry: dict[str, str]) -> str:
    return entry["startDateTime"]
