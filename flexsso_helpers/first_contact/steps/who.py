"""1: who is signed in, by the names of what the token holds and by what Graph tells. No value is kept."""

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.hand import Hand, Json

KINDS = ("AllPrincipals", "Principal")
"""Consent for everybody, and of single people."""


async def step(hand: Hand) -> None:
    """Note the token's claims by name, asked and given permissions, and ask Graph once more who this is."""
    session, who = hand.session, hand.session.principal
    with hand.recorder.during(trials.CLAIM_NAMES):
        hand.recorder.note(
            {
                "token_claims": sorted(who.hint.claims),
                "kind": who.kind,
                "held_roles": sorted(who.role_ids),
                "asked_scopes": sorted(session.asked),
                "given_scopes": sorted(who.scopes or ()),
                "signed_in_by": session.tenant.sign_in.method,
            }
        )
    await hand.did(trials.ME, lambda: session.graph.get("/me", select="id,userType"))
    await grants(hand, trials.GRANTS)


async def grants(hand: Hand, trial: str) -> None:
    """Read what is granted to the application that signs in, and note the permissions by name."""
    path = f"/servicePrincipals(appId='{hand.session.tenant.sign_in.client_id}')/oauth2PermissionGrants"
    _, found = await hand.tries(trial, lambda: hand.session.graph.list(path))
    if found is not None:
        with hand.recorder.during(trial):
            hand.recorder.note({kind: _scopes(found, kind) for kind in KINDS})


def _scopes(found: list[Json], kind: str) -> list[str]:
    granted = [str(each.get("scope")).split() for each in found if each.get("consentType") == kind]
    return sorted({scope for scopes in granted for scope in scopes})
