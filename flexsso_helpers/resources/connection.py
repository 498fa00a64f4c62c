"""Which reply URL and identifier a tenant is to have: by mode, in one place (D03–D06)."""

from collections.abc import Sequence

from flexsso_helpers.errors import Ambiguous
from flexsso_helpers.flex import Connection, LegacyConnection
from flexsso_helpers.parameters import Tenant

Addresses = Connection | LegacyConnection
"""Whoever names both: the Enhanced connection with its JQ, or the account on Legacy."""


def given(tenant: Tenant) -> Addresses | None:
    """What the file alone decides: Legacy follows from the account SID, Enhanced from the block `connection`.

    None where only Flex or its Console can tell.
    """
    if tenant.flex.mode == "legacy":
        return LegacyConnection(account_sid=tenant.flex.account_sid)
    copied = tenant.flex.connection
    return Connection.copied(reply_url=copied.reply_url, identifier=copied.identifier) if copied else None


def of_legacy(tenant: Tenant) -> LegacyConnection:
    """Both addresses that this account has, or had, on Legacy."""
    return LegacyConnection(account_sid=tenant.flex.account_sid)


def of_flex(listed: Sequence[Connection], tenant: Tenant) -> Connection | None:
    """The one that Flex lists for the account; of several the only active one, as Twilio's own example takes it.

    Raises Ambiguous when that does not decide.
    """
    active = [each for each in listed if each.active]
    if len(listed) < 2 or len(active) == 1:
        return next(iter(active or listed), None)
    raise Ambiguous(
        f"Flex lists {len(listed)} SSO connections for {tenant.flex.account_sid}: "
        + ", ".join(each.name for each in listed),
        why="Only one of them is that of Flex Console's page, and nothing that anybody may read tells which.",
        fix="Copy reply URL and identifier of the right one from Flex Console into the form of notebook 02.",
        notebook="02",
    )
