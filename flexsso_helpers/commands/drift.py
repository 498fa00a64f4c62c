"""What has moved since the set-up: notebook 20 for each tenant, without anybody watching. Writes nothing anywhere."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from flexsso_helpers.commands.run import Told, run_tenants
from flexsso_helpers.commands.selection import choose
from flexsso_helpers.commands.summary import print_result

NOTEBOOK = "20"
SHOWN = ("wrong", "waiting")


def drift(files: Sequence[str], told: Told) -> list[dict[str, Any]]:
    """A record for each tenant, as `flexsso run` gives them. Raises ParametersError for a wrong choice of files."""
    return run_tenants(choose(files), {"command": "drift", "notebook": NOTEBOOK, "apply": False}, told)


def print_drift(console: Console, result: dict[str, Any]) -> None:
    """The result, and below it each line that does not hold or waits."""
    print_result(console, result)
    for record in result.get("notebooks", ()):
        for check in record["checks"]:
            if check["state"] in SHOWN and check["level"] != "info":
                console.print(f"  {check['title']} ({check['check']}): {check['reason']}", markup=False, soft_wrap=True)
