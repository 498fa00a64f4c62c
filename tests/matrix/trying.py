"""What a process of `make matrix` does: make the stretches once, and try the pieces that it is given."""

import random
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cases import Known, Request, Result, undisturbed
from flows import Stretch, stretches
from forks import Before, along
from one_thread import in_one_thread

PIECE = 80
"""Cases that are given to a process at once."""
Name = tuple[str, str]
"""Of a stretch: its flow, and its own."""
Class = tuple[Name, Request, str]
"""What is the same: the stretch, method and kind of address and answer, and the mishap."""
_ready: dict[Name, tuple[Stretch, Known, Before]] = {}


@dataclass(frozen=True, order=True)
class Case:
    """The mishap of this name at the `at`-th request of a stretch."""

    stretch: Name
    at: int
    mishap: str


def ready(flows: tuple[str, ...], keys: str) -> dict[Name, Known]:
    """Make the stretches of these flows in this process, once; what is known of each, by name."""
    if not _ready:
        warnings.simplefilter("ignore")
        in_one_thread()
        found = stretches(*flows, keys=Path(keys))
        _ready.update({(each.flow, each.name): (each, undisturbed(each), {}) for each in found})
    return {name: known for name, (_, known, _) in _ready.items()}


def tried(piece: list[Case], flows: tuple[str, ...], keys: str) -> list[Result]:
    """What these cases, which are of one stretch, came to."""
    ready(flows, keys)
    stretch, known, before = _ready[piece[0].stretch]
    wanted: dict[int, list[str]] = {}
    for each in piece:
        wanted.setdefault(each.at, []).append(each.mishap)
    return along(stretch, known, wanted, before)


def all_cases(known: dict[Name, Known]) -> dict[Class, list[Case]]:
    """Every mishap at every request that it can befall, by what is the same."""
    found: dict[Class, list[Case]] = {}
    for name, each in known.items():
        for at, (request, mishaps) in enumerate(zip(each.requests, each.mishaps, strict=True), 1):
            for mishap in mishaps:
                found.setdefault((name, request, mishap), []).append(Case(name, at, mishap))
    return found


def one_of_each(classes: dict[Class, list[Case]], seed: int) -> list[list[Case]]:
    """Of each flow and mishap one case, by the stretches in which they lie."""
    found: dict[Name, list[Case]] = {}
    for each in sorted(each for cases in classes.values() for each in cases):
        found.setdefault((each.stretch[0], each.mishap), []).append(each)
    chance = random.Random(seed)
    pieces: dict[Name, list[Case]] = {}
    for cases in found.values():
        each = chance.choice(cases)
        pieces.setdefault(each.stretch, []).append(each)
    return list(pieces.values())


def in_pieces(classes: dict[Class, list[Case]], seed: int) -> list[list[Case]]:
    """In the order in which they are tried: of each class one, taken by the seed, and only then the others."""
    chance = random.Random(seed)
    first = {chance.choice(cases) for cases in classes.values()}
    others = [each for cases in classes.values() for each in cases if each not in first]
    return [*_cut(first, chance), *_cut(others, chance)]


def _cut(cases: Iterable[Case], chance: random.Random) -> list[list[Case]]:
    pieces: list[list[Case]] = []
    for each in sorted(cases):
        if not pieces or len(pieces[-1]) == PIECE or pieces[-1][0].stretch != each.stretch:
            pieces.append([])
        pieces[-1].append(each)
    chance.shuffle(pieces)
    return pieces
