"""What others have put into something that we made: with it there, it does not go. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from flexsso_helpers.resources.key_ring import short
from flexsso_helpers.sections.undo.shapes import elements
from flexsso_helpers.sections.undo.standing import LINKED, Standing
from flexsso_helpers.sections.undo.trail import Place, Trail

TEMPLATE_ROLES = ("User", "msiam_access")
"""The roles that Microsoft's template gives (G16), and no longer than this after it was made its certificate (G14)."""
TOGETHER = 120.0


def within(found: Trail, standing: Standing, path: str) -> list[str]:
    """In words, what others have put into an application or service principal of ours; empty where it may go."""
    application, principal = standing.pair(path)
    things: list[str] = []
    if application and (path == application or application in standing.made):
        things += _in_application(found, standing, application)
    if principal:
        things += _in_principal(found, standing, principal, standing.objects.get(application, {}))
    return things


def our_certificates(found: Trail, standing: Standing, owner: str) -> set[str]:
    """Thumbprints of those that we added: known by the day that we asked for, and not there before."""
    return {
        sha1
        for sha1, key in standing.objects[owner]["certificates"].items()
        for added in found.certificates
        if added.owner == owner and str(key.get("endDateTime"))[:19] == added.end[:19] and sha1 not in added.before
    }


def _in_application(found: Trail, standing: Standing, path: str) -> Iterator[str]:
    body = standing.objects[path]
    default = {f"api://{body.get('appId')}", "https://adapplicationregistry.onmicrosoft.com/customappsso/primary"}
    for name, title in (("identifierUris", "the identifier"), ("redirectUris", "the reply URL")):
        yield from (f"{title} {each}" for each in _foreign(found, body, path, name) if each not in default)
    roles = {str(role["id"]): role for role in body.get("appRoles") or ()}
    for each in _foreign(found, body, path, "appRoles"):
        if roles[each].get("displayName") not in TEMPLATE_ROLES:
            yield f"the app role {roles[each].get('value') or roles[each].get('displayName')}"
    counted = {
        "credentials of its own": [*(body.get("passwordCredentials") or ()), *(body.get("keyCredentials") or ())],
        "API permissions": body.get("requiredResourceAccess"),
        "group or optional claims": body.get("groupMembershipClaims")
        or (body.get("optionalClaims") or {}).get("saml2Token"),
    }
    yield from (title for title, there in counted.items() if there)


def _in_principal(found: Trail, standing: Standing, path: str, application: Mapping[str, Any]) -> Iterator[str]:
    body = standing.objects[path]
    made_at = _moment(application.get("createdDateTime"))
    ours = our_certificates(found, standing, path)
    for sha1, key in body["certificates"].items():
        if sha1 not in ours and not abs(_moment(key.get("startDateTime")) - made_at) < TOGETHER:
            yield f"the certificate {short(sha1)}"
    listed = {f"{each['principalId']}/{each['appRoleId']}": each for each in body["appRoleAssignedTo"]}
    people = [listed[each] for each in _foreign(found, body, path, "appRoleAssignedTo")]
    yield from (f"the assignment of {each.get('principalDisplayName')}" for each in people)
    for name in LINKED:
        links = body.get(name) or {}
        yield from (f"the policy {links[each]}" for each in _foreign(found, body, path, name))


def _foreign(found: Trail, body: Mapping[str, Any], path: str, name: str) -> list[str]:
    """Elements that stand there and that we never put there."""
    there = elements(name, body.get(name))
    return [
        each
        for each in there
        if not any(wrote.before is None for wrote in found.places.get(Place(path, name, each), ())[:1])
    ]


def _moment(text: object) -> float:
    try:
        return datetime.fromisoformat(str(text)[:19]).timestamp()
    except ValueError:
        return float("nan")
