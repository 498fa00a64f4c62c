"""07 · Assign users and groups, one Flex role each (D24, D25)."""

from dataclasses import dataclass
from typing import Any, Literal

from flexsso_helpers.errors import OutcomeUnknown, Refused
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Approval, Change, Finding, Pending, Value, compare
from flexsso_helpers.saml.notebooks import TITLES, fix_in
from flexsso_helpers.sections import people
from flexsso_helpers.sections.application import Found, Json, find, landed
from flexsso_helpers.sections.findings import listed
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.views import Field

# Refusals that pass by themselves (G70, G71).
NOT_THERE_YET = ("Not a valid reference update", "Permission being assigned was not found on application")
FIX = fix_in("07", "plan and apply.")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One entry of the tenant's file, and whom it means in Entra (no id: nobody)."""

    named: str
    role: str
    kind: Literal["user", "group"]
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One assignment of a Flex role, as Graph lists it."""

    id: str
    principal_id: str
    principal: str
    role: str


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read."""

    app: bool = False
    role_ids: tuple[tuple[str, str], ...] = ()
    """(value, id) of the enabled Flex roles on the service principal."""
    wanted: tuple[Wanted, ...] = ()
    assigned: tuple[Assignment, ...] = ()
    without_name_id: tuple[str, ...] = ()
    without_mail: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    several_roles: tuple[str, ...] = ()

    def roles_of(self, principal_id: str) -> tuple[str, ...]:
        """The Flex roles assigned directly to this principal."""
        return tuple(entry.role for entry in self.assigned if entry.principal_id == principal_id)


async def read(session: Session) -> State:
    """The wanted people, the assignments, and what would go wrong for whom at sign-in."""
    given = session.tenant.assignments
    found = await find(session)
    users = [(entry, await people.user(session, entry.user)) for entry in given.users]
    groups = [(entry, await people.group(session, entry.group)) for entry in given.groups]
    everyone = {member.id: member for _, group in groups if group for member in group.members}
    everyone |= {user.id: user for _, user in users if user}
    persons = sorted(everyone.values(), key=lambda user: user.user_name)
    roles: dict[str, set[str]] = {}
    for entry, user in users:
        if user:
            roles.setdefault(user.user_name, set()).add(entry.role)
    for group_entry, group in groups:
        for member in group.members if group else ():
            roles.setdefault(member.user_name, set()).add(group_entry.role)
    return State(
        app=found is not None,
        role_ids=_role_ids(session, found),
        wanted=(
            *(Wanted(named=e.user, role=e.role, kind="user", id=user.id if user else "") for e, user in users),
            *(Wanted(named=e.group, role=e.role, kind="group", id=group.id if group else "") for e, group in groups),
        ),
        assigned=await _assigned(session, found) if found else (),
        without_name_id=tuple(user.user_name for user in persons if not user.name_id(session.tenant)),
        without_mail=tuple(user.user_name for user in persons if not user.mail),
        disabled=tuple(user.user_name for user in persons if not user.enabled),
        guests=tuple(user.user_name for user in persons if user.guest),
        nested=tuple(f"{name} in {group.name}" for _, group in groups if group for name in group.nested),
        several_roles=tuple(
            f"{user}: {', '.join(sorted(values))}" for user, values in sorted(roles.items()) if len(values) > 1
        ),
    )


def _role_ids(session: Session, found: Found | None) -> tuple[tuple[str, str], ...]:
    listed: list[Json] = (found.principal.get("appRoles") or []) if found else []
    return tuple(
        (str(entry["value"]), str(entry["id"]))
        for entry in listed
        if entry.get("isEnabled") and entry.get("value") in session.tenant.roles
    )


async def _assigned(session: Session, found: Found) -> tuple[Assignment, ...]:
    values = {role_id: value for value, role_id in _role_ids(session, found)}
    listed = await session.graph.list(f"/servicePrincipals/{found.principal_id}/appRoleAssignedTo", {"$top": "999"})
    entries = [
        Assignment(
            id=str(entry["id"]),
            principal_id=str(entry["principalId"]),
            principal=str(entry.get("principalDisplayName") or ""),
            role=values[str(entry["appRoleId"])],
        )
        for entry in listed
        if str(entry["appRoleId"]) in values
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.principal, entry.role)))


def changes(_session: Session, state: State) -> tuple[Change, ...]:
    """One line an entry of the file. Whoever else is assigned stays, and is listed among the findings."""
    return tuple(
        compare(
            _setting(entry),
            _now(entry, state),
            entry.role,
            reason="direct members only" if entry.kind == "group" else "",
            instructions=("D24",),
            undo="an assignment made again has a new id",
        )
        for entry in state.wanted
        if entry.id
    )


def _setting(entry: Wanted) -> str:
    return f"{'Group' if entry.kind == 'group' else 'User'} {entry.named}"


def _now(entry: Wanted, state: State) -> Value:
    if entry.role not in dict(state.role_ids):
        return Pending("05" if state.app else "01")
    return entry.role if entry.role in state.roles_of(entry.id) else None


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """One after the other; what is there already counts as done (G67)."""
    found = await find(session)
    assert found is not None
    settings = {change.setting for change in chosen}
    for entry in state.wanted:
        if _setting(entry) in settings:
            await _assign(session, found, entry, dict(state.role_ids)[entry.role])
    return True


async def _assign(session: Session, found: Found, entry: Wanted, role_id: str) -> None:
    path = f"/servicePrincipals/{found.principal_id}/appRoleAssignedTo"
    body = {"principalId": entry.id, "resourceId": found.principal_id, "appRoleId": role_id}
    try:
        await session.try_until(
            lambda: session.graph.post(path, body, why=f"Assigning the role {entry.role}"),
            NOT_THERE_YET,
            what="the service principal’s roles to be assignable",
        )
    except OutcomeUnknown:
        if not await landed(session, lambda: _is_assigned(session, found, entry)):
            raise
    except Refused as error:
        if "already exists" not in error.message:
            raise


async def _is_assigned(session: Session, found: Found, entry: Wanted) -> bool:
    listed = await _assigned(session, found)
    return any((done.principal_id, done.role) == (entry.id, entry.role) for done in listed)


def findings(_session: Session, state: State) -> tuple[Finding, ...]:
    """Everyone wanted is assigned; who is assigned beyond the list; who would fail at sign-in."""
    wanted = {(entry.id, entry.role) for entry in state.wanted}
    missing = [entry.named for entry in state.wanted if not entry.id]
    unassigned = [
        f"{entry.named} as {entry.role}"
        for entry in state.wanted
        if entry.id and entry.role not in state.roles_of(entry.id)
    ]
    surplus = [
        f"{entry.principal} as {entry.role}"
        for entry in state.assigned
        if (entry.principal_id, entry.role) not in wanted
    ]
    no_mail = "Fill in the mail address in Entra: without it the claim email is missing, and Flex answers 45050."
    no_name_id = "Fill it in, or choose userprincipalname for all in 04: without it Entra answers AADSTS501241."
    beyond = "Add them to the file, or remove them in the admin center; nothing is removed here."
    return (
        listed("D24", "Does not exist in Entra", missing, "Correct the names in tenant.assignments.", "error"),
        listed("D25", "In the file and not assigned", unassigned, FIX, "error"),
        listed("D25", "Assigned and not in the file", surplus, beyond),
        listed("S56", "Without a mail address", state.without_mail, no_mail),
        listed("S47", "Without a value for NameID", state.without_name_id, no_name_id),
        listed("D24", "Disabled accounts", state.disabled, "Enable the account, or take it off the list."),
        listed("S52", "Guests", state.guests, "Guests may sign in; look at their NameID in 08.", "info"),
        listed("S61", "Nested groups", state.nested, "Their members get no role: assign that group itself."),
        listed(
            "S62", "More than one Flex role", state.several_roles, "Give each person one; Flex takes the strongest."
        ),
    )


def fields(tenant: Tenant) -> tuple[Field, ...]:
    """Users and groups, a line each; of users who come from a CSV file only its name, as there may be thousands."""
    given = tenant.assignments
    users = tuple((entry.user, entry.role) for entry in given.users)
    groups = tuple((entry.group, entry.role) for entry in given.groups)
    there = f"{len(users):,} users with those of the tenant's file. Edit them there, then open the tenant again."
    return (
        Field("assignments.csv", "Users from", "text", given.csv, help=there)
        if given.csv
        else Field("assignments.users", "Users", "people", users, help="One a line: user name, role."),
        Field("assignments.groups", "Groups", "people", groups, help="One a line: display name or object id, role."),
    )


def to_file(edited: dict[str, Any]) -> dict[str, Any]:
    """Pairs of name and role as the tenant's file writes them."""
    named = {"assignments.users": "user", "assignments.groups": "group"}
    return {
        key: [{named[key]: name, "role": role} for name, role in value] if key in named else value
        for key, value in edited.items()
    }


STEP = Step(
    number="07",
    title=TITLES["07"],
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    fields=fields,
    to_file=to_file,
)
form, plan, apply, verify = STEP.form, STEP.plan, STEP.apply, STEP.verify
