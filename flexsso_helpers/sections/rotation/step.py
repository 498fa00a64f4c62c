"""21 · Rotate certificate: a phase at a time, since days lie between. Each can be run again, and then does nothing.

Flex keeps one certificate: between Entra's change and the pasting nobody can sign on. `showing.orders` says how long.
"""

from dataclasses import asdict, replace
from typing import get_args

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.plan import Approval, Change
from flexsso_helpers.plan.facts import DAYS_LEFT, VALID_FROM, VALID_TO
from flexsso_helpers.resources.application import find
from flexsso_helpers.resources.certificates import activate, add, remove
from flexsso_helpers.resources.context import Context
from flexsso_helpers.sections import flex_console
from flexsso_helpers.sections.rotation.findings import findings
from flexsso_helpers.sections.rotation.plans import changes, remarks, removal
from flexsso_helpers.sections.rotation.state import Phase, State, read
from flexsso_helpers.sections.settings import keys
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session

PHASES: tuple[Phase, ...] = get_args(Phase)
READY = "Somebody has Flex Console open, and pastes the certificate shown above right after this"
WAITING = (
    "a person chooses the window, opens Flex Console, and ticks the box of notebook 21: afterwards nobody can sign on "
    "until the certificate is pasted"
)

console = replace(
    flex_console.STEP,
    asks="The certificate shown above has been pasted into Flex Console, and saved there",
    waiting="a person has to paste the certificate into Flex Console, save, and tick the box",
)
"""06 as it is here, where the other two values stay."""


def settled(state: State) -> object:
    """What an approval is for: certificates and attestation, and not what the metadata shows of them, which follows."""
    return asdict(replace(state, ring=replace(state.ring, published=(), unpublished="", awaited=True)))


def facts(context: Context, state: State) -> dict[str, str]:
    """When the active certificate ends, as every result of a run carries it on."""
    current = state.ring.current
    days = current.days_left(context.now) if current else None
    if current is None or days is None:
        return {}
    return {VALID_FROM: current.start[:10], VALID_TO: current.end[:10], DAYS_LEFT: str(days)}


async def _stage(session: Session, state: State, _chosen: tuple[Change, ...], _approval: Approval) -> bool:
    found = await find(session)
    assert found is not None
    await add(session, found, state.ring)
    return True


async def _activate(session: Session, state: State, _chosen: tuple[Change, ...], _approval: Approval) -> bool:
    found, staged = await find(session), state.ring.staged(await session.present())
    assert found is not None
    assert staged is not None
    await activate(session, found, state.ring, staged.sha1)
    return True


async def _roll_back(session: Session, state: State, _chosen: tuple[Change, ...], _approval: Approval) -> bool:
    found, previous = await find(session), state.ring.previous(await session.present())
    assert found is not None
    assert previous is not None
    await activate(session, found, state.ring, previous.sha1)
    return True


async def _clean_up(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    found = await find(session)
    assert found is not None
    chosen_keys = keys(chosen)
    leaving = frozenset(key.sha1 for key in state.ring.keys if removal(key) in chosen_keys)
    await remove(session, found, leaving - {state.ring.active})
    return True


_WRITES = {"stage": _stage, "activate": _activate, "roll_back": _roll_back, "clean_up": _clean_up}
STEPS: dict[str, Step[State]] = {
    phase: Step(
        number="21",
        title=f"{TITLES['21']} · {phase.replace('_', ' ')}",
        read=read,
        changes=changes(phase),
        findings=findings(phase),
        write=_WRITES[phase],
        facts=facts,
        remarks=remarks(phase),
        settled=settled,
        asks=READY if phase in ("activate", "roll_back") else "",
        waiting=WAITING if phase in ("activate", "roll_back") else "a person has to do this first",
    )
    for phase in PHASES
}
STEP = STEPS["stage"]


def phase(name: str) -> Step[State]:
    """The verbs of one phase: `stage`, `activate`, `roll_back` or `clean_up`. Raises ParametersError for another."""
    if name not in STEPS:
        raise ParametersError(f"There is no phase {name!r}.", fix=f"Write one of {', '.join(PHASES)}.", notebook="21")
    return STEPS[name]
