"""The people behind the names in the tenant's file: users, groups and their direct members, as Entra knows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flexsso_helpers.errors import Ambiguous, NotPermitted
from flexsso_helpers.graph import literal
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.resources import people_near
from flexsso_helpers.resources.application import Json
from flexsso_helpers.resources.counting import counting
from flexsso_helpers.resources.listed_users import listed_users
from flexsso_helpers.session import Session

SELECT = "id,displayName,mail,userPrincipalName,userType,accountEnabled"


@dataclass(frozen=True, kw_only=True)
class User:
    """A user."""

    id: str
    name: str
    user_name: str
    mail: str
    guest: bool
    enabled: bool

    def name_id(self, tenant: Tenant) -> str:
        """The NameID that a response about this person would carry; empty when the source is."""
        # of a guest Entra sends the user name at home, taken to be the mail address: Graph does not show it (2d)
        return self.mail if tenant.name_id == "mail" or (self.guest and self.mail) else self.user_name


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group with its direct members; nested groups pass no role on."""

    id: str
    name: str
    members: tuple[User, ...]
    nested: tuple[str, ...]


WHICH_GROUP = "Write the object id of the right one into tenant.assignments.groups."


@dataclass(frozen=True, kw_only=True)
class Everyone:
    """All whom the tenant's file names, in its order, with the Flex role of each; None for names that Entra lacks."""

    users: tuple[tuple[str, str, User | None], ...]
    groups: tuple[tuple[str, str, Group | None], ...]
    unclear: tuple[str, ...] = ()
    """Why it cannot be told which group is meant, for those of which it cannot; they are not among `groups`."""
    near: tuple[str, ...] = ()
    """Whom unknown names may mean, in sentences."""

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of the file that do not exist in Entra."""
        return tuple(name for name, _, found in (*self.users, *self.groups) if found is None)

    @property
    def persons(self) -> tuple[User, ...]:
        """Everyone once, members of groups included, by user name."""
        found = {member.id: member for _, _, group in self.groups if group for member in group.members}
        found |= {user.id: user for _, _, user in self.users if user}
        return tuple(sorted(found.values(), key=lambda user: user.user_name))

    @property
    def roles(self) -> dict[str, tuple[str, ...]]:
        """Flex roles by user id: by name and through direct membership."""
        roles: dict[str, set[str]] = {}
        for _, role, user in self.users:
            if user:
                roles.setdefault(user.id, set()).add(role)
        for _, role, group in self.groups:
            for member in group.members if group else ():
                roles.setdefault(member.id, set()).add(role)
        return {identity: tuple(sorted(values)) for identity, values in roles.items()}

    @property
    def ways(self) -> dict[str, frozenset[tuple[str, str]]]:
        """By user id, the (id of user or group, role) that together let a person in as the file says."""
        ways: dict[str, set[tuple[str, str]]] = {}
        for _, role, user in self.users:
            if user:
                ways.setdefault(user.id, set()).add((user.id, role))
        for _, role, group in self.groups:
            for member in group.members if group else ():
                ways.setdefault(member.id, set()).add((group.id, role))  # type: ignore[union-attr]
        return {identity: frozenset(values) for identity, values in ways.items()}


async def everyone(session: Session, *, clear: bool = True) -> Everyone:
    """Look up all whom the tenant's file names, users and groups by name many at once.

    Raises Ambiguous for a name that several groups have, unless it need not be `clear` yet.
    """
    given = session.tenant.assignments
    found = await users_named(session, [entry.user for entry in given.users])
    named = await groups_named(session, [entry.group for entry in given.groups])
    unclear = [each for each in named if isinstance(each, Ambiguous)]
    if unclear and clear:
        raise unclear[0]
    groups = [
        (entry.group, entry.role, each)
        for entry, each in zip(given.groups, named, strict=True)
        if not isinstance(each, Ambiguous)
    ]
    users = tuple((entry.user, entry.role, each) for entry, each in zip(given.users, found, strict=True))
    return Everyone(
        users=users,
        groups=tuple(groups),
        unclear=tuple(each.what for each in unclear),
        near=await people_near.near(session, people_near.unknown(users), people_near.unknown(groups)),
    )


async def users_named(session: Session, names: Sequence[str]) -> list[User | None]:
    """The users with these principal names, in this order."""
    with counting("Looking up people in Entra", "looked up", len(names), session.badge) as say:
        found = await listed_users(session, "userPrincipalName", names, SELECT, say)
    return [_user(found[name]) if name in found else None for name in names]


async def user(session: Session, user_name: str) -> User | None:
    """The user with this principal name, or None."""
    return (await users_named(session, [user_name]))[0]


async def users(session: Session, ids: list[str]) -> tuple[User, ...]:
    """The users with these object ids; who is gone is left out."""
    return tuple(map(_user, await by_ids(session, ids, SELECT)))


async def by_ids(session: Session, ids: Sequence[str], select: str) -> list[Json]:
    """The users with these object ids as Graph shows them; who is gone is left out."""
    return list((await listed_users(session, "id", ids, select)).values())


async def groups_named(session: Session, names: Sequence[str]) -> list[Group | Ambiguous | None]:
    """The groups with these object ids or display names, in this order; Ambiguous for a name that several have."""
    by_name = [name for name in names if not _is_id(name)]
    queries = [{"$filter": f"displayName eq {literal(name)}", "$select": "id,displayName"} for name in by_name]
    try:
        lists = await session.graph.list_many([("/groups", each) for each in queries])
    except NotPermitted as error:
        why = f"{error.why} A guest may list no groups, and so finds none by its name."
        raise NotPermitted(error.what, why=why, fix=WHICH_GROUP, notebook="07") from error
    listed = dict(zip(by_name, lists, strict=True))
    for name in names:
        if _is_id(name):
            found = await session.graph.get(f"/groups/{name}", select="id,displayName", missing_ok=True)
            listed[name] = [found] if found else []
    held = [each[0] for each in listed.values() if len(each) == 1]
    query = {"$top": "999", "$select": SELECT}
    members = await session.graph.list_many([(f"/groups/{entry['id']}/members", query) for entry in held])
    by_id = {str(entry["id"]): _group(entry, each) for entry, each in zip(held, members, strict=True)}
    return [_only(name, listed[name], by_id) for name in names]


def _is_id(name: str) -> bool:
    return len(name) == 36 and name.count("-") == 4


def _only(name: str, listed: Sequence[Json], by_id: Mapping[str, Group]) -> Group | Ambiguous | None:
    if len(listed) > 1:
        return Ambiguous(
            f"{len(listed)} groups are called “{name}”: " + ", ".join(str(entry["id"]) for entry in listed),
            why="Display names are not unique in Entra, and a guess could assign the wrong people.",
            fix=WHICH_GROUP,
            notebook="07",
        )
    return by_id[str(listed[0]["id"])] if listed else None


def _group(entry: Json, members: Sequence[Json]) -> Group:
    return Group(
        id=str(entry["id"]),
        name=str(entry.get("displayName") or ""),
        members=tuple(_user(each) for each in members if kind_of(each) == "user"),
        nested=tuple(str(each.get("displayName") or each["id"]) for each in members if kind_of(each) == "group"),
    )


def kind_of(entry: Json) -> str:
    """What a member of a group is: user, group, servicePrincipal."""
    return str(entry.get("@odata.type", "#microsoft.graph.user")).rsplit(".", 1)[-1]


def _user(entry: Json) -> User:
    return User(
        id=str(entry["id"]),
        name=str(entry.get("displayName") or ""),
        user_name=str(entry.get("userPrincipalName") or ""),
        mail=str(entry.get("mail") or ""),
        guest=entry.get("userType") == "Guest",
        enabled=bool(entry.get("accountEnabled", True)),
    )
