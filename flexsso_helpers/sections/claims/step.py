"""04 · Attributes and claims: what a response says about a person (D08–D13), and so what leaves the tenant (D17)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.parameters import Tenant, shapes
from flexsso_helpers.plan import Approval, Change, Pending, Value, compare
from flexsso_helpers.resources import optional_claims, policies, portal_claims
from flexsso_helpers.resources.application import Found, Json, find, mark
from flexsso_helpers.resources.claims_schema import Claim, documented, further
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.entra_pages import SINGLE_SIGN_ON, page_in_entra
from flexsso_helpers.sections.claims.findings import findings
from flexsso_helpers.sections.claims.preview_of_people import preview
from flexsso_helpers.sections.claims.state import BODY, POLICIES, STORES, State, read
from flexsso_helpers.sections.claims.wording import (
    INSTRUCTIONS,
    additional_key,
    foreign,
    key,
    reason,
    repeated,
    second_key,
    setting,
)
from flexsso_helpers.sections.settings import keys
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.views import Field

CERTIFICATE_FIRST = "after 03, since claims without an active certificate would end every sign-in in AADSTS50146"


def changes(context: Context, state: State) -> tuple[Change, ...]:
    """The four claims, the further ones, the basic set off; claims that somebody added stay unless told otherwise."""
    absent: Value = Pending("01") if not state.app else None
    by_page = context.tenant.claims.store == "portal_policy"
    copy = "in an own copy: other applications use this policy too" if state.shared and not by_page else ""
    listed = [*_store(context.tenant, state, absent)]
    listed += [
        compare(
            setting(claim.name),
            absent or state.source(claim.name),
            claim.source,
            reason=copy or reason(claim.name, state.source(claim.name)),
            instructions=(INSTRUCTIONS[claim.name], "D12"),
            key=key(claim.name),
        )
        for claim in documented(context.tenant)
    ]
    listed += [_disclosed(context.tenant, state, claim, absent) for claim in further(context.tenant)]
    listed.append(
        compare(
            "Microsoft’s default claims",
            absent or ("sent" if state.basic else "not sent"),
            "not sent",
            reason="given name, surname, mail and user name would leave the tenant for nothing",
            instructions=("D13",),
            key="default_claims",
        )
    )
    listed += [_foreign(context.tenant, claim) for claim in foreign(context.tenant, state)]
    listed += [_second(claim) for claim in repeated(context.tenant, state)]
    extras = optional_claims.changes(context.tenant, state.extras)
    return tuple({change.key: change for change in (*_signed_first(state, listed), *extras)}.values())


def _signed_first(state: State, listed: list[Change]) -> list[Change]:
    """A claims policy without an active certificate ends every sign-in in AADSTS50146 (G36): it is not written yet."""
    if not state.app or state.active_certificate:
        return listed
    return [replace(change, waits=CERTIFICATE_FIRST) if change.open else change for change in listed]


def _store(tenant: Tenant, state: State, absent: Value) -> tuple[Change, ...]:
    """Where the claims are kept, told where it is not as usual or is to change."""
    store = tenant.claims.store
    if store == "mapping_policy" and state.store in ("", store):
        return ()
    reason = {
        "mapping_policy": "from then on the page is locked, and what it holds is ignored",
        "portal_policy": "the page can be edited by hand; a beta of Graph writes it, which is not promised to stay",
    }[store]
    return (compare("Claims are kept in", absent or STORES[state.store], STORES[store], reason=reason, key="store"),)


def _disclosed(tenant: Tenant, state: State, claim: Claim, absent: Value) -> Change:
    """A further claim is approved by name: once it is sent, Twilio stores the value (D17)."""
    change = compare(
        setting(claim.name),
        absent or state.source(claim.name),
        claim.source,
        reason="Twilio will store it in worker attributes, and whoever sees a worker in Flex sees it",
        instructions=("D17", "D33" if "extension_" in claim.source else "D20"),
        undo="what Flex has stored stays there when a claim is taken away",
        key=key(claim.name),
    )
    return replace(change, named=True, agreed=claim.name in tenant.claims.acknowledged)


def _foreign(tenant: Tenant, claim: Claim) -> Change:
    name, known_as = f"Additional claim {claim.name}", additional_key(claim.name)
    if claim.name in tenant.claims.acknowledged:
        text = "somebody added it, and the tenant’s file answers for it"
        return compare(name, claim.source, claim.source, reason=text, instructions=("D17",), key=known_as)
    text = "Flex would store it in worker attributes; it is not asked for"
    return Change(
        setting=name,
        now=claim.source,
        should_be=None,
        kind="-",
        reason=text,
        instructions=("D17",),
        key=known_as,
    )


def _second(claim: Claim) -> Change:
    text = "it comes twice, and programs disagree which one counts"
    return Change(
        setting=f"Second claim {claim.name}",
        now=claim.source,
        should_be=None,
        kind="-",
        reason=text,
        key=second_key(claim.name),
    )


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """Write the whole list of claims; other keys of the policy stay. Who approved a disclosure is noted in the file."""
    found = await find(session)
    assert found is not None
    chosen_keys = keys(chosen)
    moving = state.store not in ("", session.tenant.claims.store)
    carried = portal_claims.carried(state.shaping, session.tenant.claims.store) if moving else {}
    leaving = [extra for extra in state.extras if extra.key in chosen_keys]
    if leaving:
        await optional_claims.take_out(session, found, leaving)
    if chosen_keys <= {extra.key for extra in leaving}:
        return True
    claims = _whole(session.tenant, state, chosen)
    by_page = session.tenant.claims.store == "portal_policy"
    if not by_page and (lost := next((claim for claim in claims if not claim.raw), None)):
        raise portal_claims.cannot_carry(lost, "mapping_policy", "portal_policy")
    _acknowledge(session, chosen)
    await (_into_page if by_page else _into_policy)(session, found, claims, carried)
    return True


async def _into_policy(session: Session, found: Found, claims: list[Claim], carried: Json) -> None:
    await policies.write_and_attach(
        session,
        f"/servicePrincipals/{found.principal_id}",
        POLICIES,
        body=BODY,
        name=f"{session.tenant.application.name} claims ({mark(session.tenant)})",
        wanted={
            "Version": 1,
            "IncludeBasicClaimSet": "false",
            "ClaimsSchema": [claim.entry for claim in claims],
            **carried,
        },
    )


async def _into_page(session: Session, found: Found, claims: list[Claim], carried: Json) -> None:
    """The page first, then the policies that override it come off: in between nothing is unset."""
    owner = f"/servicePrincipals/{found.principal_id}"
    page = await portal_claims.read(session, found.principal_id)
    await portal_claims.write(session, found.principal_id, claims, page, carried)
    for policy in await policies.attached(session, owner, POLICIES):
        await policies.detach(session, owner, POLICIES, policy.id)


def _acknowledge(session: Session, chosen: tuple[Change, ...]) -> None:
    names = [
        claim.name
        for claim in further(session.tenant)
        if any(change.key == key(claim.name) and not change.agreed for change in chosen)
    ]
    if names:
        session.record({("claims", "acknowledged"): [*session.tenant.claims.acknowledged, *names]})


def _whole(tenant: Tenant, state: State, chosen: tuple[Change, ...]) -> list[Claim]:
    """What the policy will hold: a disclosure that was not approved stays as it is, and so does a foreign claim."""
    made = keys(chosen)
    now = {claim.name: claim for claim in state.claims}
    own = list(documented(tenant))
    for claim in further(tenant):
        kept = claim if key(claim.name) in made or state.source(claim.name) == claim.source else now.get(claim.name)
        own += [kept] if kept else []
    own += [each for each in foreign(tenant, state) if additional_key(each.name) not in made]
    return own + [each for each in repeated(tenant, state) if second_key(each.name) not in made]


def fields(tenant: Tenant) -> tuple[Field, ...]:
    """The one choice, and whom to preview."""
    return (
        Field(
            "name_id",
            "Unique user identifier (NameID)",
            "choice",
            tenant.name_id,
            choices=("mail", "userprincipalname"),
            help="One for all users. Twilio's two guides differ here; changing it later makes new, billed workers.",
        ),
        Field(
            "claims.store",
            "Claims are kept in",
            "choice",
            tenant.claims.store,
            choices=("mapping_policy", "portal_policy"),
            help="mapping_policy locks the page Attributes & Claims; portal_policy leaves it editable (beta of Graph).",
        ),
        Field(
            "preview",
            "Show what a response says about",
            "lines",
            tenant.test_sign_ons,
            help="User principal names, one a line, for the preview below. Not saved.",
            check=_addresses,
        ),
    )


def _addresses(names: Iterable[str]) -> str:
    """What is wrong with names that were typed, before anybody is asked for them."""
    for name in names:
        try:
            shapes.address(shapes.seen(name, shapes.address))
        except ValueError as error:
            return f"{name} {error}"
    return ""


def to_file(edited: dict[str, Any]) -> dict[str, Any]:
    """Without the people of the preview, who are nobody else's business."""
    return {key: value for key, value in edited.items() if key != "preview"}


def facts(context: Context, state: State) -> dict[str, str]:
    """The page in the admin center that leads to Attributes & Claims."""
    return page_in_entra(context, SINGLE_SIGN_ON, state.ids)


STEP = Step(
    number="04",
    title=TITLES["04"],
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    fields=fields,
    to_file=to_file,
    facts=facts,
)
form, plan, apply, verify = STEP.form, STEP.plan, STEP.apply, STEP.verify
__all__ = ["STEP", "apply", "form", "plan", "preview", "read", "verify"]
