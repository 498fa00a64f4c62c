"""The workers of an account, found by the person that they are of: by identity, by name, by mail address."""

from collections.abc import Iterator, Sequence

from flexsso_helpers.flex import Worker
from flexsso_helpers.identities import identity
from flexsso_helpers.saml.worker import as_text, contact_uris
from flexsso_helpers.session import Session


class Workers:
    """All workers. Nobody's letter case matters (F87), but what is written exactly so comes first."""

    def __init__(self, workers: Sequence[Worker] = ()) -> None:
        """Sort them once: accounts have thousands."""
        self._all = tuple(workers)
        self._by_key: dict[str, list[Worker]] = {}
        self._by_mail: dict[str, list[Worker]] = {}
        for each in self._all:
            for key in {identity(each.friendly_name), identity(_uri(each))} - {""}:
                self._by_key.setdefault(key, []).append(each)
            self._by_mail.setdefault(identity(as_text(each.attributes.get("email"))), []).append(each)

    def __iter__(self) -> Iterator[Worker]:
        return iter(self._all)

    def own(self, name_id: str) -> list[Worker]:
        """Those that go by this NameID: by its address, which is certain, before its name, which is not (F81, F87)."""
        if not name_id:
            return []
        uris = contact_uris(name_id)
        found = {each.sid: each for key in (*uris, name_id) for each in self._by_key.get(identity(key), ())}
        return sorted(found.values(), key=lambda each: (_uri(each) not in uris, each.friendly_name != name_id))

    @staticmethod
    def exact(worker: Worker, name_id: str) -> bool:
        """Whether it goes by this NameID letter by letter, in its address or its name."""
        return bool(name_id) and (worker.friendly_name == name_id or _uri(worker) in contact_uris(name_id))

    def of_mail(self, mail: str) -> list[Worker]:
        """Those whose attribute `email` is this address, whoever they are."""
        return self._by_mail.get(identity(mail), []) if mail else []


def _uri(worker: Worker) -> str:
    return as_text(worker.attributes.get("contact_uri"))


async def account_workers(session: Session) -> Workers:
    """The workers that Flex has; none before Flex has a workspace."""
    configuration = await session.flex.configuration()
    return Workers(await session.flex.workers(configuration.workspace_sid) if configuration.workspace_sid else ())
