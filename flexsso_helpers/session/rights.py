"""What the signed-in account may do: consented permissions beside directory roles.

Which permission serves which call is Microsoft's own permission data (microsoft-graph-devx-content @6cbd6bb); where
that data and the prose pages disagree, or a permission serves some of the calls only, it is not known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from flexsso_helpers.graph import ASSIGNING, ROLE_TITLES, SCOPES, HeldRole, Principal
from flexsso_helpers.parameters import Tenant

_GLOBAL, _APPLICATION, _CLOUD_APPLICATION = ROLE_TITLES
State = Literal["yes", "no", "not known"]


@dataclass(frozen=True, kw_only=True)
class Need:
    """One permission, and what else does as well."""

    permission: str
    enough: frozenset[str] = frozenset()
    """Wider or equal permissions, each of which serves all the calls."""
    perhaps: tuple[tuple[str, str], ...] = ()
    """(permission, why it may be too little)."""

    def verdict(self, held: frozenset[str] | None) -> tuple[State, str]:
        """Whether it is held, and the reason where it is not a plain yes."""
        if held is None:
            return "not known", "the token does not say which permissions were consented to"
        if self.permission in held or self.enough & held:
            return "yes", ""
        for permission, why in self.perhaps:
            if permission in held:
                return "not known", f"permission {permission} instead of {self.permission}: {why}"
        return "no", f"permission {self.permission}"


def _need(permission: str, *enough: str, **perhaps: str) -> Need:
    unsure = tuple((name.replace("_", "."), why) for name, why in perhaps.items())
    return Need(permission=permission, enough=frozenset(enough), perhaps=unsure)


WRITE_APPLICATIONS = _need(
    "Application.ReadWrite.All",
    Application_ReadWrite_OwnedBy="only for applications that it owns itself",
    Directory_ReadWrite_All="it serves the service principal, and not the application",
)
READ_POLICIES = _need("Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration")
WRITE_POLICIES = _need("Policy.ReadWrite.ApplicationConfiguration")
ASSIGN = _need(
    ASSIGNING,
    Application_ReadWrite_All="Microsoft's permission data says that it is enough, older pages ask for both",
)
READ_USERS = _need(
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    User_ReadBasic_All="it shows names and mail addresses, and not who is a guest or disabled",
)
READ_GROUPS = _need(
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    Directory_ReadWrite_All="Microsoft's permission data does not list it for the members of groups",
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether the account may do something; `why` in words where that is not a plain yes."""

    state: State
    why: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Right:
    """One thing that the runbook does, and what it takes."""

    words: str
    notebooks: str
    needs: tuple[Need, ...]
    roles: tuple[str, ...] = ()
    """Any one of these directory roles; none needed when empty."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """The permissions that are asked for."""
        return tuple(need.permission for need in self.needs)

    def verdict(self, who: Principal) -> Verdict:
        """What is lacking for sure makes a no; what cannot be told makes it not known. Applications need no role."""
        found = [need.verdict(who.scopes) for need in self.needs]
        if self.roles and not who.app_only:
            found.append(self._role(who))
        states = {state for state, _ in found}
        state: State = "no" if "no" in states else "not known" if "not known" in states else "yes"
        return Verdict(state=state, why=tuple(dict.fromkeys(why for each, why in found if each == state and why)))

    def missing(self, who: Principal) -> tuple[str, ...]:
        """What is lacking for sure, in words; empty when the right is there or not known."""
        verdict = self.verdict(who)
        return verdict.why if verdict.state == "no" else ()

    def _role(self, who: Principal) -> tuple[State, str]:
        if who.role_ids.intersection(self.roles):
            return "yes", ""
        wanted = " or ".join(ROLE_TITLES[role] for role in self.roles if role != _GLOBAL)
        if not who.all_roles_seen or any(_could_do(role, self.roles) for role in who.held):
            return "not known", _unclear(who, self.roles, wanted)
        asleep = [role.words for role in who.held if not role.active]
        return "no", f"directory role {wanted}" + (f" ({', '.join(asleep)})" if asleep else "")


def _could_do(role: HeldRole, wanted: Iterable[str]) -> bool:
    """Whether an active role may allow it after all: a custom one, or one that holds for a part of the tenant."""
    return role.active and (not role.template_id or role.template_id in wanted)


def _unclear(who: Principal, wanted: Iterable[str], titles: str) -> str:
    """Why the role cannot be told, in words."""
    named = [role.words for role in who.held if _could_do(role, wanted)]
    asleep = [role.words for role in who.held if not role.active]
    if named:
        return f"{', '.join(named)}: whether it is enough is not known"
    if asleep:
        return f"{', '.join(asleep)}; other roles may not be read"
    hinted = [title for role, title in ROLE_TITLES.items() if role in who.hint.role_ids]
    if who.kind in ("member", "guest"):
        return f"no active role {titles} is seen; custom and scoped roles may not be read"
    return "directory roles may not be read" + (f"; the token names {', '.join(hinted)}" if hinted else "")


_ADMINISTRATORS = (_GLOBAL, _APPLICATION, _CLOUD_APPLICATION)
AUDIT_LOG = ("AuditLog.Read.All", "Directory.Read.All")
RIGHTS = (
    Right(
        words="create and change applications",
        notebooks="01, 02, 03, 05",
        needs=(WRITE_APPLICATIONS,),
        roles=_ADMINISTRATORS,
    ),
    Right(words="set policies", notebooks="03, 04", needs=(READ_POLICIES, WRITE_POLICIES), roles=_ADMINISTRATORS),
    Right(words="assign users and groups", notebooks="07", needs=(ASSIGN,), roles=_ADMINISTRATORS),
    Right(words="read users and groups", notebooks="00, 07, 08", needs=(READ_USERS, READ_GROUPS)),
)


def rights_for(asked: Iterable[str]) -> tuple[Right, ...]:
    """The rights that matter to a run that asked for these permissions."""
    wanted = frozenset(asked)
    return tuple(right for right in RIGHTS if set(right.scopes) <= wanted)


def asked_of(tenant: Tenant, *, apply: bool | None, assigns: bool = False) -> tuple[str, ...]:
    """The least permissions for what this run does.

    A run that was approved at its start does what the file says: where that assigns nobody and takes nobody off, the
    permission to assign is not asked for, unless the run `assigns` whom a list of its own names. Anybody else may still
    name people in the form of 07. What only the audit log needs is asked for where the file says so.
    """
    given = tenant.assignments
    nobody = apply is True and not (assigns or given.users or given.groups or given.exact)
    asked = tuple(scope for scope in SCOPES if not (nobody and scope == ASSIGNING))
    return (*asked, *AUDIT_LOG) if tenant.sign_in.audit_log else asked
