"""Finding our enterprise application, and telling it from one that merely has the same name.

Ours is: the one whose application id the file names; or that holds the connection's identifier; or whose notes carry
our mark; or that still has the name of an unfinished set-up, because the answer to its creation was lost. One that
somebody else made is adopted: its mark says so, and it keeps its name.
"""

import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flexsso_helpers.clouds import FLEX_LOGIN_HOST
from flexsso_helpers.errors import Ambiguous, ParametersError
from flexsso_helpers.flex import Connection
from flexsso_helpers.graph import literal
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import count
from flexsso_helpers.resources.connection import Addresses, given, of_flex
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.session import Session

NAMESPACE = uuid.UUID("9d0c7f0e-5f6b-5c7a-8f0e-3f1e0b6a7c55")
LOOKS = (0.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Pauses (seconds) before each look for something whose creation was not answered."""
BY_RUNBOOKS = "by Flex SSO runbooks ("
FLEX_ADDRESS = re.compile(rf"^urn:flex:|^https://{FLEX_LOGIN_HOST}/|^https://iam\.twilio\.com/v1/")
"""What identifiers and reply URLs of Flex begin with, Enhanced or Legacy."""
Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """The application and its service principal, as Graph showed them."""

    application: Json
    principal: Json

    @property
    def object_id(self) -> str:
        """Object id of the application."""
        return str(self.application["id"])

    @property
    def app_id(self) -> str:
        """Application (client) id."""
        return str(self.application["appId"])

    @property
    def principal_id(self) -> str:
        """Object id of the service principal."""
        return str(self.principal["id"])

    @property
    def encryption_keys(self) -> tuple[str, ...]:
        """Ids of the keys for which Entra encrypts assertions, of the application and of the service principal."""
        keys = (self.application.get("tokenEncryptionKeyId"), self.principal.get("tokenEncryptionKeyId"))
        return tuple(str(key) for key in keys if key)

    @property
    def signed_requests(self) -> bool:
        """Whether Entra answers signed requests only."""
        requests = self.application.get("requestSignatureVerification") or {}
        return bool(requests.get("isSignedRequestRequired"))


def mark(tenant: Tenant) -> str:
    """Eight hex digits that belong to this pairing of Entra tenant and Flex account.

    Made from the account SID rather than the identifier, which may not be known yet when the application is made.
    """
    return uuid.uuid5(NAMESPACE, f"{tenant.tenant_id}/{tenant.flex.account_sid}").hex[:8]


def note(tenant: Tenant) -> str:
    """The line in the application's notes by which it is known as ours."""
    return f"Set up {BY_RUNBOOKS}{mark(tenant)})"


def adopted_note(tenant: Tenant) -> str:
    """The line in the notes of an application that somebody else made and these runbooks look after since."""
    return f"Adopted {BY_RUNBOOKS}{mark(tenant)})"


def is_marked(tenant: Tenant, application: Json) -> bool:
    """Whether its notes carry our mark, as made or as adopted."""
    notes = str(application.get("notes") or "")
    return note(tenant) in notes or adopted_note(tenant) in notes


def is_adopted(tenant: Tenant, application: Json) -> bool:
    """Whether somebody else made it: it has neither our mark as made, nor the name of an unfinished set-up."""
    made = note(tenant) in str(application.get("notes") or "")
    return not made and application.get("displayName") != setup_name(tenant)


def setup_name(tenant: Tenant) -> str:
    """The name under which the application is created; it is renamed by the next write."""
    return f"{tenant.application.name} · setup {mark(tenant)}"


async def known_connection(session: Session, *, ask: bool = True) -> Addresses | None:
    """The SSO connection: by mode and file alone, else as Flex tells anyone, else (`ask`) as Console shows it."""
    decided = given(session.tenant)
    if decided is not None:
        return decided
    listed = await look(session.flex.connections())  # Console shows the same, and 02 says what came in between
    here = None if isinstance(listed, NotSeen) else of_flex(listed, session.tenant)
    if here is not None:
        return here
    copied = await session.person.copy_connection() if ask else None
    return Connection.copied(reply_url=copied.reply_url, identifier=copied.identifier) if copied else None


async def find(session: Session) -> Found | None:
    """Our application with its service principal, or None. Raises Ambiguous when it cannot be told."""
    application = await find_application(session)
    if application is None:
        return None
    principal = await session.graph.get(f"/servicePrincipals(appId='{application['appId']}')", missing_ok=True)
    return Found(application, principal) if principal else None


async def find_application(session: Session) -> Json | None:
    """Our application object, or None. Raises Ambiguous when another one has its name."""
    adopted = session.tenant.application.app_id
    if adopted:
        found = await session.graph.get(f"/applications(appId='{adopted}')", missing_ok=True)
        if found:
            return found
        raise ParametersError(
            f"This tenant has no application with the id {adopted}.",
            why="tenant.application.app_id names the application to adopt; an application just made is seen later.",
            fix="Correct tenant.application.app_id, or leave it out to have an application made.",
            notebook="01",
        )
    connection = await known_connection(session, ask=False)
    if connection is not None:
        holders = await _filtered(session, f"identifierUris/any(u:u eq {literal(connection.identifier)})")
        if holders:
            return _only(session.tenant, holders)
    same_name = await _filtered(session, f"displayName eq {literal(session.tenant.application.name)}")
    ours = [entry for entry in same_name if is_marked(session.tenant, entry)]
    if ours:  # finished, so it comes before one of the same set-up that was made twice
        return _oldest(ours)
    half_made = await unfinished(session)
    if half_made:
        return _oldest(half_made)
    renamed = [] if same_name else await marked(session)
    if renamed:
        return only_marked(renamed)
    if same_name:
        raise Ambiguous(
            f"This tenant already has {count(len(same_name), 'application')} called "
            f"“{session.tenant.application.name}” without our mark: "
            + ", ".join(_described(entry) for entry in same_name),
            why="Somebody made it by hand or with another tool. It may be in use, so it is neither taken nor doubled.",
            fix="To adopt it, write its application id into tenant.application.app_id. To keep it and make a new one, "
            "choose another tenant.application.name.",
            notebook="01",
        )
    if connection is None:
        await _refuse_to_guess(session)
    return None


async def marked(session: Session) -> list[Json]:
    """All applications that bear our mark, whatever their name, oldest first.

    Notes cannot be asked for, so all that were made from our template are looked through.
    """
    return sorted((entry for entry in await _from_template(session) if is_marked(session.tenant, entry)), key=_age)


async def unfinished(session: Session) -> list[Json]:
    """All applications under the name of an unfinished set-up."""
    return await _filtered(session, f"displayName eq {literal(setup_name(session.tenant))}")


def only_marked(entries: list[Json]) -> Json:
    """The one of these that bears our mark; of several nobody but a person can tell which one to keep."""
    if len(entries) > 1:
        raise Ambiguous(
            f"{count(len(entries), 'application')} bear the mark of this tenant and Flex account: "
            + ", ".join(f"“{entry['displayName']}” {_described(entry)}" for entry in entries),
            why="One of them was made a second time, or restored. Which one people use, their assignments tell.",
            fix="Write the application id of the one to keep into tenant.application.app_id, and delete the other one "
            "in the admin center.",
            notebook="01",
        )
    return entries[0]


async def _from_template(session: Session) -> list[Json]:
    template = session.cloud.template_id
    return await _filtered(session, f"applicationTemplateId eq {literal(template)}") if template else []


async def _refuse_to_guess(session: Session) -> None:
    """Raise Ambiguous when somebody's application for Flex is there and our own identifier is not known yet."""
    for_flex = await _filtered(session, "identifierUris/any(u:startswith(u,'urn:flex:'))")
    unknown = [entry for entry in for_flex if BY_RUNBOOKS not in str(entry.get("notes") or "")]
    if unknown:
        raise Ambiguous(
            f"This tenant already has {count(len(unknown), 'application')} for Flex: "
            + ", ".join(f"“{entry['displayName']}” {_described(entry)}" for entry in unknown),
            why="Whether it is this Flex account's is told by reply URL and identifier, which are not known yet.",
            fix="Copy both from Flex Console into the form of notebook 02 and run its Look cell, or adopt the "
            "application by writing its application id into tenant.application.app_id. Then run this again.",
            notebook="02",
        )


async def others_for_flex(session: Session) -> list[Json]:
    """Applications made from the template for custom ones that lead to Flex and are not the one in use, oldest first.

    Such as a second Flex account's, one that somebody began by hand for this account, or a second one with our mark.
    """
    mine = await find_application(session)
    entries = [
        entry for entry in await _from_template(session) if _leads_to_flex(entry) or is_marked(session.tenant, entry)
    ]
    return sorted((entry for entry in entries if not mine or entry["id"] != mine["id"]), key=_age)


def _leads_to_flex(entry: Json) -> bool:
    values = [*(entry.get("identifierUris") or ()), *((entry.get("web") or {}).get("redirectUris") or ())]
    return any(FLEX_ADDRESS.search(str(value)) for value in values)


def _described(entry: Json) -> str:
    """Its application id, and what tells it from others of its name."""
    holds = ", ".join(entry.get("identifierUris") or ()) or "no identifier"
    return f"{entry['appId']} (made {str(entry.get('createdDateTime') or '')[:10] or 'some time ago'}, {holds})"


def _only(tenant: Tenant, holders: list[Json]) -> Json:
    """The one that holds the identifier; of several, such as after a restore, nobody but a person can tell."""
    if len(holders) > 1:
        raise Ambiguous(
            f"{count(len(holders), 'application')} of this tenant have the identifier of Flex: "
            + ", ".join(f"{entry['appId']} (“{entry['displayName']}”)" for entry in sorted(holders, key=_age)),
            why="Entra answers Flex for one of them only, and the certificate in Flex belongs to one of them.",
            fix="Write the application id of the one to keep into tenant.application.app_id, and take the identifier "
            f"off the other. The mark of this pairing in their notes is {mark(tenant)}.",
            notebook="01",
        )
    return holders[0]


async def landed(session: Session, look: Callable[[], Awaitable[T]]) -> T:
    """What a write whose answer was lost has made, looked for during a minute; the last, empty look if nothing came."""
    for pause in LOOKS:
        await session.sleep(pause)
        found = await look()
        if found:
            break
    return found


async def made_by_us(session: Session) -> list[Json]:
    """All applications of this pairing, oldest first: under the set-up name, or named and marked already."""
    half_made = await unfinished(session)
    same_name = await _filtered(session, f"displayName eq {literal(session.tenant.application.name)}")
    made = [entry for entry in same_name if note(session.tenant) in str(entry.get("notes") or "")]
    return sorted([*half_made, *made], key=_age)


async def _filtered(session: Session, condition: str) -> list[Json]:
    return await session.graph.list("/applications", {"$filter": condition})


def _oldest(entries: list[Json]) -> Json:
    return min(entries, key=_age)


def _age(entry: Json) -> tuple[str, str]:
    return str(entry.get("createdDateTime") or ""), str(entry["id"])
