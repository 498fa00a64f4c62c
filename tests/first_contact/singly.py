"""One answer played by itself, or many by a seed, and what the contact made of it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from contacting import ANYWHERE, CIRCUMSTANCES, contact, mixed_at_random, wrong

import flexsso_helpers.rehearsal.server.server  # noqa: F401 - so that every quirk is declared

Case = tuple[str, str] | int
"""A question and the answer that is played, or the seed of many."""


class Done(NamedTuple):
    """What came of a case; `mistakes` in words."""

    case: Case
    named: bool
    mistakes: tuple[str, ...]


def tried(case: Case) -> Done:
    """One contact."""
    if isinstance(case, int):
        quirks, there = mixed_at_random(case)
    else:
        there = CIRCUMSTANCES.get(case[0], ANYWHERE)
        quirks = {**there.quirks, case[0]: case[1]}
    with TemporaryDirectory() as folder:
        done = contact(Path(folder), quirks=quirks, there=there)
        told = dict(done.found.told)
        named = isinstance(case, int) or told.get(case[0]) == case[1]
        mistakes = [f"{name}: {pair[0]} for {pair[1]}" for name, pair in wrong(told, quirks).items()]
        mistakes += [] if named else [next(each.why for each in done.found.verdicts if each.quirk == case[0])]
        mistakes += [] if done.found.clean and done.as_before() else ["the tenant is not as it was"]
    return Done(case, named, tuple(mistakes))
