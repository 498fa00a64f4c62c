"""8: the signed-in person signs on to the throw-away application, and the responses come to this machine.

Only where it was asked for: a browser of this machine opens for each. What is noted of a response is its NameID, its
format, what is signed, and whether an optional claim came; the response itself stays in memory.
"""

import asyncio
from functools import partial

from lxml import etree

from flexsso_helpers.errors import FlexSSOError, WaitedTooLong
from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.hand import Hand, Json
from flexsso_helpers.first_contact.steps.identifiers import own_identifier
from flexsso_helpers.first_contact.steps.policies import (
    CLAIMS,
    NAME_ID,
    SIGNING,
    bare,
    claims,
    hang,
    make,
    off,
    signing,
)
from flexsso_helpers.saml import reading
from flexsso_helpers.saml.capture import new_request
from flexsso_helpers.saml.listener import listening

UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
OPTIONAL: Json = {"optionalClaims": {"saml2Token": [{"name": "upn", "essential": False, "additionalProperties": []}]}}
OPTIONAL_NAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
BY_NAME: Json = {"Source": "user", "ID": "userprincipalname", "SamlClaimType": NAME_ID}
FOLLOWS = 30.0
"""Seconds after which a sign-on is taken to follow what was written."""


async def step(hand: Hand) -> None:
    """Register this machine, then sign on without any policy, and with one kind after the other."""
    ready = hand.application and trials.LOCALHOST not in hand.mishaps and trials.ASSIGNED not in hand.mishaps
    if not hand.sign_ons or not ready or hand.session.person.elsewhere():
        return
    for owner, kind in ((hand.sp, CLAIMS), (hand.sp, SIGNING), (hand.app, SIGNING)):
        await bare(hand, owner, kind)
    why = "An optional claim to look for"
    await hand.did("", lambda: hand.session.graph.patch(hand.app, OPTIONAL, why=why, before={}))
    sign_on = partial(_sign_on, hand)
    if not await sign_on(trials.SIGN_ON_PLAIN):
        return  # nobody is there
    await sign_on(trials.SIGN_ON_UNSPECIFIED, UNSPECIFIED)
    plain = await make(hand, "", CLAIMS, claims(BY_NAME))
    policy = await make(hand, "", SIGNING, signing())
    await hang(hand, "", hand.sp, plain)
    if plain and await hang(hand, "", hand.app, policy, SIGNING):
        await sign_on(trials.SIGN_ON_CLAIMS)
        await off(hand, "", hand.app, policy, SIGNING)
        await sign_on(trials.SIGN_ON_PERSISTENT, PERSISTENT)
    await off(hand, "", hand.sp, plain)
    formatted = await make(hand, "", CLAIMS, claims(BY_NAME | {"SamlNameIdFormat": PERSISTENT}))
    await hang(hand, "", hand.sp, formatted)
    await hang(hand, "", hand.sp, policy, SIGNING)
    await sign_on(trials.SIGN_ON_FORMAT)


async def _sign_on(hand: Hand, trial: str, name_id_format: str = "") -> bool:
    """One sign-on, each at a port of its own; whether a response came."""
    session, asked = hand.session, new_request()
    here: Json = {"web": {"redirectUris": [asked.reply_url]}}
    why = "For one sign-on on this machine"
    await hand.did("", lambda: session.graph.patch(hand.app, here, why=why, before={}))

    async def once() -> None:
        await session.sleep(FOLLOWS)
        sso_url = session.cloud.login_url(session.tenant.tenant_id)
        link = asked.link(sso_url, own_identifier(hand), await session.present(), name_id_format=name_id_format)
        async with listening(asked, limit=hand.patience) as arrived:
            await session.person.answer_request(link, session.principal.user_name, asked.reply_url)
            try:
                response = await asyncio.wait_for(arrived, hand.patience)
            except TimeoutError:
                raise WaitedTooLong(
                    "No response came to this machine.",
                    why="Nobody signed in within the time, or the sign-in service refused.",
                    fix="Run 90 again, and sign in at the page that opens.",
                    notebook="90",
                ) from None
        hand.recorder.note(facts(reading.read(response).xml) | _who(hand))

    return await hand.did(trial, once)


def _who(hand: Hand) -> Json:
    return {"userPrincipalName": hand.session.principal.user_name, "mail": hand.session.principal.mail}


def facts(xml: bytes) -> Json:
    """What is noted of a response. Raises FlexSSOError for what is none."""
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise FlexSSOError(
            "What came is no response.",
            why="Something else posted to this machine's port, or it was cut on the way.",
            fix="Run 90 again.",
            notebook="90",
        ) from error
    name_id = root.find(".//{*}Subject/{*}NameID")
    places = (("Response", root), ("Assertion", root.find("{*}Assertion")))
    signed = [name for name, place in places if place is not None and place.find("{*}Signature") is not None]
    names = {each.get("Name") for each in root.iterfind(".//{*}Attribute")}
    return {
        "name_id": "".join(map(str, name_id.itertext())) if name_id is not None else None,
        "name_id_format": name_id.get("Format") if name_id is not None else None,
        "signed": signed,
        "optional_claim": OPTIONAL_NAME in names,
    }
