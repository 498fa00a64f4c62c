"""05 · App roles: those of Flex, those of Flex Insights; everybody else's stay untouched (D18, D19).

A role is ours when its id is the one that we would give it. One that holds the right value under another id or name was
made by somebody else and is adopted as it is; it is never removed.
"""

import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.parameters import INSIGHTS, ROLES, Tenant
from flexsso_helpers.plan import Approval, Change, Finding, Pending, Value, compare, count
from flexsso_helpers.plan.findings import judged, listed
from flexsso_helpers.resources.application import NAMESPACE, Found, Json, find
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.entra_pages import APP_ROLES, Ids, ids_of, page_in_entra
from flexsso_helpers.sections.settings import keys
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.views import Field

FIX = "05 · App roles: plan and apply."
RIGHT = "enabled, for users and groups"
ROLE_NAMES = {
    **{value: f"Flex {value}" for value in ROLES},
    **{value: f"Flex Insights {value.removeprefix('wfo.').replace('_', ' ')}" for value in INSIGHTS},
}


@dataclass(frozen=True, kw_only=True)
class Role:
    """One app role as read."""

    id: str
    value: str
    name: str
    enabled: bool
    for_users: bool
    made_as: str = ""
    """The value that we made it with; empty for everybody else's."""
    held_by: int = 0
    """How many assignments go with it; counted for roles of ours that the file does not name."""

    @property
    def words(self) -> str:
        """How it stands."""
        whom = "users and groups" if self.for_users else "applications"
        changed = f", with the value “{self.value}”" if self.made_as not in ("", self.value) else ""
        return f"{'enabled' if self.enabled else 'disabled'}, for {whom}{changed}"


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read."""

    app: bool = False
    ids: Ids = field(default_factory=Ids)
    roles: tuple[Role, ...] = ()
    mirrored: tuple[str, ...] = ()
    """Ids of the enabled roles that the service principal shows; assignments are checked against these (G65)."""

    def role(self, value: str) -> Role | None:
        """The role with this value, else the one that we made with it and whose value somebody has changed."""
        alike = sorted(self.roles, key=lambda role: role.value != value)
        return next((role for role in alike if value in (role.value, role.made_as)), None)

    def surplus(self, tenant: Tenant) -> tuple[Role, ...]:
        """Roles that we made once and the tenant's file no longer names."""
        return tuple(role for role in self.roles if role.made_as and role.made_as not in tenant.offered)


async def read(session: Session) -> State:
    """The application's roles and the service principal's copy."""
    found = await find(session)
    if found is None:
        return State()
    roles = tuple(_role(found, entry) for entry in found.application.get("appRoles") or ())
    state = State(app=True, roles=roles)
    if state.surplus(session.tenant):
        path = f"/servicePrincipals/{found.principal_id}/appRoleAssignedTo"
        held = Counter(str(entry["appRoleId"]) for entry in await session.graph.list(path, {"$top": "999"}))
        roles = tuple(
            replace(role, held_by=held[role.id]) if role in state.surplus(session.tenant) else role for role in roles
        )
    return State(
        app=True,
        ids=ids_of(found),
        roles=roles,
        mirrored=tuple(
            sorted(str(entry["id"]) for entry in found.principal.get("appRoles") or () if entry.get("isEnabled"))
        ),
    )


def _role(found: Found, entry: Json) -> Role:
    value = str(entry.get("value") or "")
    return Role(
        id=str(entry["id"]),
        value=value,
        made_as=_made_as(found, entry),
        name=str(entry.get("displayName") or ""),
        enabled=bool(entry.get("isEnabled")),
        for_users="User" in (entry.get("allowedMemberTypes") or ()),
    )


def _made_as(found: Found, entry: Json) -> str:
    return next((value for value in ROLE_NAMES if str(entry["id"]) == _id(found, value)), "")


def changes(context: Context, state: State) -> tuple[Change, ...]:
    """One line a role. A role with the right value under another name is adopted as it is."""
    wanted = [_change(value, state) for value in context.tenant.offered]
    return (*wanted, *(_removal(role) for role in state.surplus(context.tenant)))


def _removal(role: Role) -> Change:
    gone = f"; {count(role.held_by, 'assignment')} of it {'goes' if role.held_by == 1 else 'go'} too"
    return Change(
        setting=f"App role {role.value} beyond the file",
        now=role.words,
        should_be=None,
        kind="-",
        reason="made here, no longer in the file" + (gone if role.held_by else ""),
        instructions=(_instruction(role.value),),
        undo="a role made again has no assignments" if role.held_by else "",
        key=f"beyond {role.id}",
    )


def _instruction(value: str) -> str:
    return "D19" if value in INSIGHTS else "D18"


def _change(value: str, state: State) -> Change:
    role = state.role(value)
    now: Value = role.words if role else None if state.app else Pending("01")
    kept = f"keeps its name “{role.name}”" if role and role.name != ROLE_NAMES[value] else ""
    return compare(
        f"App role {value}",
        now,
        RIGHT,
        reason=kept if role else ROLE_NAMES[value],
        instructions=(_instruction(value),),
        key=f"role {value}",
    )


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """Send the whole list, every other role to the letter; what changes or goes is disabled first (G60)."""
    found = await find(session)
    assert found is not None
    chosen_keys = keys(chosen)
    values = [value for value in session.tenant.offered if _change(value, state).key in chosen_keys]
    leaving = {role.id for role in state.surplus(session.tenant) if _removal(role).key in chosen_keys}
    existing = [_raw(entry) for entry in found.application.get("appRoles") or ()]
    by_id = {role.id: value for value in values if (role := state.role(value))}
    locked = [
        entry
        for entry in existing
        if entry["isEnabled"]
        and (entry["id"] in leaving or (entry["id"] in by_id and not _fits(entry, by_id[entry["id"]])))
    ]
    unlocked = existing
    if locked:
        unlocked = [{**entry, "isEnabled": entry not in locked and entry["isEnabled"]} for entry in existing]
        await _patch(session, found, unlocked, before=existing)
        await session.wait_until(
            lambda: read(session),
            lambda state: not any(role.enabled for role in state.roles if role.id in {entry["id"] for entry in locked}),
            what="the role to be disabled before it is changed or removed",
            never=lambda state: _never(state, {str(entry["id"]) for entry in existing}),
        )
    mended = [
        _mended(entry, by_id[entry["id"]]) if entry["id"] in by_id else entry
        for entry in existing
        if entry["id"] not in leaving
    ]
    new = [_new(found, value) for value in values if value not in by_id.values()]
    await _patch(session, found, [*mended, *new], before=unlocked)
    wanted = {str(entry["id"]) for entry in (*mended, *new) if entry.get("value") in values}
    await session.wait_until(
        lambda: read(session),
        lambda state: wanted <= set(state.mirrored),
        what="the service principal to show the roles",
        never=lambda state: _never(state, wanted),
    )
    return True


def _never(state: State, roles: set[str]) -> str:
    """Why the copy will not show these roles any more."""
    if not state.app:
        return "The application or its service principal is no longer there."
    gone = roles - {role.id for role in state.roles}
    return "Somebody else has written the app roles since, without these." if gone else ""


def _raw(entry: Json) -> Json:
    """The role as read, without `origin`, which is read-only and refused when sent (G63)."""
    return {key: value for key, value in entry.items() if key != "origin"}


def _fits(entry: Json, value: str) -> bool:
    return "User" in (entry.get("allowedMemberTypes") or ()) and entry.get("value") == value


def _mended(entry: Json, value: str) -> Json:
    kinds: list[Any] = list(entry.get("allowedMemberTypes") or ())
    kept = {**entry, "isEnabled": True, "value": value}
    return {**kept, "allowedMemberTypes": kinds if "User" in kinds else ["User", *kinds]}


def _id(found: Found, value: str) -> str:
    """The same for ever, so that a second run, or another machine, knows a role of ours."""
    return str(uuid.uuid5(NAMESPACE, f"{found.app_id}/{value}"))


def _new(found: Found, value: str) -> Json:
    return {
        "id": _id(found, value),
        "allowedMemberTypes": ["User"],
        "displayName": ROLE_NAMES[value],
        "description": f"Opens Flex Insights as {value}"
        if value in INSIGHTS
        else f"Signs in to Twilio Flex as {value}",
        "isEnabled": True,
        "value": value,
    }


async def _patch(session: Session, found: Found, roles: list[Json], *, before: list[Json]) -> None:
    await session.graph.patch(
        f"/applications/{found.object_id}",
        {"appRoles": roles},
        why="Writing the app roles",
        before={"appRoles": before},
    )


def findings(context: Context, state: State) -> tuple[Finding, ...]:
    """Each role is there, enabled, for users, and copied to the service principal; which of ours the file lacks."""
    beyond = [role.value for role in state.surplus(context.tenant)]
    asked = "Name them in tenant.roles or tenant.insights, or approve their removal in 05."
    return (
        *(_finding(value, state) for value in context.tenant.offered),
        *([listed("D18", "Roles made here and not in the file", beyond, asked)] if beyond else []),
    )


def _finding(value: str, state: State) -> Finding:
    role = state.role(value)
    copied = role is not None and role.id in state.mirrored
    seen = "missing" if role is None else role.words + ("" if copied else ", not copied to the service principal")
    holds = role is not None and role.words == RIGHT and copied
    return judged(_instruction(value), f"App role {value}", RIGHT, seen, holds if state.app else "unknown", FIX)


def fields(tenant: Tenant) -> tuple[Field, ...]:
    """Which roles are offered."""
    return (
        Field(
            "roles",
            "Flex roles",
            "lines",
            tuple(tenant.roles),
            help="One a line: admin, supervisor, agent; lower case, as Flex compares them.",
        ),
        Field(
            "insights",
            "Flex Insights roles",
            "lines",
            tuple(tenant.insights),
            help="One a line, such as wfo.full_access; none for an account without Flex Insights. In the file, true "
            "means all seven.",
        ),
    )


def facts(context: Context, state: State) -> dict[str, str]:
    """Its page App roles in the admin center."""
    return page_in_entra(context, APP_ROLES, state.ids)


STEP = Step(
    number="05",
    title=TITLES["05"],
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    fields=fields,
    facts=facts,
)
form, plan, apply, verify = STEP.form, STEP.plan, STEP.apply, STEP.verify
