"""21 · What each phase would change, and what it refuses to. Pure."""

from collections.abc import Callable
from dataclasses import replace

from flexsso_helpers.plan import Change, Pending, Value, compare, count
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.key_ring import Key, short
from flexsso_helpers.sections.rotation.state import Phase, State, over

STAGED, ACTIVE = "Certificate beside the active one", "Active certificate"
KEYS = "a certificate that is removed cannot be put back"
PROOF_FIRST = "somebody has to sign on by the active certificate first (08)"
NOBODY = (
    "from about five to ten minutes later on nobody can sign on to Flex, until the certificate shown above is pasted "
    "into Flex Console. Who is signed in stays so"
)
PASTED_FIRST = "Flex Console was given it already: nobody can sign on to Flex until this is made and Entra follows"
EXPIRED = (
    "The active certificate is over, so there is no time to stage: phase activate, or 03 where nothing waits, makes "
    "one active at once; then it is pasted in 06."
)
NOTHING_TO_GO_BACK_TO = "There is no valid certificate from before to go back to."
NOTHING_YET = "There is no active certificate yet: 03 makes the first one."


def changes(phase: Phase) -> Callable[[Context, State], tuple[Change, ...]]:
    """What a phase would change."""
    return {"stage": _stage, "activate": _activate, "roll_back": _roll_back, "clean_up": _clean_up}[phase]


def remarks(phase: Phase) -> Callable[[Context, State], tuple[str, ...]]:
    """Why a phase plans nothing where somebody would expect that it does."""

    def told(context: Context, state: State) -> tuple[str, ...]:
        if state.app and state.ring.current is None:
            return (NOTHING_YET,)
        if phase == "stage" and over(state, context.now):
            return (EXPIRED,)
        if phase == "roll_back" and cannot_go_back(context, state):
            return (NOTHING_TO_GO_BACK_TO,)
        return ()

    return told


def cannot_go_back(context: Context, state: State) -> bool:
    """Whether nothing newer waits, which would mean that the old one is active again, and nothing older is valid."""
    ring = state.ring
    return ring.current is not None and ring.staged(context.now) is None and ring.previous(context.now) is None


def _stage(context: Context, state: State) -> tuple[Change, ...]:
    ring, staged = state.ring, state.ring.staged(context.now)
    if ring.current is None or over(state, context.now):
        return () if state.app else (compare(STAGED, Pending("01"), Pending("01")),)
    if staged:
        return (compare(STAGED, staged.words, staged.words, reason="waits, and signs nothing yet"),)
    made: Value = f"a new one, valid for {count(context.tenant.signing.valid_days, 'day')}, not active"
    if not context.cloud.can_add_certificate:
        made = Pending("a person made it in the admin center (New Certificate, Save, and not Make active)")
    left = ring.current.days_left(context.now)
    return (
        compare(
            STAGED,
            None,
            made,
            reason="nothing changes for anybody yet" + (f"; the active one lasts {left:,} more days" if left else ""),
            instructions=("D21",),
            undo=KEYS,
        ),
    )


def _activate(context: Context, state: State) -> tuple[Change, ...]:
    staged = state.ring.staged(context.now)
    if not staged:
        return _stays(state, "it is the newest; phase stage makes another one")
    pasted = bool(state.attested_sha256) and state.of(staged) == state.attested_sha256
    breaks = "" if over(state, context.now) else PASTED_FIRST if pasted else NOBODY
    return (_switch(state, staged, "phase “roll back” goes back, as long as the old one is kept", breaks),)


def _roll_back(context: Context, state: State) -> tuple[Change, ...]:
    if state.ring.staged(context.now):
        return _stays(state, "the newer one waits beside it, so there is nothing to go back from")
    previous = state.ring.previous(context.now)
    return (_switch(state, previous, "back to the certificate from before", NOBODY),) if previous else ()


def _clean_up(context: Context, state: State) -> tuple[Change, ...]:
    """Only what is older than the active one, or over; each by an approval of its own."""
    ring = state.ring
    old = [key for key in ring.keys if ring.current and ring.part(key, context.now) == "old"]
    leaving = tuple(_removal(key, context) for key in sorted(old, key=lambda key: (key.end, key.sha1)))
    if not leaving:
        return _stays(state, "there is no older certificate beside it")
    return leaving if state.proved else tuple(replace(change, waits=PROOF_FIRST) for change in leaving)


def _removal(key: Key, context: Context) -> Change:
    still = "it could still be gone back to" if key.valid(context.now) else "it is over"
    return Change(
        setting=f"Certificate {short(key.sha1)}",
        now=key.words,
        should_be=None,
        kind="-",
        reason=still,
        undo=KEYS,
        key=removal(key),
    )


def removal(key: Key) -> str:
    """By what code knows the removal of a certificate."""
    return f"certificate {key.sha1}"


def _switch(state: State, to: Key, reason: str, breaks: str) -> Change:
    now = state.ring.current.words if state.ring.current else None
    change = compare(ACTIVE, now, to.words, reason=reason, instructions=("D21",))
    return replace(change, breaks=breaks)


def _stays(state: State, reason: str) -> tuple[Change, ...]:
    active = state.ring.current
    return (compare(ACTIVE, active.words, active.words, reason=reason),) if active else ()
