"""01 · Create the enterprise application and make it a SAML application (D01, D02)."""

from dataclasses import dataclass

from flexsso_helpers.errors import OutcomeUnknown
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Approval, Change, Finding, compare
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.saml.notebooks import TITLES, fix_in
from flexsso_helpers.sections.application import (
    Found,
    Json,
    adopted_note,
    find,
    find_application,
    is_adopted,
    is_marked,
    landed,
    made_by_us,
    note,
    setup_name,
)
from flexsso_helpers.sections.findings import judged
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.views import Field

UNDO = "deleting the application removes its certificate and assignments; Entra keeps it for 30 days"
REFERENCE = "Service management reference"
# What the portal itself gives a custom SAML application; written when they are missing (graph.md 2a, G15).
TAGS = ("WindowsAzureActiveDirectoryCustomSingleSignOnApplication", "WindowsAzureActiveDirectoryIntegratedApp")


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read."""

    app_id: str = ""
    name: str = ""
    marked: bool = False
    adopted: bool = False
    """Whether somebody else made it; then it keeps its name."""
    reference: str = ""
    """Its service management reference."""
    mode: str = ""
    tags: tuple[str, ...] = ()
    enabled: bool = True
    complete: bool = False
    """Whether the service principal is there too."""


async def read(session: Session) -> State:
    """The application as it is."""
    application = await find_application(session)
    if application is None:
        return State()
    principal = await session.graph.get(f"/servicePrincipals(appId='{application['appId']}')", missing_ok=True)
    return State(
        app_id=str(application["appId"]),
        name=str(application.get("displayName") or ""),
        marked=is_marked(session, application),
        adopted=session.tenant.application.app_id is not None or is_adopted(session, application),
        reference=str(application.get("serviceManagementReference") or ""),
        mode=str(principal.get("preferredSingleSignOnMode") or ""),
        tags=tuple(sorted(principal.get("tags") or ())),
        enabled=bool(principal.get("accountEnabled", True)),
        complete=bool(principal),
    )


def changes(session: Session, state: State) -> tuple[Change, ...]:
    """Create what is missing; rename what an interrupted set-up left; SAML mode; the portal's tags."""
    wanted = state.name if state.adopted else session.tenant.application.name
    return (
        compare(
            "Enterprise application",
            state.name if state.complete or state.adopted else None,
            wanted,
            reason=_why(state, wanted),
            instructions=("D01",),
            undo="" if state.adopted else UNDO,
        ),
        compare(
            "Mark in its notes",
            state.marked,
            True,
            reason="says that these notebooks look after it" if state.adopted else "tells it from one of the same name",
        ),
        *_reference(session, state),
        compare(
            "Single sign-on method",
            state.mode or None,
            "saml",
            reason="must be set before the identifier is accepted",
            instructions=("D02",),
        ),
        compare(
            "Tags of a SAML application",
            tuple(tag for tag in TAGS if tag in state.tags),
            TAGS,
            reason="lets the admin center show it as one",
        ),
    )


def _why(state: State, wanted: str) -> str:
    if not state.app_id:
        return "an own, non-gallery application"
    if state.adopted:
        return "adopted; it keeps its name"
    return "finishes a set-up that was interrupted" if state.name != wanted else ""


def _reference(session: Session, state: State) -> tuple[Change, ...]:
    """Only where the file names one; what stands there otherwise is the company's own (G13)."""
    wanted = session.tenant.application.service_management_reference
    if wanted is None:
        return ()
    reason = "the company's service management knows the application by it"
    return (compare(REFERENCE, state.reference or None, wanted, reason=reason),)


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """Create under the set-up name, wait until it is everywhere, rename, then the mode, then the tags."""
    graph = session.graph
    if not state.app_id:
        await _instantiate(session)
    found = await session.wait_until(
        lambda: find(session), lambda it: it is not None, what="the application to be visible everywhere", times=5
    )
    assert found is not None
    settings = {change.setting for change in chosen}
    if {"Enterprise application", "Mark in its notes", REFERENCE} & settings:
        await _describe(session, state, found, settings)
    if "Single sign-on method" in settings:
        before = {"preferredSingleSignOnMode": found.principal.get("preferredSingleSignOnMode")}
        await graph.patch(
            f"/servicePrincipals/{found.principal_id}",
            {"preferredSingleSignOnMode": "saml"},
            why="Setting the single sign-on method to SAML",
            before=before,
        )
    if "Tags of a SAML application" in settings:
        tags = list(found.principal.get("tags") or ())
        await graph.patch(
            f"/servicePrincipals/{found.principal_id}",
            {"tags": sorted({*tags, *TAGS})},
            why="Adding the tags of a SAML application",
            before={"tags": tags},
        )
    return True


async def _describe(session: Session, state: State, found: Found, settings: set[str]) -> None:
    """Our mark, beside what its notes hold; the name, unless it was adopted; the reference, where the file has one."""
    kept = str(found.application.get("notes") or "")
    line = adopted_note(session) if state.adopted else note(session)
    body: Json = {"notes": kept if is_marked(session, found.application) else "\n".join(filter(None, (kept, line)))}
    if "Enterprise application" in settings:
        body["displayName"] = session.tenant.application.name
    if REFERENCE in settings:
        body["serviceManagementReference"] = session.tenant.application.service_management_reference
    await session.graph.patch(
        f"/applications/{found.object_id}",
        body,
        why="Giving the application its name and our mark"
        if "displayName" in body
        else "Putting our mark and the reference into the application",
        before={key: found.application.get(key) for key in body},
    )


async def _instantiate(session: Session) -> None:
    """Create the pair once. A lost answer is looked up, never sent again; of two racing runs the younger withdraws."""
    name, mine = setup_name(session), ""
    reference = session.tenant.application.service_management_reference
    try:
        made = await session.graph.post(
            f"/applicationTemplates/{session.cloud.template_id}/instantiate",
            {"displayName": name} | ({"serviceManagementReference": reference} if reference else {}),
            why="Creating the enterprise application from the template for custom SAML applications",
        )
        mine = str(made.get("application", {}).get("id", ""))
    except OutcomeUnknown:
        if not await landed(session, lambda: made_by_us(session)):
            raise
    # Another run may have renamed its own by now, so those with the final name count too.
    made_so_far = await session.wait_until(
        lambda: made_by_us(session),
        lambda entries: any(entry["id"] == mine for entry in entries) or (not mine and bool(entries)),
        what="the new application to be listed",
        times=2,
    )
    if mine and made_so_far[0]["id"] != mine:
        await _withdraw(session, next(entry for entry in made_so_far if entry["id"] == mine))


async def _withdraw(session: Session, mine: Json) -> None:
    """Another run was faster: remove the pair that this run just made; nothing hangs on it yet."""
    principal = await session.graph.get(f"/servicePrincipals(appId='{mine['appId']}')", missing_ok=True)
    if principal:
        await session.graph.delete(
            f"/servicePrincipals/{principal['id']}", why="Withdrawing a second application", before=principal
        )
    await session.graph.delete(f"/applications/{mine['id']}", why="Withdrawing a second application", before=mine)


def findings(session: Session, state: State) -> tuple[Finding, ...]:
    """D01 and D02, read back; and that the application is switched on."""
    again = fix_in("01", "plan and apply.")
    enabled: bool | FindingState = state.enabled if state.complete else "unknown"
    reference = session.tenant.application.service_management_reference
    named = (
        [judged("G13", REFERENCE, reference, state.reference, state.reference == reference, again)] if reference else []
    )
    return (
        judged(
            "D01",
            "Application and service principal, one of each",
            state.name if state.adopted else session.tenant.application.name,
            state.name,
            state.complete,
            again,
        ),
        judged("S77", "Single sign-on method", "saml", state.mode, state.mode == "saml", again),
        judged(
            "D01",
            "Application is enabled for sign-in",
            "yes",
            "yes" if state.enabled else "no",
            enabled,
            "Somebody switched it off: admin center › Enterprise applications › Properties.",
        ),
        *named,
    )


def fields(tenant: Tenant) -> tuple[Field, ...]:
    """The name."""
    return (
        Field(
            "application.name",
            "Name of the application",
            "text",
            tenant.application.name,
            help="What users see on the My Apps page.",
        ),
    )


STEP = Step(
    number="01",
    title=TITLES["01"],
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    fields=fields,
)
form, plan, apply, verify = STEP.form, STEP.plan, STEP.apply, STEP.verify
