"""4: identifiers before and after SAML, reply URLs and their order, and two settings of the service principal."""

from functools import partial

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.hand import Hand, Json

BY_POLICY = "InvalidUniqueTenantIdentifierAsPerAppPolicy"
UNTIL_SAML = 180.0
"""Seconds until a refusal right after the switch to SAML is believed."""
READS = 6
SIX = [f"first-contact-{number}@example.com" for number in range(6)]
NONE: Json = {"identifierUris": []}


async def step(hand: Hand) -> None:
    """From the safest: what is refused changes nothing, and each list is set back or goes with the application."""
    if not hand.application:
        return
    graph, session = hand.session.graph, hand.session

    async def identify(trial: str, identifier: str) -> bool:
        body = {"identifierUris": [identifier]}
        done = await hand.did(trial, lambda: graph.patch(hand.app, body, why="Trying an identifier", before=NONE))
        if done and trial != trials.OWN:
            await hand.did("", lambda: graph.patch(hand.app, NONE, why="Taking it off", before=body))
        return done

    await identify(trials.FOREIGN_BEFORE, f"https://{hand.mark}.example.com/flexsso")
    await identify(trials.URN_BEFORE, _urn(hand))
    mode = {"preferredSingleSignOnMode": "saml"}
    saml = await hand.did(
        "", lambda: graph.patch(hand.sp, mode, why="Setting SAML", before={"preferredSingleSignOnMode": None})
    )
    if saml:
        await hand.did(trials.URN_AFTER, partial(session.try_until, partial(_urn_after, hand), (BY_POLICY,),
            what="the switch to SAML", limit=UNTIL_SAML))  # fmt: skip
        await hand.did("", lambda: graph.patch(hand.app, NONE, why="Taking it off", before={}))
    await identify(trials.SCHEMELESS, f"flexsso.first-contact/{hand.application['appId']}")
    await _addresses(hand)
    await _settings(hand)
    await identify(trials.OWN, own_identifier(hand))


def own_identifier(hand: Hand) -> str:
    """An identifier that every policy allows, since it holds the tenant's id."""
    return f"api://{hand.session.tenant.tenant_id}/flexsso-{hand.mark}"


def _urn(hand: Hand) -> str:
    return f"urn:flexsso:{hand.mark}"


async def _urn_after(hand: Hand) -> None:
    body = {"identifierUris": [_urn(hand)]}
    await hand.session.graph.patch(hand.app, body, why="Trying an identifier", before=NONE)


async def _addresses(hand: Hand) -> None:
    graph = hand.session.graph
    urls = [f"https://first-contact.example.com/{number}" for number in (2, 1, 3)]
    body: Json = {"web": {"redirectUris": urls}}
    before: Json = {"web": {"redirectUris": []}}

    async def written_and_read() -> None:
        await graph.patch(hand.app, body, why="Writing three reply URLs", before=before)
        seen = 0
        for _ in range(60):
            found = await graph.get(hand.app, select="web")
            seen += len((found.get("web") or {}).get("redirectUris") or ()) == len(urls)
            if seen >= READS:
                return
            await hand.session.sleep(1.0)

    await hand.did(trials.ADDRESSES, written_and_read)
    local = {"web": {"redirectUris": [*urls, "http://localhost:8400/first-contact"]}}
    if await hand.did(trials.LOCALHOST, lambda: graph.patch(hand.app, local, why="One of this machine", before=body)):
        await hand.did("", lambda: graph.patch(hand.app, body, why="Taking it off", before=local))


async def _settings(hand: Hand) -> None:
    graph = hand.session.graph
    told, away = {"notificationEmailAddresses": SIX}, {"logoutUrl": "https://first-contact.example.com/out"}
    if await hand.did(trials.SIX_TOLD, lambda: graph.patch(hand.sp, told, why="Naming six", before={})):
        nobody: Json = {"notificationEmailAddresses": []}
        await hand.did("", lambda: graph.patch(hand.sp, nobody, why="Naming nobody", before=told))
    await hand.did(trials.LOGOUT, lambda: graph.patch(hand.sp, away, why="A sign-out address", before={}))
