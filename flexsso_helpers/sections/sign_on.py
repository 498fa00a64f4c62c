"""08 · Test the sign-on: a real response judged, and the worker that it made (D29–D32).

Success is a sign-on, not a setting. A response stays in memory; its verdict and its SHA-256 are kept.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from flexsso_helpers.person import SeenSignOn
from flexsso_helpers.plan import Approval, Change, Finding, Pending, Value, compare
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.saml.checks_configuration import CHECKS
from flexsso_helpers.saml.diagnosis import Judgement
from flexsso_helpers.sections import account_workers, flex_worker, live, people, published, tile, worker_claims
from flexsso_helpers.sections.account_workers import Others, others
from flexsso_helpers.sections.application import find, known_connection
from flexsso_helpers.sections.attesting import moment, still_counts
from flexsso_helpers.sections.findings import judged
from flexsso_helpers.sections.pasted import opened, pasted, responses
from flexsso_helpers.sections.received import received
from flexsso_helpers.sections.signed_on import Results, SignedOn, pictures
from flexsso_helpers.sections.step import Step
from flexsso_helpers.sections.tested import Tested, look_up, roles_by_user
from flexsso_helpers.sections.tile import Tile
from flexsso_helpers.session import Session
from flexsso_helpers.views import Progress, in_progress

__all__ = ["STEP", "apply", "pictures", "plan", "responses", "verify"]

FIX = "08 · Test sign-on: sign on again."
NOT_FOLLOWED_YET = "AADSTS50146"
PATIENCE = (15.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds before each further try of a person who reads that refusal although a certificate is active."""


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read."""

    app: bool = False
    login_link: str = ""
    certificate_start: str = ""
    connected: bool = False
    """Whether Flex, or the file, knows a connection by which people could sign on."""
    tested: tuple[Tested, ...] = ()
    sent: tuple[str, ...] | None = None
    """Names of the claims that the policy sends; None when none is there or it may not be read."""
    others: Others = field(default_factory=Others)
    held: tuple[worker_claims.Held, ...] = ()
    """The further attributes of the test users' workers, as they should be and as they are."""
    tile: Tile = field(default_factory=Tile)


async def read(session: Session) -> State:
    """The test users as Entra and Flex know them."""
    found = await find(session)
    configuration = await session.flex.configuration()
    workers = await session.flex.workers(configuration.workspace_sid) if configuration.workspace_sid else ()
    assigned = await roles_by_user(session, found) if found else {}
    attested = session.tenant.attested.sign_on if session.tenant.attested else None
    document = await published.metadata(session, found) if found else None
    certificate = published.active(found, document) if found else None
    # Whom another NameID identified was another worker in Flex; that proof says nothing any more (S51).
    counts = attested is not None and attested.name_id in (None, session.tenant.name_id)
    proved = dict.fromkeys(attested.users, attested.at) if attested and counts else {}
    tested = [
        await look_up(session, name, assigned, workers, proved.get(name, "")) for name in session.tenant.test_sign_ons
    ]
    policy = await live.claims_policy(session) if found else None
    return State(
        app=found is not None,
        login_link=configuration.login_link if configuration.runtime_domain else "",
        certificate_start=moment(certificate.not_before) if certificate else "",
        connected=await known_connection(session, ask=False) is not None,
        tested=tuple(tested),
        sent=tuple(policy.claims) if policy and policy.there else None,
        others=others(workers, await people.users(session, sorted(assigned)), session.tenant),
        held=await worker_claims.read(session, assigned, workers) if found else (),
        tile=tile.read(session, found, tuple(each.user_name for each in tested if each.roles)),
    )


def forget_failures(session: Session) -> None:
    """A new plan gives everyone whose sign-on failed another try."""
    results = session.memory(Results)
    results.by_user = {name: done for name, done in results.by_user.items() if done.proved}
    results.tile = results.tile if results.tile and results.tile.signed_in else None


def changes(session: Session, state: State) -> tuple[Change, ...]:
    """A sign-on for everyone whose last proof is missing, older than the active certificate, or of another NameID.

    The change is the sign-on; whether it proves anything is for verify to say.
    """
    results = session.memory(Results)
    persons = tuple(
        compare(
            f"Sign-on of {each.user_name}",
            "done" if each.user_name in results.by_user or _current(each, state) else each.proved_at[:10] or None,
            _due(each, state),
            reason=f"expected in Flex as {', '.join(each.roles)}" if each.roles else "nothing is assigned yet",
            instructions=("D29", "D30", "D31"),
            undo="the first sign-on of a person makes a worker, which Twilio bills",
        )
        for each in state.tested
        if each.id
    )
    return (*persons, *tile.changes(state.tile, state.certificate_start, done=results.tile is not None))


def _due(each: Tested, state: State) -> Value:
    """Nobody can be signed on before there is a role, a certificate to sign with, and a connection in Flex."""
    if not (state.app and each.roles):
        return Pending("07")
    if not state.certificate_start:
        return Pending("03")
    return "done" if state.connected else Pending("06")


def _current(each: Tested, state: State) -> bool:
    """Whether the last proof still says something: with this certificate, and as the worker of this NameID."""
    return still_counts(each.proved_at, state.certificate_start) and bool(each.worker_sid)


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """Have each person sign on, judge the response, and attest the day of those that are proved.

    What somebody has pasted for one person counts, also while others are still awaited.
    """
    settings = {change.setting for change in chosen}
    results = session.memory(Results)
    done, awaited = False, False
    for each in state.tested:
        if f"Sign-on of {each.user_name}" not in settings:
            continue
        seen = pasted(session, each.user_name) or await _signed_on(session, state, each)
        if seen is None:
            awaited = True
            continue
        done = True
        results.by_user[each.user_name] = await received(session, each, seen)
    proved = [each.user_name for each in state.tested if _is_proved(each, state, results)]
    at = moment(session.now())
    noted: dict[tuple[str | int, ...], Any] = {}
    if done and proved:
        noted[("attested", "sign_on")] = {
            "at": at,
            "by": session.person.name,
            "users": proved,
            "name_id": session.tenant.name_id,
        }
    if tile.SETTING in settings:
        start = await tile.start(session, state.tile, ticked=opened(session))
        results.tile = replace(start, response="") if start else None
        awaited = awaited or start is None
        if start and start.signed_in:
            noted |= tile.attestation(session, state.tile, at)
    if noted:
        session.record(noted)
    return not awaited


async def _signed_on(session: Session, state: State, each: Tested) -> SeenSignOn | None:
    """One sign-on. Sign-in follows a change of certificates only after some minutes, and says so by refusing (G74)."""
    seen = await session.person.sign_on(state.login_link, each.user_name)
    for pause in PATIENCE:
        if not (seen and state.certificate_start and NOT_FOLLOWED_YET in seen.said):
            break
        with in_progress(lambda: Progress.waiting("Entra’s sign-in to follow the certificate")) as say:
            say("usually some minutes", None)
            await session.sleep(pause)
        seen = await session.person.sign_on(state.login_link, each.user_name)
    return seen


def _is_proved(each: Tested, state: State, results: Results) -> bool:
    done = results.by_user.get(each.user_name)
    return done.proved if done else _current(each, state)


def findings(session: Session, state: State) -> tuple[Finding, ...]:
    """For each person: the sign-on, what the judge found, and the worker."""
    results = session.memory(Results)
    listed = _of_configuration([done.judgement for done in results.by_user.values() if done.judgement])
    for each in state.tested:
        listed += _of_person(session, each, state, results.by_user.get(each.user_name))
    if any(_is_proved(each, state, results) for each in state.tested):
        named = {name for each in state.tested for name in (each.worker_name, *each.twins)}
        listed += account_workers.findings(state.others, named)
    return (*listed, *tile.findings(state.tile, state.certificate_start, results.tile))


def _of_configuration(judgements: list[Judgement]) -> list[Finding]:
    """What is wrong with the application is said once, however many people signed on to it."""
    found = [finding for judgement in judgements for finding in judgement.findings if finding.check in CHECKS]
    return list(dict.fromkeys(finding for finding in found if finding.state == "wrong"))


def _of_person(session: Session, each: Tested, state: State, done: SignedOn | None) -> list[Finding]:
    if not each.id:
        return [
            judged("D30", f"{each.user_name} exists in Entra", "yes", "no", "wrong", "Correct tenant.test_sign_ons.")
        ]
    result = [_sign_on(session.person.address(state.login_link), each, state, done)]
    if done and done.judgement:
        result += [
            replace(finding, title=f"{finding.title} · {each.user_name}")
            for finding in done.judgement.findings
            if finding.state == "wrong"
            and (finding.fails or finding.level == "warning")
            and finding.check not in CHECKS
        ]
        holding = sum(finding.state == "holds" for finding in done.judgement.findings)
        failing = sum(finding.fails for finding in done.judgement.findings)
        seen = f"{holding} hold, {failing} {'fails' if failing == 1 else 'fail'}" if failing else f"{holding} hold"
        title = f"Checks of the response of {each.user_name}"
        result.append(judged("D29", title, "all hold", seen, not failing, level="info"))
    if (done and done.proved) or _current(each, state):
        sent = done.judgement.attributes if done and done.judgement else state.sent
        same = [
            other.user_name for other in state.tested if other != each and other.worker_sid == each.worker_sid != ""
        ]
        result += flex_worker.findings(each, sent, same)
        result += worker_claims.findings(each.user_name, state.held)
    return result


def _sign_on(link: str, each: Tested, state: State, done: SignedOn | None) -> Finding:
    title = f"Sign-on of {each.user_name}"
    roles = ", ".join(each.roles) or "no role"
    if done is None:
        due: FindingState = "waiting" if state.app and each.roles else "unknown"
        verdict: FindingState = "holds" if _current(each, state) else due
        gone = "" if each.worker_sid else f", and Flex has no worker {each.name_id} now"
        received = f"proved on {each.proved_at[:10]}{gone}" if each.proved_at else "not yet"
        later = _due(each, state)
        do = f"After {later.after}, sign in at {link}." if isinstance(later, Pending) else f"Sign in at {link}."
        return judged("D29", title, f"signed in as {roles}", received, verdict, do)
    if done.proved:
        return judged("D29", title, f"signed in as {roles}", done.seen.said, "holds", "")
    return judged("D29", title, f"signed in as {roles}", done.seen.said, "wrong", done.told or FIX)


def facts(session: Session, state: State) -> dict[str, str]:
    """Who was proved, with which roles, as which worker."""
    results = session.memory(Results)
    proved = [each for each in state.tested if each.id and _is_proved(each, state, results) and each.worker_sid]
    return {
        each.user_name: f"roles {each.shown('roles')} · worker {each.worker_sid} · {each.shown('full_name')} · "
        f"{each.shown('email')}"
        for each in proved
    }


STEP = Step(
    number="08",
    title="Test sign-on",
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    asks="These people may be signed on now",
    facts=facts,
    begin=forget_failures,
    waiting="a person has to sign in at the login link",
)
plan, apply, verify = STEP.plan, STEP.apply, STEP.verify
