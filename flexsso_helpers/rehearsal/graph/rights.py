"""Who may do what in Graph: scopes of the token, and for people a directory role (G02)."""

from collections.abc import Mapping
from dataclasses import dataclass

from flexsso_helpers.rehearsal.directory.people import (
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
)
from flexsso_helpers.rehearsal.directory.refusals import denied
from flexsso_helpers.rehearsal.directory.tokens import Principal
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare({"G02": "Without the scope or the directory role: 403"})
quirks.declare(
    {
        "cloud_application_administrator_policies": quirk(
            "allowed",
            "denied",
            source="entra-docs' page of the role lists applicationPolicies/create, basic/update and delete; docs of "
            "claims name Application Administrator",
            when="an administrator with the role Cloud Application Administrator alone",
            refused_there={"denied": ("NotPermitted", "00")},
        ),
        "assignment_permission": quirk(
            "both",
            "applications_alone",
            source="2h and older pages ask for AppRoleAssignment.ReadWrite.All too; microsoft-graph-devx-content "
            "@6cbd6bb lists Application.ReadWrite.All alone",
        ),
    }
)

OWNED = "Application.ReadWrite.OwnedBy"
READERS = frozenset(
    {
        "f2ef992c-3afb-46b9-b7cf-a126ee74c451",  # Global Reader
        "5d6b6bb7-de71-4623-b4af-96380a352509",  # Security Reader
        "194ae4cb-b126-40b2-bd5b-6091b380977d",  # Security Administrator
        "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",  # Conditional Access Administrator
    }
)
"""Who may read Conditional Access policies besides a Global Administrator (Graph: list policies)."""
ADMINISTRATORS = frozenset({APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR, GLOBAL_ADMINISTRATOR})


@dataclass(frozen=True)
class Right:
    """What an address needs: of every group of scopes at least one, and where `role` is set a directory role."""

    scopes: tuple[frozenset[str], ...]
    role: bool = False
    policy: bool = False
    """Whether it writes a policy, where sources disagree about Cloud Application Administrator."""
    assigns: bool = False
    """Whether it assigns, where sources disagree about the permission."""
    owned: bool = False
    """Whether a program with Application.ReadWrite.OwnedBy may do it to what it owns."""
    only: frozenset[str] = frozenset()
    """Directory roles of which a person needs one, where they are others than those of `role`."""

    def check(self, world: World, principal: Principal, parts: Mapping[str, str]) -> None:
        """Raises GraphRefusal (403) where the principal lacks something; `parts` name the object of the address."""
        if world.rules.on("G02") and not self._held_by(world, principal, parts):
            raise denied()

    def _held_by(self, world: World, principal: Principal, parts: Mapping[str, str]) -> bool:
        held = frozenset(principal.scopes if principal.delegated else principal.roles)
        if self.owned and OWNED in held and not principal.delegated and _owns(world, principal, parts):
            held |= {"Application.ReadWrite.All"}
        if self.assigns and world.quirks.value("assignment_permission") == "applications_alone":
            held |= {"AppRoleAssignment.ReadWrite.All"} if "Application.ReadWrite.All" in held else set()
        if not all(group & held for group in self.scopes):
            return False
        if self.only and principal.delegated and world.rules.on("G108"):
            return bool(self.only & set(principal.wids))
        if not self.role or not principal.delegated:
            return True
        enough = ADMINISTRATORS
        if self.policy and world.quirks.value("cloud_application_administrator_policies") == "denied":
            enough = ADMINISTRATORS - {CLOUD_APPLICATION_ADMINISTRATOR}
        return bool(enough & set(principal.wids)) or _held_otherwise(world, principal, parts)


def _held_otherwise(world: World, principal: Principal, parts: Mapping[str, str]) -> bool:
    """Whether a custom role allows it, or a role that holds for the one application of this address.

    The custom role here allows all that this runbook does. A role that is not activated yet allows nothing.
    """
    person = world.store.get("user", principal.id) or {}
    scopes = {held["scope"] for held in person.get("_held", ()) if not held["eligible"]}
    if "/" in scopes:
        return True
    ids = {f"/{item['id']}" for item in _named(world, parts)}
    return bool(ids & scopes)


def _owns(world: World, principal: Principal, parts: Mapping[str, str]) -> bool:
    """Whether a program owns the object of an address; what is made anew becomes its own."""
    found = _named(world, parts)
    return not _identity(parts) or any(principal.id in item.get("_owners", ()) for item in found)


def _identity(parts: Mapping[str, str]) -> str:
    return next((parts[name] for name in ("application", "sp", "object", "deleted") if name in parts), "")


def _named(world: World, parts: Mapping[str, str]) -> list[Document]:
    """The objects that an address names: an application, its service principal, or both by the client id."""
    identity = _identity(parts)
    app_id = identity.removeprefix("appId='").rstrip("'")
    kinds = ("application", "servicePrincipal", "deleted")
    found = [world.store.get(kind, identity) for kind in kinds]
    found += [*world.store.find("application", "appId", app_id), *world.store.find("servicePrincipal", "appId", app_id)]
    return [item for item in found if item is not None]


def _any(text: str) -> frozenset[str]:
    return frozenset(text.split())


_READ_APPLICATIONS = _any("Application.Read.All Application.ReadWrite.All Directory.Read.All Directory.ReadWrite.All")
_WRITE_APPLICATIONS = _any("Application.ReadWrite.All Directory.ReadWrite.All")
_READ_POLICIES = _any("Policy.Read.All")
_WRITE_POLICIES = _any("Policy.ReadWrite.ApplicationConfiguration")

READ_APPLICATIONS = Right((_READ_APPLICATIONS,))
READ_APPLICATION = Right((_READ_APPLICATIONS,), owned=True)
WRITE_APPLICATIONS = Right((_WRITE_APPLICATIONS,), role=True, owned=True)
READ_POLICIES = Right((_READ_POLICIES | _WRITE_POLICIES,))
READ_LINKS = Right((_any("Application.ReadWrite.All"), _READ_POLICIES | _WRITE_POLICIES), owned=True)
WRITE_POLICIES = Right((_WRITE_POLICIES,), role=True, policy=True)
LINK_POLICIES = Right((_any("Application.ReadWrite.All"), _READ_POLICIES | _WRITE_POLICIES), role=True, owned=True)
READ_PAGE = Right((_any("Application.ReadWrite.All"), _WRITE_POLICIES), owned=True)
"""The admin center's claims: sources name either permission, so both are asked for."""
READ_MANAGEMENT = Right((_READ_POLICIES,))
WRITE_ASSIGNMENTS = Right((_any("AppRoleAssignment.ReadWrite.All"), _READ_APPLICATIONS), role=True, assigns=True)
READ_USERS = Right(
    (_any("User.ReadBasic.All User.Read.All User.ReadWrite.All Directory.Read.All Directory.ReadWrite.All"),)
)
READ_GROUPS = Right(
    (_any("GroupMember.Read.All Group.Read.All Group.ReadWrite.All Directory.Read.All Directory.ReadWrite.All"),)
)
READ_ME = Right((READ_USERS.scopes[0] | _any("User.Read"),))
READ_ROLES = Right((_any("RoleManagement.Read.Directory RoleManagement.Read.All Directory.Read.All"),))
READ_GRANTS = Right((_any("Directory.Read.All Directory.ReadWrite.All DelegatedPermissionGrant.ReadWrite.All"),))
READ_ORGANIZATION = Right((_any("Organization.Read.All Directory.Read.All Directory.ReadWrite.All User.Read"),))
READ_LICENCES = Right((_any("Organization.Read.All Directory.Read.All Directory.ReadWrite.All"),))
READ_AUDIT = Right((_any("AuditLog.Read.All"), _any("Directory.Read.All Directory.ReadWrite.All")))
"""Microsoft's page on listing them asks for both."""
READ_CONDITIONAL_ACCESS = Right((_any("Policy.Read.All"),), only=frozenset({GLOBAL_ADMINISTRATOR, *READERS}))
