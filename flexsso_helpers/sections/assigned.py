"""Everyone who is assigned to the application, with the properties that their responses are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from flexsso_helpers.errors import Refused
from flexsso_helpers.graph import literal
from flexsso_helpers.sections.application import Found, Json
from flexsso_helpers.sections.tested import roles_by_user
from flexsso_helpers.session import Session

AT_ONCE = 15
"""Values of one `in` filter that Graph takes."""


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """A person with the role values that the assignments give."""

    user: Json
    roles: tuple[str, ...]

    @property
    def name(self) -> str:
        """The user principal name."""
        return str(self.user.get("userPrincipalName") or self.user["id"])


async def everyone(session: Session, found: Found, properties: Sequence[str]) -> tuple[Assigned, ...]:
    """All who have a role, directly or as direct members of a group, by user principal name."""
    roles = await roles_by_user(session, found)
    ids = sorted(roles)
    users: list[Json] = []
    for start in range(0, len(ids), AT_ONCE):
        wanted = ",".join(literal(each) for each in ids[start : start + AT_ONCE])
        users += await _users(session, f"id in ({wanted})", properties)
    people = [Assigned(user=user, roles=roles[str(user["id"])]) for user in users]
    return tuple(sorted(people, key=lambda each: each.name))


async def named(
    session: Session, found: Found | None, names: Sequence[str], properties: Sequence[str]
) -> tuple[Assigned, ...]:
    """These people, by user principal name; whoever does not exist is left out."""
    roles = await roles_by_user(session, found) if found else {}
    users = [
        user for name in names for user in await _users(session, f"userPrincipalName eq {literal(name)}", properties)
    ]
    return tuple(Assigned(user=user, roles=roles.get(str(user["id"]), ())) for user in users)


async def _users(session: Session, condition: str, properties: Sequence[str]) -> list[Json]:
    try:
        return await session.graph.list("/users", {"$filter": condition, "$select": ",".join(properties)})
    except Refused as error:
        plain = [name for name in properties if not name.startswith("extension_")]
        if error.status != 400 or len(plain) == len(properties):
            raise
        # an extension property that this tenant does not have: its claim is then what cannot be foreseen
        return await session.graph.list("/users", {"$filter": condition, "$select": ",".join(plain)})
