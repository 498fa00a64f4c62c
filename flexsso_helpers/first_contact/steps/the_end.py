"""13: deleting, restoring, and deleting for ever; then the server is asked whether anything is left."""

from functools import partial

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.hand import Hand, Json
from flexsso_helpers.first_contact.steps.certificates import KEYS
from flexsso_helpers.first_contact.steps.identifiers import own_identifier
from flexsso_helpers.first_contact.steps.template import POLICIES
from flexsso_helpers.first_contact.steps.who import grants
from flexsso_helpers.graph import literal

DELETED = "/directory/deletedItems"
KINDS = ("application", "servicePrincipal")
LAGGING = 300.0
"""Seconds until whatever was made is seen."""
SOON = 15.0


async def trials_of_the_end(hand: Hand) -> None:
    """Delete in the wrong order, let another take the identifier, and bring it back."""
    if not hand.application:
        return
    await grants(hand, trials.GRANTS_AFTERWARDS)
    await _standing(hand, trials.BEFORE_THE_END)
    await _whatever_was_lost(hand)
    await hand.did("", partial(_take_what_came_along, hand, {hand.application["id"], hand.principal["id"]}))
    cascaded = await _delete(hand, trials.APPLICATION_FIRST, hand.app)
    if not cascaded:
        await _delete(hand, "", hand.sp)
        if not await _delete(hand, "", hand.app):
            return
    holder = await _holder(hand)
    restored = holder and await _restore(hand, trials.RESTORED_BESIDE, str(hand.application["id"]))
    if holder:
        await _delete(hand, "", f"/applications/{holder}")
    restored = restored or await _restore(hand, "", str(hand.application["id"]))
    if restored and await _restore(hand, "", str(hand.principal["id"])):
        await hand.did("", partial(_again, hand))
        await _standing(hand, trials.RESTORED)
        body: Json = {"keyCredentials": [], "passwordCredentials": []}
        why = "Taking the active certificate away"
        await hand.did(trials.ACTIVE_REMOVED, lambda: hand.session.graph.patch(hand.sp, body, why=why, before={}))


async def _standing(hand: Hand, trial: str) -> None:
    """Read how many certificates and assignments there are, for the last time when they have been copied."""
    graph = hand.session.graph
    await hand.did("", partial(hand.session.sleep, SOON))
    await hand.did(trial, partial(graph.get, hand.sp, select=KEYS))
    await hand.did(trial, partial(graph.list, f"{hand.sp}/appRoleAssignedTo"))


async def _holder(hand: Hand) -> str:
    """Another application with the identifier of the deleted one; it holds nothing else, and ends at once."""
    body = {"displayName": hand.name, "identifierUris": [own_identifier(hand)]}
    why = "Trying the identifier of a deleted application"
    _, made = await hand.tries(trials.HOLDER, lambda: hand.session.graph.post("/applications", body, why=why))
    identity = str((made or {}).get("id") or "")
    if identity:
        await hand.did("", partial(_there, hand, f"/applications/{identity}"))
    return identity


async def _again(hand: Hand) -> None:
    await _there(hand, hand.app)
    await _there(hand, hand.sp)


async def _there(hand: Hand, path: str) -> None:
    async def read() -> Json:
        return await hand.session.graph.get(path, select="id", missing_ok=True)

    await hand.session.wait_until(read, bool, what="what was made or restored", times=2, limit=LAGGING)


async def _restore(hand: Hand, trial: str, identity: str) -> bool:
    path = f"{DELETED}/{identity}/restore"
    return await hand.did(trial, lambda: hand.session.graph.post(path, {}, why="Restoring what was deleted"))


async def _delete(hand: Hand, trial: str, path: str) -> bool:
    return await hand.did(
        trial, lambda: hand.session.graph.delete(path, why="It was made for this contact only", before={})
    )


async def clean_up(hand: Hand) -> None:
    """Delete whatever has our name, for ever; the service principal goes first, as its application asks.

    Where an answer was lost, what may have been made is waited for: nobody else will look for it.
    """
    for _ in range(3):
        await _whatever_was_lost(hand)
        await hand.did("", partial(hand.session.sleep, SOON))
        left = await leftovers(hand)
        if not left:
            return
        ours = {path.rpartition("/")[2] for path in left}
        await hand.did("", partial(_take_what_came_along, hand, ours))
        for path in left:
            await _delete(hand, "", path)


async def _whatever_was_lost(hand: Hand) -> None:
    """Let the copies show what may have been made though its answer was lost."""
    if hand.lost:
        hand.lost = False
        await hand.did("", partial(hand.session.sleep, LAGGING))


async def _take_what_came_along(hand: Hand, ours: set[str]) -> None:
    """Delete policies that the service made for our application under a name of its own, as with a certificate.

    They are new, and hang on nothing but ours. It is too late for that when the application is gone.
    """
    graph = hand.session.graph
    for kind in POLICIES:
        for each in await graph.list(kind):
            if each["id"] in hand.policies or each.get("displayName") == hand.name:
                continue
            owners = {str(owner["id"]) for owner in await graph.list(f"{kind}/{each['id']}/appliesTo")}
            if owners and owners <= ours:
                await _delete(hand, "", f"{kind}/{each['id']}")


async def leftovers(hand: Hand) -> list[str]:
    """The paths of all that has our name, deleted or not, in the order in which they can be deleted.

    What was made by us and is not listed yet is named by its id. Raises FlexSSOError where the tenant cannot be read.
    """
    graph, found = hand.session.graph, []
    named = {"$filter": f"displayName eq {literal(hand.name)}", "$select": "id,displayName"}
    for path in ("/servicePrincipals", "/applications"):
        found += [f"{path}/{each['id']}" for each in await graph.list(path, named)]
    for item, path in ((hand.principal, "/servicePrincipals"), (hand.application, "/applications")):
        known = f"{path}/{item['id']}" if item else ""
        if known and known not in found and await graph.get(known, select="id", missing_ok=True):
            found.append(known)
    for kind in KINDS:
        gone = await graph.list(f"{DELETED}/microsoft.graph.{kind}", named)
        found += [f"{DELETED}/{each['id']}" for each in gone if each.get("displayName") == hand.name]
    for path in POLICIES:
        found += [f"{path}/{each['id']}" for each in await graph.list(path) if each.get("displayName") == hand.name]
    return found


async def proof(hand: Hand) -> tuple[bool, tuple[str, ...]]:
    """Whether the server shows nothing of ours any more, and what it still shows. Copies may lag, so it is asked
    until it holds.
    """

    async def look() -> list[str]:
        return await leftovers(hand)

    with hand.recorder.during(trials.CLEAN):
        try:
            await hand.session.wait_until(
                look, lambda left: not left, what="a tenant with nothing of ours", times=2, limit=LAGGING
            )
        except FlexSSOError as error:
            hand.mishaps[trials.CLEAN] = error
            try:
                return False, tuple(await look())
            except FlexSSOError:
                return False, ()
    return True, ()
