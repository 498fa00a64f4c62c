"""Every assignment of the application as Graph lists it, whoever made the role and whatever it is worth in Flex."""

from dataclasses import dataclass

from flexsso_helpers.parameters import Tenant
from flexsso_helpers.resources.application import Found, Json
from flexsso_helpers.session import Session

DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
"""The role id of an assignment without a role, which the admin center calls Default Access."""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One assignment."""

    id: str
    principal_id: str
    principal: str
    role: str
    """The value of the role, which is what Flex gets; empty where the role has none, is disabled, or is not there."""
    role_id: str
    kind: str
    """User, Group or ServicePrincipal."""
    title: str
    """What to call the role: its value, or its name and why it is worth nothing."""


def offered_ids(tenant: Tenant, found: Found) -> tuple[tuple[str, str], ...]:
    """(value, id) of the enabled roles on the service principal that the tenant's file offers."""
    return tuple(
        (str(entry["value"]), str(entry["id"]))
        for entry in found.principal.get("appRoles") or ()
        if entry.get("isEnabled") and entry.get("value") in tenant.offered
    )


async def read_all(session: Session, found: Found) -> tuple[Assignment, ...]:
    """All of them, by the name of who is assigned."""
    roles: dict[str, Json] = {str(entry["id"]): entry for entry in found.principal.get("appRoles") or ()}
    listed = await session.graph.list(f"/servicePrincipals/{found.principal_id}/appRoleAssignedTo", {"$top": "999"})
    entries = [_assignment(entry, roles.get(str(entry["appRoleId"]))) for entry in listed]
    return tuple(sorted(entries, key=lambda entry: (entry.principal, entry.role, entry.id)))


def _assignment(entry: Json, role: Json | None) -> Assignment:
    return Assignment(
        id=str(entry["id"]),
        principal_id=str(entry["principalId"]),
        principal=str(entry.get("principalDisplayName") or ""),
        role=worth(role),
        role_id=str(entry["appRoleId"]),
        kind=str(entry.get("principalType") or "User"),
        title=_title(str(entry["appRoleId"]), role),
    )


def worth(role: Json | None) -> str:
    """The value that a response carries for a role: none for one that is disabled or has no value (G77)."""
    return str(role.get("value") or "") if role and role.get("isEnabled") else ""


def _title(role_id: str, role: Json | None) -> str:
    if role_id == DEFAULT_ACCESS:
        return "Default Access"
    if role is None:
        return f"a role that is not there ({role_id})"
    name = str(role.get("value") or role.get("displayName") or role_id)
    if not role.get("isEnabled"):
        return f"{name} (disabled)"
    return name if role.get("value") else f"{name} (no value)"
