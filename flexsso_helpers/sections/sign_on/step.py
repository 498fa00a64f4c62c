"""08 · Test the sign-on: a real response judged, and the worker that it made (D29–D32).

Success is a sign-on, not a setting. A response stays in memory; its verdict and its SHA-256 are kept.
"""

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from flexsso_helpers.identities import same
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.parameters import AttestedSignOn
from flexsso_helpers.person import SeenSignOn
from flexsso_helpers.plan import Approval, Change, Value, compare
from flexsso_helpers.resources import federation_metadata, people
from flexsso_helpers.resources.account_workers import account_workers
from flexsso_helpers.resources.application import find, known_connection
from flexsso_helpers.resources.attested import moment, standing_sign_ons
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.resources.test_users import Tested, look_up, roles_by_user
from flexsso_helpers.saml.reading import Unreadable
from flexsso_helpers.saml.reading import read as read_response
from flexsso_helpers.saml.response import verify as verified
from flexsso_helpers.sections.settings import keys
from flexsso_helpers.sections.sign_on import at_flex, my_apps_tile, worker_attributes
from flexsso_helpers.sections.sign_on import configuration as live
from flexsso_helpers.sections.sign_on.findings import State, current, due_of, facts, findings
from flexsso_helpers.sections.sign_on.other_workers import Others, others
from flexsso_helpers.sections.sign_on.pasted import pasted, put_away, responses, tile_opened
from flexsso_helpers.sections.sign_on.received import received
from flexsso_helpers.sections.sign_on.results import Results, SignedOn, pictures
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.views import CopyField, CopyFields, Progress, in_progress, show

__all__ = ["STEP", "apply", "pictures", "plan", "responses", "verify"]

NOT_FOLLOWED_YET = "AADSTS50146"
PATIENCE = (15.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds before each further try of a person who reads that refusal although a certificate is active."""


async def read(session: Session) -> State:
    """The test users as Entra and Flex know them."""
    found = await find(session)
    configuration = await session.flex.configuration()
    workers = await account_workers(session)
    assigned = await roles_by_user(session, found) if found else {}
    document = await federation_metadata.metadata(session, found) if found else None
    certificate = federation_metadata.active(found, document) if found else None
    standing = standing_sign_ons(session.tenant, certificate)
    await people.users_named(session, session.tenant.test_sign_ons)  # all at once; below each is remembered
    tested = [
        await look_up(session, name, assigned, workers, **_earlier(standing, name))
        for name in session.tenant.test_sign_ons
    ]
    results = session.memory(Results)
    results.standing = standing
    results.first = await at_flex.looks(session, configuration, workers, tested) | results.first
    policy = await live.claims_policy(session) if found else None
    everyone = await look(people.users(session, sorted(assigned)))  # only to tell whose the other workers are
    return State(
        app=found is not None,
        login_link=configuration.login_link if configuration.runtime_domain else "",
        certificate_start=moment(certificate.not_before) if certificate else "",
        certificate_sha256=certificate.sha256 if certificate else "",
        connected=await known_connection(session, ask=False) is not None,
        tested=tuple(tested),
        sent=tuple(policy.claims) if policy and policy.there else None,
        others=Others() if isinstance(everyone, NotSeen) else others(workers, everyone, session.tenant),
        held=await worker_attributes.read(session, assigned, workers) if found else (),
        tile=my_apps_tile.read(session, found, tuple(each.user_name for each in tested if each.roles)),
        sign_in_at=session.person.address(configuration.login_link) if configuration.runtime_domain else "",
        results=results,
    )


def _earlier(standing: AttestedSignOn | None, name: str) -> dict[str, str]:
    """What an earlier sign-on of this person, which still counts, says."""
    if standing and _among(name, standing.users):
        return {"proved_at": standing.at}
    return {"said": f"by {standing.by} on {standing.at[:10]}"} if standing and _among(name, standing.said) else {}


def _among(name: str, names: Iterable[str]) -> bool:
    return any(same(name, other) for other in names)


def settled(state: State) -> object:
    """What an approval is for: all that was read but what the sign-ons themselves move at Flex."""
    persons = [(each.user_name, each.id, each.name_id, each.roles, each.proved_at, each.said) for each in state.tested]
    return [
        state.app,
        state.login_link,
        state.certificate_sha256,
        state.connected,
        state.sent,
        persons,
        asdict(state.tile),
    ]


def forget_failures(session: Session) -> None:
    """A new plan gives everyone whose sign-on failed another try; a genuine response without a trace is kept."""
    results = session.memory(Results)
    kept = results.of("proved", "said", "half")
    results.by_user = {name: done for name, done in results.by_user.items() if name in kept}
    results.tile = results.tile if results.tile and results.tile.signed_in else None


def changes(_context: Context, state: State) -> tuple[Change, ...]:
    """A sign-on for everyone whose last one is missing, or says nothing of the present certificate, NameID or Console.

    The change is the sign-on; whether it proves anything is for verify to say.
    """
    results = state.results
    persons = tuple(
        compare(
            f"Sign-on of {each.user_name}",
            _now(each, results),
            due_of(each, state),
            reason=f"expected in Flex as {', '.join(each.roles)}" if each.roles else "nothing is assigned yet",
            instructions=("D29", "D30", "D31"),
            undo="the first sign-on of a person makes a worker, which Twilio bills",
            key=f"sign_on {each.user_name}",
        )
        for each in state.tested
        if each.id
    )
    return (*persons, *my_apps_tile.changes(state.tile, state.certificate_start, done=results.tile is not None))


def _now(each: Tested, results: Results) -> Value:
    done = results.by_user.get(each.user_name)
    if done and done.verdict == "half":
        return "genuine response, nothing seen at Flex"
    if (done and done.ended) or current(each):
        return "done"
    return each.proved_at[:10] or None


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """Have each person sign on, judge the response, look for its trace at Flex, and attest those that are proved.

    What somebody has pasted for one person counts, also while others are still awaited.
    """
    chosen_keys = keys(chosen)
    results = session.memory(Results)
    due = [each for each in state.tested if f"sign_on {each.user_name}" in chosen_keys]
    if to_open := _to_open(session, state, due, chosen_keys):
        show(to_open)
    for each in due:
        seen = pasted(session, each.user_name) or await _signed_on(session, state, each)
        if seen is not None:
            try:
                results.by_user[each.user_name] = await received(session, each, seen)
            finally:
                put_away(session, each.user_name)
    await at_flex.complete_sign_ons(session, due)
    awaited = any(not (done := results.by_user.get(each.user_name)) or not done.ended for each in due)
    noted: dict[tuple[str | int, ...], Any] = {}
    if set(results.of("proved", "said")) & {each.user_name for each in due}:
        noted[("attested", "sign_on")] = _attestation(session, results, state, moment(await session.present()))
    if my_apps_tile.KEY in chosen_keys:
        start = await my_apps_tile.start(session, state.tile, ticked=tile_opened(session))
        results.tile = replace(start, response="") if start else None
        awaited = awaited or start is None
        if start and start.signed_in:
            noted |= my_apps_tile.attestation(session, state.tile, moment(await session.present()))
    if noted:
        session.record(noted)
    return not awaited


def _to_open(session: Session, state: State, due: list[Tested], chosen_keys: set[str]) -> CopyFields | None:
    """The links, for a human being who has not told yet what came of them; None where nobody is awaited."""
    if not session.person.human:
        return None
    fields = [
        CopyField(f"Sign in as {each.user_name}", f"expected in Flex as {', '.join(each.roles)}", state.sign_in_at)
        for each in due
        if state.sign_in_at and not pasted(session, each.user_name)
    ]
    link = ("open the login link", state.sign_in_at) if fields else None
    if my_apps_tile.KEY in chosen_keys and not tile_opened(session):
        tile = session.person.address(state.tile.link)
        fields.append(CopyField(f"Open the tile as {state.tile.user}", "on My Apps", tile))
    title = "08 · Sign in, each person in a private window of their own"
    return CopyFields(title, fields, link=link, badge=session.badge) if fields else None


def _attestation(session: Session, results: Results, state: State, now: str) -> dict[str, Any]:
    """Those of this session beside those of before that still count; the moment is that of the oldest."""
    standing, proved, opened = results.standing, results.of("proved"), results.of("said")
    moments = [min(now, _issued(results.by_user[user])) for user in (*proved, *opened)]
    if standing:
        before = [[user for user in names if user not in results.by_user] for names in (standing.users, standing.said)]
        proved, opened = before[0] + proved, before[1] + opened
        moments += [standing.at] if before[0] or before[1] else []
    return {
        "at": min(moments),
        "by": session.person.name,
        "users": _in_order(session, proved),
        **({"said": _in_order(session, opened)} if opened else {}),
        "name_id": session.tenant.name_id,
        "certificate_sha256": state.certificate_sha256,
    }


def _issued(done: SignedOn) -> str:
    return moment(done.judgement.issued) if done.judgement and done.judgement.issued else ""


def _in_order(session: Session, users: list[str]) -> list[str]:
    order = {name: number for number, name in enumerate(session.tenant.test_sign_ons)}
    return sorted(users, key=lambda user: order.get(user, len(order)))


async def _signed_on(session: Session, state: State, each: Tested) -> SeenSignOn | None:
    """One sign-on. Sign-in follows a change of certificates only after some minutes, and says so by refusing (G74)."""
    seen = await session.person.sign_on(state.login_link, each.user_name)
    for pause in PATIENCE:
        if not (seen and state.certificate_start and _not_followed_yet(seen, state.certificate_sha256)):
            break
        with in_progress(lambda: Progress.waiting("Entra’s sign-in to follow the certificate", session.badge)) as say:
            say("usually some minutes", None)
            await session.sleep(pause)
        seen = await session.person.sign_on(state.login_link, each.user_name)
    return seen


def _not_followed_yet(seen: SeenSignOn, active_sha256: str) -> bool:
    """Whether Entra refuses for want of the new certificate, or signs with one that is active no longer."""
    if NOT_FOLLOWED_YET in seen.said or seen.signed_in or not seen.response:
        return NOT_FOLLOWED_YET in seen.said
    try:
        used = verified(read_response(seen.response).xml, ()).signatures
    except Unreadable:
        return False
    named = {each.key_info.sha256 for each in used if each.key_info}
    return bool(named) and active_sha256 not in named


STEP = Step(
    number="08",
    title=TITLES["08"],
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    asks="These people may be signed on now, as far as they are assigned",
    facts=facts,
    begin=forget_failures,
    settled=settled,
    waiting="a person has to sign in at the login link",
)
plan, apply, verify = STEP.plan, STEP.apply, STEP.verify
