"""5: a certificate for thirty days, what comes with it, and how metadata shows it."""

from datetime import timedelta
from functools import partial

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.hand import Hand, Json

DAYS = 30
WITH_IT = 15.0
"""Seconds until what came with a certificate is listed too."""
YOUNG = timedelta(minutes=5)
KEYS = "id,keyCredentials,passwordCredentials,preferredTokenSigningKeyThumbprint"


async def step(hand: Hand) -> None:
    """Make one, wait until it is listed, look at what is active; the metadata; and one as long as they live."""
    if not hand.application:
        return
    session, graph = hand.session, hand.session.graph
    _, before = await hand.tries("", partial(_count, hand))
    end = (session.now() + timedelta(days=DAYS)).replace(microsecond=0, second=0)
    hand.made_at = session.now()
    done, made = await _add(hand, trials.FIRST_CERTIFICATE, {"endDateTime": end.strftime("%Y-%m-%dT%H:%M:%SZ")})
    if done and made:
        thumbprint = str(made.get("thumbprint") or "")
        await hand.did("", partial(_listed, hand, before or 0))
        await hand.did(trials.AFTER_CERTIFICATE, partial(graph.get, hand.sp, select=KEYS))
        await hand.did(trials.POLICIES_OF_CERTIFICATE, partial(graph.list, f"{hand.sp}/tokenIssuancePolicies"))
        body = {"preferredTokenSigningKeyThumbprint": thumbprint}
        await hand.did(trials.ACTIVE, lambda: graph.patch(hand.sp, body, why="Making it active", before={}))
        if (hand.policy.get("applicationRestrictions") or {}).get("keyCredentials"):
            await _add(hand, trials.LONG_CERTIFICATE, {})
    await hand.did(trials.METADATA, partial(_metadata, hand))


async def glance(hand: Hand) -> None:
    """Look at the list and at the metadata once more, where the last look is a minute ago; between other steps."""
    if hand.made_at is None or hand.session.now() - hand.looked_at < timedelta(minutes=1):
        return
    hand.looked_at = hand.session.now()
    await hand.did(trials.WATCHED, partial(hand.session.graph.get, hand.sp, select=KEYS))
    await hand.did(trials.WATCHED, partial(hand.session.graph.metadata, str(hand.application["appId"])))


async def to_the_end(hand: Hand) -> None:
    """Go on looking until the time for it is over, each minute at first, then seldom."""
    if hand.made_at is None:
        return
    until = hand.made_at + timedelta(minutes=hand.watched)
    while hand.session.now() < until:
        await glance(hand)
        young = hand.session.now() - hand.made_at < YOUNG
        await hand.session.sleep(60.0 if young else 300.0)


async def _add(hand: Hand, trial: str, more: Json) -> tuple[bool, Json | None]:
    body: Json = {"displayName": f"CN={hand.name}", **more}
    path = f"{hand.sp}/addTokenSigningCertificate"
    return await hand.tries(trial, lambda: hand.session.graph.post(path, body, why="Making a certificate"))


async def _count(hand: Hand) -> int:
    found = await hand.session.graph.get(hand.sp, select=KEYS, missing_ok=True)
    return len(found.get("keyCredentials") or ())


async def _listed(hand: Hand, before: int) -> None:
    """Wait for the certificate, and then for whatever came with it."""
    await hand.session.wait_until(
        partial(_count, hand), lambda count: count > before, what="the certificate in the list"
    )
    await hand.session.sleep(WITH_IT)


async def _metadata(hand: Hand) -> None:
    async def there() -> bytes:
        try:
            return await hand.session.graph.metadata(str(hand.application["appId"]))
        except FlexSSOError:
            return b""

    await hand.session.wait_until(there, bool, what="the metadata", limit=300.0)
