"""What the pure part of a section may know: nothing that reads, writes or waits."""

from dataclasses import dataclass
from datetime import datetime

from flexsso_helpers.clouds import Cloud
from flexsso_helpers.graph import Principal
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.session import Session
from flexsso_helpers.session.rights import Right


@dataclass(frozen=True, kw_only=True)
class Context:
    """The tenant as its file says, where it lies, who is signed in with what rights, and the one present of a look."""

    tenant: Tenant
    cloud: Cloud
    principal: Principal
    rights: tuple[Right, ...]
    now: datetime
    """Aware, in UTC; in a rehearsal the rehearsal's. One look has one present, however long it takes."""


async def context_of(session: Session) -> Context:
    """The context of a look that was just made."""
    return Context(
        tenant=session.tenant,
        cloud=session.cloud,
        principal=session.principal,
        rights=session.rights,
        now=await session.present(),
    )
