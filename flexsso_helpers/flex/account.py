"""What stands in a Flex account: connections, configuration, workers and users, as plain values read from answers.

An answer is taken as it comes. What is missing or of another kind is empty or None, which means "not told"; it is
never made up.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flexsso_helpers.clouds import FLEX_LOGIN, FLEX_UI


@dataclass(frozen=True, kw_only=True)
class Connection:
    """An Enhanced SSO connection; identifier and reply URL follow from its name (F02)."""

    name: str
    active: bool | None
    """Whether people can sign on through it; None where nothing tells."""
    client_id: str = ""
    login: str = FLEX_LOGIN
    """The origin that its logins go through. No API tells it; other regions than us1 are not documented (F04)."""

    @classmethod
    def copied(cls, *, reply_url: str, identifier: str) -> "Connection":
        """The connection whose two values somebody copied from Flex Console."""
        origin = reply_url.partition("/login/callback")[0]
        return cls(name=identifier.removeprefix("urn:flex:"), active=None, login=origin or FLEX_LOGIN)

    @property
    def reply_url(self) -> str:
        """The ACS URL of this connection."""
        return f"{self.login}/login/callback?connection={self.name}"

    @property
    def identifier(self) -> str:
        """The entity ID of this connection."""
        return f"urn:flex:{self.name}"


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What is worth knowing of a Flex account's configuration."""

    account_sid: str
    workspace_sid: str
    runtime_domain: str
    ui_version: str
    status: str
    instance_sid: str = ""

    @property
    def login_link(self) -> str:
        """The hosted link that starts a single sign-on at once."""
        return f"{FLEX_UI}/{self.runtime_domain}"


@dataclass(frozen=True, kw_only=True)
class Worker:
    """A TaskRouter worker."""

    sid: str
    friendly_name: str
    attributes: dict[str, Any]
    date_created: datetime | None = None
    """Aware, in UTC; None where Twilio did not tell."""
    date_updated: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class FlexUser:
    """A Flex user of the beta API (F112). Nothing documents whether a login moves `version` and `date_updated`."""

    sid: str
    username: str
    worker_sid: str = ""
    version: int | None = None
    date_created: datetime | None = None
    """Aware, in UTC; None where Twilio did not tell."""
    date_updated: datetime | None = None


def read_connections(body: Mapping[str, Any], account_sid: str) -> tuple[Connection, ...]:
    """The account's own connections out of the list; entries without a name, or of another account, are none (F19)."""
    listed = body.get("config_list")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return tuple(
        Connection(
            name=str(entry["connection_name"]),
            active=entry["active"] if isinstance(entry.get("active"), bool) else None,
            client_id=str(entry.get("client_id") or ""),
        )
        for entry in entries
        if entry.get("account_sid", account_sid) == account_sid and entry.get("connection_name")
    )


def read_configuration(found: Any) -> Configuration:
    """The configuration out of the SDK's instance."""
    domain = str(found.runtime_domain or "")
    return Configuration(
        account_sid=str(found.account_sid or ""),
        workspace_sid=str(found.taskrouter_workspace_sid or ""),
        runtime_domain=urlsplit(domain).path.strip("/") if "://" in domain else domain,
        ui_version=str(found.ui_version or ""),
        status=str(found.status or ""),
        instance_sid=str(found.flex_instance_sid or ""),
    )


def read_worker(item: Any) -> Worker:
    """A worker out of the SDK's instance."""
    try:
        attributes = json.loads(item.attributes or "{}")
    except ValueError:
        attributes = {}
    return Worker(
        sid=str(item.sid),
        friendly_name=str(item.friendly_name or ""),
        attributes=attributes if isinstance(attributes, dict) else {},
        date_created=moment(item.date_created),
        date_updated=moment(item.date_updated),
    )


def read_users(body: Mapping[str, Any]) -> tuple[FlexUser, ...]:
    """The users out of a page of the beta API; entries without a SID are left out."""
    listed = body.get("users")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return tuple(
        FlexUser(
            sid=str(entry["flex_user_sid"]),
            username=str(entry.get("username") or ""),
            worker_sid=_worker_of(entry),
            version=entry["version"] if isinstance(entry.get("version"), int) else None,
            date_created=moment(entry.get("created_date")),
            date_updated=moment(entry.get("updated_date")),
        )
        for entry in entries
        if entry.get("flex_user_sid")
    )


def _worker_of(entry: Mapping[str, Any]) -> str:
    """Version 4 of the API has a block of the worker's own, the earlier ones the SID alone (F112)."""
    block = entry.get("worker")
    return str((block if isinstance(block, dict) else entry).get("worker_sid") or "")


def moment(told: object) -> datetime | None:
    """A moment as the SDK or an answer tells it, aware, in UTC; None for anything else.

    The SDK hands a date that it cannot read through as text; one without a zone is Twilio's, which means UTC.
    """
    if isinstance(told, str):
        try:
            told = datetime.fromisoformat(told)
        except ValueError:
            return None
    if not isinstance(told, datetime):
        return None
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
