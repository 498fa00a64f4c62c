"""What Twilio holds of people: workers and Flex users by their NameID, and ending them.

A Flex user comes from a sign-on or from the Flex Users API, a public beta, and ending it takes its worker and its
Insights user along (F112). A worker alone, such as from TaskRouter's API, is deleted by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flexsso_helpers.errors import FlexSSOError, NotPermitted, Refused
from flexsso_helpers.flex import FlexUser, Worker
from flexsso_helpers.identities import identity, same
from flexsso_helpers.resources.account_workers import ByNameId
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.saml.worker import contact_uris
from flexsso_helpers.session import Session

WHY = "Ending a user at Flex whose assignment ended"


@dataclass(frozen=True, kw_only=True)
class Held:
    """One person as Twilio knows them, by the name that their sign-on gave; either id may be empty."""

    name: str
    worker_sid: str = ""
    user_sid: str = ""
    identity: str = ""
    """The worker's contact_uri, which is made of the NameID (F82)."""
    mail: str = ""
    full_name: str = ""

    @property
    def words(self) -> str:
        """What is there, and billed."""
        parts = [*(["Flex user"] if self.user_sid else []), *(["worker"] if self.worker_sid else [])]
        return " and ".join(parts)

    def is_of(self, name_id: str) -> bool:
        """Whether a sign-on with this NameID is this person; letter case tells no names apart (F87)."""
        own = self.identity in contact_uris(name_id) if self.identity else False
        return bool(name_id) and (own or same(self.name, name_id))


class Everybody(ByNameId[Held]):
    """All whom Twilio holds, found by the person."""

    def __init__(self, held: Sequence[Held] = ()) -> None:
        """Sort them once."""
        super().__init__(held, name=lambda each: each.name, uri=lambda each: each.identity, mail=lambda each: each.mail)

    def of(self, name_id: str) -> list[Held]:
        """Those whom a sign-on with this NameID is."""
        return [each for each in self.own(name_id) if each.is_of(name_id)]

    def at(self, addresses: frozenset[str]) -> list[Held]:
        """Those whose name or mail address is one of these, which are in lower case."""
        near = {id(each): each for address in addresses for each in (*self.own(address), *self.of_mail(address))}
        found = (each for each in near.values() if {identity(each.name), identity(each.mail)} & addresses)
        return sorted(found, key=_place)


async def read(session: Session) -> tuple[Held, ...] | NotSeen:
    """Everybody at Flex, by name; why nobody could look, where that is so."""
    return await look(_read(session))


async def _read(session: Session) -> tuple[Held, ...]:
    configuration = await session.flex.configuration()
    workers = await session.flex.workers(configuration.workspace_sid)
    users = await look(session.flex.users(configuration.instance_sid))
    return joined(workers, () if isinstance(users, NotSeen) else users)


def joined(workers: Sequence[Worker], users: Sequence[FlexUser]) -> tuple[Held, ...]:
    """Each worker with its Flex user; Flex users without a worker by themselves. Pure."""
    by_worker = {user.worker_sid: user for user in users if user.worker_sid}
    held = []
    for worker in workers:
        user = by_worker.get(worker.sid)
        shown = {key: str(worker.attributes.get(key) or "") for key in ("contact_uri", "email", "full_name")}
        held.append(
            Held(
                name=user.username if user else worker.friendly_name,
                worker_sid=worker.sid,
                user_sid=user.sid if user else "",
                identity=shown["contact_uri"],
                mail=shown["email"],
                full_name=shown["full_name"],
            )
        )
    there = {worker.sid for worker in workers}
    held += [Held(name=user.username, user_sid=user.sid) for user in users if user.worker_sid not in there]
    return tuple(sorted(held, key=_place))


def _place(held: Held) -> tuple[str, str]:
    return held.name, held.worker_sid


async def end(session: Session, held: Sequence[Held]) -> None:
    """End these at Twilio, one after the other, each noted before it is sent. Who is gone counts as ended.

    Raises the first refusal; those before it are ended.
    """
    configuration = await session.flex.configuration()
    for each in held:
        if each.user_sid:
            path = f"/v4/Instances/{configuration.instance_sid}/Users/Deprovision"
            call = session.flex.deprovision(configuration.instance_sid, each.user_sid)
        else:
            path = f"/v1/Workspaces/{configuration.workspace_sid}/Workers/{each.worker_sid}"
            call = session.flex.delete_worker(configuration.workspace_sid, each.worker_sid)
        entry = session.ledger.intent(
            service="flex",
            method="POST" if each.user_sid else "DELETE",
            path=path,
            why=WHY,
            before={"flex_user_sid": each.user_sid, "worker_sid": each.worker_sid},
            body={"flex_user_sid": each.user_sid} if each.user_sid else None,
        )
        try:
            await call
        except FlexSSOError as error:
            session.ledger.answer(entry, status=_status(error), note=error.what)
            raise
        session.ledger.answer(entry, status=200, note=each.user_sid or each.worker_sid)


def _status(error: FlexSSOError) -> int:
    """0 where no answer came."""
    return error.status if isinstance(error, Refused) else 403 if isinstance(error, NotPermitted) else 0
