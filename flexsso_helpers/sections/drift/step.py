"""20 · Check drift: whether the tenant is as it was left, what moved, and what will end soon. Writes nothing."""

from dataclasses import asdict, replace

from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.plan import Change
from flexsso_helpers.resources import audit_log, own_credential
from flexsso_helpers.resources.application import find
from flexsso_helpers.resources.certificates import read_ring
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.expiry import ENTRA_WRITES, lasting
from flexsso_helpers.resources.key_ring import KeyRing, short
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.resources.own_credential import OwnCredential
from flexsso_helpers.sections.drift.findings import facts, findings, parts
from flexsso_helpers.sections.drift.state import State, read
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session, speaks
from flexsso_helpers.views import Cell, Row, Shown, card

MOST = 40
WITHOUT_RIGHT = (
    "Reading the audit log takes AuditLog.Read.All and Directory.Read.All: write sign_in.audit_log: true into the "
    "tenant's file, and have an administrator consent."
)


def changes(_context: Context, state: State) -> tuple[Change, ...]:
    """Every section's, by its number. None of them is made here."""
    return tuple(
        replace(
            change,
            setting=f"{plan.section} · {change.setting}",
            key=f"{plan.section} {change.key}",
            breaks="",
            undo="",
        )
        for plan, _ in state.sections
        for change in plan.changes
    )


def settled(state: State) -> object:
    """Nothing is approved here; the digest is that of all plans and of what certificates there are."""
    return [[plan.digest for plan, _ in state.sections], asdict(state.ring)]


@speaks("20")
async def expiry(session: Session) -> Shown:
    """Each certificate: the part it plays, how many days are left, which mark is reached, and who gets the mails."""
    found = await find(session)
    ring = await read_ring(session, found) if found else KeyRing()
    now, credential = await session.present(), await look(own_credential.read(session))
    keys = lasting(ring, now)
    left = [each.days for each in keys if each.part != "old" and each.days is not None]
    if isinstance(credential, OwnCredential):
        left.append(credential.days_left(now))
    told = ", ".join(map(str, (found.principal.get("notificationEmailAddresses") or ()) if found else ())) or "nobody"
    rows = [
        Row(
            (
                Cell(short(each.key.sha1), "value"),
                each.part,
                each.key.end[:10] or "not told",
                "not told" if each.days is None else f"{each.days:,}" if each.days >= 0 else "over",
                "" if each.mark is None else Cell("over" if not each.mark else f"{each.mark} days", "wait"),
            )
        )
        for each in keys
    ]
    if isinstance(credential, OwnCredential):
        days = credential.days_left(now)
        mark = Cell(f"{own_credential.WARN_DAYS} days", "wait") if days < own_credential.WARN_DAYS else ""
        rows.append(Row((credential.kind, "of runs without a person", credential.end[:10], f"{days:,}", mark)))
    return card(
        title="20 · What ends when",
        right=f"{min(left):,} days until something expires" if left else "not known",
        badge=session.badge,
        columns=("Certificate", "Part", "Valid to", "Days left", "Mark reached") if rows else (),
        rows=rows,
        facts=[(ENTRA_WRITES, told)],
    )


@speaks("20")
async def history(session: Session) -> Shown:
    """What was changed since our last write and by whom, as far as Entra tells: what is managed, then what is not."""
    title = "20 · What others changed"
    found = await find(session)
    told = await look(audit_log.since_our_last_write(session, found)) if found else ("", ())
    if isinstance(told, NotSeen):
        right = Cell("could not look", "muted", sub=told.why)
        return card(title=title, right=right, badge=session.badge, footer=WITHOUT_RIGHT)
    since, entries = told
    ordered = sorted(entries, key=lambda entry: not entry.managed_by)  # stable: newest first in each part
    rows = [
        Row(
            (
                entry.at,
                entry.who,
                Cell(entry.activity, sub=", ".join(entry.properties)),
                entry.managed_by or Cell("not managed here", "muted"),
            )
        )
        for entry in ordered
    ]
    return card(
        title=title,
        subtitle=f"since our last write on {since[:16].replace('T', ' ')} UTC" if since else "in the last 30 days",
        right=f"{len(rows)} in the audit log" if rows else "nothing in the audit log",
        badge=session.badge,
        columns=("When, UTC", "Who", "What", "Managed by") if rows else (),
        rows=rows,
        most=MOST,
        footer="The log goes back 30 days and comes some minutes late. It tells changes by anybody, also those that "
        "were put back since.",
    )


STEP = Step(
    number="20",
    title=TITLES["20"],
    read=read,
    changes=changes,
    findings=findings,
    facts=facts,
    parts=parts,
    settled=settled,
)
plan, verify = STEP.plan, STEP.verify
