"""Policies that hang on an application: find the one in force, adopt or make our own, never edit a shared one."""

import json
from dataclasses import dataclass
from typing import Any

from flexsso_helpers.errors import FlexSSOError, NotPermitted, OutcomeUnknown, Refused
from flexsso_helpers.session import Session

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One policy as read: its definition unpacked, and whether other objects use it too."""

    id: str
    name: str
    definition: Json
    shared: bool

    def body(self, kind: str) -> Json:
        """The part below the definition's one key, such as `ClaimsMappingPolicy`."""
        inner = self.definition.get(kind)
        return inner if isinstance(inner, dict) else {}


async def attached(session: Session, owner: str, collection: str) -> tuple[Policy, ...]:
    """The policies of this kind on an owner, such as `/servicePrincipals/{id}`."""
    listed = await session.graph.list(f"{owner}/{collection}")
    return tuple([await _policy(session, collection, entry, owner) for entry in listed])


async def _policy(session: Session, collection: str, entry: Json, owner: str) -> Policy:
    users = await session.graph.list(f"/policies/{collection}/{entry['id']}/appliesTo")
    own = owner.rsplit("/", 1)[-1]
    return Policy(
        id=str(entry["id"]),
        name=str(entry.get("displayName") or ""),
        definition=unpacked(next(iter(entry.get("definition") or ()), "")),
        shared=any(str(user.get("id")) != own and not _is_application(user) for user in users),
    )


def _is_application(user: Json) -> bool:
    """Our own policy hangs on the service principal and on its application; that is not sharing."""
    return str(user.get("@odata.type", "")).endswith(".application")


async def create(session: Session, collection: str, *, name: str, definition: Json) -> str:
    """Make a policy and return its id. A lost answer is looked up by name, never sent again."""
    existing = await _by_name(session, collection, name)
    if existing:
        before = await session.graph.get(f"/policies/{collection}/{existing}")
        await update(session, collection, existing, definition=definition, before=before)
        return existing
    try:
        made = await session.graph.post(
            f"/policies/{collection}",
            {"displayName": name, "isOrganizationDefault": False, "definition": [packed(definition)]},
            why=f"Creating the policy “{name}”",
        )
    except OutcomeUnknown:
        for pause in (2.0, 4.0, 8.0, 15.0):
            await session.sleep(pause)
            found = await _by_name(session, collection, name)
            if found:
                return found
        raise
    return str(made["id"])


async def _by_name(session: Session, collection: str, name: str) -> str:
    listed = await session.graph.list(f"/policies/{collection}")
    return next((str(entry["id"]) for entry in listed if entry.get("displayName") == name), "")


async def update(session: Session, collection: str, policy_id: str, *, definition: Json, before: object) -> None:
    """Write the whole definition of a policy."""
    await session.graph.patch(
        f"/policies/{collection}/{policy_id}",
        {"definition": [packed(definition)]},
        why="Writing the definition of the policy",
        before=before,
    )


async def attach(session: Session, owner: str, collection: str, policy_id: str, *, optional: bool = False) -> str:
    """Reference the policy from an owner; being there already is success (G33).

    With `optional` a refusal is returned as words instead of raised: where the signing policy hangs is disputed, and a
    refusal on the application is no failure (DESIGN section 8).
    """
    reference = session.graph.reference(f"/policies/{collection}/{policy_id}")
    try:
        await session.graph.post(f"{owner}/{collection}/$ref", reference, why="Attaching the policy")
    except OutcomeUnknown:
        listed = await session.graph.list(f"{owner}/{collection}")
        if not any(str(entry["id"]) == policy_id for entry in listed):
            raise
    except (Refused, NotPermitted) as error:
        if isinstance(error, Refused) and "already exist" in error.message:
            return ""
        if optional:
            return _words(error)
        raise
    return ""


async def detach(session: Session, owner: str, collection: str, policy_id: str) -> None:
    """Take the reference away; the policy itself stays."""
    await session.graph.delete(
        f"{owner}/{collection}/{policy_id}/$ref",
        why="Detaching a policy that other applications use too",
        before={"policy": policy_id},
    )


def _words(error: FlexSSOError) -> str:
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
