"""90 · First contact: what a real tenant does, where no source says it.

The steps (`steps`) send, the recording (`traffic`) keeps every exchange redacted, and the verdicts (`verdicts`) read
it: pure, so that any run's recording can be judged the same way.
"""

from collections.abc import Mapping
from typing import Any

from flexsso_helpers.first_contact import walk
from flexsso_helpers.first_contact.files import keep
from flexsso_helpers.first_contact.observations import Observations, read_observations
from flexsso_helpers.first_contact.page import conclusions, steps
from flexsso_helpers.first_contact.walk import Agreed, of_recording, open_and_observe
from flexsso_helpers.session import Session, open_session
from flexsso_helpers.views import Shown

__all__ = [
    "Agreed",
    "Observations",
    "change",
    "keep",
    "look",
    "of_recording",
    "open",
    "open_and_observe",
    "read_observations",
    "verify",
]


async def open(tenant: str | Mapping[str, Any], *, apply: bool | None = None) -> Session:
    """Open a tenant as all notebooks do, and keep the traffic, redacted. Raises as open_session does."""
    return await open_session(tenant, apply=apply, record=True)


async def look(session: Session) -> Shown:
    """Walk the steps that write nothing, and show how that went."""
    await walk.read(session)
    return steps(walk.found(session), session.badge)


async def change(session: Session, test_tenant: str, *, sign_ons: bool = False, billed_user: str = "") -> Shown:
    """Walk the steps that write, where the tenant was named as a test tenant; without a name nothing is written.

    With `sign_ons` the signed-in person signs on five times, in a browser of the kernel's machine. `billed_user` is
    that person's user name, typed by whoever agrees that Twilio bills one Flex user: then mistakes are made on purpose
    in Flex Console. Raises ParametersError for another name, and where somebody uses Flex through this tenant.
    """
    if test_tenant:
        await walk.write(session, Agreed(test_tenant=test_tenant, sign_ons=sign_ons, billed_user=billed_user))
    return steps(walk.found(session), session.badge)


async def verify(session: Session, **attested: str) -> Shown:
    """Show what was found, with what a person saw by question, and keep it in the run's folder."""
    found = walk.found(session, attested)
    keep(found, session.folder)
    return conclusions(found, session.badge)
