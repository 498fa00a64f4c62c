"""The application as it stands in Entra now, put together for the judge from what the sections read (S71, S73–S78)."""

from flexsso_helpers.errors import NotPermitted
from flexsso_helpers.saml.configuration import ClaimsPolicy, Configuration, SigningPolicy
from flexsso_helpers.sections import claims, policies, published, signing
from flexsso_helpers.sections.application import Found
from flexsso_helpers.session import Session


async def configuration(session: Session, found: Found) -> Configuration:
    """What decides over a sign-on. Policies that this sign-in may not read are None."""
    application, principal = found.application, found.principal
    return Configuration(
        mode=str(principal.get("preferredSingleSignOnMode") or ""),
        saved=tuple(application.get("identifierUris") or ()),
        identifiers=tuple(sorted(principal.get("servicePrincipalNames") or ())),
        reply_urls=tuple(principal.get("replyUrls") or ()),
        assignment_required=bool(principal.get("appRoleAssignmentRequired")),
        encrypts=bool(found.encryption_keys),
        signed_requests=found.signed_requests,
        active_certificate=bool(published.active_thumbprint(found)),
        claims=await claims_policy(session),
        signing=await _signing(session, found),
    )


async def claims_policy(session: Session) -> ClaimsPolicy | None:
    """The claims policy in force, or None when this sign-in may not read it."""
    try:
        state = await claims.read(session)
    except NotPermitted:
        return None
    sent = {claim.name: claim.source for claim in state.claims if claim.name != "NameID"}
    return ClaimsPolicy(there=bool(state.store), claims=sent, basic=state.basic, others=state.others)


async def _signing(session: Session, found: Found) -> SigningPolicy | None:
    """Option and algorithm on the service principal and on the application; the first of several counts (G58)."""
    owners = (f"/servicePrincipals/{found.principal_id}", f"/applications/{found.object_id}")
    try:
        listed = [await policies.attached(session, owner, signing.POLICIES) for owner in owners]
    except NotPermitted:
        return None
    bodies = [each[0].body(signing.BODY) if each else None for each in listed]
    words = [
        (str(body.get("TokenResponseSigningPolicy", "")), str(body.get("SigningAlgorithm", "")))
        if body is not None
        else None
        for body in bodies
    ]
    return SigningPolicy(on_principal=words[0], on_application=words[1])
