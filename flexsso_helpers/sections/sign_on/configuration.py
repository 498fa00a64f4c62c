"""The application as it stands in Entra now, put together for the judge from what the sections read (S71, S73–S78)."""

from flexsso_helpers.resources import federation_metadata, policies, signing_policy
from flexsso_helpers.resources.application import Found
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.saml.configuration import ClaimsPolicy, Configuration, SigningPolicy
from flexsso_helpers.sections.claims import step as claims
from flexsso_helpers.session import Session


async def configuration(session: Session, found: Found) -> Configuration:
    """What decides over a sign-on. Policies that could not be read are None: the judge can do without."""
    application, principal = found.application, found.principal
    return Configuration(
        mode=str(principal.get("preferredSingleSignOnMode") or ""),
        saved=tuple(application.get("identifierUris") or ()),
        identifiers=tuple(sorted(principal.get("servicePrincipalNames") or ())),
        reply_urls=tuple(principal.get("replyUrls") or ()),
        assignment_required=bool(principal.get("appRoleAssignmentRequired")),
        encrypts=bool(found.encryption_keys),
        signed_requests=found.signed_requests,
        active_certificate=bool(federation_metadata.active_thumbprint(found)),
        claims=await claims_policy(session),
        signing=await _signing(session, found),
    )


async def claims_policy(session: Session) -> ClaimsPolicy | None:
    """The claims policy in force, or None when it could not be read."""
    state = await look(claims.read(session))
    if isinstance(state, NotSeen):
        return None
    sent = {claim.name: claim.source for claim in state.claims if claim.name != "NameID"}
    return ClaimsPolicy(there=bool(state.store), claims=sent, basic=state.basic, others=state.others)


async def _signing(session: Session, found: Found) -> SigningPolicy | None:
    """Option and algorithm on the service principal and on the application; the first of several counts (G58)."""
    owners = (f"/servicePrincipals/{found.principal_id}", f"/applications/{found.object_id}")
    first, second = [await look(policies.attached(session, owner, signing_policy.POLICIES)) for owner in owners]
    if isinstance(first, NotSeen) or isinstance(second, NotSeen):
        return None
    return SigningPolicy(
        on_principal=signing_policy.as_read(first[0]) if first else None,
        on_application=signing_policy.as_read(second[0]) if second else None,
    )
