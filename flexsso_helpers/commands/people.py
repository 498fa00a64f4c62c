"""A list of people in, the difference out: notebook 22 for one tenant, without anybody watching."""

from pathlib import Path
from typing import Any

from flexsso_helpers.commands.run import Told, run_tenants
from flexsso_helpers.commands.selection import choose
from flexsso_helpers.sections.user_changes.given import of_csv

NOTEBOOK = "22"


def change_people(name: str, file: str, told: Told, *, apply: bool, allow_removals: bool) -> dict[str, Any]:
    """What came of it, as `flexsso run` tells it. Without a `file` the list is the one beside the tenant's file.

    Raises ParametersError for a list with a bad line, and for a name that leads nowhere.
    """
    path = Path(file).resolve() if file else None
    if path:
        of_csv(path)
    payload = {
        "command": "people",
        "notebook": NOTEBOOK,
        "parameters": {"people": str(path) if path else None},
        "apply": apply,
        "allow_removals": allow_removals,
    }
    return run_tenants(choose([name]), payload, told)[0]
