"""The directory's audit log: who changed what and when, told from the rehearsal's own journal of requests (G107).

Names of activities are those of Microsoft's page "Microsoft Entra audit log activities" (Core Directory); the shape is
that of the directoryAudit resource. Microsoft names changed properties in its own way; here they go by Graph's names.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from flexsso_helpers.rehearsal.directory.schema import AUDIT
from flexsso_helpers.rehearsal.directory.tokens import Principal
from flexsso_helpers.rehearsal.graph.call import Answer, Call, Endpoint
from flexsso_helpers.rehearsal.graph.rights import READ_AUDIT
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.clock import iso
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import World

rules.declare({"G107": "The directory audit log tells who changed an object, the newest first, for thirty days"})

KEPT = 30 * 86400.0
"""Seconds that the log of a tenant with Entra ID P1 goes back."""
_ID = r"(?:\(appId='(?P<app_id>[^']+)'\)|/(?P<id>[0-9a-f-]{36}))"
_POLICY = r"(?:claimsMappingPolicies|tokenIssuancePolicies)"
ACTIVITIES: tuple[tuple[str, str, str, str], ...] = (
    ("PATCH", rf"/applications{_ID}", "application", "Update application"),
    ("DELETE", rf"/applications{_ID}", "application", "Delete application"),
    ("PATCH", rf"/servicePrincipals{_ID}", "servicePrincipal", "Update service principal"),
    ("DELETE", rf"/servicePrincipals{_ID}", "servicePrincipal", "Remove service principal"),
    (
        "POST",
        rf"/servicePrincipals{_ID}/addTokenSigningCertificate",
        "servicePrincipal",
        "Add service principal credentials",
    ),
    (
        "POST",
        rf"/servicePrincipals{_ID}/appRoleAssignedTo",
        "servicePrincipal",
        "Add app role assignment grant to user",
    ),
    (
        "DELETE",
        rf"/servicePrincipals{_ID}/appRoleAssignedTo/[^/]+",
        "servicePrincipal",
        "Remove app role assignment from user",
    ),
    ("POST", rf"/servicePrincipals{_ID}/{_POLICY}/\$ref", "servicePrincipal", "Add policy to service principal"),
    (
        "DELETE",
        rf"/servicePrincipals{_ID}/{_POLICY}/[^/]+/\$ref",
        "servicePrincipal",
        "Remove policy from service principal",
    ),
    ("POST", rf"/applications{_ID}/{_POLICY}/\$ref", "application", "Add policy to application"),
    ("DELETE", rf"/applications{_ID}/{_POLICY}/[^/]+/\$ref", "application", "Remove policy from application"),
    ("PATCH", rf"/policies/{_POLICY}{_ID}", "policy", "Update policy"),
    ("DELETE", rf"/policies/{_POLICY}{_ID}", "policy", "Delete policy"),
)  # fmt: skip
"""Method, path, kind of the object, and what the log calls it."""
_TITLES = {"application": "Application", "servicePrincipal": "ServicePrincipal", "policy": "Policy"}


def listing(call: Call) -> Answer:
    """The entries, newest first."""
    found = list(entries(call.world)) if call.world.rules.on("G107") else []
    return call.page(reversed(found), AUDIT, "auditLogs/directoryAudits")


def entries(world: World) -> Iterator[Document]:
    """All entries of the last thirty days, oldest first."""
    host = world.cloud.graph.removeprefix("https://")
    for number, note in enumerate(world.store.notes()):
        if note.get("host") != host or not note.get("principal") or not 200 <= int(note["status"]) < 300:
            continue
        if world.clock.now - float(note["at"]) > KEPT:
            continue
        for place, (method, path, body) in enumerate(_requests(note)):
            if entry := _entry(world, note, f"{number}-{place}", method, path, body):
                yield entry


def _requests(note: Document) -> Iterator[tuple[str, str, Any]]:
    """The requests of a journal's entry: itself, or each of a batch, whose path is relative to the version."""
    path = re.sub(r"^/(v1\.0|beta)", "", str(note["path"]))
    body = _json(note["body"])
    if path.lower() != "/$batch":
        yield str(note["method"]), path, body
        return
    for each in body.get("requests", ()):
        yield str(each["method"]), str(each["url"]).partition("?")[0], each.get("body") or {}


def _entry(world: World, note: Document, number: str, method: str, path: str, body: Any) -> Document | None:
    for wanted, pattern, kind, activity in ACTIVITIES:
        found = re.fullmatch(pattern, path, re.IGNORECASE) if method == wanted else None
        if found:
            target = _object_id(world, kind, found["id"] or "", found["app_id"] or "")
            return _told(world, note, number, activity, kind, target, body if method == "PATCH" else {})
    return None


def _object_id(world: World, kind: str, identity: str, app_id: str) -> str:
    held = world.store.find(kind, "appId", app_id) if app_id else []
    return str(held[0]["id"]) if held else identity


def _told(world: World, note: Document, number: str, activity: str, kind: str, target: str, body: Document) -> Document:
    who, at = Principal.of(note["principal"]), iso(float(note["at"]))
    person = {"id": who.id, "displayName": who.name, "userPrincipalName": who.user_name, "ipAddress": None}
    program = {"appId": who.app_id, "displayName": who.name, "servicePrincipalId": who.id, "servicePrincipalName": None}
    held = (world.store.get(kind, target) or {}) if kind != "policy" else {}
    changed = [
        {"displayName": name[:1].upper() + name[1:], "oldValue": None, "newValue": json.dumps(value)}
        for name, value in body.items()
        if not name.startswith("@")
    ]
    return {
        "id": f"Directory_{number}",
        "activityDateTime": at,
        "activityDisplayName": activity,
        "category": "Policy" if kind == "policy" else "ApplicationManagement",
        "correlationId": None,
        "initiatedBy": {"user": person if who.delegated else None, "app": None if who.delegated else program},
        "loggedByService": "Core Directory",
        "operationType": activity.split()[0],
        "result": "success",
        "resultReason": "",
        "additionalDetails": [],
        "targetResources": [
            {
                "id": target,
                "displayName": held.get("displayName"),
                "type": _TITLES[kind],
                "userPrincipalName": None,
                "groupType": None,
                "modifiedProperties": changed,
            }
        ],
    }


def _json(text: str) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError:
        return {}


ENDPOINTS = [Endpoint("GET", "/auditLogs/directoryAudits", listing, READ_AUDIT)]
