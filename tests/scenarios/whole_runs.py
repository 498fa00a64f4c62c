"""The runbook over a stage until it is proved or refused, and then once more."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from onboarding import DOCUMENTED, STEPS
from stage import Stage, through

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.world.quirks import Expected

SIGN_ONS = ["ada.admin@contoso.com", "sol.supervisor@contoso.com", "bo.agent@contoso.com"]


@dataclass
class Outcome:
    """What it came to: the evidence of each section, or the error, and what a second run found left to do."""

    evidence: list[Evidence] = field(default_factory=list)
    error: FlexSSOError | None = None
    again: list[str] = field(default_factory=list)

    @property
    def is_as(self) -> Expected | str:
        """`proved`, or the refusal; or in words what is amiss where it is neither."""
        if self.error is not None:
            return ("refused", type(self.error).__name__, self.error.notebook)
        amiss = [f"{each.section}: {each.verdict}" for each in self.evidence if each.outcome not in (0, 2)]
        signed_on = list(self.evidence[-1].facts)
        if signed_on != SIGN_ONS:
            amiss.append(f"signed on: {signed_on}")
        return "; ".join([*amiss, *self.again]) or "proved"


async def whole_run(stage: Stage, since: str = "00", *, app: Any = None, twice: bool = True) -> Outcome:
    """Go on from this notebook (00 looks first), and if `twice` go through all of them again ten minutes later."""
    outcome = Outcome()
    try:
        session = await stage.open(app=app)
        if since == "00":
            outcome.evidence.append(await STEPS["00"].verify(session))
        for number in (each for each in DOCUMENTED if each >= since):
            outcome.evidence.append((await through(session, STEPS[number]))[2])
    except FlexSSOError as error:
        outcome.error = error
        return outcome
    if twice:
        outcome.again = await _again(stage)
    return outcome


async def _again(stage: Stage) -> list[str]:
    stage.world.advance(600.0)
    before, left = stage.writes, []
    session = await stage.open()
    for number in DOCUMENTED:
        plan, _, evidence = await through(session, STEPS[number])
        left += [f"again {number}: {change.setting}" for change in plan.open]
        left += [f"again {number}: {evidence.verdict}"] if evidence.outcome else []
    return left + (["the second run wrote"] if stage.writes != before else [])


def run(stage: Stage, since: str = "00", **how: Any) -> Outcome:
    """The same for a test that is not asynchronous."""
    return asyncio.run(whole_run(stage, since, **how))
