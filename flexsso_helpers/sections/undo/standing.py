"""What stands now at the places that the ledgers name. Only reads; what is gone stays gone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flexsso_helpers.errors import NotPermitted, Refused
from flexsso_helpers.graph import literal
from flexsso_helpers.resources import portal_claims
from flexsso_helpers.saml.certificate import thumbprint
from flexsso_helpers.sections.undo.shapes import Json, elements
from flexsso_helpers.sections.undo.trail import Place, Trail
from flexsso_helpers.session import Session

LINKED = ("claimsMappingPolicies", "tokenIssuancePolicies")
ACTIVE = "preferredTokenSigningKeyThumbprint"
"""The certificate that signs (G44)."""
CREDENTIALS = f"keyCredentials,passwordCredentials,{ACTIVE}"
Objects = dict[str, Mapping[str, Any]]


@dataclass
class Standing:
    """Objects by their path, as Graph shows them; beside its own properties each has what hangs on it."""

    objects: Objects = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    """Path to name of what we made and is still there."""
    users: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What each policy hangs on, by its path."""

    def at(self, place: Place) -> Json:
        """What stands at a place."""
        return elements(place.name, self.objects[place.owner].get(place.name)).get(place.element)

    def pair(self, path: str) -> tuple[str, str]:
        """Paths of application and service principal that belong together with this one; empty where one is gone."""
        app_id = self.objects[path].get("appId")
        alike = [other for other, body in self.objects.items() if body.get("appId") == app_id]
        kinds = ("/applications/", "/servicePrincipals/")
        application, principal = (next((each for each in alike if each.startswith(kind)), "") for kind in kinds)
        return application, principal


async def read(session: Session, found: Trail) -> Standing:
    """All objects of the trail that still are, and what was made although no answer told its id."""
    made = {**found.made, **await _looked_up(session, found)}
    standing = Standing()
    for path in sorted({*found.owners(), *made}):
        await _read_object(session, standing, path)
    for path in [each for each in standing.objects if each.startswith("/applications/")]:
        principal = await session.graph.get(
            f"/servicePrincipals(appId='{standing.objects[path]['appId']}')", missing_ok=True
        )
        if principal and f"/servicePrincipals/{principal['id']}" not in standing.objects:
            await _read_object(session, standing, f"/servicePrincipals/{principal['id']}")
    page = {place.owner for place in found.places if place.name == "claimsPolicy"}
    for path in sorted(page & set(standing.objects)):
        body = await session.graph.get(f"/beta{path}/claimsPolicy", missing_ok=True)
        standing.objects[path] = {**standing.objects[path], "claimsPolicy": portal_claims.policy_of(body)}
    standing.made = {path: name for path, name in made.items() if path in standing.objects}
    return standing


async def _looked_up(session: Session, found: Trail) -> dict[str, str]:
    """What a write without an answer may have made, by the name that it would have. Names of ours carry our mark."""
    made: dict[str, str] = {}
    for collection, name in dict.fromkeys(found.lost):
        if collection == "/servicePrincipals":
            entry = await session.graph.get(f"/servicePrincipals(appId='{name}')", missing_ok=True)
            listed = [entry] if entry else []
        elif collection == "/applications":
            listed = await session.graph.list(collection, {"$filter": f"displayName eq {literal(name)}"})
        else:
            listed = [each for each in await session.graph.list(collection) if each.get("displayName") == name]
        made |= {f"{collection}/{each['id']}": name for each in listed}
    return made


async def _read_object(session: Session, standing: Standing, path: str) -> None:
    graph = session.graph
    body = await graph.get(path, missing_ok=True)
    if not body:
        return
    more: dict[str, Any] = {}
    if path.startswith("/policies/"):
        standing.users[path] = await graph.list(f"{path}/appliesTo")
    elif path.startswith("/applications/"):
        more["redirectUris"] = (body.get("web") or {}).get("redirectUris")
        more["tokenIssuancePolicies"] = await _links(session, path, "tokenIssuancePolicies")
    else:
        credentials = await graph.get(path, select=CREDENTIALS)
        more |= {name: credentials.get(name) for name in CREDENTIALS.split(",")}
        more["certificates"] = {
            _sha1(each): each for each in credentials.get("keyCredentials") or () if each.get("usage") == "Verify"
        }
        more |= {name: await _links(session, path, name) for name in LINKED}
        more["appRoleAssignedTo"] = await graph.list(f"{path}/appRoleAssignedTo", {"$top": "999"})
    standing.objects[path] = {**body, **more}


async def _links(session: Session, path: str, collection: str) -> dict[str, str] | None:
    """Name by id of the policies that hang there; None where this may not be read, or there are none of the kind."""
    try:
        listed = await session.graph.list(f"{path}/{collection}")
    except (NotPermitted, Refused):
        return None
    return {str(each["id"]): str(each.get("displayName")) for each in listed}


def _sha1(entry: Mapping[str, Any]) -> str:
    return thumbprint(str(entry.get("customKeyIdentifier") or ""))
