"""What a response would say about chosen people, now and after the planned changes, and who would be somebody else."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flexsso_helpers.identities import identity, same
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.resources import people_near, role_holders
from flexsso_helpers.resources.account_workers import Workers, account_workers
from flexsso_helpers.resources.application import Json, find
from flexsso_helpers.resources.claims_schema import Claim, wanted
from flexsso_helpers.resources.role_holders import Assigned
from flexsso_helpers.resources.test_users import roles_by_user
from flexsso_helpers.saml.worker import BadClaim, expected_worker
from flexsso_helpers.sections.claims import name_id_changes
from flexsso_helpers.sections.claims.prediction import Said, predict, properties
from flexsso_helpers.sections.claims.sign_on_forecast import judged
from flexsso_helpers.sections.claims.state import State, read
from flexsso_helpers.sections.claims.wording import foreign
from flexsso_helpers.session import Session, speaks
from flexsso_helpers.views import Cell, Row, Shown, card
from flexsso_helpers.views.shown import stack

NOTHING = "not sent"
NOT_KNOWN = "not known"
SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/"


def after(tenant: Tenant, state: State) -> tuple[Claim, ...]:
    """The claims once everything planned is made; foreign ones stay, as long as nobody approves their removal."""
    return wanted(tenant) + foreign(tenant, state)


@speaks("04")
async def preview(session: Session, *people: str) -> Shown:
    """For each person (default: the form's, which are the test users) what is sent now and what would be, side by side.

    Then everyone assigned whose NameID would change. Only reads; nothing of it goes into the ledger.
    """
    state, found = await read(session), await find(session)
    claims = after(session.tenant, state)
    chosen = people or _chosen(session)
    needed = properties((*state.claims, *claims))
    workers = await account_workers(session)
    roles = await roles_by_user(session, found) if found else {}
    persons = await role_holders.named(session, roles, chosen, needed)
    everyone = await role_holders.everyone(session, roles, needed)
    present = await session.present()
    shown = [_card(session, present, state, claims, each, workers) for each in persons]
    lines = [
        name_id_changes.name_id_change(
            each.user, _name_id(state.claims, each), predict(claims, each.user, each.roles).name_id, workers
        )
        for each in everyone
    ]
    changes = name_id_changes.table([line for line in lines if line], len(everyone), badge=session.badge)
    there = {identity(each.name) for each in persons}
    absent = [name for name in chosen if identity(name) not in there]
    if absent:
        near = await people_near.near(session, absent, ())
        text = " ".join((f"Not in this tenant: {', '.join(absent)}.", *near))
        shown.append(card(title="04 · Attributes and claims", subtitle="preview", badge=session.badge, footer=text))
    return stack(*shown, changes)


def _chosen(session: Session) -> tuple[str, ...]:
    form = session.forms.get("04")
    typed = form.values().get("preview") if form else None
    return tuple(typed or session.tenant.test_sign_ons)


def _name_id(claims: Sequence[Claim], person: Assigned) -> str | None:
    return predict(claims, person.user, person.roles).name_id


def _card(
    session: Session,
    present: datetime,
    state: State,
    claims: Sequence[Claim],
    person: Assigned,
    workers: Workers,
) -> Shown:
    planned = next((each.role for each in session.tenant.assignments.users if same(each.user, person.name)), None)
    roles = person.roles or ((planned,) if planned else ())
    now = predict(state.claims, person.user, person.roles, basic=state.basic)
    then = predict(claims, person.user, roles)
    own = (NOT_KNOWN,) if state.app and not any(claim.name == "NameID" for claim in state.claims) else ()
    rows = [_row("NameID", (now.name_id,) if now.name_id else own, (then.name_id,) if then.name_id else (), "")]
    stored = _stored(then)
    names = dict.fromkeys(
        (*then.attributes, *(claim.name for claim in claims if claim.name != "NameID"), *now.attributes)
    )
    rows += [
        _row(name, now.attributes.get(name, ()), then.attributes.get(name, ()), stored.get(name, "")) for name in names
    ]
    wrong = [
        finding
        for finding in judged(session.tenant, present, claims, then, replace(person, roles=roles), workers)
        if finding.state == "wrong"
    ]
    facts: list[tuple[str, str | Cell]] = [
        ("Worker", Cell(stored.get("", "none: Flex would refuse the sign-on"), "value")),
        *(
            ("Look", Cell(finding.title, "no" if finding.fails else "wait", sub=f"{finding.check} · {finding.fix}"))
            for finding in wrong
        ),
        *(("Sent too, by the token configuration", f"{extra.name} ({extra.source})") for extra in state.extras),
        *(("Not sure", text) for text in (*now.unsure, *then.unsure)),
    ]
    return card(
        title=str(person.user.get("displayName") or person.name),
        subtitle=f"what a response says about {person.name}",
        right=f"{', '.join(roles) or 'no role'}{'' if person.roles or not roles else ' (planned)'}",
        badge=session.badge,
        columns=("In the response", "Now", "After", "In Flex"),
        rows=rows,
        facts=facts,
    )


def _row(name: str, now: tuple[str, ...], then: tuple[str, ...], stored: str) -> Row:
    before, later = (", ".join(each) or NOTHING for each in (now, then))
    tone = "keep" if now == then else "add" if not now else "remove" if not then else "change"
    return Row(
        (
            name.replace(SOAP, "…/"),
            Cell(before, "muted"),
            Cell(later, "value" if then else "muted"),
            Cell(stored, "muted"),
        ),
        tone,  # type: ignore[arg-type]
    )


def _stored(said: Said) -> dict[str, str]:
    """By claim what Flex would store, and under the empty name which worker; empty where Flex would refuse."""
    if said.name_id is None:
        return {}
    result: dict[str, str] = {}
    try:
        worker = expected_worker(said.name_id, said.attributes)
        for name, values in said.attributes.items():
            alone = expected_worker(said.name_id, {name: values})
            own: Json = {**alone["attributes"], **alone["channels"]}  # type: ignore[dict-item]
            own.pop("contact_uri", None)
            result[name] = ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in own.items())
    except BadClaim:
        return {}
    attributes = worker["attributes"]
    assert isinstance(attributes, dict)
    return result | {"": f"{said.name_id} · {attributes['contact_uri']}"}
