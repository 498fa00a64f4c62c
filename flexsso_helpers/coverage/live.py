"""The failures of real onboardings as a live run meets them: prevented, detected early, explained, or missed.

They are scenario files of the project's tests, which a checkout has and an installed package has not.
"""

import importlib
import sys
from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table

from flexsso_helpers import places
from flexsso_helpers.commands.exit_codes import MISUSE
from flexsso_helpers.output import looked_on
from flexsso_helpers.plan import FAILED, PROVED

WIDE = 160
VERDICTS = ("prevented", "detected", "explained", "missed")
LONGEST = 200
"""Characters of the sentence that the table shows."""


def main() -> int:
    """Play all, print the table, and count; 1 when one is missed or comes out otherwise than its file says."""
    scenarios = places.project() / "tests" / "scenarios"
    if not (scenarios / "failures.py").is_file():
        print(f"The failures are part of a checkout; there are none in {scenarios}.", file=sys.stderr)
        return MISUSE
    sys.path[:0] = [str(scenarios.parent), str(scenarios.parent / "sections"), str(scenarios)]
    rows = importlib.import_module("failures").table()
    _show(Console(highlight=False, width=None if looked_on(sys.stdout) else WIDE), rows)
    counted = Counter(outcome.verdict for _, outcome, _ in rows)
    otherwise = [failure.number for failure, _, expected in rows if not expected]
    if otherwise:
        print(f"Otherwise than their files say: {', '.join(map(str, otherwise))}")
    print(", ".join(f"{verdict} {counted[verdict]}" for verdict in VERDICTS))
    return FAILED if otherwise or counted["missed"] else PROVED


def _show(console: Console, rows: list[Any]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("", "Failure", "Verdict", "Notebook", "What is said"):
        table.add_column(column, no_wrap=column in ("", "Verdict", "Notebook"), overflow="fold")
    for failure, outcome, _ in rows:
        said = " ".join(outcome.sentence.split())
        shown = said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"
        table.add_row(str(failure.number), failure.title, outcome.verdict, outcome.where, shown)
    console.print(table)
