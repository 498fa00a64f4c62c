"""`flexsso handover`: make a tenant's handover anew, or compare it with the files that it rests on."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from flexsso_helpers import places
from flexsso_helpers.commands.command_line import misused, tenants_file
from flexsso_helpers.parameters import load
from flexsso_helpers.plan import FAILED


def handover(
    name: Annotated[str, typer.Argument(help="A tenant's file, or its name in parameters/.")],
    verify: Annotated[bool, typer.Option("--verify", help="Compare ledger, evidence and notebooks with it.")] = False,
    language: Annotated[str, typer.Option(help="Of the page, such as de; else that of the tenant's file.")] = "",
) -> None:
    """Make the handover page of a tenant anew from all its runs, or compare it with the files that it rests on."""
    from flexsso_helpers.handover import writing  # as for run

    tenant = load(tenants_file(name))
    runs, language = places.runs() / tenant.name, language or tenant.handover.language
    if not verify:
        run = writing.last_run(runs)
        with places.kept_in(run or runs):
            page = misused(lambda: writing.write_handover(run, language)) if run else None
        print(page or f"Nothing is proved yet: {runs} holds no run with a proof.")
        raise typer.Exit(0 if page else FAILED)
    lines, right = verified(runs)
    print("\n".join(lines))
    raise typer.Exit(0 if right else FAILED)


def verified(runs: Path) -> tuple[list[str], bool]:
    """What came of the comparison, and whether nothing was changed or is missing."""
    from flexsso_helpers.handover import sums, writing

    found = writing.newest(runs)
    if found is None:
        return [f"There is no handover below {runs}."], False
    folder, record = found
    now = sums.compared(record.files, runs)
    lines = [f"{path}: {words}" for path, words in now.items() if words != sums.SAME]
    right = all(words in (sums.SAME, sums.GROWN) for words in now.values())
    if sums.checksum(record.files) != record.checksum:
        lines, right = [*lines, "The list of files is not the one that the checksum is of."], False
    counted = ", ".join(f"{number} {words}" for words, number in Counter(now.values()).items())
    told = [f"{folder / writing.DATA}: {len(now)} files, {counted}."]
    return [
        *lines,
        *told,
        f"Checksum {record.checksum}: compare it with the one on the page that was handed over.",
    ], right
