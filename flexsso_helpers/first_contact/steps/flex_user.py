"""The one Flex user that a first contact makes by signing on: what moves there, and its end."""

from collections.abc import Iterable
from dataclasses import dataclass

from flexsso_helpers.first_contact.hand import Hand
from flexsso_helpers.identities import identity
from flexsso_helpers.resources import at_flex
from flexsso_helpers.resources.at_flex import Everybody, Held
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.sections.sign_on.trace import Mark, mark

MADE = "first contact made at Flex: "
"""A remark of the ledger, with the contact's mark and both ids: what a run that was cut off left there."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What stands at Flex of the billed person at one moment."""

    mark: Mark
    user_there: bool


def theirs(held: Iterable[Held], name: str) -> list[Held]:
    """Whom a sign-on of this person made, or would overwrite: by name, and by mail where the NameID is another one."""
    return Everybody(list(held)).at(frozenset({identity(name)}))


async def standing(hand: Hand) -> Standing:
    """What stands there now; its ids are kept for the end. Raises FlexSSOError where the workers cannot be read."""
    flex = hand.session.flex
    configuration = await flex.configuration()
    workers = await flex.workers(configuration.workspace_sid)
    told = await look(flex.users(configuration.instance_sid))
    users = () if isinstance(told, NotSeen) else told
    own = next(iter(theirs(at_flex.joined(workers, users), hand.billed_user)), None)
    if own is None:
        return Standing(mark=mark(None, None), user_there=False)
    if not hand.at_flex:
        hand.at_flex = (own.worker_sid, own.user_sid)
        hand.session.ledger.remark(f"{MADE}{hand.mark} {own.worker_sid or '-'} {own.user_sid or '-'}")
    worker = next((each for each in workers if each.sid == own.worker_sid), None)
    user = next((each for each in users if each.sid == own.user_sid), None)
    return Standing(mark=mark(worker, user), user_there=user is not None)


def moved(before: Standing, after: Standing) -> dict[str, str]:
    """What a sign-on left at worker and Flex user, in words that say nothing of whom."""
    if not after.mark.worker_sid:
        worker = "none"
    elif not before.mark.worker_sid:
        worker = "made"
    else:
        worker = "same" if before.mark.updated == after.mark.updated else "moved"
    versions = (before.mark.user_version, after.mark.user_version)
    if not after.user_there:
        user = "none"
    elif versions[1] is None:
        user = "absent"
    else:
        user = "same" if versions[0] == versions[1] else "moved"
    return {"worker": worker, "flex_user": user}


async def end(hand: Hand) -> tuple[str, ...]:
    """End what the sign-ons made; what is still there afterwards, by its ids. Raises FlexSSOError."""
    if not hand.at_flex:
        return ()
    worker_sid, user_sid = hand.at_flex
    await at_flex.end(hand.session, [Held(name="", worker_sid=worker_sid, user_sid=user_sid)])
    configuration = await hand.session.flex.configuration()
    there = {each.sid for each in await hand.session.flex.workers(configuration.workspace_sid)}
    users = await look(hand.session.flex.users(configuration.instance_sid))
    there |= set() if isinstance(users, NotSeen) else {each.sid for each in users}
    return tuple(each for each in hand.at_flex if each in there)
