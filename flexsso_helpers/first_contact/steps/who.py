"""1: who is signed in, by the names of what the token holds and by what Graph tells. No value is kept."""

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.hand import Hand


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
