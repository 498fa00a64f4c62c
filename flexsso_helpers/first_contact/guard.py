"""Where a first contact may write: a tenant that the person named as a test tenant, and in which nobody uses Flex."""

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.first_contact.steps import flex_user
from flexsso_helpers.graph import Graph
from flexsso_helpers.identities import same
from flexsso_helpers.person.tasks import FLEX_CODES
from flexsso_helpers.resources import at_flex
from flexsso_helpers.resources.application import FLEX_ADDRESS
from flexsso_helpers.resources.looking import NotSeen
from flexsso_helpers.session import Session

SELECT = "id,appId,identifierUris,web"


def refuse_unless_named(session: Session, test_tenant: str) -> None:
    """Raises ParametersError unless the tenant's id or default domain was typed again, and the session may write."""
    known = (session.tenant.tenant_id, session.organization)
    if not any(same(test_tenant.strip(), each) for each in known):
        raise ParametersError(
            "The tenant was not named as a test tenant." if not test_tenant else f"{test_tenant!r} is not this tenant.",
            why="A first contact makes an application, changes it, and deletes it for ever.",
            fix="Type the default domain or the id of the tenant once more (--test-tenant, or test_tenant in 90), "
            "or only read (--read-only).",
            notebook="90",
        )
    if not session.may_apply:
        raise ParametersError(
            "This session may not write.",
            fix="Set apply = True in 90, or only read (read_only = True).",
            notebook="90",
        )


async def refuse_beside_live_flex(session: Session) -> None:
    """Raises ParametersError where somebody can sign on to Flex through this tenant. All applications are read."""
    listed = await session.graph.list("/applications", {"$select": SELECT, "$top": "999"})
    for entry in listed:
        values = [*(entry.get("identifierUris") or ()), *((entry.get("web") or {}).get("redirectUris") or ())]
        leads = any(FLEX_ADDRESS.search(str(value)) for value in values)
        if leads and await _enabled(session.graph, str(entry["appId"])):
            raise ParametersError(
                f"This tenant holds an application for Flex that people can use: {entry['appId']}.",
                why="It is no test tenant: somebody may sign on while this tries things out.",
                fix="Only read here (--read-only, or read_only = True in 90), or take another tenant.",
                notebook="90",
            )


async def refuse_unless_billable(session: Session, billed_user: str) -> None:
    """Raises ParametersError unless the signed-in person agreed by name to be billed at Flex, has no user there that a
    sign-on would overwrite, and nobody signs on through this account by another identity provider.
    """
    who = session.principal
    if who.kind != "member" or not same(billed_user.strip(), who.user_name):
        raise ParametersError(
            f"{billed_user!r} is not who is signed in, or no member of this tenant.",
            why="Whoever signs on to Flex becomes a Flex user, whom Twilio bills.",
            fix="Sign in as the person who agreed to it, and name that person.",
            notebook="90",
        )
    held = await at_flex.read(session)
    if isinstance(held, NotSeen) or flex_user.theirs(held, who.user_name):
        raise ParametersError(
            f"{who.user_name} is a Flex user already, or Flex's users cannot be read.",
            why="A sign-on would overwrite that user's roles, and the user would be ended afterwards.",
            fix="Sign in as somebody whom Flex does not know, or leave Flex Console out.",
            notebook="90",
        )
    for connection in await session.flex.connections():
        came = await session.flex.probe(connection.name, stop_at=session.cloud.login)
        ours = same(came.sso_url, session.cloud.login_url(session.tenant.tenant_id))
        nobodys = came.refused or any(f"(error code {code})" in came.said for code in FLEX_CODES)
        if connection.active and not ours and not nobodys:
            raise ParametersError(
                "Flex's single sign-on leads elsewhere, or it cannot be seen where.",
                why="Whoever uses it could not sign on while Flex Console holds mistakes on purpose.",
                fix="Take a Flex account that nobody uses, or leave Flex Console out.",
                notebook="90",
            )


async def _enabled(graph: Graph, app_id: str) -> bool:
    found = await graph.get(f"/servicePrincipals(appId='{app_id}')", select="id,accountEnabled", missing_ok=True)
    return bool(found.get("accountEnabled"))
