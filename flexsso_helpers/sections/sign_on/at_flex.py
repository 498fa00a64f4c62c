"""08 · Flex's half of a sign-on: looks at the worker and the Flex user until the sign-on shows there, or does not."""

from collections.abc import Sequence
from dataclasses import replace

from flexsso_helpers.flex import Configuration
from flexsso_helpers.resources.account_workers import Workers, account_workers
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.resources.test_users import Tested
from flexsso_helpers.sections.sign_on.pasted import flex_opened
from flexsso_helpers.sections.sign_on.received import configured_side, refused_by_flex
from flexsso_helpers.sections.sign_on.results import Results, SignedOn
from flexsso_helpers.sections.sign_on.trace import Look, mark, trace
from flexsso_helpers.session import Session
from flexsso_helpers.views import Progress, in_progress

PAUSES = (2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds before each further look. A worker is there at once; its lists may follow later."""


async def looks(
    session: Session, configuration: Configuration, workers: Workers, tested: Sequence[Tested]
) -> dict[str, Look]:
    """What stands at Flex of each person now. The Flex user is worth knowing and can be done without (F112)."""
    found: dict[str, Look] = {}
    for each in tested:
        if not each.name_id:
            continue
        user = None
        if configuration.instance_sid:
            user = await look(session.flex.user(configuration.instance_sid, each.name_id))
        known = None if isinstance(user, NotSeen) else user
        found[each.user_name] = Look(
            at=await session.present(), mark=mark(next(iter(workers.own(each.name_id)), None), known)
        )
    return found


async def complete_sign_ons(session: Session, tested: Sequence[Tested]) -> None:
    """Complete each genuine response of this session with what is seen at Flex, else with what a person says of it."""
    results = session.memory(Results)
    people = {each.user_name: each for each in tested}
    with in_progress(lambda: Progress.waiting("Flex to show the sign-on", session.badge)) as say:
        for pause in (0.0, *PAUSES):
            waiting = [people[user] for user in results.of("half") if user in people]
            if not waiting:
                break
            if pause:
                say(f"{len(waiting)} not seen yet", None)
                await session.sleep(pause)
            await _look_for(session, results, waiting)
    for user in results.of("half"):
        if user in people:
            results.by_user[user] = await _without_trace(session, people[user], results)


async def _look_for(session: Session, results: Results, waiting: Sequence[Tested]) -> None:
    configuration = await session.flex.configuration()
    workers = await account_workers(session)
    now = await looks(session, configuration, workers, waiting)
    for each in waiting:
        done, seen = results.by_user[each.user_name], now.get(each.user_name)
        if seen and done.judgement and done.judgement.issued:
            left = trace(seen.mark, done.judgement.issued, results.first.get(each.user_name), done.looked)
            results.by_user[each.user_name] = replace(done, trace=left)
            results.worker_there[each.user_name] = bool(seen.mark.worker_sid)


async def _without_trace(session: Session, each: Tested, results: Results) -> SignedOn:
    done = results.by_user[each.user_name]
    if not results.worker_there.get(each.user_name):
        said = f"Entra’s response is right, and Flex has no worker {each.name_id}: it did not take the response"
        told = refused_by_flex(await configured_side(session))
        return replace(done, seen=replace(done.seen, signed_in=False, said=said), told=told)
    if done.seen.signed_in or flex_opened(session, each.user_name):
        return replace(done, opened=session.person.name)
    return replace(done, looked=done.looked or await session.present())
