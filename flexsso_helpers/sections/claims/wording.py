"""How the claims are called in plans and proofs, and which of them nobody asked for."""

from flexsso_helpers.documented_claims import DOCUMENTED
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.resources.claims_schema import Claim, wanted
from flexsso_helpers.sections.claims.state import State

INSTRUCTIONS = {each.name: each.instruction for each in DOCUMENTED}


def setting(name: str) -> str:
    """The claim's line in a plan."""
    return "Unique user identifier (NameID)" if name == "NameID" else f"Claim {name}"


def key(name: str) -> str:
    """By what code knows it."""
    return f"claim {name}"


def additional_key(name: str) -> str:
    """By what code knows a claim that the tenant's file does not ask for."""
    return f"additional_claim {name}"


def second_key(name: str) -> str:
    """By what code knows the second entry of a claim that the tenant's file asks for."""
    return f"second_claim {name}"


def reason(name: str, now: str | None) -> str:
    """Why one of the four is sent."""
    if name == "NameID" and now:
        return "a changed NameID makes a new, billed worker for everyone whose value differs"
    return next(each.reason for each in DOCUMENTED if each.name == name)


def foreign(tenant: Tenant, state: State) -> tuple[Claim, ...]:
    """The claims that the tenant's file does not ask for: those in force, and those that a switch would bring back."""
    names = {claim.name for claim in wanted(tenant)}
    waking = state.portal if tenant.claims.store == "portal_policy" else ()
    now = {claim.name for claim in state.claims}
    seen = [*(claim for claim in waking if claim.name not in now), *state.claims]
    return tuple(claim for claim in seen if claim.name not in names)


def repeated(tenant: Tenant, state: State) -> tuple[Claim, ...]:
    """Second entries of claims that the tenant's file asks for; programs disagree which of the two counts (S65)."""
    names = {claim.name for claim in wanted(tenant)}
    first: set[str] = set()
    second = []
    for claim in state.claims:
        second += [claim] if claim.name in first else []
        first |= {claim.name} & names
    return tuple(second)
