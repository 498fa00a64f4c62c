"""How long the credential lasts by which runs without a person sign in: a nightly run ends with it. Only for advice."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.plan import Finding
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.session import Session

WARN_DAYS = 30
LISTS = {"client_secret": "passwordCredentials", "client_certificate": "keyCredentials"}
"""Where an application keeps what it signs in with, by the method of the tenant's file."""
RENEW = fix_in("00", "make another one in the application by which runs sign in, and put it where the file says.")


@dataclass(frozen=True, kw_only=True)
class OwnCredential:
    """The last day of what signs in; of several nobody can tell which is used, so the one that lasts longest counts."""

    kind: str
    end: str

    def days_left(self, at: datetime) -> int:
        """Whole days until then, negative afterwards."""
        return (datetime.fromisoformat(self.end[:19]).replace(tzinfo=UTC) - at).days


async def read(session: Session) -> OwnCredential | None:
    """None where a person signs in, and where the application shows none. Raises what a read may."""
    sign_in = session.tenant.sign_in
    held = LISTS.get(sign_in.method)
    if held is None:
        return None
    found = await session.graph.get(f"/applications(appId='{sign_in.client_id}')", select=held)
    ends = [str(each["endDateTime"]) for each in found.get(held) or () if each.get("endDateTime")]
    return OwnCredential(kind=sign_in.method.replace("_", " "), end=max(ends)) if ends else None


def finding(credential: OwnCredential, now: datetime) -> Finding:
    """Whether it lasts for some time yet."""
    days = credential.days_left(now)
    title, received = f"The {credential.kind} of runs without a person", f"{days:,} days, to {credential.end[:10]}"
    return judged("S82", title, f"{WARN_DAYS} days or more", received, days >= WARN_DAYS, RENEW, "warning")
