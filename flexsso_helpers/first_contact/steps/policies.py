"""6: claims policies, signing policies and the portal's own claims, on the throw-away application only."""

import json
from functools import partial

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.hand import Hand, Json

CLAIMS, SIGNING = "/policies/claimsMappingPolicies", "/policies/tokenIssuancePolicies"
MAIL: Json = {"Source": "user", "ID": "mail", "SamlClaimType": "email"}
NAME_ID = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"
FORMAT: Json = {"SamlNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"}
SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
OF_A_PORTAL: Json = {"includeBasicClaimSet": True, "claims": []}


async def step(hand: Hand) -> None:
    """Make each kind, hang it up, try a second one, take one off that does not hang; then the portal's claims."""
    if not hand.application:
        return
    await _make(hand, trials.DESCRIBED, CLAIMS, claims(MAIL) | {"description": "first contact"})
    await _make(hand, trials.WRONG_KEY, CLAIMS, claims(MAIL | {"NoSuchKey": "user"}))
    await _make(hand, trials.NAME_ID_FORMAT, CLAIMS, claims(MAIL | {"SamlClaimType": NAME_ID} | FORMAT))
    first = await _make(hand, trials.CLAIMS_POLICY, CLAIMS, claims(MAIL))
    second = await _make(hand, "", CLAIMS, claims(MAIL)) if first else ""
    third = await _make(hand, "", CLAIMS, claims(MAIL)) if second else ""
    if await _hang(hand, trials.FIRST_CLAIMS, hand.sp, first):
        await _hang(hand, trials.SECOND_CLAIMS, hand.sp, second)
        await _off(hand, trials.NOT_HANGING, hand.sp, third)
    await _signing(hand)
    if hand.session.cloud.name == "global":
        await _portal(hand)


def claims(entry: Json) -> Json:
    """The definition of a claims policy with one claim."""
    inner = {"Version": 1, "IncludeBasicClaimSet": "true", "ClaimsSchema": [entry]}
    return {"definition": [json.dumps({"ClaimsMappingPolicy": inner})]}


def signing() -> Json:
    """The definition of a signing policy."""
    inner = {"Version": 1, "SigningAlgorithm": SHA256, "TokenResponseSigningPolicy": "ResponseAndToken"}
    return {"definition": [json.dumps({"TokenIssuancePolicy": inner})]}


async def _signing(hand: Hand) -> None:
    """On the application twice, then on the service principal, and whether it is read there."""
    first = await _make(hand, trials.SIGNING_POLICY, SIGNING, signing())
    second = await _make(hand, "", SIGNING, signing()) if first else ""
    if await _hang(hand, trials.SIGNING_ON_APPLICATION, hand.app, first, SIGNING):
        await _hang(hand, trials.SECOND_SIGNING, hand.app, second, SIGNING)
    if first:
        await _make_room(hand)
        await _hang(hand, trials.SIGNING_ON_PRINCIPAL, hand.sp, first, SIGNING)
        listed = f"{hand.sp}/tokenIssuancePolicies"
        await hand.did(trials.SIGNING_OF_PRINCIPAL, partial(hand.session.graph.list, listed))


async def _make_room(hand: Hand) -> None:
    """Take off what came with the certificate: a service principal takes one signing policy."""
    _, found = await hand.tries("", partial(hand.session.graph.list, f"{hand.sp}/tokenIssuancePolicies"))
    for each in found or ():
        if await _off(hand, "", hand.sp, str(each["id"]), SIGNING):
            path = f"{SIGNING}/{each['id']}"
            before = {"displayName": each.get("displayName"), "definition": each.get("definition")}
            await hand.did(
                "", partial(hand.session.graph.delete, path, why="It came with our certificate", before=before)
            )


async def _portal(hand: Hand) -> None:
    path, graph = f"/beta{hand.sp}/claimsPolicy", hand.session.graph
    await hand.did(trials.PORTAL_CLAIMS_BEFORE, partial(graph.get, path))
    put = partial(graph.put, path, OF_A_PORTAL, why="Writing the portal's claims", before={})
    if await hand.did(trials.PORTAL_CLAIMS_PUT, put):
        await hand.did("", partial(hand.session.sleep, 5.0))
        await hand.did(trials.PORTAL_CLAIMS, partial(graph.get, path))
        await hand.did(
            trials.PORTAL_CLAIMS_DELETED, partial(graph.delete, path, why="Deleting them", before=OF_A_PORTAL)
        )


async def _make(hand: Hand, trial: str, path: str, body: Json) -> str:
    """A policy's id; empty where it was not made. One whose answer was lost goes by its name at the end."""
    why = "Making a policy of the throw-away application"
    _, made = await hand.tries(
        trial, partial(hand.session.graph.post, path, {"displayName": hand.name, **body}, why=why)
    )
    return str((made or {}).get("id") or "")


async def _hang(hand: Hand, trial: str, owner: str, policy: str, kind: str = CLAIMS) -> bool:
    body = hand.session.graph.reference(f"{kind}/{policy}")
    path = f"{owner}/{kind.rpartition('/')[2]}/$ref"
    return bool(policy) and await hand.did(
        trial, partial(hand.session.graph.post, path, body, why="Hanging a policy up")
    )


async def _off(hand: Hand, trial: str, owner: str, policy: str, kind: str = CLAIMS) -> bool:
    path = f"{owner}/{kind.rpartition('/')[2]}/{policy}/$ref"
    return bool(policy) and await hand.did(
        trial, partial(hand.session.graph.delete, path, why="Taking a policy off", before={"policy": policy})
    )
