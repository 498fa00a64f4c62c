"""What others changed, and who: the directory's audit log, where this account may read it. Only for advice.

Reading it takes AuditLog.Read.All and Directory.Read.All (Graph: list directoryAudits), which a run asks for only where
the tenant's file says so (`sign_in.audit_log`). The log goes back thirty days, and comes some minutes late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flexsso_helpers.graph import literal
from flexsso_helpers.graph.principal import Principal
from flexsso_helpers.history import history_of
from flexsso_helpers.ledger import writes
from flexsso_helpers.resources import policies
from flexsso_helpers.resources.application import Found, Json
from flexsso_helpers.session import Session

KEPT = timedelta(days=30)
AT_THE_SAME_TIME = timedelta(minutes=1)
"""By how much this machine's clock and Entra's may differ: entries of our own account so near to our write are ours."""
POLICIES = ("claimsMappingPolicies", "tokenIssuancePolicies")

_UPDATES = {"Update application": "01, 02, 04, 05", "Update service principal": "01, 02, 03"}
_ACTIVITIES: dict[str, str] = {
    **_UPDATES,
    "Add service principal credentials": "03",
    "Remove service principal credentials": "03",
    "Add policy to service principal": "03, 04",
    "Remove policy from service principal": "03, 04",
    "Add policy to application": "03",
    "Remove policy from application": "03",
    "Update policy": "03, 04",
    "Delete policy": "03, 04",
    "Delete application": "01",
    "Remove service principal": "01",
}
"""What the log calls a change of something that is managed, and the notebooks that manage it (Microsoft's page "audit
log activities"). Assignments are all 07's.
"""
_PROPERTIES: dict[str, str] = {
    **dict.fromkeys(("displayname", "approleassignmentrequired", "accountenabled"), "01"),
    **dict.fromkeys(("identifieruris", "web", "appaddress", "replyurls", "preferredsinglesignonmode"), "02"),
    **dict.fromkeys(
        ("preferredtokensigningkeythumbprint", "keycredentials", "keydescription", "notificationemailaddresses"), "03"
    ),
    **dict.fromkeys(("groupmembershipclaims", "optionalclaims"), "04"),
    **dict.fromkeys(("approles", "approle"), "05"),
}
"""Changed properties by Graph's name and, where it is known, by the log's own, in lower case."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One change, as the log tells it."""

    at: str
    who: str
    """User principal name, or the name of a program."""
    activity: str
    properties: tuple[str, ...] = ()

    @property
    def managed_by(self) -> str:
        """The notebooks that manage what was changed; empty for what none of them manages."""
        if "app role assignment" in self.activity:
            return "07"
        known = sorted({_PROPERTIES[name.lower()] for name in self.properties if name.lower() in _PROPERTIES})
        if known:
            return ", ".join(known)
        told = self.activity in _UPDATES and bool(self.properties)
        return "" if told else _ACTIVITIES.get(self.activity, "")


async def since_our_last_write(session: Session, found: Found) -> tuple[str, tuple[Entry, ...]]:
    """The moment of our last write (empty where no ledger here tells it), and what the log tells since, newest first.

    Raises what a read may: whoever asks goes on without it.
    """
    now, last = await session.present(), _last_write(session.folder.parent)
    begin = max(filter(None, (_moment(last), now - KEPT)))
    told: dict[str, Json] = {}
    for identity in await _objects(session, found):
        query = f"activityDateTime ge {begin:%Y-%m-%dT%H:%M:%SZ} and targetResources/any(t:t/id eq {literal(identity)})"
        told |= {
            str(each["id"]): each
            for each in await session.graph.list("/auditLogs/directoryAudits", {"$filter": query})
            if not (last and _is_ours(session.principal, each, begin))
        }
    return last, tuple(sorted(map(_entry, told.values()), key=lambda entry: (entry.at, entry.activity), reverse=True))


def _last_write(runs: Path) -> str:
    """When the last write that Graph answered well was noted in any run of this tenant; empty for none."""
    done = [
        str(each.answer["at"])
        for lines in history_of(runs).lines.values()
        for each in writes(lines)
        if each.intent.get("service") == "graph" and each.answer and 200 <= int(each.answer["status"]) < 300
    ]
    return max(done, default="")


async def _objects(session: Session, found: Found) -> Sequence[str]:
    """Application, service principal, and the policies that hang on it."""
    owner = f"/servicePrincipals/{found.principal_id}"
    hanging = [policy.id for kind in POLICIES for policy in await policies.attached(session, owner, kind)]
    return (found.object_id, found.principal_id, *hanging)


def _is_ours(principal: Principal, entry: Json, last: datetime) -> bool:
    by = entry.get("initiatedBy") or {}
    who = {str((by.get("user") or {}).get("id")), str((by.get("app") or {}).get("servicePrincipalId"))}
    at = _moment(str(entry["activityDateTime"]))
    return principal.object_id in who and at is not None and at - last <= AT_THE_SAME_TIME


def _entry(told: Json) -> Entry:
    by = told.get("initiatedBy") or {}
    user, program = by.get("user") or {}, by.get("app") or {}
    who = user.get("userPrincipalName") or user.get("displayName") or program.get("displayName")
    changed = [
        str(each.get("displayName") or "")
        for target in told.get("targetResources") or ()
        for each in target.get("modifiedProperties") or ()
    ]
    return Entry(
        at=str(told["activityDateTime"])[:16].replace("T", " "),
        who=str(who or "not told"),
        activity=str(told.get("activityDisplayName") or "not told").strip(),
        properties=tuple(dict.fromkeys(filter(None, changed))),
    )


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    except ValueError:
        return None
