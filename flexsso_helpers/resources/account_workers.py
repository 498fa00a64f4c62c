"""The workers of an account, found by the person that they are of: by identity, by name, by mail address."""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from flexsso_helpers.flex import Worker
from flexsso_helpers.identities import identity
from flexsso_helpers.saml.worker import as_text, contact_uris
from flexsso_helpers.session import Session

T = TypeVar("T")
Told = Callable[[T], str]


class ByNameId(Generic[T]):
    """All of them. Nobody's letter case matters (F87), but what is written exactly so comes first."""

    def __init__(self, everybody: Sequence[T], *, name: Told[T], uri: Told[T], mail: Told[T]) -> None:
        """Sort them once: accounts have thousands. `uri` is what Flex makes of a NameID (F82)."""
        self._all, self._name, self._uri = tuple(everybody), name, uri
        self._by_key: dict[str, list[T]] = {}
        self._by_mail: dict[str, list[T]] = {}
        for each in self._all:
            for key in {identity(name(each)), identity(uri(each))} - {""}:
                self._by_key.setdefault(key, []).append(each)
            self._by_mail.setdefault(identity(mail(each)), []).append(each)

    def __iter__(self) -> Iterator[T]:
        return iter(self._all)

    def own(self, name_id: str) -> list[T]:
        """Those that go by this NameID: by its address, which is certain, before its name, which is not (F81, F87)."""
        if not name_id:
            return []
        uris = contact_uris(name_id)
        found = {id(each): each for key in (*uris, name_id) for each in self._by_key.get(identity(key), ())}
        return sorted(found.values(), key=lambda each: (self._uri(each) not in uris, self._name(each) != name_id))

    def of_mail(self, mail: str) -> list[T]:
        """Those whose attribute `email` is this address, whoever they are."""
        return self._by_mail.get(identity(mail), []) if mail else []


class Workers(ByNameId[Worker]):
    """All workers of an account."""

    def __init__(self, workers: Sequence[Worker] = ()) -> None:
        """Sort them once."""
        super().__init__(
            workers,
            name=lambda each: each.friendly_name,
            uri=_uri,
            mail=lambda each: as_text(each.attributes.get("email")),
        )

    @staticmethod
    def exact(worker: Worker, name_id: str) -> bool:
        """Whether it goes by this NameID letter by letter, in its address or its name."""
        return bool(name_id) and (worker.friendly_name == name_id or _uri(worker) in contact_uris(name_id))


def _uri(worker: Worker) -> str:
    return as_text(worker.attributes.get("contact_uri"))


async def account_workers(session: Session) -> Workers:
    """The workers that Flex has; none before Flex has a workspace."""
    configuration = await session.flex.configuration()
    return Workers(await session.flex.workers(configuration.workspace_sid) if configuration.workspace_sid else ())
