"""What Entra would say about a person now: the claims in force, and whether they can be signed."""

from dataclasses import dataclass, field

from flexsso_helpers.resources import optional_claims, policies, portal_claims
from flexsso_helpers.resources.application import find
from flexsso_helpers.resources.claims_schema import Claim, of_entry
from flexsso_helpers.resources.entra_pages import Ids, ids_of
from flexsso_helpers.resources.optional_claims import Extra
from flexsso_helpers.session import Session

POLICIES = "claimsMappingPolicies"
BODY = "ClaimsMappingPolicy"


SHAPING = ("GroupFilter", "AudienceOverride", "audienceOverride", "IssuerWithApplicationId", "issuerWithApplicationId")
"""Documented keys of a claims policy beside its claims (claims customisation reference); nobody here writes them."""
NOTHING: tuple[object, ...] = (None, [], {}, "", False)
"""Values of such a key that shape nothing."""
STORES = {
    "mapping_policy": "claims mapping policy",
    "portal_policy": "the admin center’s page",
    "": "Entra’s defaults",
}


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read. Without a policy Entra's defaults hold, which are not safe for Flex."""

    app: bool = False
    ids: Ids = field(default_factory=Ids)
    store: str = ""
    """Which store is in force: an assigned mapping policy, else the portal's, else none (G37)."""
    policy_id: str = ""
    others: int = 0
    """Further policies on the application."""
    left_over: tuple[str, ...] = ()
    """Policies of ours that hang nowhere."""
    shared: bool = False
    claims: tuple[Claim, ...] = ()
    """Those in force."""
    basic: bool = True
    portal: tuple[Claim, ...] = ()
    """What the admin center's page holds, in force or not."""
    active_certificate: bool = False
    extras: tuple[Extra, ...] = ()
    """What the application's token configuration sends beside the claims."""
    shaping: tuple[tuple[str, str], ...] = ()
    """Further keys of the store in force that shape a response, with their values."""

    def source(self, name: str) -> str | None:
        """Where the claim's value comes from; None when it is not sent."""
        return next((claim.source for claim in self.claims if claim.name == name), None)


async def read(session: Session) -> State:
    """The policy in force, unpacked, and whether a certificate is active."""
    found = await find(session)
    if found is None:
        return State()
    listed = await policies.attached(session, f"/servicePrincipals/{found.principal_id}", POLICIES)
    page = await portal_claims.read(session, found.principal_id)
    policy = listed[0] if listed else None
    body = policy.body(BODY) if policy else {}
    mapped = tuple(of_entry(entry) for entry in body.get("ClaimsSchema") or ())
    basic = str(body.get("IncludeBasicClaimSet", "true")).lower() != "false"
    if policy is None and page is not None:
        mapped, basic = page.claims, page.basic
    keys, holder = (SHAPING, body) if policy else (portal_claims.SHAPING, page.body if page else {})
    return State(
        app=True,
        ids=ids_of(found),
        store="mapping_policy" if policy else "portal_policy" if page else "",
        policy_id=policy.id if policy else "",
        others=max(len(listed) - 1, 0),
        left_over=await policies.left_over(session, POLICIES, {each.id for each in listed}),
        shared=policy.shared if policy else False,
        claims=mapped,
        basic=basic,
        portal=page.claims if page else (),
        active_certificate=bool(found.principal.get("preferredTokenSigningKeyThumbprint")),
        extras=optional_claims.of(found.application),
        shaping=tuple((key, policies.packed(holder[key])) for key in keys if holder.get(key) not in NOTHING),
    )
