"""Making and ending assignments, many at once; each entry that does not come through is looked after by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from flexsso_helpers.errors import FlexSSOError, OutcomeUnknown, Refused
from flexsso_helpers.graph import Outcome, Request
from flexsso_helpers.plan import count
from flexsso_helpers.resources.application import LOOKS, Found, Json
from flexsso_helpers.resources.counting import counting
from flexsso_helpers.session import Session
from flexsso_helpers.session.waiting import PAUSES

# Refusals that pass by themselves (G70, G71).
NOT_THERE_YET = ("Not a valid reference update", "Permission being assigned was not found on application")
# What is there already, in both wordings and under either code (G67); what is gone already (G72).
THERE = ("already exists", "Request_MultipleObjectsWithSameKeyValue")
GONE = "EntitlementGrant being updated or deleted is not found"
# Graph's own words for these are not known (G68, G69).
GROUPS = (
    "Entra assigns groups only where the tenant has Entra ID P1 or P2 (notebook 00 looks), and only security groups. "
    "Otherwise take it out of tenant.assignments.groups and list its people under users."
)
LONGEST_LAG = 120.0
TRIES = 3
"""How often an assignment is sent whose answer is lost again and again, each time after a look."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One app role for one user or group."""

    principal_id: str
    role_id: str
    role: str
    """The role's value."""
    group: str = ""
    """The group as the tenant's file names it; empty for users."""


async def assign(session: Session, found: Found, grants: Sequence[Grant]) -> None:
    """Make these assignments. What is there already counts as done; the rest is made even where some are refused.

    Raises the first refusal, and OutcomeUnknown where answers stay lost.
    """
    path = f"/servicePrincipals/{found.principal_id}/appRoleAssignedTo"
    refused: list[FlexSSOError] = []
    waiting, waited, turn, lost_before = list(grants), 0.0, 0, dict.fromkeys(grants, 0)
    while waiting:
        requests = [_request(path, found, grant) for grant in waiting]
        with counting("Assigning people", "assigned", len(requests), session.badge) as say:
            outcomes = await session.graph.write_many(requests, say)
        early, lost = [], []
        for grant, outcome in zip(waiting, outcomes, strict=True):
            if isinstance(outcome, OutcomeUnknown):
                lost.append((grant, outcome))
            elif _says(outcome, *NOT_THERE_YET) and waited < LONGEST_LAG:
                early.append(grant)
            elif isinstance(outcome, FlexSSOError) and not _says(outcome, *THERE):
                refused.append(_advised(grant, outcome))
        missing = await _missing(session, path, [grant for grant, _ in lost])
        for grant, error in lost:
            lost_before[grant] += grant in missing
            if grant in missing and lost_before[grant] == TRIES:
                refused.append(error)
        waiting = [*early, *(grant for grant in missing if lost_before[grant] < TRIES)]
        if early:
            pause = PAUSES[min(turn, len(PAUSES) - 1)]
            await session.sleep(pause)
            waited, turn = waited + pause, turn + 1
    _raise_first(refused, len(grants))


def _advised(grant: Grant, error: FlexSSOError) -> FlexSSOError:
    if grant.group:
        error.fix, error.notebook = f"“{grant.group}”: {GROUPS}", "07"
    return error


def _request(path: str, found: Found, grant: Grant) -> Request:
    body = {"principalId": grant.principal_id, "resourceId": found.principal_id, "appRoleId": grant.role_id}
    return Request(method="POST", path=path, body=body, why=f"Assigning the role {grant.role}")


async def _missing(session: Session, path: str, grants: Sequence[Grant]) -> list[Grant]:
    """Those that have not landed, looked for during a minute."""
    missing = list(grants)
    for pause in LOOKS if grants else ():
        await session.sleep(pause)
        there = {
            (str(entry["principalId"]), str(entry["appRoleId"]))
            for entry in await session.graph.list(path, {"$top": "999"})
        }
        missing = [grant for grant in missing if (grant.principal_id, grant.role_id) not in there]
        if not missing:
            break
    return missing


async def unassign(session: Session, found: Found, entries: Sequence[Json]) -> None:
    """End these assignments, as Graph listed them. What is gone counts as done; raises the first refusal."""
    path = f"/servicePrincipals/{found.principal_id}/appRoleAssignedTo"
    requests = [
        Request(method="DELETE", path=f"{path}/{entry['id']}", why="Ending an assignment", before=entry)
        for entry in entries
    ]
    with counting("Ending assignments", "ended", len(requests), session.badge) as say:
        outcomes = await session.graph.write_many(requests, say)
    errors = [each for each in outcomes if isinstance(each, FlexSSOError) and not _says(each, GONE)]
    _raise_first(errors, len(requests))


def _says(outcome: Outcome, *texts: str) -> bool:
    return isinstance(outcome, Refused) and any(text in f"{outcome.code} {outcome.message}" for text in texts)


def _raise_first(errors: Sequence[FlexSSOError], total: int) -> None:
    if not errors:
        return
    first = errors[0]
    if total > 1:
        first.what = f"{first.what}: {len(errors):,} of {count(total, 'assignment')} did not come through."
    raise first
