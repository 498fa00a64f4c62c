"""03 · Signing certificate, signing option and algorithm, expiry notifications (D14, D15, D16).

Before the claims: a claims policy without an active certificate breaks sign-in (AADSTS50146).
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from flexsso_helpers.errors import Refused
from flexsso_helpers.notebooks import TITLES, fix_in
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Approval, Change, Finding, Pending, Value, compare, count
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.plan.facts import DAYS_LEFT, VALID_FROM, VALID_TO
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.resources import signing_policy
from flexsso_helpers.resources.application import Found, find
from flexsso_helpers.resources.certificates import read_ring, switch_on
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.entra_pages import SINGLE_SIGN_ON, Ids, ids_of, page_in_entra
from flexsso_helpers.resources.expiry import doubled
from flexsso_helpers.resources.key_ring import WARN_DAYS, KeyRing, over_time, short
from flexsso_helpers.resources.looking import NotSeen, could_not_look
from flexsso_helpers.resources.signing_policy import FIX, Signing
from flexsso_helpers.sections import settings
from flexsso_helpers.sections.signing.policy_rows import POLICY, rows_of, whole
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session, speaks
from flexsso_helpers.views import Field, Shown

CERTIFICATE, NOTIFICATIONS = "certificate", "notifications"
TITLE = "Token-signing certificate"
MOST_ADDRESSES = 5
BY_HAND = (
    "Make it in the admin center: Single sign-on › SAML Certificates › Edit › New Certificate, Save, then Make "
    "certificate active. Then run 03 again."
)


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read."""

    app: bool = False
    ids: Ids = field(default_factory=Ids)
    ring: KeyRing = field(default_factory=KeyRing)
    notifications: tuple[str, ...] = ()
    policy: Signing = field(default_factory=Signing)


async def read(session: Session) -> State:
    """Certificates, policies and what the world sees of them."""
    found = await find(session)
    if found is None:
        return State()
    return State(
        app=True,
        ids=ids_of(found),
        policy=await signing_policy.read(session, found),
        ring=await read_ring(session, found),
        notifications=tuple(sorted(found.principal.get("notificationEmailAddresses") or ())),
    )


def changes(context: Context, state: State) -> tuple[Change, ...]:
    """A valid, active certificate of the application's own; both signatures; SHA-256; addresses merged."""
    now: Value = Pending("01") if not state.app else None
    wanted = tuple(context.tenant.signing.notification_addresses)
    policy = state.policy
    merged = (*state.notifications, *(address for address in wanted if address not in state.notifications))
    return (
        _certificate_change(context, state),
        *settings.planned(rows_of(policy), policy, absent=now),
        *signing_policy.changes(policy, app=state.app),
        compare(
            "Expiry notifications go to",
            now or state.notifications,
            merged,
            reason="Entra writes 60, 30 and 7 days before the certificate expires",
            instructions=("D16",),
            key=NOTIFICATIONS,
        ),
    )


def _certificate_change(context: Context, state: State) -> Change:
    ring, now = state.ring, context.now
    active, spare = ring.current, ring.spare(now)
    if active and active.valid(now) is not False:  # one whose dates nobody tells is not replaced by guess
        words, reason = active.words, "active and valid" if active.valid(now) else "active; its dates are not told"
        return compare(TITLE, words, words, reason=reason, instructions=("D21",), key=CERTIFICATE)
    if spare:
        return compare(
            TITLE,
            active.words if active else None,
            spare.words,
            reason="activates the valid certificate that is already there",
            instructions=("D21",),
            key=CERTIFICATE,
        )
    return compare(
        TITLE,
        Pending("01") if not state.app else active.words if active else None,
        f"a new one, valid for {count(context.tenant.signing.valid_days, 'day')}, active"
        if context.cloud.can_add_certificate
        else Pending("a person made it in the admin center"),
        reason="Entra signs with it; claims need it" + (f"; {active.words} is over" if active else ""),
        instructions=("D21",),
        undo="a certificate that is removed later cannot be put back",
        key=CERTIFICATE,
    )


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """Certificate, activation, policy, addresses; in this order."""
    found = await find(session)
    assert found is not None
    keys, rows = settings.keys(chosen), rows_of(state.policy)
    if CERTIFICATE in keys:
        await switch_on(session, found, state.ring)
    if signing_policy.KEYS & keys or settings.body(rows, keys, POLICY):
        await signing_policy.write(session, found, whole(rows))
    if NOTIFICATIONS in keys:
        await _notify(session, found)
    return True


async def _notify(session: Session, found: Found) -> None:
    """Read, merge and write in one breath: a certificate may have been waited for since the plan was made."""
    path, name = f"/servicePrincipals/{found.principal_id}", "notificationEmailAddresses"
    session.graph.snapshot.forget()
    before = list((await session.graph.get(path, select=name)).get(name) or ())
    wanted = session.tenant.signing.notification_addresses
    addresses = [*before, *(address for address in wanted if address not in before)]
    if addresses == before:
        return
    try:
        await session.graph.patch(
            path, {name: addresses}, why="Setting who is told before the certificate expires", before={name: before}
        )
    except Refused as error:
        if len(addresses) > MOST_ADDRESSES:
            error.why = f"Entra keeps at most {MOST_ADDRESSES} addresses, and others are there already (G19)."
            error.fix = (
                f"Remove {len(addresses) - MOST_ADDRESSES} of these in the admin center (Single sign-on › SAML "
                "Certificates › Edit), or take some out of tenant.signing.notification_addresses: "
                + ", ".join(map(str, addresses))
            )
            error.notebook = "03"
        raise


def _awaited(context: Context, ring: KeyRing) -> bool:
    """Whether a person has to make the certificate: none is valid, and this cloud's Graph cannot make one (G53)."""
    now, active = context.now, ring.current
    there = bool(active and active.valid(now) is not False) or ring.spare(now) is not None
    return not there and not context.cloud.can_add_certificate


def _shown(ring: KeyRing, now: datetime) -> bool | FindingState:
    """Whether the metadata shows the active certificate; for a new one, Entra's copies may still be on their way."""
    if ring.current is None or ring.active in ring.published:
        return ring.current is not None
    return "unknown" if ring.current.fresh(now) else False


def settled(state: State) -> dict[str, Any]:
    """What an approval of 03 is for: all but what is read for advice, which may be there now and not then."""
    return asdict(replace(state, ring=replace(state.ring, published=(), unpublished="", awaited=True)))


def findings(context: Context, state: State) -> tuple[Finding, ...]:
    """An own, active, published, lasting certificate; the signing option; the addresses."""
    now, ring, active = context.now, state.ring, state.ring.current
    named = active.words if active else "none"
    seen = ", ".join(short(sha1) for sha1 in ring.published) or "none"
    wanted = context.tenant.signing.notification_addresses
    policy = state.policy
    told, told_now = ", ".join(wanted) or "nobody named", state.notifications
    own: bool | FindingState = "unknown" if active and active.valid(now) is None else bool(active and active.valid(now))
    shown = _shown(ring, now)
    if _awaited(context, ring):
        own = shown = "waiting"
    rows: tuple[tuple[str, str, str, str, bool | FindingState], ...] = (
        ("S24", "Own certificate, active and valid", "one", named, own),
        ("S26", "Federation metadata shows it", named, seen, shown),
    )
    found = [
        judged(*row[:4], row[4] if state.app else "unknown", BY_HAND if row[4] == "waiting" else FIX)
        for row in rows
        if not (row[0] == "S26" and ring.unpublished)
    ]
    found += settings.proved(rows_of(policy), policy, known=state.app, fix=FIX)
    holds: bool | FindingState = {*wanted} <= {*told_now} if state.app else "unknown"
    found.append(judged("D16", "Expiry notifications", told, ", ".join(told_now) or "nobody", holds, FIX))
    if ring.unpublished:
        found.append(could_not_look("S26", "Federation metadata shows it", named, NotSeen(ring.unpublished)))
    days = active.days_left(now) if active else None
    if days is not None and days < WARN_DAYS:
        left = f"{days} days"
        fix = fix_in("21", "phase stage makes its successor, in good time.")
        found.append(
            judged("S28", "Days until the certificate expires", f"over {WARN_DAYS}", left, False, fix, "warning")
        )
    if state.app:
        found += signing_policy.findings(policy)
        found += doubled(ring, now)
    return tuple(found)


def facts(context: Context, state: State) -> dict[str, str]:
    """When the active certificate ends, for whoever has to hand its successor to Flex in time; and its page."""
    page, active = page_in_entra(context, SINGLE_SIGN_ON, state.ids), state.ring.current
    if active is None:
        return page
    left = str(active.days_left(context.now))
    return {VALID_FROM: active.start[:10], VALID_TO: active.end[:10], DAYS_LEFT: left} | page


@speaks("03")
async def timeline(session: Session) -> Shown:
    """All certificates of the application over time, with today's place among them. Only reads."""
    found = await find(session)
    ring = await read_ring(session, found) if found else KeyRing()
    return over_time(ring, await session.present(), session.badge)


def fields(tenant: Tenant) -> tuple[Field, ...]:
    """Validity and addresses."""
    return (
        Field(
            "signing.valid_days",
            "Days a new certificate is valid",
            "number",
            tenant.signing.valid_days,
            help="At most 1095, three years.",
        ),
        Field(
            "signing.notification_addresses",
            "Addresses told before it expires",
            "lines",
            tuple(tenant.signing.notification_addresses),
            help="A group address outlives a person's. At most five.",
        ),
    )


STEP = Step(
    number="03",
    title=TITLES["03"],
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    fields=fields,
    facts=facts,
)
form, plan, apply, verify = STEP.form, STEP.plan, STEP.apply, STEP.verify
