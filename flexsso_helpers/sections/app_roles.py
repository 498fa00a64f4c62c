"""05 · App roles `admin`, `supervisor`, `agent`; everybody else's roles stay untouched (D18)."""

import uuid
from dataclasses import dataclass
from typing import Any

from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Approval, Change, Finding, Pending, Value, compare
from flexsso_helpers.sections.application import NAMESPACE, Found, Json, find
from flexsso_helpers.sections.findings import judged
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.views import Field

FIX = "05 · App roles: plan and apply."
RIGHT = "enabled, for users and groups"
TITLES = {"admin": "Flex admin", "supervisor": "Flex supervisor", "agent": "Flex agent"}


@dataclass(frozen=True, kw_only=True)
class Role:
    """One app role as read."""

    id: str
    value: str
    name: str
    enabled: bool
    for_users: bool

    @property
    def words(self) -> str:
        """How it stands."""
        whom = "users and groups" if self.for_users else "applications"
        return f"{'enabled' if self.enabled else 'disabled'}, for {whom}"


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read."""

    app: bool = False
    roles: tuple[Role, ...] = ()
    mirrored: tuple[str, ...] = ()
    """Ids of the enabled roles that the service principal shows; assignments are checked against these (G65)."""

    def role(self, value: str) -> Role | None:
        """The role with this value."""
        return next((role for role in self.roles if role.value == value), None)


async def read(session: Session) -> State:
    """The application's roles and the service principal's copy."""
    found = await find(session)
    if found is None:
        return State()
    return State(
        app=True,
        roles=tuple(_role(entry) for entry in found.application.get("appRoles") or ()),
        mirrored=tuple(
            sorted(str(entry["id"]) for entry in found.principal.get("appRoles") or () if entry.get("isEnabled"))
        ),
    )


def _role(entry: Json) -> Role:
    return Role(
        id=str(entry["id"]),
        value=str(entry.get("value") or ""),
        name=str(entry.get("displayName") or ""),
        enabled=bool(entry.get("isEnabled")),
        for_users="User" in (entry.get("allowedMemberTypes") or ()),
    )


def changes(session: Session, state: State) -> tuple[Change, ...]:
    """One line a role. A role with the right value under another name is adopted as it is."""
    return tuple(_change(value, state) for value in session.tenant.roles)


def _change(value: str, state: State) -> Change:
    role = state.role(value)
    now: Value = role.words if role else None if state.app else Pending("01")
    kept = f"keeps its name “{role.name}”" if role and role.name != TITLES[value] else ""
    return compare(
        f"App role {value}",
        now,
        RIGHT,
        reason=kept if role else TITLES[value],
        instructions=("D18",),
    )


async def write(session: Session, _state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """Send the whole list, every other role to the letter; an enabled role is disabled before it is changed (G60)."""
    found = await find(session)
    assert found is not None
    values = [value for value in session.tenant.roles if f"App role {value}" in {change.setting for change in chosen}]
    existing = [_raw(entry) for entry in found.application.get("appRoles") or ()]
    locked = [entry for entry in existing if entry.get("value") in values and not _fits(entry) and entry["isEnabled"]]
    unlocked = existing
    if locked:
        unlocked = [{**entry, "isEnabled": entry not in locked and entry["isEnabled"]} for entry in existing]
        await _patch(session, found, unlocked, before=existing)
        await session.wait_until(
            lambda: read(session),
            lambda state: not any(role.enabled for role in state.roles if role.id in {entry["id"] for entry in locked}),
            what="the role to be disabled before it is changed",
        )
    mended = [_mended(entry) if entry.get("value") in values else entry for entry in existing]
    there = {entry.get("value") for entry in existing}
    new = [_new(found, value) for value in values if value not in there]
    await _patch(session, found, [*mended, *new], before=unlocked)
    wanted = {str(entry["id"]) for entry in (*mended, *new) if entry.get("value") in values}
    await session.wait_until(
        lambda: read(session),
        lambda state: wanted <= set(state.mirrored),
        what="the service principal to show the roles",
    )
    return True


def _raw(entry: Json) -> Json:
    """The role as read, without `origin`, which is read-only and refused when sent (G63)."""
    return {key: value for key, value in entry.items() if key != "origin"}


def _fits(entry: Json) -> bool:
    return "User" in (entry.get("allowedMemberTypes") or ())


def _mended(entry: Json) -> Json:
    kinds: list[Any] = list(entry.get("allowedMemberTypes") or ())
    return {**entry, "isEnabled": True, "allowedMemberTypes": kinds if "User" in kinds else ["User", *kinds]}


def _new(found: Found, value: str) -> Json:
    return {
        "id": str(uuid.uuid5(NAMESPACE, f"{found.app_id}/{value}")),
        "allowedMemberTypes": ["User"],
        "displayName": TITLES[value],
        "description": f"Signs in to Twilio Flex as {value}",
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


def findings(session: Session, state: State) -> tuple[Finding, ...]:
    """Each role is there, enabled, for users, and copied to the service principal."""
    return tuple(_finding(value, state) for value in session.tenant.roles)


def _finding(value: str, state: State) -> Finding:
    role = state.role(value)
    copied = role is not None and role.id in state.mirrored
    seen = "missing" if role is None else role.words + ("" if copied else ", not copied to the service principal")
    holds = role is not None and role.words == RIGHT and copied
    return judged("D18", f"App role {value}", RIGHT, seen, holds if state.app else "unknown", FIX)


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
    )


STEP = Step(number="05", title="App roles", read=read, changes=changes, findings=findings, write=write, fields=fields)
form, plan, apply, verify = STEP.form, STEP.plan, STEP.apply, STEP.verify
