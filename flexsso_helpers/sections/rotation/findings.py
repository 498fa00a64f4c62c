"""21 · What is proved of a change of certificates, and each trap by its name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.plan import Finding
from flexsso_helpers.plan.findings import judged, said
from flexsso_helpers.resources import expiry
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.key_ring import short
from flexsso_helpers.sections.rotation.plans import NOTHING_TO_GO_BACK_TO, cannot_go_back
from flexsso_helpers.sections.rotation.state import Phase, State, over

PASTE = fix_in("06", "paste the certificate that is active now, and save.")
SIGN_ON = fix_in("08", "somebody signs on; until then nobody knows that Flex took the certificate.")
ACTIVATE = fix_in("21", "phase activate makes it the active one, in a window that you choose, well before that day.")
NOW = fix_in("21", "phase activate now: Flex Console was given the one that is not active, so nobody can sign on.")
RENEW = fix_in("21", "phase activate where one waits, else 03 · Signing certificate; then paste it in 06.")
BY_HAND = (
    "Make it in the admin center: Single sign-on › SAML Certificates › Edit › New Certificate, Save, and do not make "
    "it active. Then run 21 again."
)
UNKNOWN = fix_in("06", "paste the active certificate again: what was pasted last is none of these.")


def findings(phase: Phase) -> Callable[[Context, State], tuple[Finding, ...]]:
    """What holds and what does not, whatever the phase; and whether this phase had anything to do."""

    def found(context: Context, state: State) -> tuple[Finding, ...]:
        if not state.app or state.ring.current is None:
            first = fix_in("03", "it makes the first certificate.")
            return (judged("S24", "Active certificate", "one", "none", "waiting", first),)
        nowhere = phase == "roll_back" and cannot_go_back(context, state)
        back = [judged("S24", "Certificate to go back to", "one", "none", False, NOTHING_TO_GO_BACK_TO)]
        return (
            *(back if nowhere else ()),
            *(_by_hand(context, state) if phase == "stage" else ()),
            _active(context.now, state),
            *_dates(context, state),
            *_waiting(context.now, state),
            *_at_once(context.now, state),
            _console(context.now, state),
            _signed_on(state),
        )

    return found


def _by_hand(context: Context, state: State) -> list[Finding]:
    """Where Graph cannot make a certificate (G53) a person does, and is told so."""
    if context.cloud.can_add_certificate or state.ring.staged(context.now) or over(state, context.now):
        return []
    return [judged("S24", "Successor beside the active one", "one", "none", "waiting", BY_HAND)]


def _active(now: datetime, state: State) -> Finding:
    current = state.ring.current
    words = current.words if current else "none"
    if over(state, now) and state.claims_policy:
        words += ", over: with the claims policy every sign-in ends in AADSTS50146"
    valid = "unknown" if current and current.valid(now) is None else bool(current and current.valid(now))
    return judged("S24", "Active certificate is valid", "yes", words, valid, RENEW)  # type: ignore[arg-type]


def _dates(context: Context, state: State) -> list[Finding]:
    """The marks of what is in force; of an expired one the line above speaks."""
    found = expiry.findings(state.ring, state.told, context.now)
    return [each for each in found if not (over(state, context.now) and each.title.startswith("Active"))]


def _waiting(now: datetime, state: State) -> list[Finding]:
    """The successor that waits: Entra takes it by itself when the active one is over, and Flex does not (G51)."""
    staged, current = state.ring.staged(now), state.ring.current
    if staged is None or current is None:
        return []
    title, known = (
        "Successor that waits beside it",
        bool(state.of(staged)) and state.of(staged) == state.attested_sha256,
    )
    if over(state, now):
        words = f"{short(staged.sha1)}; Entra may sign with it already"
        return [judged("S30", title, "activated before the active one is over", words, False, ACTIVATE)]
    later = staged.end[:10] > current.end[:10]
    follows = (
        f"Entra takes it by itself after {current.end[:10]}"
        if later
        else f"it ends on {staged.end[:10]}, no later than the active one"
    )
    words = f"{short(staged.sha1)}; {follows}, and Flex {'was given it' if known else 'does not know it'}"
    return [judged("S30", title, "known to Flex when it signs", words, known, ACTIVATE, "warning")]


def _at_once(now: datetime, state: State) -> list[Finding]:
    """Successors that two runs made; one that follows soon after the active certificate was made is none of these."""
    beside = tuple(key for key in state.ring.keys if key.sha1 != state.ring.active)
    return expiry.doubled(replace(state.ring, keys=beside, active=""), now)


def _console(now: datetime, state: State) -> Finding:
    """What Flex Console was given, against what signs. Nobody reads it there: it is said until somebody signs on."""
    title, active, has = "Certificate in Flex Console", state.of(state.ring.current), state.console_has
    wanted = state.ring.current.words if state.ring.current else ""
    if not state.attested_sha256:
        return judged("S27", title, wanted, "nobody has said so yet", "waiting", PASTE)
    if has is None:
        words = f"none of these, said {state.attested_by}"
        return judged("S27", title, wanted, words, "wrong", UNKNOWN)
    if state.attested_sha256 != active:
        staged = state.ring.staged(now)
        pasted_first = staged is not None and has.sha1 == staged.sha1
        received = f"{has.words}, said {state.attested_by}"
        return judged(
            "S27", title, wanted, received, "wrong" if pasted_first else "waiting", NOW if pasted_first else PASTE
        )
    if state.proved:
        return judged("S27", title, wanted, f"{has.words}, as the sign-on of {state.signed_on_at} shows", "holds")
    return said("S27", title, wanted, has.words, state.attested_by, fix=SIGN_ON)


def _signed_on(state: State) -> Finding:
    title, wanted = "Sign-on by the active certificate", "proved"
    if state.proved:
        return judged("D29", title, wanted, f"proved on {state.signed_on_at}", "holds")
    if not state.tested:
        return judged("D29", title, wanted, "the file names nobody in tenant.test_sign_ons", "unknown", SIGN_ON)
    return judged("D29", title, wanted, "not since the certificate was activated and pasted", "waiting", SIGN_ON)
