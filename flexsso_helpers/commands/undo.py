"""What stood there before is given back: notebook 29 for one tenant, without anybody watching."""

from typing import Any

from flexsso_helpers.commands.run import Told, run_tenants
from flexsso_helpers.commands.selection import choose

NOTEBOOK = "29"


def undo(name: str, told: Told, *, apply: bool, allow_removals: bool) -> dict[str, Any]:
    """What came of it, as `flexsso run` tells it. Raises ParametersError for a name that leads nowhere."""
    payload = {"command": "undo", "notebook": NOTEBOOK, "apply": apply, "allow_removals": allow_removals}
    return run_tenants(choose([name]), payload, told)[0]
