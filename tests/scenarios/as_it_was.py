"""When a tenant is as it was, by the definition in sections/undo/__init__.py: what these notebooks manage, and no more.

Order tells nothing, nor does what is empty, null or false; nor ids of assignments, workers, and what is deleted.
"""

import json
from collections.abc import Mapping
from typing import Any

from flexsso_helpers.rehearsal.directory.credentials import thumbprint_of
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

APPLICATION = (
    "displayName", "notes", "identifierUris", "defaultRedirectUri", "appRoles", "serviceManagementReference",
    "groupMembershipClaims", "optionalClaims", "requestSignatureVerification", "tokenEncryptionKeyId",
)  # fmt: skip
PRINCIPAL = (
    "preferredSingleSignOnMode", "tags", "notificationEmailAddresses", "appRoleAssignmentRequired", "loginUrl",
    "samlSingleSignOnSettings", "tokenEncryptionKeyId", "preferredTokenSigningKeyThumbprint",
)  # fmt: skip
POLICIES = ("claimsMappingPolicy", "tokenIssuancePolicy")

Managed = Mapping[str, Any]


def managed(world: World) -> Managed:
    """Each setting by a name; whatever means nothing is left out."""
    found: dict[str, Any] = {}
    for body in world.store.all("application"):
        found |= _of(body, APPLICATION, "application") | {
            f"application {body['id']} redirectUris": _plain(body["web"]["redirectUris"]),
            f"application {body['id']}": "there",
        }
    for body in world.store.all("servicePrincipal"):
        keys = [thumbprint_of(key) for key in body["keyCredentials"] if key["usage"] == "Verify"]
        found |= _of(body, PRINCIPAL, "principal") | {
            f"principal {body['id']} certificates": _plain(keys),
            f"principal {body['id']}": "there",
        }
    for kind in POLICIES:
        for body in world.store.all(kind):
            found[f"{kind} {body['id']}"] = [body["displayName"], _plain(json.loads(body["definition"][0]))]
    for body in world.store.all("policyLink"):
        found[f"link {body['policy']} on {body['object']}"] = "there"
    for body in world.store.all("appRoleAssignment"):
        found[f"assigned {body['principalId']} {body['appRoleId']} {body['resourceId']}"] = "there"
    for body in world.store.all("customClaimsPolicy"):
        if body["claims"] and world.store.get("servicePrincipal", body["id"]):
            found[f"page {body['id']}"] = _plain(body["claims"])
    return {name: value for name, value in found.items() if value is not None}


def _of(body: Document, names: tuple[str, ...], kind: str) -> dict[str, Any]:
    return {f"{kind} {body['id']} {name}": _plain(body.get(name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        value = {key: kept for key, each in value.items() if (kept := _plain(each)) is not None}
    if isinstance(value, list):
        value = sorted((_plain(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    return value or None
