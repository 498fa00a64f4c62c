"""All workers of the account beside all assigned people: which belong to nobody, which to somebody under another name.

A changed NameID makes a second, billed worker, and the first one stays (F86); a worker of a wrong NameID such as
`auth0|…` is a phantom that nobody notices; “Log in with Console” makes workers of its own (F88).
"""

from dataclasses import dataclass

from flexsso_helpers.flex import Worker
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Finding, few
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.resources.account_workers import Workers
from flexsso_helpers.resources.people import User
from flexsso_helpers.saml.worker import as_text, split_roles

MOST = 10
"""Names that a finding lists before it only counts."""
OTHER_NAME = (
    "They stay from an earlier NameID, or come from “Log in with Console”; each is billed. When the person's own "
    "worker is in use, delete the other one in Flex."
)
NOBODY = (
    "They may stay from an earlier NameID, or belong to people whose assignment ended. "
    "Decide for each: assign the person in 07, or delete the worker in Flex."
)
_CONSOLE = ({"admin", "wfo.full_access"}, {"flex.readteams", "flex.readonlyadmin"})


@dataclass(frozen=True, kw_only=True)
class Others:
    """Friendly names of the workers that are nobody's own."""

    under_another_name: tuple[str, ...] = ()
    """With the mail address of somebody assigned, but not with that person's NameID."""
    of_nobody: tuple[str, ...] = ()
    of_console: tuple[str, ...] = ()
    """Of nobody assigned, with the roles that “Log in with Console” gives: no phantoms, and no single sign-on."""


def others(workers: Workers, people: tuple[User, ...], tenant: Tenant) -> Others:
    """Sort the account's workers. Pure; capital letters in mail addresses and names say nothing here (F87)."""
    name_ids = [name_id for each in people if (name_id := each.name_id(tenant))]
    own = {worker.sid for name_id in name_ids for worker in workers.own(name_id)}
    alike = {worker.sid for each in people for worker in workers.of_mail(each.mail)}
    left = [worker for worker in workers if worker.sid not in own]
    twins = [worker for worker in left if worker.sid in alike]
    console = [worker for worker in left if worker not in twins and _made_by_console(worker)]
    return Others(
        under_another_name=_names(twins),
        of_nobody=_names([worker for worker in left if worker not in twins and worker not in console]),
        of_console=_names(console),
    )


def _names(workers: list[Worker]) -> tuple[str, ...]:
    return tuple(sorted(worker.friendly_name for worker in workers))


def _made_by_console(worker: Worker) -> bool:
    roles = worker.attributes.get("roles")
    return set(split_roles(map(str, roles) if isinstance(roles, list) else [as_text(roles)])) in _CONSOLE


def findings(found: Others, named: set[str]) -> list[Finding]:
    """What is worth a look; `named` are workers that were already named beside their person."""
    under_another = [name for name in found.under_another_name if name not in named]
    rows = (
        ("S50", "Workers of assigned people under another name", under_another, OTHER_NAME),
        ("S79", "Workers that belong to nobody assigned", [*found.of_nobody], NOBODY),
    )
    result = [
        judged(check, title, "none", ", ".join(few(names, MOST)), False, fix, "warning")
        for check, title, names, fix in rows
        if names
    ]
    if found.of_console:
        seen = ", ".join(few(found.of_console, MOST))
        result.append(
            judged("S79", "Workers with the roles that Console gives", "may be there", seen, True, "", "info")
        )
    return result
