"""What Entra would say about a person now: the claims in force, and whether they can be signed."""

from dataclasses import dataclass

from flexsso_helpers.sections import policies
from flexsso_helpers.sections.application import find
from flexsso_helpers.sections.claim import Claim, of_entry
from flexsso_helpers.session import Session

POLICIES = "claimsMappingPolicies"
BODY = "ClaimsMappingPolicy"


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read. Without a policy Entra's defaults hold, which are not safe for Flex (graph.md 2d)."""

    app: bool = False
    policy_id: str = ""
    others: int = 0
    """Further policies on the application."""
    shared: bool = False
    claims: tuple[Claim, ...] = ()
    basic: bool = True
    active_certificate: bool = False

    def source(self, name: str) -> str | None:
        """Where the claim's value comes from; None when it is not sent."""
        return next((claim.source for claim in self.claims if claim.name == name), None)


async def read(session: Session) -> State:
    """The policy in force, unpacked, and whether a certificate is active."""
    found = await find(session)
    if found is None:
        return State()
    listed = await policies.attached(session, f"/servicePrincipals/{found.principal_id}", POLICIES)
    policy = listed[0] if listed else None
    body = policy.body(BODY) if policy else {}
    return State(
        app=True,
        policy_id=policy.id if policy else "",
        others=max(len(listed) - 1, 0),
        shared=policy.shared if policy else False,
        claims=tuple(of_entry(entry) for entry in body.get("ClaimsSchema") or ()),
        basic=str(body.get("IncludeBasicClaimSet", "true")).lower() != "false",
        active_certificate=bool(found.principal.get("preferredTokenSigningKeyThumbprint")),
    )
