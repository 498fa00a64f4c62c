"""29 · Undo: what the ledgers of this tenant say was written is given back as it was found, or taken away.

Only what still stands as it was written. What others changed since is theirs, and stays.
"""

from collections.abc import Sequence

from flexsso_helpers.history import history_of
from flexsso_helpers.notebooks import TITLES, fix_in
from flexsso_helpers.plan import Approval, Change, Finding
from flexsso_helpers.plan.findings import judged, listed
from flexsso_helpers.resources import people
from flexsso_helpers.resources.context import Context
from flexsso_helpers.sections.settings import keys
from flexsso_helpers.sections.step import Step
from flexsso_helpers.sections.undo import standing, writing
from flexsso_helpers.sections.undo.state import Line, State, build
from flexsso_helpers.sections.undo.trail import SECTION, Trail, trail
from flexsso_helpers.session import Session

BY_HAND = "It is somebody else's since. Ask them, and change it in the admin center."
WORKERS = fix_in("22", "it lists the workers of those who left, and ends them by name.")
FIX = fix_in(SECTION, "plan and apply; what is taken away is approved by name.")


async def read(session: Session) -> State:
    """The ledgers of all runs beside this one, and what stands now at each place that they name."""
    found = trail(history_of(session.folder.parent).writes)
    there = await standing.read(session, found)
    names = await _names(session, found, there)
    return build(found, there, writer=session.ledger.writer, names=names)


async def _names(session: Session, found: Trail, there: standing.Standing) -> dict[str, str]:
    """Of those whose assignments were written: as the assignment says, else as Entra knows them."""
    listed = [each for body in there.objects.values() for each in body.get("appRoleAssignedTo") or ()]
    names = {str(each["principalId"]): str(each.get("principalDisplayName")) for each in listed}
    wanted = {place.element.split("/")[0] for place in found.places if place.name == "appRoleAssignedTo"}
    users = await people.users(session, sorted(wanted - set(names)))
    return names | {user.id: user.name or user.user_name for user in users}


def changes(_context: Context, state: State) -> tuple[Change, ...]:
    """A line for each thing that is given back or taken away."""
    return tuple(map(_change, state.lines))


def _change(line: Line) -> Change:
    return Change(
        setting=line.setting,
        now=line.now,
        should_be=line.then,
        kind=line.kind,
        reason=line.reason,
        undo=line.undo,
        breaks=line.breaks,
        key=line.key,
    )


def remarks(_context: Context, state: State) -> tuple[str, ...]:
    """What stays as it is, and what cannot come back: told before anything is approved."""
    kept = f"Changed by others since, and left as it is: {'; '.join(state.kept)}." if state.kept else ""
    return tuple(filter(None, (kept, *(f"{each}." for each in state.lost if state.lines))))


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """All of it in Entra's own order."""
    chosen_keys = keys(chosen)
    await writing.write(session, [line for line in state.lines if line.key in chosen_keys])
    return True


def findings(_context: Context, state: State) -> Sequence[Finding]:
    """Whether anything of ours still stands; what others changed; what cannot come back."""
    left, lost = [line.setting for line in state.lines], "; ".join(state.lost) or "none"
    return (
        listed("S90", "Written by these notebooks and still there", left, FIX, "error")
        if state.runs
        else judged("S90", "Written by these notebooks", "nothing", "no ledger of this tenant tells of a write", True),
        listed("S91", "Changed by others since, and left", state.kept, BY_HAND, "info"),
        *([listed("S92", "Could not be looked at", state.unseen, FIX)] if state.unseen else []),
        *([judged("S93", "Cannot be put right", "none", lost, not state.lost, WORKERS, "info")] if state.runs else []),
    )


STEP = Step(
    number=SECTION,
    title=TITLES[SECTION],
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    remarks=remarks,
)
plan, apply, verify = STEP.plan, STEP.apply, STEP.verify
