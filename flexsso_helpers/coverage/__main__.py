"""`python -m flexsso_helpers.coverage`: the whole onboarding in a rehearsal, in each mode, held against D01–D33.

Ends with 0 when every instruction is carried out and proved, 1 when there is a gap, and says which. With `--live`: the
failures of real onboardings, each played as a live run by a human (tests/scenarios/failures); 1 when one is missed.
"""

import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from flexsso_helpers import places
from flexsso_helpers.commands.exit_codes import MISUSE
from flexsso_helpers.commands.run import run_tenant
from flexsso_helpers.coverage import live
from flexsso_helpers.coverage.covered import Covered, covered
from flexsso_helpers.coverage.demo import parameters_for, quirks_for
from flexsso_helpers.coverage.instructions import LEGACY, MODES
from flexsso_helpers.ledger import read_evidence, read_ledger
from flexsso_helpers.output import looked_on
from flexsso_helpers.plan import FAILED, PROVED
from flexsso_helpers.wire import open_rehearsal

WIDE = 160


def covered_by(mode: str, folder: Path) -> list[Covered]:
    """What the run that left this folder covers."""
    made = {number for line in read_ledger(folder) for number in line.get("instructions", ())}
    return covered(mode, read_evidence(folder), made)


def run(mode: str, folder: Path) -> Path:
    """Go through all step notebooks in a rehearsal at its beginning; the folder that the run leaves."""
    tenant = parameters_for(mode)
    file = folder / f"{tenant['name']}.yaml"
    with file.open("w", encoding="utf-8") as text:
        YAML().dump({"tenant": tenant}, text)
    rehearsal_client = open_rehearsal(places.rehearsal(str(tenant["name"])))
    rehearsal_client.reset(quirks=quirks_for(mode), legacy=mode == LEGACY)
    try:
        result = run_tenant({"file": str(file), "apply": True, "folder": str(folder / mode)}, _tell)
        # What 06 could only be told of Console, the sign-ons of 08 have shown since.
        run_tenant({"file": str(file), "apply": True, "only": ["06"], "folder": str(folder / mode)}, _tell)
    finally:
        rehearsal_client.stop()
    for failed in (record for record in result["notebooks"] if record.get("error")):
        _tell(f"{failed['notebook']}\n{failed['error']}")
    return folder / mode


def show(console: Console, rows: list[Covered]) -> None:
    """The table, and the gaps below it."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("", "Instruction", "Mode", "Notebook", "Check", "Proved by"):
        table.add_column(column, no_wrap=column in ("", "Mode"))
    for row in rows:
        sign = "✗" if row.gap else "✓"
        words = f"{row.instruction.number} · {row.instruction.words}"
        cells = ("\n".join(row.notebooks), "\n".join(row.checks), "\n".join(row.proved_by))
        table.add_row(sign, words, row.mode, *cells)
    console.print(table)
    gaps = [row for row in rows if row.gap]
    for row in gaps:
        console.print(f"\n✗ {row.instruction.number}, {row.mode}: {row.gap}", markup=False, soft_wrap=True)
    console.print(f"\n{len(rows) - len(gaps)} of {len(rows)} instructions are carried out and proved.", markup=False)


def main() -> int:
    """Run, show, and say by the exit code whether there is a gap, or a failure that is missed."""
    if sys.argv[1:] == ["--live"]:
        return live.main()
    if sys.argv[1:]:
        _tell("Written without anything, or with --live.")
        return MISUSE
    folder = places.new_run_folder("coverage")
    rows = [row for mode in MODES for row in covered_by(mode, run(mode, folder))]
    show(Console(highlight=False, width=None if looked_on(sys.stdout) else WIDE), rows)
    return FAILED if any(row.gap for row in rows) else PROVED


def _tell(line: Any) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
