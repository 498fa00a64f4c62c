"""Who may do what in Graph: scopes of the token, and for people a directory role (graph.md 2.0, G02)."""

from dataclasses import dataclass

from flexsso_helpers.rehearsal import quirks, rules
from flexsso_helpers.rehearsal.entra_tokens import Principal
from flexsso_helpers.rehearsal.graph_errors import denied
from flexsso_helpers.rehearsal.people import (
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
)
from flexsso_helpers.rehearsal.world import World

rules.declare({"G02": "Without the scope or the directory role: 403"})
quirks.declare({"cloud_application_administrator_policies": ("allowed", "denied")})

ADMINISTRATORS = frozenset({APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR, GLOBAL_ADMINISTRATOR})


@dataclass(frozen=True)
class Right:
    """What an address needs: of every group of scopes at least one, and where `role` is set a directory role."""

    scopes: tuple[frozenset[str], ...]
    role: bool = False
    policy: bool = False
    """Whether it writes a policy, where sources disagree about Cloud Application Administrator."""

    def check(self, world: World, principal: Principal) -> None:
        """Raises GraphRefusal (403) where the principal lacks something."""
        if world.rules.on("G02") and not self._held_by(world, principal):
            raise denied()

    def _held_by(self, world: World, principal: Principal) -> bool:
        held = frozenset(principal.scopes if principal.delegated else principal.roles)
        if not all(group & held for group in self.scopes):
            return False
        if not self.role or not principal.delegated:
            return True
        enough = ADMINISTRATORS
        if self.policy and world.quirks.value("cloud_application_administrator_policies") == "denied":
            enough = ADMINISTRATORS - {CLOUD_APPLICATION_ADMINISTRATOR}
        return bool(enough & set(principal.wids))


def _any(text: str) -> frozenset[str]:
    return frozenset(text.split())


_READ_APPLICATIONS = _any("Application.Read.All Application.ReadWrite.All Directory.Read.All Directory.ReadWrite.All")
_WRITE_APPLICATIONS = _any("Application.ReadWrite.All Directory.ReadWrite.All")
_READ_POLICIES = _any("Policy.Read.All")
_WRITE_POLICIES = _any("Policy.ReadWrite.ApplicationConfiguration")

READ_APPLICATIONS = Right((_READ_APPLICATIONS,))
WRITE_APPLICATIONS = Right((_WRITE_APPLICATIONS,), role=True)
READ_POLICIES = Right((_READ_POLICIES | _WRITE_POLICIES,))
WRITE_POLICIES = Right((_WRITE_POLICIES,), role=True, policy=True)
LINK_POLICIES = Right((_any("Application.ReadWrite.All"), _READ_POLICIES | _WRITE_POLICIES), role=True)
READ_MANAGEMENT = Right((_READ_POLICIES,))
WRITE_ASSIGNMENTS = Right((_any("AppRoleAssignment.ReadWrite.All"), _READ_APPLICATIONS), role=True)
READ_USERS = Right(
    (_any("User.ReadBasic.All User.Read.All User.ReadWrite.All Directory.Read.All Directory.ReadWrite.All"),)
)
READ_GROUPS = Right(
    (_any("GroupMember.Read.All Group.Read.All Group.ReadWrite.All Directory.Read.All Directory.ReadWrite.All"),)
)
READ_ME = Right((READ_USERS.scopes[0] | _any("User.Read"),))
READ_ORGANIZATION = Right((_any("Organization.Read.All Directory.Read.All Directory.ReadWrite.All User.Read"),))
READ_LICENCES = Right((_any("Organization.Read.All Directory.Read.All Directory.ReadWrite.All"),))
