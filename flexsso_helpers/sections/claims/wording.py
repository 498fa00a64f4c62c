"""How the claims are called in plans and proofs, and which of them nobody asked for."""

from flexsso_helpers.parameters import Tenant
from flexsso_helpers.resources.claims_schema import Claim, wanted
from flexsso_helpers.sections.claims.state import State

INSTRUCTIONS = {"NameID": "D08", "email": "D09", "full_name": "D10", "roles": "D11"}


def setting(name: str) -> str:
    """The claim's line in a plan."""
    return "Unique user identifier (NameID)" if name == "NameID" else f"Claim {name}"


def reason(name: str, now: str | None) -> str:
    """Why one of the four is sent."""
    if name == "NameID" and now:
        return "a changed NameID makes a new, billed worker for everyone whose value differs"
    return {
        "NameID": "identifies the person to Flex, and names the worker",
        "email": "Flex asks for it",
        "full_name": "the name that Flex shows",
        "roles": "what the person may do in Flex",
    }[name]


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
