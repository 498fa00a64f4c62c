"""What has moved since the set-up: notebook 20 for each tenant, without anybody watching. Writes nothing anywhere."""

from collections.abc import Sequence
from typing import Any

from flexsso_helpers.commands.run import Told, run_tenants
from flexsso_helpers.commands.selection import choose

NOTEBOOK = "20"


def drift(files: Sequence[str], told: Told) -> list[dict[str, Any]]:
    """A record for each tenant, as `flexsso run` gives them. Raises ParametersError for a wrong choice of files."""
    return run_tenants(choose(files), {"command": "drift", "notebook": NOTEBOOK, "apply": False}, told)
