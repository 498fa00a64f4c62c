"""The people who test the sign-on, as Entra and Flex know them."""

from dataclasses import dataclass

from flexsso_helpers.resources import people, people_near
from flexsso_helpers.resources.account_workers import Workers
from flexsso_helpers.resources.application import Found
from flexsso_helpers.resources.assignments import read_all
from flexsso_helpers.saml.worker import as_text
from flexsso_helpers.session import Session


@dataclass(frozen=True, kw_only=True)
class Tested:
    """One person of the list, with what Entra knows, what Flex holds, and when the sign-on was last proved."""

    user_name: str
    id: str = ""
    mail: str = ""
    name: str = ""
    name_id: str = ""
    roles: tuple[str, ...] = ()
    """Expected from the assignments: direct and through direct membership."""
    proved_at: str = ""
    """When a sign-on of this person was last proved by a trace at Flex; empty when none counts."""
    said: str = ""
    """`by … on …`, where the last sign-on that counts is one of which only a person said that Flex opened."""
    worker_sid: str = ""
    worker_name: str = ""
    """The worker's friendly_name."""
    worker: tuple[tuple[str, str], ...] = ()
    """`full_name`, `email`, `roles`, `contact_uri` of the worker, as text."""
    attributes: tuple[str, ...] = ()
    """Names of all attributes of the worker."""
    near: str = ""
    """Whom a name that nobody has may mean, in a sentence."""
    twins: tuple[str, ...] = ()
    """Other workers with the same mail address."""

    def shown(self, attribute: str) -> str:
        """An attribute of the worker, as text."""
        return dict(self.worker).get(attribute, "")


async def look_up(
    session: Session,
    name: str,
    assigned: dict[str, tuple[str, ...]],
    workers: Workers,
    *,
    proved_at: str = "",
    said: str = "",
) -> Tested:
    """Put together what Entra, Flex and the tenant's file know of this person."""
    user = await people.user(session, name)
    if user is None:
        return Tested(user_name=name, near=" ".join(await people_near.near(session, [name], [])))
    name_id = user.name_id(session.tenant)
    worker = next(iter(workers.own(name_id)), None)
    twins = [each for each in workers.of_mail(user.mail) if each != worker]
    shown = worker.attributes if worker else {}
    return Tested(
        user_name=name,
        id=user.id,
        mail=user.mail,
        name=user.name,
        name_id=name_id,
        roles=assigned.get(user.id, ()),
        proved_at=proved_at,
        said=said,
        worker_sid=worker.sid if worker else "",
        worker_name=worker.friendly_name if worker else "",
        worker=tuple((key, as_text(shown.get(key))) for key in ("full_name", "email", "roles", "contact_uri")),
        attributes=tuple(sorted(shown)),
        twins=tuple(each.friendly_name for each in twins),
    )


async def roles_by_user(session: Session, found: Found) -> dict[str, tuple[str, ...]]:
    """Role values by user id: what is assigned to the user, and to groups the user is a direct member of.

    Who is assigned and gets no value, such as by Default Access, stands there without any.
    """
    roles: dict[str, set[str]] = {}
    entries = [entry for entry in await read_all(session, found) if entry.kind != "ServicePrincipal"]
    groups = list(dict.fromkeys(entry.principal_id for entry in entries if entry.kind == "Group"))
    listed = await session.graph.list_many([(f"/groups/{group}/members", {"$top": "999"}) for group in groups])
    members = {
        group: [str(each["id"]) for each in those if people.kind_of(each) == "user"]
        for group, those in zip(groups, listed, strict=True)
    }
    for entry in entries:
        for holder in members[entry.principal_id] if entry.kind == "Group" else [entry.principal_id]:
            roles.setdefault(holder, set()).update({entry.role} - {""})
    return {holder: tuple(sorted(names)) for holder, names in roles.items()}
