"""Giving back and taking away, in the order in which Entra takes it.

Policies first, then the application, since the service principal copies it; assignments go before their roles and come
back after them. What goes as a whole goes last: a service principal before its application (G79), then policies.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from flexsso_helpers.errors import Refused
from flexsso_helpers.resources import certificates, policies, portal_claims
from flexsso_helpers.resources.application import Found
from flexsso_helpers.resources.role_assignments import Grant, assign, unassign
from flexsso_helpers.sections.undo.shapes import Json, put
from flexsso_helpers.sections.undo.standing import ACTIVE, LINKED
from flexsso_helpers.sections.undo.state import Line
from flexsso_helpers.session import Session

WHY = "Giving back what stood here before these notebooks"
SAML_FIRST = ("DeletingSamlSpNotAllowed",)
"""What Entra says while its copies still show a service principal that is deleted (G79)."""


async def write(session: Session, lines: Sequence[Line]) -> None:
    """Make all of these; what is gone already counts as done."""
    values = [line for line in lines if line.way == "value"]
    gone = {line.owner for line in lines if line.way in ("application", "principal")}
    await _links(session, [line for line in values if line.name in LINKED and line.owner not in gone])
    by_owner = _by_owner(line for line in values if line.name not in (*LINKED, "appRoleAssignedTo"))
    people = _by_owner(line for line in values if line.name == "appRoleAssignedTo")
    for owner, some in people.items():
        await _unassign(session, owner, [line for line in some if not line.back])
    for owner, some in sorted(by_owner.items(), key=lambda each: each[0].startswith("/servicePrincipals/")):
        await _patch(session, owner, some)
    followed = {line.owner for line in values if line.name == ACTIVE}
    for owner, some in _by_owner(line for line in lines if line.way == "certificate").items():
        await _drop_certificates(session, owner, some, followed=owner in followed)
    for owner, some in people.items():
        await _assign(session, owner, [line for line in some if line.back])
    for line in lines:
        if line.way in ("application", "principal"):
            await _delete(session, line.owner)
    for line in lines:
        if line.way == "policy":
            await _delete_policy(session, line.owner)


def _by_owner(lines: Iterable[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.owner, []).append(line)
    return found


async def _links(session: Session, lines: Sequence[Line]) -> None:
    """What comes off first: a place takes one policy (G34, G57)."""
    for line in sorted(lines, key=lambda line: bool(line.back)):
        change = policies.attach if line.back else policies.detach
        await change(session, line.owner, line.name, line.element)


async def _patch(session: Session, owner: str, lines: Sequence[Line]) -> None:
    now = await session.graph.get(owner, missing_ok=True)
    if not now:
        return
    page = [line for line in lines if line.name == "claimsPolicy"]
    if page:
        await _put_page(session, owner, page)
    names = dict.fromkeys(line.name for line in lines if line.name != "claimsPolicy")
    body: dict[str, Any] = {}
    for name in names:
        changes = {line.element: line.value for line in lines if line.name == name}
        if name == "redirectUris":
            body |= _web(now, changes)
        elif name == "appRoles":
            body["appRoles"] = await _roles(session, owner, now, changes)
        else:
            body[name] = put(name, now.get(name), changes)
    if not body:
        return
    if owner.startswith("/servicePrincipals/"):
        await _followed(session, owner)
    fresh = await session.graph.get(owner)
    before = {name: fresh.get(name) for name in body}
    await session.graph.patch(owner, body, why=WHY, before=before)


def _web(now: Any, changes: dict[str, Json]) -> dict[str, Any]:
    """Reply URLs with their places; the default one has to be among them."""
    web = now.get("web") or {}
    urls = put("redirectUris", web.get("redirectUris"), changes)
    default = now.get("defaultRedirectUri")
    body: dict[str, Any] = {
        "web": {
            "redirectUris": urls,
            "redirectUriSettings": [{"uri": url, "index": index} for index, url in enumerate(urls)],
        }
    }
    return body if default in (None, *urls) else body | {"defaultRedirectUri": next(iter(urls), None)}


async def _roles(session: Session, owner: str, now: Any, changes: dict[str, Json]) -> list[Json]:
    """The whole list; what changes or goes while it is enabled is disabled first (G60)."""
    there = put("appRoles", now.get("appRoles"), {})
    locked = {role["id"] for role in there if role["id"] in changes and role.get("isEnabled")}
    if locked:
        disabled = [role | {"isEnabled": role["isEnabled"] and role["id"] not in locked} for role in there]
        await session.graph.patch(owner, {"appRoles": disabled}, why=WHY, before={"appRoles": there})
        await session.wait_until(
            lambda: session.graph.get(owner),
            lambda body: not any(role["isEnabled"] for role in body.get("appRoles") or () if role["id"] in locked),
            what="the roles to be disabled before they go",
        )
    return list(put("appRoles", disabled if locked else there, changes))


async def _followed(session: Session, principal: str) -> None:
    """A write on a service principal is refused while its copies differ from the application (G20)."""
    app_id = (await session.graph.get(principal))["appId"]

    async def copies() -> bool:
        application = await session.graph.get(f"/applications(appId='{app_id}')", missing_ok=True)
        body = await session.graph.get(principal)
        urls = set((application.get("web") or {}).get("redirectUris") or ())
        return not application or urls == set(body.get("replyUrls") or ())

    await session.wait_until(copies, bool, what="the service principal to follow the application", times=2)


async def _put_page(session: Session, owner: str, lines: Sequence[Line]) -> None:
    path = f"/beta{owner}/claimsPolicy"
    now = portal_claims.policy_of(await session.graph.get(path, missing_ok=True))
    before = {key: value for key, value in now.items() if not key.startswith("@")}
    body = put("claimsPolicy", now, {line.element: line.value for line in lines})
    await session.graph.put(path, body, why=WHY, before=before)


async def _drop_certificates(session: Session, owner: str, lines: Sequence[Line], *, followed: bool) -> None:
    """The active one goes only where another one has become active, or where none was active before ours."""
    gone = frozenset(line.element for line in lines)

    async def active() -> str:
        return str((await session.graph.get(owner)).get(ACTIVE) or "")

    if followed:
        what = "the certificate from before to be active again"
        await session.wait_until(active, lambda seen: seen.lower() not in gone, what=what)
    elif (now := await active()).lower() in gone:
        if any(line.name == ACTIVE for line in lines):
            await session.graph.patch(owner, {ACTIVE: None}, why=WHY, before={ACTIVE: now})
        else:
            gone -= {now.lower()}
    await certificates.remove(session, await _found(session, owner), gone)


async def _unassign(session: Session, owner: str, lines: Sequence[Line]) -> None:
    if not lines:
        return
    wanted = {line.element for line in lines}
    listed = await session.graph.list(f"{owner}/appRoleAssignedTo", {"$top": "999"})
    names = ("id", "principalId", "resourceId", "appRoleId")
    entries = [
        {name: each[name] for name in names}
        for each in listed
        if f"{each['principalId']}/{each['appRoleId']}" in wanted
    ]
    await unassign(session, await _found(session, owner), entries)


async def _assign(session: Session, owner: str, lines: Sequence[Line]) -> None:
    if lines:
        grants = [
            Grant(principal_id=line.value["principalId"], role_id=line.value["appRoleId"], role=line.setting)
            for line in lines
        ]
        await assign(session, await _found(session, owner), grants)


async def _found(session: Session, principal: str) -> Found:
    return Found({}, await session.graph.get(principal))


async def _delete(session: Session, path: str) -> None:
    """An application with its service principal, which has to go first; or a service principal alone."""
    body = await session.graph.get(path, missing_ok=True)
    if path.startswith("/applications/") and body:
        principal = await session.graph.get(f"/servicePrincipals(appId='{body['appId']}')", missing_ok=True)
        if principal:
            await _delete(session, f"/servicePrincipals/{principal['id']}")
    if body:
        names = ("id", "appId", "displayName")
        before = {name: body.get(name) for name in names}
        await session.try_until(
            lambda: session.graph.delete(path, why="Deleting what these notebooks made", before=before),
            SAML_FIRST,
            what="the service principal to be gone everywhere",
        )


async def _delete_policy(session: Session, path: str) -> None:
    """Off what it hangs on, then away. Raises Refused where something else has come to use it."""
    policy = await session.graph.get(path, missing_ok=True)
    if not policy:
        return
    _, _, collection, identity = path.split("/")
    for user in await session.graph.list(f"{path}/appliesTo"):
        kind = "applications" if str(user.get("@odata.type")).endswith("application") else "servicePrincipals"
        try:
            await policies.detach(session, f"/{kind}/{user['id']}", collection, identity)
        except Refused as error:
            if error.status != 404:  # its owner was deleted a moment ago
                raise
    before = {name: policy.get(name) for name in ("displayName", "definition")}
    await session.graph.delete(path, why="Deleting a policy that these notebooks made", before=before)
