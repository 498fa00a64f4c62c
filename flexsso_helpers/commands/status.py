"""`flexsso status`: how far a tenant is, by what its runs left. Nothing is contacted."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from flexsso_helpers import places
from flexsso_helpers.commands.command_line import tenants_file
from flexsso_helpers.history import History, history_of
from flexsso_helpers.output import json_text
from flexsso_helpers.parameters import load
from flexsso_helpers.plan.progress import Progress, of_progress


def status(
    name: Annotated[str, typer.Argument(help="A tenant's file, or its name in parameters/.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON and nothing else.")] = False,
) -> None:
    """Show how far a tenant is: each step, what is open and whose it is, what comes next, and the notes."""
    found = history_of(places.runs() / load(tenants_file(name)).name)
    told = found.progress()
    print(json_text(_plain(told, found)) if as_json else of_progress(told, folded=False).text)
    raise typer.Exit(told.outcome)


def _plain(told: Progress, found: History) -> dict[str, Any]:
    target = asdict(told.target) | {"rehearsal": told.target.rehearsal} if told.target else None
    return {
        "target": target,
        "outcome": told.outcome,
        "next": told.next,
        "steps": [asdict(each) for each in told.stages],
        "open": [asdict(each) for each in told.points],
        "notes": [{key: note[key] for key in ("at", "by", "text", "done")} for note in found.notes],
    }
