"""What the checks of a response would say of everyone who is assigned, before anybody signs on."""

from collections.abc import Sequence
from datetime import datetime

from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Finding, count
from flexsso_helpers.resources import role_holders
from flexsso_helpers.resources.account_workers import Workers, account_workers
from flexsso_helpers.resources.application import find
from flexsso_helpers.resources.claims_schema import Claim
from flexsso_helpers.resources.role_holders import Assigned
from flexsso_helpers.resources.test_users import roles_by_user
from flexsso_helpers.saml.diagnosis import judge_predicted
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.sections.claims.prediction import Said, predict, properties
from flexsso_helpers.sections.claims.state import read
from flexsso_helpers.session import Session, speaks
from flexsso_helpers.views import Cell, Row, Shown, card

MOST = 50


@speaks("08")
async def forecast(session: Session) -> Shown:
    """Everyone assigned whose sign-on would fail or is worth a look, worst first; the others are counted.

    Judged by the claims that are in force now. Only reads; nothing of it goes into the ledger.
    """
    found = await find(session)
    if found is None:
        return _table(session, [], 0)
    state, workers = await read(session), await account_workers(session)
    now = await session.present()
    people = await role_holders.everyone(session, await roles_by_user(session, found), properties(state.claims))
    lines = []
    for each in people:
        said = predict(state.claims, each.user, each.roles, basic=state.basic)
        bad = [
            finding for finding in judged(session.tenant, now, state.claims, said, each, workers) if _counts(finding)
        ]
        if bad or said.unsure:
            lines.append((each.name, bad, said))
    return _table(session, lines, len(people))


def judged(
    tenant: Tenant,
    now: datetime,
    claims: Sequence[Claim],
    said: Said,
    person: Assigned,
    workers: Workers,
) -> tuple[Finding, ...]:
    """What the checks of a response say of a predicted one, worst first."""
    # A claim without value is left out by Entra; told as empty, the check names the person's mail and not the policy.
    sent = {claim.name for claim in claims}
    empty: dict[str, tuple[str, ...]] = {name: ("",) for name in ("email", "full_name") if name in sent}
    return judge_predicted(said.name_id, empty | dict(said.attributes), _expected(tenant, now, said, person, workers))


def _expected(tenant: Tenant, now: datetime, said: Said, person: Assigned, workers: Workers) -> Expected:
    mail = str(person.user.get("mail") or "")
    name_id = said.name_id or ""
    own = workers.own(name_id)
    twins = [each for each in workers.of_mail(mail) if each not in own]
    worker = next(iter([*own, *twins]), None)
    return Expected(
        at=now,
        name_id_source=f"user.{tenant.name_id}",
        user_principal_name=person.name,
        email=mail,
        full_name=str(person.user.get("displayName") or ""),
        roles=frozenset(person.roles) if person.roles else None,
        worker_name=None if worker is None or workers.exact(worker, name_id) else worker.friendly_name,
        worker_attributes=own[0].attributes if own else {},
    )


def _counts(finding: Finding) -> bool:
    return finding.state == "wrong" and finding.level in ("error", "warning")


def _table(session: Session, lines: list[tuple[str, list[Finding], Said]], people: int) -> Shown:
    ordered = sorted(lines, key=lambda line: (not any(each.fails for each in line[1]), line[0]))
    failing = sum(any(each.fails for each in bad) for _, bad, _ in lines)
    more = f" {len(ordered) - MOST} more are not listed." if len(ordered) > MOST else ""
    good = f"There is nothing to note about {people - len(lines)} of {count(people, 'assigned person')}."
    return card(
        title="08 · Test the sign-on",
        subtitle="what everyone’s response would say",
        right=_headline(failing, people),
        badge=session.badge,
        columns=("Verdict", "Person", "What", "What to do") if ordered else (),
        rows=[_row(*line) for line in ordered[:MOST]],
        footer=good.replace("assigned persons", "assigned people") + more
        if people
        else "07 · Assign users comes first.",
    )


def _headline(failing: int, people: int) -> Cell:
    if not people:
        return Cell("nobody is assigned", "muted")
    return Cell(f"{failing} would fail", "no") if failing else Cell("nobody would fail", "ok")


def _row(name: str, bad: list[Finding], said: Said) -> Row:
    fails = any(each.fails for each in bad)
    worst = [each for each in bad if each.fails] if fails else bad
    what = [Cell(each.title, sub=each.check) for each in worst] + [Cell(text, "muted") for text in said.unsure]
    fixes = dict.fromkeys(each.fix for each in worst if each.fix)
    verdict = Cell("fails", "no") if fails else Cell("look" if bad else "not known", "wait" if bad else "muted")
    return Row((verdict, name, what, " ".join(fixes)), "bad" if fails else "")
