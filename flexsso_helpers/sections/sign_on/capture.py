"""08 · Capture, where asked for: one sign-on answered to this machine, over a second reply URL that is gone afterwards.

Flex does not see such a response, so it proves what Entra sends and nothing of a worker. Paste is the default.
"""

import asyncio
from dataclasses import asdict, dataclass, field, replace

from flexsso_helpers.errors import ParametersError, Refused
from flexsso_helpers.identities import same
from flexsso_helpers.plan import Approval, Change, Evidence, Finding, Pending, Plan, Value, sort_worst_first
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.resources import federation_metadata
from flexsso_helpers.resources.account_workers import Workers
from flexsso_helpers.resources.application import Found, find, known_connection
from flexsso_helpers.resources.capture_url import take_away, urls_of, web_with
from flexsso_helpers.resources.context import Context, context_of
from flexsso_helpers.resources.test_users import look_up, roles_by_user
from flexsso_helpers.saml import reading
from flexsso_helpers.saml.capture import LIMIT, Request, new_request
from flexsso_helpers.saml.diagnosis import Judgement, judge
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.listener import listening
from flexsso_helpers.sections.sign_on import expected as expectations
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session, speaks
from flexsso_helpers.views import show

__all__ = ["STEP", "apply", "plan", "verify"]

SETTING = "Second reply URL, for one sign-on"
PASTE = "Paste the response into the form of 08 instead."
AGAIN = f"Run the capture’s plan again. {PASTE}"


@dataclass
class Capture:
    """The capture of this session; `request` is None while it is off."""

    user: str = ""
    request: Request | None = None
    limit: float = LIMIT
    elsewhere: str = ""
    done: bool = False
    judgement: Judgement | None = None
    told: str = ""
    """Why there is no response, in words."""


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read. `ready` says that Flex's reply URL is there and is the default."""

    user: str = ""
    url: str = ""
    elsewhere: str = ""
    reply_urls: tuple[str, ...] = ()
    ready: bool = False
    kept: Capture = field(default_factory=Capture)
    """How far the capture of this session has come."""


@speaks("08")
async def plan(session: Session, sign_on_of: str = "", *, limit: float = LIMIT) -> Plan:
    """What a capture of this person's sign-on would add and remove; without a name it is off and nothing is read.

    `limit` is in seconds of this machine. Raises ParametersError for somebody who is not among the test sign-ons.
    """
    sign_on_of = next((name for name in session.tenant.test_sign_ons if same(name, sign_on_of)), sign_on_of)
    if sign_on_of and sign_on_of not in session.tenant.test_sign_ons:
        raise ParametersError(
            f"{sign_on_of} is not among the test sign-ons of this tenant.",
            fix=f"Choose one of {', '.join(session.tenant.test_sign_ons)}, or add the person to tenant.test_sign_ons.",
            notebook="08",
        )
    kept, elsewhere = session.memory(Capture), session.person.elsewhere()
    request = new_request() if sign_on_of and not elsewhere else None
    vars(kept).update(vars(Capture(user=sign_on_of, request=request, limit=limit, elsewhere=elsewhere)))
    made = await STEP.compare(session)
    if request:
        session.ledger.planned(made)
    return made


async def read(session: Session) -> State:
    """The application's reply URLs, where a capture was asked for."""
    kept = session.memory(Capture)
    if kept.request is None:
        return State(user=kept.user, elsewhere=kept.elsewhere, kept=kept)
    found, connection = await find(session), await known_connection(session, ask=False)
    urls = tuple(urls_of(found.application)) if found else ()
    flex = connection.reply_url if connection else None
    default = found.application.get("defaultRedirectUri") if found else None
    return State(
        user=kept.user,
        url=kept.request.reply_url,
        reply_urls=urls,
        ready=bool(flex) and flex in urls and default == flex,
        kept=kept,
    )


def settled(state: State) -> object:
    """What an approval is for: all that was read but how far the capture has come."""
    return asdict(replace(state, kept=Capture()))


def changes(_context: Context, state: State) -> tuple[Change, ...]:
    """The second reply URL, approved by name: no start of a run approves it."""
    if not state.user:
        return (_off("off", "name a test user in this cell to turn it on; until then responses are pasted"),)
    if not state.url:
        reason = (
            f"the browser has to be on the kernel’s machine, and this kernel is on {state.elsewhere}; paste instead"
        )
        return (_off("not possible here", reason),)
    done = state.kept.done
    wanted: Value = state.url if state.ready else Pending("02")
    return (
        Change(
            setting=SETTING,
            now=state.url if done else None,
            should_be=wanted,
            kind="=" if done else "+",
            named=True,
            reason=f"{state.user} signs on once and the response comes here, not to Flex, whose reply URL stays first "
            "and default; this one is removed when the response is here, at the latest after five minutes",
        ),
    )


def _off(now: str, reason: str) -> Change:
    return Change(setting="Capture of a sign-on", now=now, should_be=now, kind="=", reason=reason)


async def write(session: Session, _state: State, _chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """Add, wait for the one response, judge, and remove, whatever happens in between."""
    kept, found = session.memory(Capture), await find(session)
    assert kept.request is not None
    assert found is not None
    request, added = kept.request, False
    try:
        try:
            await _add(session, found, request)
        except Refused as error:
            if error.status != 400:
                raise
            kept.told = "this tenant takes no reply URL on localhost"
            return False
        added = True
        await _answered(session, found, kept, request)
    finally:
        if added or await _there(session, request):
            # A second interrupt must not stop the removal either.
            await asyncio.shield(asyncio.ensure_future(_remove(session, request)))
    kept.done = True
    return True


async def _add(session: Session, found: Found, request: Request) -> None:
    application = found.application
    await session.graph.patch(
        f"/applications/{found.object_id}",
        {"web": web_with(application, [*urls_of(application), request.reply_url])},
        why="Adding the reply URL of a capture",
        before={"web": application.get("web")},
    )


async def _there(session: Session, request: Request) -> bool:
    found = await find(session)
    return found is not None and request.reply_url in urls_of(found.application)


async def _remove(session: Session, request: Request) -> None:
    session.graph.snapshot.forget()  # read just before the write: somebody may have edited the list meanwhile
    found = await find(session)
    if found is not None:
        await take_away(session, found.application, frozenset({request.reply_url}))


async def _answered(session: Session, found: Found, kept: Capture, request: Request) -> None:
    async def followed() -> bool:
        now = await find(session)
        return now is not None and request.reply_url in (now.principal.get("replyUrls") or ())

    await session.wait_until(followed, bool, what="sign-in to know the capture’s reply URL", times=2)
    expected = await _expected(session, found, kept.user, request)
    sso_url = session.cloud.login_url(session.tenant.tenant_id)
    link = request.link(sso_url, expected.identifier or "", await session.present())
    async with listening(request, limit=kept.limit) as arrived:
        await session.person.answer_request(link, kept.user, request.reply_url)
        try:
            response = await asyncio.wait_for(arrived, kept.limit)
        except TimeoutError:
            kept.told = "no response came within five minutes"
            return
    kept.judgement = judge(reading.read(response).xml, replace(expected, at=await session.present()))
    accepted = "accepted" if kept.judgement.accepted else "not accepted"
    session.ledger.remark(f"Capture: response {kept.judgement.sha256}, {accepted}")


async def _expected(session: Session, found: Found, user: str, request: Request) -> Expected:
    """As for a pasted response, but addressed to the capture and answering our request."""
    document = await federation_metadata.metadata(session, found)
    if document is None:
        raise ParametersError(
            "Entra publishes no certificate of this application yet.", fix="03 · Signing certificate.", notebook="03"
        )
    person = await look_up(session, user, await roles_by_user(session, found), Workers())
    configured = await expectations.of_application(session, await find(session) or found, document)
    stands = configured.configuration
    if stands:  # Flex's own reply URL stands beside the capture's, and has to
        beside = tuple(url for url in stands.reply_urls if url != configured.reply_url)
        stands = replace(stands, reply_urls=beside)
    ours = replace(
        configured,
        signing_option="both",
        reply_url=request.reply_url,
        request_id=request.id,
        configuration=stands,
    )
    return expectations.of_person(session.tenant, ours, person)


def findings(_context: Context, state: State) -> tuple[Finding, ...]:
    """What the judge says of the captured response; nothing is said of a worker, since Flex did not see it."""
    kept = state.kept
    if not kept.user:
        return (judged("D29", "Capture of a sign-on", "off unless asked for", "off", "unknown", level="info"),)
    title, judgement = f"Captured response of {kept.user}", kept.judgement
    if judgement is None:
        told = kept.told or (f"this kernel is on {kept.elsewhere}" if kept.elsewhere else "not yet")
        return (judged("D29", title, "one response", told, "waiting", PASTE if not kept.done else AGAIN),)
    wrong = [each for each in judgement.findings if each.state == "wrong" and (each.fails or each.level == "warning")]
    holding = sum(each.state == "holds" for each in judgement.findings)
    seen = f"{holding} hold, {len(judgement.failing)} fail" if judgement.failing else f"{holding} hold"
    worker = judged(
        "D32", "Worker in Flex", "a sign-on to Flex itself", "Flex did not see this response", "unknown", level="info"
    )
    return (
        *wrong,
        judged("D29", title, "all checks hold", seen, judgement.accepted, AGAIN),
        judged("D29", "SHA-256 of the response", "kept, with the verdict", judgement.sha256, "holds", level="info"),
        worker,
    )


@speaks("08")
async def verify(session: Session) -> Evidence:
    """The verdict on the captured response. Raises NotProven when it does not hold.

    It is noted by its checksum and not as a proof of 08, which takes a sign-on to Flex.
    """
    evidence = Evidence(
        section="08",
        title=STEP.title,
        target=session.target,
        findings=sort_worst_first(findings(await context_of(session), State(kept=session.memory(Capture)))),
        planned=0,
        made=0,
    )
    if evidence.failed:
        show(evidence)  # the error that follows would hide it
    evidence.require()
    return evidence


STEP = Step(
    number="08",
    title="Capture of a sign-on",
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    settled=settled,
    waiting=f"this tenant takes no reply URL on localhost. {PASTE}",
)
apply = STEP.apply
