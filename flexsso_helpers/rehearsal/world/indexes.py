"""Which properties of which documents are indexed, and how a value is written in an index.

Terms find candidates: documents that at some time had a value. What a reader sees is decided by the version it reads.
"""

from typing import Any

INDEXED: dict[str, tuple[str, ...]] = {
    "user": ("id", "userPrincipalName", "mail", "displayName", "userType", "proxyAddresses"),
    "group": ("id", "displayName"),
    "application": ("id", "appId", "displayName", "applicationTemplateId", "identifierUris"),
    # What a service principal copies from its application is not its own, so it is not in here.
    "servicePrincipal": ("id", "appId", "applicationTemplateId", "preferredSingleSignOnMode"),
    "appRoleAssignment": ("resourceId", "principalId", "principalDisplayName"),
    "member": ("group", "member"),
    "policyLink": ("object", "policy"),
    "deleted": ("_kind", "appId"),
}


def indexed(kind: str, field: str) -> bool:
    """Whether documents of this kind are found by this property."""
    return field in INDEXED.get(kind, ())


def fold(value: Any) -> str:
    """The form of a value in an index: directory strings compare without regard to case."""
    return str(value).lower()


def terms(kind: str, body: dict[str, Any]) -> set[tuple[str, str]]:
    """All (property, folded value) of a document; each element of a list is one."""
    found: set[tuple[str, str]] = set()
    for field in INDEXED.get(kind, ()):
        value = body.get(field)
        for each in value if isinstance(value, list) else (value,):
            if each is not None:
                found.add((field, fold(each)))
    return found
