"""Reading who is signed in from Graph: the person, and the directory roles.

`/me` decides: it answers for a person of the tenant, refuses an application, and does not find a partner's delegate.
All of these reads are advisory: what cannot be told is not known, and stops nothing by itself.
"""

from collections.abc import Awaitable, Mapping
from typing import TypeVar

from flexsso_helpers.errors import NotPermitted, Refused, SignInError, Unreachable
from flexsso_helpers.graph.gateway import Graph, literal
from flexsso_helpers.graph.principal import HeldRole, Hint, Kind, Principal
from flexsso_helpers.graph.sending import Json
from flexsso_helpers.identities import same

T = TypeVar("T")
_TOLD_NOTHING = (NotPermitted, Refused, Unreachable, KeyError, TypeError, ValueError, AttributeError)
ME = "id,displayName,userPrincipalName,mail,userType"
SELECT = "id,displayName,roleTemplateId,isAssignableToRole"
_ASSIGNMENTS = "/roleManagement/directory/roleAssignments"
ORGANIZATION = {"$select": "id,displayName,verifiedDomains"}
_DEFINED = {"$expand": "roleDefinition"}
_ELIGIBLE = "/roleManagement/directory/roleEligibilityScheduleInstances/filterByCurrentUser(on='principal')"


async def read_who(graph: Graph, hint: Hint, *, tenant_id: str) -> Principal:
    """Who is signed in. Raises SignInError only where the sign-in itself has ended."""
    kind, me = await _me(graph, hint)
    held, everything = await _roles(graph, str(me.get("id") or "")) if kind in ("member", "guest") else ((), False)
    person = kind != "application"
    return Principal(
        tenant_id=tenant_id,
        object_id=str(me.get("id") or hint.object_id),
        name=str(me.get("displayName") or hint.name or ("an application" if not person else "somebody")),
        user_name=str(me.get("userPrincipalName") or "") or (hint.user_name if kind == "not known" else ""),
        mail=str(me.get("mail") or ""),
        scopes=hint.permissions,
        kind=kind,
        held=held,
        all_roles_seen=everything,
        hint=hint,
    )


def asked_about(hint: Hint) -> list[tuple[str, Mapping[str, str]]]:
    """What reading who and where this is will ask, as far as a token hints at it: paths with their queries."""
    person = [
        ("/me", {"$select": ME}),
        ("/me/transitiveMemberOf", {"$select": SELECT}),
        (_ASSIGNMENTS, {**_of(hint.object_id), **_DEFINED}),
    ]
    return [*(person if hint.object_id and not hint.application else ()), ("/organization", ORGANIZATION)]


async def _me(graph: Graph, hint: Hint) -> tuple[Kind, Json]:
    try:
        me = await graph.get("/me", select=ME)
    except Refused as error:
        if error.status == 404:
            return "delegate", {}
        asked_in_vain = error.status == 400 and "delegated" in error.message.lower()
        return ("application" if asked_in_vain or hint.application else "not known"), {}
    except (NotPermitted, Unreachable):
        return ("application" if hint.application else "delegate" if hint.delegate else "not known"), {}
    if not me.get("id") or not me.get("userPrincipalName"):
        return "not known", {}
    guest = me.get("userType") == "Guest" or "#EXT#" in str(me["userPrincipalName"])
    return ("guest" if guest else "member"), me


async def _roles(graph: Graph, person: str) -> tuple[tuple[HeldRole, ...], bool]:
    """The roles that could be seen, and whether these are all that are assigned to this person."""
    memberships = await _told(_memberships(graph))
    active, by_groups = memberships or ((), True)
    assigned = await _told(_assigned(graph, _ASSIGNMENTS, _of(person)))
    if assigned is None:
        return active, False
    eligible = await _told(_assigned(graph, _ELIGIBLE, {}, active=False)) or ()
    known = {role.template_id for role in active}
    others = [role for role in assigned if not role.whole_tenant or role.template_id not in known]
    return (*active, *others, *eligible), not by_groups


async def _memberships(graph: Graph) -> tuple[tuple[HeldRole, ...], bool]:
    """Built-in roles that are active in the whole tenant, and whether a group may hold others, which it alone shows."""
    found = await graph.list("/me/transitiveMemberOf", {"$select": SELECT})
    roles = {str(entry["roleTemplateId"]): entry for entry in found if entry.get("roleTemplateId")}
    return (
        tuple(
            HeldRole(title=str(entry.get("displayName") or template), template_id=template)
            for template, entry in roles.items()
        ),
        any(entry.get("isAssignableToRole") for entry in found),
    )


async def _assigned(graph: Graph, path: str, query: Mapping[str, str], *, active: bool = True) -> tuple[HeldRole, ...]:
    return tuple(_role(entry, active) for entry in await graph.list(path, {**query, **_DEFINED}))


def _of(person: str) -> dict[str, str]:
    return {"$filter": f"principalId eq {literal(person)}"}


def _role(entry: Json, active: bool) -> HeldRole:
    definition: Json = entry.get("roleDefinition") or {}
    template = str(definition.get("templateId") or entry["roleDefinitionId"])
    return HeldRole(
        title=str(definition.get("displayName") or template),
        template_id=template if definition.get("isBuiltIn", True) else "",
        scope=str(entry.get("directoryScopeId") or "/"),
        active=active,
    )


async def _told(reading: Awaitable[T]) -> T | None:
    try:
        return await reading
    except _TOLD_NOTHING:
        return None


def check_expected(who: Principal, expected: str | None) -> None:
    """Raise SignInError where somebody else signed in than the tenant's file expects.

    A guest may be expected by the mail address too, which is the name at home. Of an application there is no name to
    compare, and of whoever is not known none is proved: that stops nothing here.
    """
    if not expected or who.kind not in ("member", "guest"):
        return
    names = (who.user_name, *((who.mail,) if who.kind == "guest" else ()))
    if any(same(expected, name) for name in names):
        return
    raise SignInError(
        f"{who.user_name} signed in, and the tenant's file expects {expected}.",
        why="The browser or this machine was still signed in as somebody else.",
        fix=f"Sign in as {expected}, or correct or remove tenant.sign_in.user.",
        notebook="00",
    )


async def read_organization(graph: Graph, *, tenant_id: str) -> str:
    """The tenant's default domain; its id where the organization cannot be read. Raises SignInError for another
    tenant.
    """
    try:
        found = await graph.list("/organization", ORGANIZATION)
    except (NotPermitted, Refused):
        return tenant_id
    answered = str(found[0].get("id") or "") if found else ""
    if answered and answered != tenant_id:
        raise wrong_tenant(answered, tenant_id)
    domains = found[0].get("verifiedDomains", []) if found else []
    return next((str(domain["name"]) for domain in domains if domain.get("isDefault")), tenant_id)


def wrong_tenant(answered: str, wanted: str) -> SignInError:
    """The refusal of a sign-in to another tenant."""
    return SignInError(
        f"The sign-in answered for tenant {answered}, not for {wanted}.",
        why="The account belongs to another tenant, or the tenant id in the file is that of another customer.",
        fix="Compare tenant.tenant_id with the Overview page of Microsoft Entra ID, and sign in with that account.",
        notebook="00",
    )
