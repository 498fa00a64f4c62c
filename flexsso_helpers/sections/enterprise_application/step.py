"""01 · Create the enterprise application and make it a SAML application (D01, D02)."""

from dataclasses import dataclass
from datetime import timedelta

from flexsso_helpers.notebooks import TITLES, fix_in
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Approval, Change, Finding, compare
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.plan.findings import judged, listed
from flexsso_helpers.resources.application import (
    Found,
    Json,
    adopted_note,
    find,
    find_application,
    is_adopted,
    is_marked,
    marked,
    note,
    only_marked,
    setup_name,
    unfinished,
)
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.entra_pages import OVERVIEW, Ids, page_in_entra
from flexsso_helpers.sections import settings
from flexsso_helpers.sections.enterprise_application.creation import instantiate, make_principal
from flexsso_helpers.sections.settings import Setting
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.views import Field

UNDO = "deleting the application removes its certificate and assignments; Entra keeps it for 30 days"
TWINS = "tenant.application.app_id says which one is meant; delete the other in the admin center once nobody needs it."
LEFT_OVER = "Delete it in the admin center: two runs at once made it, and nothing hangs on it."
WITHDRAWN = timedelta(minutes=10)
"""A run that is overtaken by another withdraws what it made within this time."""
APPLICATION, PRINCIPAL, MARK, TAGGED = "application", "service_principal", "mark", "tags"
# What the portal itself gives a custom SAML application; written when they are missing (G15).
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
    principal_id: str = ""
    twins: tuple[str, ...] = ()
    """Other applications that bear our mark, where the file says which one is meant."""
    unfinished: tuple[tuple[str, str], ...] = ()
    """Those beside it under the name of an unfinished set-up: when each was made, and which it is."""


async def read(session: Session) -> State:
    """The application as it is."""
    application = await find_application(session)
    if application is None:
        return State()
    twins = [entry for entry in await marked(session) if entry["id"] != application["id"]]
    if twins and session.tenant.application.app_id is None and is_marked(session.tenant, application):
        only_marked([application, *twins])
    principal = await session.graph.get(f"/servicePrincipals(appId='{application['appId']}')", missing_ok=True)
    return State(
        app_id=str(application["appId"]),
        name=str(application.get("displayName") or ""),
        marked=is_marked(session.tenant, application),
        adopted=session.tenant.application.app_id is not None or is_adopted(session.tenant, application),
        reference=str(application.get("serviceManagementReference") or ""),
        mode=str(principal.get("preferredSingleSignOnMode") or ""),
        tags=tuple(sorted(principal.get("tags") or ())),
        enabled=bool(principal.get("accountEnabled", True)),
        complete=bool(principal),
        principal_id=str(principal["id"]) if principal else "",
        twins=tuple(_named(entry) for entry in twins),
        unfinished=tuple(
            (str(entry.get("createdDateTime") or ""), _named(entry))
            for entry in await unfinished(session)
            if entry["id"] != application["id"]
        ),
    )


def _named(entry: Json) -> str:
    return f"“{entry['displayName']}” {entry['appId']}"


def changes(context: Context, state: State) -> tuple[Change, ...]:
    """Create what is missing; rename what an interrupted set-up left; SAML mode; the portal's tags."""
    wanted = state.name if state.adopted else context.tenant.application.name
    return (
        compare(
            "Enterprise application",
            state.name if state.app_id else None,
            wanted,
            reason=_why(context, state, wanted),
            instructions=("D01",),
            undo="" if state.app_id else UNDO,
            key=APPLICATION,
        ),
        *_service_principal(state),
        compare(
            "Mark in its notes",
            state.marked,
            True,
            reason="says that these notebooks look after it" if state.adopted else "tells it from one of the same name",
            key=MARK,
        ),
        *settings.planned(_rows(context.tenant), state),
        compare(
            "Tags of a SAML application",
            tuple(tag for tag in TAGS if tag in state.tags),
            TAGS,
            reason="lets the admin center show it as one",
            key=TAGGED,
        ),
    )


def _service_principal(state: State) -> tuple[Change, ...]:
    """Only where an application stands without one: a registration alone, or one whose half was deleted."""
    if not state.app_id or state.complete:
        return ()
    reason = "the registration has none in this tenant, and none will come by itself"
    return (compare("Service principal", None, "there", reason=reason, instructions=("D01",), key=PRINCIPAL),)


def _why(context: Context, state: State, wanted: str) -> str:
    if not state.app_id:
        return "an application of its own, not from the gallery"
    if state.adopted:
        return "adopted; it keeps its name"
    if state.name == setup_name(context.tenant):
        return "finishes a set-up that was interrupted"
    return "renamed, as the tenant's file has it: known by its mark" if state.name != wanted else ""


METHOD = Setting[State](
    key="single_sign_on_method",
    title="Single sign-on method",
    now=lambda state: state.mode or None,
    wanted="saml",
    reason="must be set before the identifier is accepted",
    instructions=("D02",),
    check="S77",
    body={"preferredSingleSignOnMode": "saml"},
)


def _rows(tenant: Tenant) -> tuple[Setting[State], ...]:
    """The reference only where the file names one; what stands there otherwise is the company's own (G13)."""
    wanted = tenant.application.service_management_reference
    reference = Setting[State](
        key="service_management_reference",
        title="Service management reference",
        now=lambda state: state.reference or None,
        wanted=wanted,
        reason="the company's service management knows the application by it",
        check="G13",
        on="application",
        body={"serviceManagementReference": wanted},
    )
    return (METHOD,) if wanted is None else (reference, METHOD)


async def write(session: Session, state: State, chosen: tuple[Change, ...], _approval: Approval) -> bool:
    """Create under the set-up name, wait until it is everywhere, rename, then the mode, then the tags."""
    graph, keys = session.graph, settings.keys(chosen)
    if not state.app_id:
        await instantiate(session)
    elif PRINCIPAL in keys:
        await make_principal(session, state.app_id)
    found = await session.wait_until(
        lambda: find(session), lambda it: it is not None, what="the application to be visible everywhere", times=5
    )
    assert found is not None
    rows = _rows(session.tenant)
    described = settings.body(rows, keys, "application")
    if {APPLICATION, MARK} & keys or described:
        await _describe(session, state, found, keys, described)
    if mode := settings.body(rows, keys, "service principal"):
        await graph.patch(
            f"/servicePrincipals/{found.principal_id}",
            mode,
            why="Setting the single sign-on method to SAML",
            before={key: found.principal.get(key) for key in mode},
        )
    if TAGGED in keys:
        tags = list(found.principal.get("tags") or ())
        await graph.patch(
            f"/servicePrincipals/{found.principal_id}",
            {"tags": sorted({*tags, *TAGS})},
            why="Adding the tags of a SAML application",
            before={"tags": tags},
        )
    return True


async def _describe(session: Session, state: State, found: Found, keys: set[str], described: Json) -> None:
    """Our mark, beside what its notes hold; the name, unless it was adopted; the reference, where the file has one."""
    kept = str(found.application.get("notes") or "")
    line = adopted_note(session.tenant) if state.adopted else note(session.tenant)
    body: Json = {
        "notes": kept if is_marked(session.tenant, found.application) else "\n".join(filter(None, (kept, line)))
    }
    if APPLICATION in keys:
        body["displayName"] = session.tenant.application.name
    body |= described
    await session.graph.patch(
        f"/applications/{found.object_id}",
        body,
        why="Giving the application its name and our mark"
        if "displayName" in body
        else "Putting our mark and the reference into the application",
        before={key: found.application.get(key) for key in body},
    )


def findings(context: Context, state: State) -> tuple[Finding, ...]:
    """D01 and D02, read back; and that the application is switched on."""
    again = fix_in("01", "plan and apply.")
    enabled: bool | FindingState = state.enabled if state.complete else "unknown"
    *reference, method = settings.proved(_rows(context.tenant), state, known=True, fix=again)
    return (
        judged(
            "D01",
            "Application and service principal, one of each",
            state.name if state.adopted else context.tenant.application.name,
            _seen(state),
            state.complete,
            again,
        ),
        *([listed("D01", "Other applications with our mark", state.twins, TWINS)] if state.twins else []),
        *_left_over(context, state),
        method,
        judged(
            "D01",
            "Application is enabled for sign-in",
            "yes",
            "yes" if state.enabled else "no",
            enabled,
            "Somebody switched it off: admin center › Enterprise applications › Properties.",
        ),
        *reference,
    )


def _left_over(context: Context, state: State) -> list[Finding]:
    """What a run on another machine, or a request that arrived twice, has made beside ours and not withdrawn."""
    settled = f"{context.now - WITHDRAWN:%Y-%m-%dT%H:%M:%SZ}"
    left = [name for made, name in state.unfinished if made < settled]
    return [judged("D01", "Unfinished ones beside it", "none", ", ".join(left), "waiting", LEFT_OVER)] if left else []


def _seen(state: State) -> str:
    return state.name if state.complete or not state.app_id else f"{state.name}, without its service principal"


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


def facts(context: Context, state: State) -> dict[str, str]:
    """Its page Overview in the admin center."""
    return page_in_entra(context, OVERVIEW, Ids(app_id=state.app_id, principal_id=state.principal_id))


STEP = Step(
    number="01",
    title=TITLES["01"],
    read=read,
    changes=changes,
    findings=findings,
    write=write,
    fields=fields,
    facts=facts,
)
form, plan, apply, verify = STEP.form, STEP.plan, STEP.apply, STEP.verify
