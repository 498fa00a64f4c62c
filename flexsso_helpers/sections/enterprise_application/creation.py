"""Making the application and its service principal, once each: what is there already is never made a second time."""

from flexsso_helpers.errors import OutcomeUnknown, ParametersError, Refused
from flexsso_helpers.resources.application import Json, landed, made_by_us, setup_name
from flexsso_helpers.session import Session

IN_USE_ALREADY = "MultipleObjectsWithSameKeyValue"
"""Part of the code by which Graph refuses a second service principal of an application."""


async def make_principal(session: Session, app_id: str) -> None:
    """The missing half of a registration. One that is there already, and not seen yet, counts."""
    path = f"/servicePrincipals(appId='{app_id}')"
    try:
        why = "Creating the missing service principal"
        await session.graph.post("/servicePrincipals", {"appId": app_id}, why=why, gives="id")
    except OutcomeUnknown:
        if not await landed(session, lambda: session.graph.get(path, missing_ok=True)):
            raise
    except Refused as error:
        if IN_USE_ALREADY not in error.code:
            raise


async def instantiate(session: Session) -> None:
    """Create the pair once. A lost answer is looked up, never sent again; of two racing runs the younger withdraws.

    Raises ParametersError in a cloud whose template nobody publishes.
    """
    if not session.cloud.template_id:
        raise ParametersError(
            f"In the cloud {session.cloud.title} no program can make the application: nothing was written.",
            why="Microsoft publishes no template for custom SAML applications of this cloud, and none is guessed.",
            fix="Make it in the admin center (Enterprise apps › New application › Create your own application › "
            "Non-gallery), and write its Application ID into tenant.application.app_id.",
            notebook="01",
        )
    name, mine = setup_name(session.tenant), ""
    reference = session.tenant.application.service_management_reference
    try:
        made = await session.graph.post(
            f"/applicationTemplates/{session.cloud.template_id}/instantiate",
            {"displayName": name} | ({"serviceManagementReference": reference} if reference else {}),
            why="Creating the enterprise application from the template for custom SAML applications",
            gives="application",
        )
        mine = str(made["application"].get("id", ""))
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
