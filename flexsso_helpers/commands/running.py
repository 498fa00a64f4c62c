"""`flexsso run`, and what all commands share that run notebooks for tenants: choose, run, print, keep, end."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from flexsso_helpers import places
from flexsso_helpers.commands.board import Board
from flexsso_helpers.commands.command_line import misused, tell
from flexsso_helpers.commands.exit_codes import STOPPED
from flexsso_helpers.commands.kernel_forks import forks_for
from flexsso_helpers.commands.moments import moment_given
from flexsso_helpers.commands.result import nameless_result
from flexsso_helpers.commands.selection import Given, changed_since, choose, numbers_given, proved_today, step_notebooks
from flexsso_helpers.commands.summary import print_fleet, print_result
from flexsso_helpers.fleet.metrics import refuse_unwritable, write_metrics
from flexsso_helpers.fleet.overview import completed
from flexsso_helpers.fleet.page import fleet_page
from flexsso_helpers.fleet.record import Fleet, in_order, last_proved, leave
from flexsso_helpers.fleet.standing import Standing, standing
from flexsso_helpers.output import json_text
from flexsso_helpers.plan import FAILED, PROVED, worst

Show = Callable[[Console, dict[str, Any]], None]
WORKERS = 4
MINUTES = 120
WHOLE = 8
"""Of as many tenants each result is printed as a whole; of more, a line."""


def run(
    files: Annotated[list[str], typer.Argument(help="Tenants' files, or their names in parameters/.")],
    apply: Annotated[bool, typer.Option("--apply", help="Approve all planned changes but removals.")] = False,
    allow_removals: Annotated[bool, typer.Option("--allow-removals", help="Approve removals too.")] = False,
    only: Annotated[str | None, typer.Option(help="Numbers of the steps to run, such as 04,05.")] = None,
    workers: Annotated[
        int,
        typer.Option(
            "--workers", min=1, help="How many tenants are run side by side; with --on, the workers' threads are."
        ),
    ] = WORKERS,
    timeout: Annotated[float, typer.Option("--timeout", min=0.05, help="Minutes that one tenant may take.")] = MINUTES,
    go_on: Annotated[bool, typer.Option("--continue", help="Skip the tenants that were proved today.")] = False,
    since: Annotated[
        str, typer.Option("--changed-since", help="Only tenants whose files changed since: 2026-01-31, or 2d ago.")
    ] = "",
    record: Annotated[
        bool, typer.Option("--record", help="Keep the traffic, redacted, for `flexsso observe --recording FOLDER`.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Execute every notebook, also of steps that hold by one look.")
    ] = False,
    metrics: Annotated[Path | None, typer.Option("--metrics", help="Write a file for Prometheus.")] = None,
    on: Annotated[str, typer.Option("--on", help="Run on a cluster of dask.distributed: dask://HOST:PORT.")] = "",
    names: Annotated[
        bool, typer.Option("--names/--no-names", help="Without: what is printed, and the fleet page, name nobody.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")] = False,
) -> None:
    """Run the step notebooks for each tenant and say what came of it."""
    scheduler = misused(lambda: _scheduler(on)) if on else ""
    steps = misused(lambda: numbers_given(only)) if only is not None else []
    notebooks = misused(lambda: step_notebooks(steps))
    given = misused(lambda: choose(files))
    now = datetime.now(UTC)
    if since:
        moment = misused(lambda: moment_given(since, now))
        given = tuple(changed_since(each, moment) for each in given)
    if go_on:
        numbers = [path.name[:2] for path in notebooks]
        given = tuple(proved_today(each, numbers, now) for each in given)
    asked = {"apply": apply, "allow_removals": allow_removals, "only": steps, "record": record, "full": full}
    asked["timeout"] = timeout * 60
    run_all(given, asked, print_result, as_json, workers=workers, metrics=metrics, scheduler=scheduler, names=names)


def run_all(
    given: Sequence[Given],
    asked: Mapping[str, Any],
    show: Show,
    as_json: bool,
    *,
    alone: bool = False,
    workers: int = WORKERS,
    metrics: Path | None = None,
    scheduler: str = "",
    names: bool = True,
) -> NoReturn:
    """Run what is asked for each tenant, print what came of it, and end as the worst of them, or by Ctrl-C.

    Of several tenants a record and a page are left. Without `names` nothing of that names a person; what lies in the
    run's folder stays whole. `alone` prints the one result as it is and not as a list. `scheduler` is that of a
    cluster, which runs them in place of this machine. Raises Unreachable where none answers, and BadParameter where
    metrics could not be written.
    """
    if metrics:
        _refuse_unwritable(metrics)
    os.umask(0o077)  # whatever a run and its kernels leave is for whoever runs it
    started = _moment()
    with nullcontext() if scheduler else forks_for(given) as forks:
        # papermill takes seconds to load: wrong use is told before, and the parent of kernels loads meanwhile
        from flexsso_helpers.commands.run import run_tenants
        from flexsso_helpers.commands.stopping import Stopping, ended_as_by_ctrl_c

        stopping = Stopping()
        with ended_as_by_ctrl_c(), Board([each.called for each in given if not each.skipped]) as board:
            if scheduler:
                from flexsso_helpers.commands.cluster import run_on

                results = run_on(scheduler, given, asked, board, stopping, ended=board.ended)
            else:
                results = run_tenants(given, asked, board, stopping, workers=workers, ended=board.ended, forks=forks)
    results = results if names else [nameless_result(each) for each in results]
    fleet = Fleet(started, _moment(), {"command": "run", **asked}, in_order([_stands(each) for each in results]))
    left = _left(fleet, metrics, several=len(given) > 1)
    if as_json:
        print(json_text(results[0] if alone else results))
    else:
        console = Console(highlight=False)
        for result in results if len(results) <= WHOLE else ():
            show(console, result)
        if len(results) > 1:
            print_fleet(console, fleet, left, whole=len(results) > WHOLE)
    outcome = worst(result["outcome"] for result in results if "skipped" not in result) if results else PROVED
    raise typer.Exit(STOPPED if stopping.asked else outcome if left is not None else FAILED)


def _scheduler(on: str) -> str:
    from flexsso_helpers.commands.cluster import address  # as for run

    return address(on)


def _refuse_unwritable(metrics: Path) -> None:
    try:
        refuse_unwritable(metrics)
    except OSError as error:
        raise typer.BadParameter(
            f"--metrics {metrics} cannot be written: {error.strerror}. Name a file in a folder that is there."
        ) from error


def _left(fleet: Fleet, metrics: Path | None, *, several: bool) -> str | None:
    """Leave record and page, then metrics; where the page is, or None when one of them could not be written."""
    runs = places.runs()
    left: str | None = ""
    try:
        if several:
            left = str(leave(runs, fleet, fleet_page(fleet, runs)).with_suffix(".html"))
    except OSError as error:
        tell(f"What this run came to could not be written to {error.filename or runs}: {error.strerror}.")
        left = None
    try:
        if metrics:
            write_metrics(metrics, fleet, runs)
    except OSError as error:
        tell(f"The metrics could not be written to {metrics}: {error.strerror}.")
        left = None
    return left


def _stands(result: Mapping[str, Any]) -> Standing:
    stands, runs = standing(result), places.runs()
    if stands.proved_at or "skipped" in result:
        return stands
    proved = last_proved(runs, stands.tenant)
    stands = completed(stands, runs / stands.tenant, datetime.now(UTC))
    return replace(stands, proved_at=proved["ended"]) if proved else stands


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
