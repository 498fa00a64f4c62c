"""What the signed-in account may do, from its token: scopes beside directory roles (graph.md 2.0)."""

from dataclasses import dataclass

from flexsso_helpers.graph import ROLE_TITLES, Principal

_GLOBAL, _APPLICATION, _CLOUD_APPLICATION = ROLE_TITLES


@dataclass(frozen=True, kw_only=True)
class Right:
    """One thing that the runbook does, and what it takes."""

    words: str
    notebooks: str
    scopes: tuple[str, ...]
    roles: tuple[str, ...] = ()
    """Any one of these directory roles; none needed when empty."""

    def missing(self, who: Principal) -> tuple[str, ...]:
        """What is lacking, in words; empty when the right is there. Application sign-ins need no directory role."""
        lacking = [f"permission {scope}" for scope in self.scopes if scope not in who.scopes]
        if self.roles and not who.app_only and not who.role_ids.intersection(self.roles):
            titles = [ROLE_TITLES[role] for role in self.roles if role != _GLOBAL]
            lacking.append(f"directory role {' or '.join(titles)}")
        return tuple(lacking)


RIGHTS = (
    Right(
        words="create and change applications",
        notebooks="01, 02, 03, 05",
        scopes=("Application.ReadWrite.All",),
        roles=(_GLOBAL, _APPLICATION, _CLOUD_APPLICATION),
    ),
    Right(
        words="set policies",
        notebooks="03, 04",
        scopes=("Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration"),
        roles=(_GLOBAL, _APPLICATION, _CLOUD_APPLICATION),
    ),
    Right(
        words="assign users and groups",
        notebooks="07",
        scopes=("AppRoleAssignment.ReadWrite.All",),
        roles=(_GLOBAL, _APPLICATION, _CLOUD_APPLICATION),
    ),
    Right(
        words="read users and groups",
        notebooks="00, 07, 08",
        scopes=("User.Read.All", "GroupMember.Read.All"),
    ),
)
