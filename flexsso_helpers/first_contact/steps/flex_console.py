"""9 and 10: Flex led by the throw-away application: right at first, then with mistakes on purpose, then right again.

Only where it was agreed that one person is billed. What that person saw is kept as said; what moved at Flex, as seen.
Whoever stops in the middle is asked for the right values all the same, and a second sign-on proves them.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from flexsso_helpers.documented_claims import DOCUMENTED
from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.first_contact import mistakes, trials
from flexsso_helpers.first_contact.hand import Console, Hand, Json
from flexsso_helpers.first_contact.steps import flex_user
from flexsso_helpers.first_contact.steps.assignments import assign_patiently
from flexsso_helpers.first_contact.steps.identifiers import own_identifier
from flexsso_helpers.first_contact.steps.policies import CLAIMS, SIGNING, bare, claims, hang, make, signing
from flexsso_helpers.flex import Connection
from flexsso_helpers.person import ENDED, SAVED, ConsoleValues, Trial
from flexsso_helpers.resources.application import known_connection
from flexsso_helpers.saml.metadata import parse
from flexsso_helpers.sections.sign_on.my_apps_tile import link_of
from flexsso_helpers.sections.sign_on.trace import Look, trace

ROLE = "agent"
BY_NAME = "userprincipalname"
MISTAKEN = "first contact asked for a mistake in Flex Console: "
MENDED = "first contact has the right values in Flex Console: "
"""Remarks of the ledger, with the contact's mark; what a run that was cut off may have left."""
FOLLOWS = 60.0
"""Seconds after which a sign-on is taken to follow what was written."""
SHOWN = 10.0
"""Seconds in which Flex shows what a sign-on left."""


async def step(hand: Hand) -> None:
    """9: have the right values pasted, and sign on; then each mistake, a start at the tile, and less of a signature."""
    if not hand.application or not hand.billed_user or trials.ASSIGNED in hand.mishaps:
        return
    connection = await known_connection(hand.session)
    if not isinstance(connection, Connection):
        return
    with hand.recorder.during(trials.BEFORE_SAVE):
        hand.recorder.note({"console": "started"})
    if not await hand.did("", partial(_lead_to_flex, hand, connection)):
        return
    hand.console = Console(right=await _published(hand))
    if not await _paste(hand, trials.RIGHT_PASTE, hand.console.right, mistakes.RIGHT):
        return
    await hand.did(trials.AFTER_SAVE, hand.session.flex.listed_connections)
    await hand.did("", partial(_where_flex_listens, hand, connection))
    if await _sign_on(hand, trials.FIRST_AT_FLEX):
        await _mistakes(hand, hand.console)
        await _less(hand, hand.console)


async def again(hand: Hand) -> None:
    """10: the right values in Console again, where it may hold others, and a sign-on that proves them."""
    console = hand.console
    if console is None or (console.stopped and not console.wrong):
        return
    console.stopped = False
    try:
        if not console.wrong or await _paste(hand, trials.PUT_BACK, console.right, mistakes.AGAIN):
            await _sign_on(hand, trials.SECOND_AT_FLEX)
    finally:
        body = {"identifierUris": [own_identifier(hand)]}
        await hand.did("", lambda: hand.session.graph.patch(hand.app, body, why="No longer that of Flex", before={}))


async def _mistakes(hand: Hand, console: Console) -> None:
    stranger = _stranger(hand)
    for mistake in mistakes.MISTAKES:
        words = mistakes.PASTE.format(what=mistake.what)
        kept = await _paste(hand, mistake.trial, mistake.wrong(console.right, stranger), words)
        if kept and mistake.signs_on:
            await _sign_on(hand, mistake.trial)


async def _less(hand: Hand, console: Console) -> None:
    """What is tried with right values: a start at the tile, and a response of which the assertion alone is signed."""
    landing = (await hand.session.flex.configuration()).login_link
    values = replace(console.right, default_redirect_url=landing)
    if await _paste(hand, trials.TILE, values, mistakes.LAND):
        await _sign_on(hand, trials.TILE, at=link_of(hand.application["appId"], hand.session.tenant.tenant_id))
    if console.stopped or console.wrong:
        return
    for owner in (hand.sp, hand.app):
        await bare(hand, owner, SIGNING)
    await _sign_on(hand, trials.ASSERTION_ONLY)
    await _signed(hand)


async def _lead_to_flex(hand: Hand, connection: Connection) -> None:
    """Identifier, reply URL, a role of Flex, its assignment, the claims and the signature, as 02 to 07 set them."""
    graph, role = hand.session.graph, str(uuid5(NAMESPACE_URL, f"{hand.name}/{ROLE}"))
    found = await graph.get(hand.app, select="id,appRoles")
    of_flex = {
        "id": role, "value": ROLE, "displayName": ROLE, "description": ROLE, "isEnabled": True,
        "allowedMemberTypes": ["User"],
    }  # fmt: skip
    kept = [{key: value for key, value in each.items() if key != "origin"} for each in found["appRoles"]]  # G63
    body: Json = {
        "identifierUris": [connection.identifier],
        "web": {"redirectUris": [connection.reply_url]},
        "appRoles": [*kept, of_flex],
    }
    await graph.patch(hand.app, body, why="Leading the throw-away application to Flex", before={})
    await assign_patiently(hand, hand.session.principal.object_id, role)
    for owner, kind in ((hand.sp, CLAIMS), (hand.sp, SIGNING), (hand.app, SIGNING)):
        await bare(hand, owner, kind)
    entries = [{"Source": "user", "ID": _source(each.source), "SamlClaimType": each.type} for each in DOCUMENTED]
    await hang(hand, "", hand.sp, await make(hand, "", CLAIMS, claims(*entries)))
    await _signed(hand)


async def _where_flex_listens(hand: Hand, connection: Connection) -> None:
    """A login's start alone tells that the account is in another region, and listens elsewhere (F04)."""
    came = await hand.session.flex.probe(connection.name, stop_at=hand.session.cloud.login)
    if came.reply_url and came.reply_url != connection.reply_url:
        body: Json = {"web": {"redirectUris": [came.reply_url]}}
        await hand.session.graph.patch(hand.app, body, why="Where Flex listens", before={})


def _source(source: str | None) -> str:
    """Whoever signs on may have no mail."""
    return BY_NAME if source in (None, "mail") else source


async def _signed(hand: Hand) -> None:
    policy = await make(hand, "", SIGNING, signing())
    for owner in (hand.sp, hand.app):
        await hang(hand, "", owner, policy, SIGNING)


async def _published(hand: Hand) -> ConsoleValues:
    """The right values, as the federation metadata says them. Raises FlexSSOError."""
    document = parse(await hand.session.graph.metadata(str(hand.application["appId"])))
    found = await hand.session.graph.get(hand.sp, select="id,preferredTokenSigningKeyThumbprint")
    active = str(found.get("preferredTokenSigningKeyThumbprint") or "").lower()
    signs = next((each for each in document.certificates if each.sha1 == active), None)
    if signs is None:
        raise FlexSSOError(
            "The metadata shows no active certificate.",
            why="Without it Flex Console cannot be given the right values.",
            fix="Run 90 again: the metadata follows a certificate after some minutes.",
            notebook="90",
        )
    return ConsoleValues(certificate_pem=signs.pem, issuer=document.entity_id, sso_url=document.sso_url)


def _stranger(hand: Hand) -> str:
    """A certificate that signs nothing; its key is thrown away at once."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "flexsso first contact, signs nothing")])
    now = hand.session.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


async def _paste(hand: Hand, trial: str, values: ConsoleValues, words: str) -> bool:
    """Have these pasted; whether Console saved them. Before that is known, they may be in Console."""
    console = hand.console
    if console is None or console.stopped:
        return False
    right = replace(values, default_redirect_url="") == console.right
    if not right and not console.wrong:
        hand.session.ledger.remark(f"{MISTAKEN}{hand.mark}")
    console.wrong |= not right
    with hand.recorder.during(trial):
        hand.recorder.note({"console": "asked"})
    said = await hand.session.person.tries(Trial(title=trial, words=words, choices=SAVED, values=values))
    console.stopped = not said
    if said == "saved" and right:
        console.wrong = False
        hand.session.ledger.remark(f"{MENDED}{hand.mark}")
    with hand.recorder.during(trial):
        hand.recorder.note({"console": said or "nobody"})
    return said == "saved"


async def _sign_on(hand: Hand, trial: str, *, at: str = "") -> bool:
    """One sign-on of the billed person; whether Flex let them in, by what it shows or by what they say."""
    session, console, user = hand.session, hand.console, hand.billed_user
    if console is None or console.stopped:
        return False

    async def once() -> bool:
        await session.sleep(FOLLOWS)
        before, began = await flex_user.standing(hand), await session.present()
        link = at or (await session.flex.configuration()).login_link
        words = mistakes.SIGN_ON.format(user=user)
        said = await session.person.tries(Trial(title=trial, words=words, choices=ENDED, link=link, user=user))
        console.stopped = not said
        await session.sleep(SHOWN)
        after = await flex_user.standing(hand)
        left = bool(said and trace(after.mark, began, Look(at=began, mark=before.mark)))
        hand.recorder.note({"said": said or "nobody", **flex_user.moved(before, after), "trace": left})
        return said == "opened" or left

    return bool((await hand.tries(trial, once))[1])
