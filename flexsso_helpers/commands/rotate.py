"""Another signing certificate, a phase at a time: notebook 21 for one tenant, without anybody watching."""

from typing import Any

from flexsso_helpers.commands.run import Told, run_tenants
from flexsso_helpers.commands.selection import choose
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.sections.rotation.step import PHASES

NOTEBOOK = "21"


def rotate(name: str, phase: str, told: Told, *, apply: bool, allow_removals: bool) -> dict[str, Any]:
    """What came of it, as `flexsso run` tells it. Raises ParametersError for a phase that there is not.

    Live nobody can paste from here, so `activate` and `roll_back` wait: they are for notebook 21 in front of a person.
    """
    if phase not in PHASES:
        raise ParametersError(f"There is no phase {phase!r}.", fix=f"--phase {'|'.join(PHASES)}")
    payload = {
        "command": "rotate",
        "notebook": NOTEBOOK,
        "parameters": {"phase": phase},
        "apply": apply,
        "allow_removals": allow_removals,
    }
    return run_tenants(choose([name]), payload, told)[0]
