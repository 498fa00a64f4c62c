"""00 · Who is signed in, and whether that account may do what the notebooks do.

A right that is lacking for sure fails. What cannot be told is not known: it is said, and stops nothing.
"""

from flexsso_helpers.graph import Principal
from flexsso_helpers.plan import Finding
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.resources.context import Context

ASK = "Used by {used}. Ask for it, then sign in again."
ACTIVATE = "Used by {used}. Activate it in Privileged Identity Management, then sign in again."
TRY = (
    "Used by {used}. Go on: the first write tells. If Privileged Identity Management gives the role, activate it "
    "first, then "
    "sign in again."
)
_EXPECTED = "an account of the tenant"
_GUEST = (
    "A guest with the role may administer. Make sure that this is the customer's tenant that is meant, and that the "
    "customer knows; tenant.sign_in.user says which account is expected."
)
_DELEGATE = (
    "Roles of a partner's delegate come from the partner relationship (GDAP) and cannot be read here: the first write "
    "tells. An account of the customer's own tenant is easier to follow up."
)
_NOT_KNOWN = "Graph did not say who is signed in: compare the account on the sign-in page with tenant.sign_in.user."


def findings(context: Context) -> tuple[Finding, ...]:
    """The account if it is worth a word, then each right that is lacking or not known."""
    return (*_account(context), *_rights(context))


def _account(context: Context) -> list[Finding]:
    who, expected = context.principal, context.tenant.sign_in.user
    if who.kind in ("member", "application"):
        return []
    seen: dict[str, tuple[str, FindingState, str]] = {
        "guest": (f"a guest of this tenant: {who.user_name}", "wrong", _GUEST),
        "delegate": (f"{_named(who)} has no account here: perhaps a partner's delegate (GDAP)", "unknown", _DELEGATE),
        "not known": (f"not known; the token names {_named(who)}", "unknown", _NOT_KNOWN),
    }
    received, state, fix = seen[who.kind]
    return [judged("G02", "Account that is signed in", expected or _EXPECTED, received, state, fix, "warning")]


def _named(who: Principal) -> str:
    return who.hint.user_name or who.shown_name


def _rights(context: Context) -> list[Finding]:
    found = []
    for right in context.rights:
        verdict = right.verdict(context.principal)
        why = ", ".join(verdict.why)
        if verdict.state == "no":
            asleep = any(not role.active for role in context.principal.held) and "permission" not in why
            fix = (ACTIVATE if asleep else ASK).format(used=right.notebooks)
            found.append(judged("G02", f"May {right.words}", "yes", f"no: {why}", False, fix))
        elif verdict.state == "not known":
            fix = TRY.format(used=right.notebooks)
            found.append(judged("G02", f"May {right.words}", "yes", f"not known: {why}", "unknown", fix, "warning"))
    return found or [judged("G02", "All rights that the notebooks need", "yes", "yes", True)]
