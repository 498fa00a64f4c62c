"""What runs of several tenants left, for notebook 30: four looks at one rehearsal, each at another moment of its story.

A run would start nine notebooks for each of them. Here each step is read and judged in this process, by the same code,
and the result is left as a run leaves it.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import flexsso_helpers
from flexsso_helpers.commands.result import failed, leave, moment, notebook_result
from flexsso_helpers.fleet import Fleet, fleet_page, in_order, standing
from flexsso_helpers.fleet import leave as leave_fleet
from flexsso_helpers.notebooks import STEPS
from flexsso_helpers.parameters import load
from flexsso_helpers.plan import worst
from flexsso_helpers.sections.documented import ALL
from flexsso_helpers.wire.rehearsal_client import RehearsalClient

DAY = 86400.0
FILES = {each.number: each.file for each in STEPS}
STORIES: dict[str, Callable[[RehearsalClient], None]] = {
    "adatum": lambda _all_set_up: None,
    "northwind": lambda later: later.advance(1010 * DAY),
    "contoso": lambda over: over.advance(90 * DAY),
    "fabrikam": lambda begun: begun.reset("06"),
}
"""Tenants, in the order in which one rehearsal can be brought to where each of them stands."""
BROKEN = "wingtip"
"""One whose file cannot be read: a run of many tells it, and nothing else does."""


def left(runs: Path, rehearsal: RehearsalClient, file: Path) -> None:
    """Leave the results and the record of a run of all, in `runs`; `file` is the tenant's whose rehearsal this is."""
    for name, bring in STORIES.items():
        bring(rehearsal)
        (runs / ".rehearsal" / name).symlink_to(rehearsal.folder, target_is_directory=True)
        own = runs / f"{name}.yaml"
        own.write_text(file.read_text("utf-8").replace("name: rehearsal ", f"name: {name} "), "utf-8")
        asyncio.run(_looked_at(own))
    why = f"{BROKEN}.yaml, line 7: tenant.flex.account_sid is no Account SID."
    broken = standing(failed(f"{BROKEN}.yaml", why, rehearsal=True).model_dump())
    fleet = Fleet(broken.started, broken.ended, {"command": "run", "apply": True}, in_order([broken]))
    leave_fleet(runs, fleet, fleet_page(fleet, runs))


async def _looked_at(own: Path) -> None:
    started = moment()
    session = await flexsso_helpers.open(str(own), apply=False)
    folder, records = session.folder, []
    for step in ALL:
        with session.speaking(step.number):
            _, evidence = await step.examine(session)
        session.ledger.proved(evidence)
        stem = Path(FILES[step.number]).stem
        records.append(notebook_result(stem, folder, outcome=evidence.outcome, verdict=evidence.verdict))
    outcome = worst(each.outcome for each in records if each.outcome is not None)
    leave(folder, load(own), own, started=started, outcome=outcome, notebooks=records)
