"""The further attributes of a tester's worker, held against what Entra holds of the person (D20, D33)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from flexsso_helpers.flex import Worker
from flexsso_helpers.identities import same
from flexsso_helpers.plan import Finding
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.resources import role_holders
from flexsso_helpers.resources.account_workers import Workers
from flexsso_helpers.resources.claims_schema import Claim, further
from flexsso_helpers.resources.role_holders import Roles
from flexsso_helpers.saml.worker import BadClaim, expected_worker, typed_name
from flexsso_helpers.sections.claims import state as claims_read
from flexsso_helpers.sections.claims.prediction import Said, predict, properties
from flexsso_helpers.session import Session

FIX = "Sign on again: each login overwrites these attributes. If it stays, look at the claim and its type in 04."
NOT_SET = "not there"


@dataclass(frozen=True, kw_only=True)
class Held:
    """One attribute of one person's worker, as JSON: what it should be, and what it is."""

    user_name: str
    stored: str
    check: str
    wanted: str
    seen: str


async def read(session: Session, roles: Roles, workers: Workers) -> tuple[Held, ...]:
    """The attributes that the tenant's file asks for and Entra sends, of each test user who has a worker.

    What has no value in Entra is not sent, and what Flex then holds is an old value: that is not judged here. Nor are
    channels, which are no attributes.
    """
    asked = {claim.name for claim in further(session.tenant)}
    if not asked:
        return ()
    state = await claims_read.read(session)
    people = await role_holders.named(session, roles, session.tenant.test_sign_ons, properties(state.claims))
    held: list[Held] = []
    for person in people:
        said = predict(state.claims, person.user, person.roles)
        worker = next(iter(workers.own(said.name_id or "")), None)
        if worker:
            sent = [claim for claim in state.claims if claim.name in asked and claim.name in said.attributes]
            held += [_held(person.name, claim, said, worker) for claim in sent if not _is_channel(claim)]
    return tuple(held)


def _is_channel(claim: Claim) -> bool:
    return claim.name.startswith("channel.")


def _held(user_name: str, claim: Claim, said: Said, worker: Worker) -> Held:
    stored, _ = typed_name(claim.name)
    try:
        made = expected_worker("", {claim.name: said.attributes[claim.name]})["attributes"]
        assert isinstance(made, dict)
        wanted = _json(made[stored])
    except BadClaim as error:
        wanted = error.what
    # Whether Flex takes the type off the name is implied by its guide and not said (F77).
    name = stored if stored in worker.attributes or claim.name not in worker.attributes else claim.name
    return Held(
        user_name=user_name,
        stored=name,
        check="D33" if "extension_" in claim.source else "D20",
        wanted=wanted,
        seen=_json(worker.attributes[name]) if name in worker.attributes else NOT_SET,
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def findings(user_name: str, held: Sequence[Held]) -> list[Finding]:
    """One line an attribute: value and type have to agree."""
    return [
        judged(
            each.check, f"Worker’s {each.stored} · {user_name}", each.wanted, each.seen, each.wanted == each.seen, FIX
        )
        for each in held
        if same(each.user_name, user_name)
    ]
