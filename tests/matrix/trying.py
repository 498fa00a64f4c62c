"""What a process of `make matrix` does: make the stretches once, and try cases."""

import warnings

from cases import Known, Result, case, undisturbed
from flows import Stretch, stretches

Case = tuple[str, str, int, str]
"""Flow, stretch, number of the request, mishap."""
_ready: dict[tuple[str, str], tuple[Stretch, Known]] = {}


def ready(flows: tuple[str, ...]) -> list[tuple[str, str, int]]:
    """Make the stretches of these flows in this process; what there is, with the number of requests of each."""
    warnings.simplefilter("ignore")
    if not _ready:
        _ready.update({(each.flow, each.name): (each, undisturbed(each)) for each in stretches(*flows)})
    return [(*key, known.requests) for key, (_, known) in _ready.items()]


def tried(cases: list[Case], flows: tuple[str, ...]) -> list[Result]:
    """What these cases came to."""
    ready(flows)
    return [case(*_ready[flow, name], at, mishap) for flow, name, at, mishap in cases]
