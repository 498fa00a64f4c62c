"""The form of 07: users and groups with their roles, a line each, as people type them and as the file writes them."""

from typing import Any

from flexsso_helpers.parameters import Tenant
from flexsso_helpers.sections.assignments.people_dropped import taken
from flexsso_helpers.views import Field


def fields(tenant: Tenant) -> tuple[Field, ...]:
    """Users and groups, a line each; of users who come from a CSV file only its name, as there may be thousands."""
    given = tenant.assignments
    users = tuple((entry.user, " ".join((entry.role, *entry.insights))) for entry in given.users)
    groups = tuple((entry.group, entry.role) for entry in given.groups)
    there = f"{len(users):,} users with those of the tenant's file. Edit them there, then open the tenant again."
    return (
        Field("assignments.csv", "Users from", "text", given.csv, help=there)
        if given.csv
        else Field(
            "assignments.users",
            "Users",
            "people",
            users,
            help="One a line: user name, role; Insights roles follow after blanks.",
            take=taken,
        ),
        Field("assignments.groups", "Groups", "people", groups, help="One a line: display name or object id, role."),
    )


def to_file(edited: dict[str, Any]) -> dict[str, Any]:
    """Pairs of name and role as the tenant's file writes them."""
    named = {"assignments.users": "user", "assignments.groups": "group"}
    return {
        key: [_entry(named[key], name, role) for name, role in value] if key in named else value
        for key, value in edited.items()
    }


def _entry(kind: str, name: str, roles: str) -> dict[str, Any]:
    role, *insights = roles.split() or [""]
    return {kind: name, "role": role} | ({"insights": insights} if insights else {})
