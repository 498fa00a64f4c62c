"""Policies that hang on an application: find the one in force, adopt or make our own, never edit a shared one."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flexsso_helpers.errors import FlexSSOError, NotPermitted, OutcomeUnknown, Refused
from flexsso_helpers.plan import Finding
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.resources.application import landed, mark
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.session import Session

Json = dict[str, Any]
# What Graph says of a definition that it does not take, in three forms (G31).
TAKES_NONE = (400, 403, 404)
"""What an owner answers that does not take a policy of this kind, for whatever reason."""
NOT_TAKEN = ("has an invalid value", "contains invalid values")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One policy as read: its definition unpacked, and whether other objects use it too."""

    id: str
    name: str
    text: str
    """The definition to the letter, as it travels."""
    shared: bool

    @property
    def definition(self) -> Json:
        """The definition unpacked; `{}` when it is none."""
        return unpacked(self.text)

    def body(self, kind: str) -> Json:
        """The part below the definition's one key, such as `ClaimsMappingPolicy`."""
        inner = self.definition.get(kind)
        return inner if isinstance(inner, dict) else {}


async def attached(session: Session, owner: str, collection: str) -> tuple[Policy, ...]:
    """The policies of this kind on an owner, such as `/servicePrincipals/{id}`."""
    listed = {str(entry["id"]): entry for entry in await session.graph.list(f"{owner}/{collection}")}
    return tuple([await _policy(session, collection, entry, owner) for entry in listed.values()])


async def _policy(session: Session, collection: str, entry: Json, owner: str) -> Policy:
    users = await _users(session, collection, str(entry["id"]))
    own = owner.rsplit("/", 1)[-1]
    ours = {str(user.get("appId")) for user in users if str(user.get("id")) == own}
    return Policy(
        id=str(entry["id"]),
        name=str(entry.get("displayName") or ""),
        text=str(next(iter(entry.get("definition") or ()), "")),
        # Our own policy may hang on the service principal and on its application; that is not sharing.
        shared=any(str(user.get("id")) != own and str(user.get("appId")) not in ours for user in users),
    )


async def _users(session: Session, collection: str, policy_id: str) -> list[Json]:
    return await session.graph.list(f"/policies/{collection}/{policy_id}/appliesTo")


async def left_over(session: Session, collection: str, in_use: Collection[str]) -> tuple[str, ...]:
    """Policies of ours, by the mark in their names, that hang nowhere, beside those in use: two runs at once, or one
    that was broken off, left them. Empty where nothing is in use yet: the next write takes up what lies about.
    """
    if not in_use:
        return ()
    listed = await look(session.graph.list(f"/policies/{collection}"))
    ours = [
        entry
        for entry in (() if isinstance(listed, NotSeen) else listed)
        if f"({mark(session.tenant)})" in str(entry.get("displayName")) and str(entry["id"]) not in in_use
    ]
    found = [(str(entry["id"]), await look(_users(session, collection, str(entry["id"])))) for entry in ours]
    return tuple(policy_id for policy_id, users in found if users == [])


def surplus(check: str, collection: str, left: Sequence[str]) -> list[Finding]:
    """The same as a finding, with the way out; none where nothing is left over."""
    if not left:
        return []
    fix = f"It hangs nowhere and does nothing. Delete it in Graph Explorer: DELETE /v1.0/policies/{collection}/{{id}}"
    return [judged(check, "Policies of ours beside the one in use", "none", ", ".join(left), "waiting", fix)]


async def write_and_attach(session: Session, owner: str, collection: str, *, body: str, name: str, wanted: Json) -> str:
    """Write these keys below `body` into the owner's own policy and return its id; every other key stays.

    Without a policy one is made. A policy that other applications use too is never edited: its copy takes its place.
    """
    existing = await attached(session, owner, collection)
    policy_id = await own(session, existing, collection, body=body, name=name, wanted=wanted)
    for shared in existing:
        if shared.shared:
            await detach(session, owner, collection, shared.id)
    if policy_id not in [policy.id for policy in existing]:
        await attach(session, owner, collection, policy_id)
    return policy_id


async def own(
    session: Session, existing: Sequence[Policy], collection: str, *, body: str, name: str, wanted: Json
) -> str:
    """The id of the first of these that no other application uses, or of a new one, with these keys below `body`.

    The first one is the model for all other keys. Nothing is attached or detached here.
    """
    mine = next((policy for policy in existing if not policy.shared), None)
    model = mine or next(iter(existing), None)
    definition = {**(model.definition if model else {}), body: {**(model.body(body) if model else {}), **wanted}}
    if mine is None:
        return await _create(session, collection, name=name, definition=definition)
    if mine.definition != definition:
        await _update(session, collection, mine.id, definition=definition, before=mine.text)
    return mine.id


async def hang_only(
    session: Session, owner: str, collection: str, policy_id: str, existing: Sequence[Policy]
) -> FlexSSOError | None:
    """Make this the owner's only policy of its kind (G57); what was there before is taken off first.

    A refusal is returned instead of raised. Raises OutcomeUnknown, Unreachable and what else does not tell.
    """
    try:
        for other in existing:
            if other.id != policy_id:
                await detach(session, owner, collection, other.id)
        if policy_id not in [policy.id for policy in existing]:
            await attach(session, owner, collection, policy_id)
    except NotPermitted as error:
        return error
    except Refused as error:
        if error.status in TAKES_NONE:
            return error
        raise
    return None


async def _create(session: Session, collection: str, *, name: str, definition: Json) -> str:
    """Make a policy and return its id. A lost answer is looked up by name, never sent again."""
    existing = await _unused(session, collection, name)
    if existing:
        await _update(session, collection, existing["id"], definition=definition, before=existing["definition"][0])
        return str(existing["id"])
    try:
        with _allowed():
            made = await session.graph.post(
                f"/policies/{collection}",
                {"displayName": name, "isOrganizationDefault": False, "definition": [packed(definition)]},
                why=f"Creating the policy “{name}”",
                gives="id",
            )
    except OutcomeUnknown:
        made = await landed(session, lambda: _unused(session, collection, name))
        if not made:
            raise
    return str(made["id"])


async def _unused(session: Session, collection: str, name: str) -> Json:
    """A policy of this name that hangs nowhere, such as an interrupted run leaves; `{}` when there is none."""
    for entry in await session.graph.list(f"/policies/{collection}"):
        if entry.get("displayName") == name and not await _users(session, collection, str(entry["id"])):
            return entry
    return {}


async def _update(session: Session, collection: str, policy_id: str, *, definition: Json, before: str) -> None:
    """Write the whole definition of a policy."""
    try:
        with _allowed():
            await session.graph.patch(
                f"/policies/{collection}/{policy_id}",
                {"definition": [packed(definition)]},
                why="Writing the definition of the policy",
                before={"definition": [before]},
            )
    except Refused as error:
        if any(text in error.message for text in NOT_TAKEN):
            error.why = (
                "The policy was there already, and Graph does not take something that somebody else put into it."
            )
            error.fix = (
                f"Detach the policy {policy_id} from the application in Graph Explorer, or correct its definition; "
                "without it a new one is made here."
            )
            error.notebook = session.ledger.section
        raise


async def rename(session: Session, collection: str, policy_id: str, *, now: str, name: str) -> None:
    """Give a policy of ours another name. One that was made just now may not be everywhere yet (G03, G07)."""
    await session.try_until(
        lambda: session.graph.patch(
            f"/policies/{collection}/{policy_id}",
            {"displayName": name},
            why="Saying in the policy's name where it hangs",
            before={"displayName": now},
        ),
        ("Request_ResourceNotFound", "Directory_ConcurrencyViolation"),
        what="the new policy to be visible everywhere",
    )


@contextmanager
def _allowed() -> Iterator[None]:
    """A refusal by rights says what no list of rights can: sources disagree about one of the roles (section 2.0)."""
    try:
        yield
    except NotPermitted as error:
        error.fix = (
            "Sign in with the role Application Administrator: Cloud Application Administrator may not be enough for "
            "policies. Notebook 00 lists what else each step needs."
        )
        raise


async def attach(session: Session, owner: str, collection: str, policy_id: str) -> None:
    """Reference the policy from an owner; being there already is success (G33).

    Raises Refused for a 404 too, once it is certain that nothing hangs there in spite of it.
    """
    reference = session.graph.reference(f"/policies/{collection}/{policy_id}")
    try:
        await session.graph.post(f"{owner}/{collection}/$ref", reference, why="Attaching the policy")
    except OutcomeUnknown as error:
        if await landed(session, lambda: _hangs(session, owner, collection, policy_id)):
            return
        answered = error.__cause__
        if isinstance(answered, Refused) and answered.status in TAKES_NONE:
            raise answered from error
        raise
    except Refused as error:
        if "already exist" not in error.message:
            raise


async def _hangs(session: Session, owner: str, collection: str, policy_id: str) -> bool:
    listed = await session.graph.list(f"{owner}/{collection}")
    return any(str(entry["id"]) == policy_id for entry in listed)


async def detach(session: Session, owner: str, collection: str, policy_id: str) -> None:
    """Take the reference away; the policy itself stays. Not hanging there any more is success (G35)."""
    try:
        await session.graph.delete(
            f"{owner}/{collection}/{policy_id}/$ref",
            why="Taking a policy off that is to count no longer; the policy itself stays",
            before={"policy": policy_id},
        )
    except Refused as error:
        if "do not exist" not in error.message:
            raise


def words(error: FlexSSOError) -> str:
    """A refusal in one line."""
    return f"{error.what} {error.parts.get('Answer', error.why)}"


def packed(content: Json) -> str:
    """A definition travels as one JSON string (G31: keys are case-sensitive, blanks matter)."""
    return json.dumps(content, separators=(",", ":"))


def unpacked(text: str) -> Json:
    """The content of such a string; `{}` when it is none."""
    try:
        found = json.loads(text)
    except (ValueError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}
