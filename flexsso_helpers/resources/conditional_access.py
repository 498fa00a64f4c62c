"""Conditional Access policies that will hit our application, where this account may read them. Only for advice.

Reading them takes Policy.Read.All, and of a person a role such as Security Reader: an Application Administrator has
none of those (Graph: list conditionalAccessPolicies).
"""

from dataclasses import dataclass

from flexsso_helpers.resources.application import Found, Json
from flexsso_helpers.session import Session


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One policy that is in force, or reports only, for sign-ins at our application."""

    name: str
    wants: tuple[str, ...]
    """Grant controls as Graph names them, such as `mfa` or `block`."""
    reports_only: bool = False

    @property
    def blocks(self) -> bool:
        """Whether it lets nobody in whom it is for."""
        return "block" in self.wants and not self.reports_only

    @property
    def words(self) -> str:
        """The policy in one line."""
        wants = ", ".join(self.wants) or "session controls alone"
        return f"“{self.name}” ({wants}{', reports only' if self.reports_only else ''})"


async def hits(session: Session, found: Found) -> tuple[Hit, ...]:
    """Those that name our application or all of them. Raises what a read may: whoever asks goes on without it."""
    listed = await session.graph.list("/identity/conditionalAccess/policies")
    return tuple(_hit(entry) for entry in listed if entry.get("state") != "disabled" and _meets(entry, found.app_id))


def _meets(entry: Json, app_id: str) -> bool:
    applications = (entry.get("conditions") or {}).get("applications") or {}
    included = set(applications.get("includeApplications") or ())
    return bool({"All", app_id} & included) and app_id not in set(applications.get("excludeApplications") or ())


def _hit(entry: Json) -> Hit:
    controls = (entry.get("grantControls") or {}).get("builtInControls") or ()
    return Hit(
        name=str(entry.get("displayName") or entry["id"]),
        wants=tuple(map(str, controls)),
        reports_only=entry.get("state") == "enabledForReportingButNotEnforced",
    )
