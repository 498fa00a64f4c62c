"""Conditional Access policies, as far as they are read: who made them in the admin center is not played (G108)."""

from flexsso_helpers.rehearsal.directory.schema import CONDITIONAL_ACCESS
from flexsso_helpers.rehearsal.graph.call import Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph.rights import READ_CONDITIONAL_ACCESS
from flexsso_helpers.rehearsal.world import rules

rules.declare({"G108": "Conditional Access policies are read by few roles, and an Application Administrator has none"})


def listing(call: Call) -> Answer:
    """All of them."""
    return call.page(
        call.world.store.all("conditionalAccessPolicy"), CONDITIONAL_ACCESS, "identity/conditionalAccess/policies"
    )


ENDPOINTS = [Endpoint("GET", "/identity/conditionalAccess/policies", listing, READ_CONDITIONAL_ACCESS)]
