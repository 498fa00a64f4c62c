"""6 and 9: claims policies, signing policies and the portal's own claims, on the throw-away application only."""

import json
from functools import partial

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.besides import EYES
from flexsso_helpers.first_contact.hand import Hand, Json
from flexsso_helpers.person import Trial

CLAIMS, SIGNING = "/policies/claimsMappingPolicies", "/policies/tokenIssuancePolicies"
MAIL: Json = {"Source": "user", "ID": "mail", "SamlClaimType": "email"}
NAME_ID = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"
FORMAT: Json = {"SamlNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"}
SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
OF_A_PORTAL: Json = {"includeBasicClaimSet": True, "claims": []}


async def step(hand: Hand) -> None:
    """Make each kind, hang it up, try a second one, and take one off that does not hang."""
    if not hand.application:
        return
    await make(hand, trials.DESCRIBED, CLAIMS, claims(MAIL, basic=True) | {"description": "first contact"})
    await make(hand, trials.WRONG_KEY, CLAIMS, claims(MAIL | {"NoSuchKey": "user"}, basic=True))
    await make(hand, trials.NAME_ID_FORMAT, CLAIMS, claims(MAIL | {"SamlClaimType": NAME_ID} | FORMAT, basic=True))
    first = await make(hand, trials.CLAIMS_POLICY, CLAIMS, claims(MAIL, basic=True))
    second = await make(hand, "", CLAIMS, claims(MAIL, basic=True)) if first else ""
    third = await make(hand, "", CLAIMS, claims(MAIL, basic=True)) if second else ""
    if await hang(hand, trials.FIRST_CLAIMS, hand.sp, first):
        await hang(hand, trials.SECOND_CLAIMS, hand.sp, second)
        await off(hand, trials.NOT_HANGING, hand.sp, third)
    await _signing(hand)
    await _in_the_portal(hand)


async def _in_the_portal(hand: Hand) -> None:
    """What only somebody's eye sees: both policies hang, and the portal has its own word on them."""
    for name, look in EYES.items():
        words = look.words.format(name=hand.name)
        said = await hand.session.person.tries(Trial(title=look.title, words=words, choices=look.choices))
        if not said:
            return  # nobody looks
        with hand.recorder.during(look.title):
            hand.recorder.note({name: said})


def claims(*entries: Json, basic: bool = False) -> Json:
    """The definition of a claims policy with these claims, beside the basic ones or alone."""
    inner = {"Version": 1, "IncludeBasicClaimSet": str(basic).lower(), "ClaimsSchema": list(entries)}
    return {"definition": [json.dumps({"ClaimsMappingPolicy": inner})]}


def signing() -> Json:
    """The definition of a signing policy."""
    inner = {"Version": 1, "SigningAlgorithm": SHA256, "TokenResponseSigningPolicy": "ResponseAndToken"}
    return {"definition": [json.dumps({"TokenIssuancePolicy": inner})]}


async def _signing(hand: Hand) -> None:
    """On the application twice, then on the service principal, and whether it is read there."""
    first = await make(hand, trials.SIGNING_POLICY, SIGNING, signing())
    second = await make(hand, "", SIGNING, signing()) if first else ""
    if await hang(hand, trials.SIGNING_ON_APPLICATION, hand.app, first, SIGNING):
        await hang(hand, trials.SECOND_SIGNING, hand.app, second, SIGNING)
    if first:
        await _make_room(hand)
        await hang(hand, trials.SIGNING_ON_PRINCIPAL, hand.sp, first, SIGNING)
        listed = f"{hand.sp}/tokenIssuancePolicies"
        await hand.did(trials.SIGNING_OF_PRINCIPAL, partial(hand.session.graph.list, listed))


async def _make_room(hand: Hand) -> None:
    """Take off what came with the certificate: a service principal takes one signing policy."""
    _, found = await hand.tries("", partial(hand.session.graph.list, f"{hand.sp}/tokenIssuancePolicies"))
    for each in found or ():
        if await off(hand, "", hand.sp, str(each["id"]), SIGNING):
            path = f"{SIGNING}/{each['id']}"
            before = {"displayName": each.get("displayName"), "definition": each.get("definition")}
            await hand.did(
                "", partial(hand.session.graph.delete, path, why="It came with our certificate", before=before)
            )


async def portal(hand: Hand) -> None:
    """9: the portal's own claims, which no other cloud has; they come after the sign-ons, which they would change."""
    if not hand.application or hand.session.cloud.name != "global":
        return
    path, graph = f"/beta{hand.sp}/claimsPolicy", hand.session.graph
    await hand.did(trials.PORTAL_CLAIMS_BEFORE, partial(graph.get, path))
    put = partial(graph.put, path, OF_A_PORTAL, why="Writing the portal's claims", before={})
    if await hand.did(trials.PORTAL_CLAIMS_PUT, put):
        await hand.did("", partial(hand.session.sleep, 5.0))
        await hand.did(trials.PORTAL_CLAIMS, partial(graph.get, path))
        await hand.did(
            trials.PORTAL_CLAIMS_DELETED, partial(graph.delete, path, why="Deleting them", before=OF_A_PORTAL)
        )


async def make(hand: Hand, trial: str, path: str, body: Json) -> str:
    """A policy's id; empty where it was not made. One whose answer was lost goes by its name at the end."""
    why = "Making a policy of the throw-away application"
    _, made = await hand.tries(
        trial, partial(hand.session.graph.post, path, {"displayName": hand.name, **body}, why=why)
    )
    return str((made or {}).get("id") or "")


async def hang(hand: Hand, trial: str, owner: str, policy: str, kind: str = CLAIMS) -> bool:
    body = hand.session.graph.reference(f"{kind}/{policy}")
    path = f"{owner}/{kind.rpartition('/')[2]}/$ref"
    return bool(policy) and await hand.did(
        trial, partial(hand.session.graph.post, path, body, why="Hanging a policy up")
    )


async def off(hand: Hand, trial: str, owner: str, policy: str, kind: str = CLAIMS) -> bool:
    path = f"{owner}/{kind.rpartition('/')[2]}/{policy}/$ref"
    return bool(policy) and await hand.did(
        trial, partial(hand.session.graph.delete, path, why="Taking a policy off", before={"policy": policy})
    )


async def bare(hand: Hand, owner: str, kind: str) -> None:
    """Take off all policies of a kind; where they may not be read, what we hung there is not there either."""
    path = f"{owner}/{kind.rpartition('/')[2]}"
    _, found = await hand.tries("", partial(hand.session.graph.list, path))
    for each in found or ():
        await off(hand, "", owner, str(each["id"]), kind)
