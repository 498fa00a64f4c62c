"""Everyone who is assigned to the application, with the properties that their responses are made of."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from flexsso_helpers.errors import Refused
from flexsso_helpers.resources import people
from flexsso_helpers.resources.application import Json
from flexsso_helpers.resources.listed_users import listed_users
from flexsso_helpers.session import Session


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """A person with the role values that the assignments give."""

    user: Json
    roles: tuple[str, ...]

    @property
    def name(self) -> str:
        """The user principal name."""
        return str(self.user.get("userPrincipalName") or self.user["id"])


Roles = Mapping[str, tuple[str, ...]]
"""Role values by user id, as `test_users.roles_by_user` tells them."""


async def everyone(session: Session, roles: Roles, properties: Sequence[str]) -> tuple[Assigned, ...]:
    """All who have a role, directly or as direct members of a group, by user principal name."""
    users = await _where_known(properties, lambda select: people.by_ids(session, sorted(roles), select))
    found = [Assigned(user=user, roles=roles[str(user["id"])]) for user in users]
    return tuple(sorted(found, key=lambda each: each.name))


async def named(
    session: Session, roles: Roles, names: Sequence[str], properties: Sequence[str]
) -> tuple[Assigned, ...]:
    """These people, by user principal name; whoever does not exist is left out."""

    async def look(select: str) -> list[Json]:
        return list((await listed_users(session, "userPrincipalName", names, select)).values())

    users = await _where_known(properties, look)
    return tuple(Assigned(user=user, roles=roles.get(str(user["id"]), ())) for user in users)


async def _where_known(properties: Sequence[str], look: Callable[[str], Awaitable[list[Json]]]) -> list[Json]:
    """Look with all these properties, or without the extension properties where this tenant does not have one."""
    try:
        return await look(",".join(properties))
    except Refused as error:
        plain = [name for name in properties if not name.startswith("extension_")]
        if error.status != 400 or len(plain) == len(properties):
            raise
        # its claim is then what cannot be foreseen
        return await look(",".join(plain))
