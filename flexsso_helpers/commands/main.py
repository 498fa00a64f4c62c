"""The `flexsso` command: parse, call, print. Ends with 0 proved, 2 changes, 3 waiting, 1 failed, 64 wrong use."""

import asyncio
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from flexsso_helpers import output
from flexsso_helpers.commands.command_line import misused, tenants_file
from flexsso_helpers.commands.exit_codes import MISUSE, STOPPED
from flexsso_helpers.commands.handover import handover
from flexsso_helpers.commands.observe import observe
from flexsso_helpers.commands.prepare import prepare
from flexsso_helpers.commands.rehearsal import rehearsal
from flexsso_helpers.commands.running import MINUTES, WORKERS, run, run_all
from flexsso_helpers.commands.runs import runs
from flexsso_helpers.commands.selection import choose
from flexsso_helpers.commands.status import status
from flexsso_helpers.commands.summary import print_settings, print_with_checks
from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.output import json_text, looked_on
from flexsso_helpers.parameters import explain, schema
from flexsso_helpers.places import of_writing
from flexsso_helpers.plan import FAILED, PROVED
from flexsso_helpers.saml.expected import Signed

# typer carries a click of its own; the root of its "used wrongly" errors is found from the one that it shows.
WRONG_USE: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
WIDE = 160  # for files and pipes: nobody wants an id in two pieces there

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Connect Entra ID to Twilio Flex by SAML, and prove it."
)
app.add_typer(rehearsal, name="rehearsal")
app.add_typer(runs, name="runs")
app.command()(handover)
app.command()(observe)
app.command()(prepare)
app.command()(run)
app.command()(status)


@app.command("drift")
def check_drift(
    files: Annotated[list[str], typer.Argument(help="Tenants' files, or their names in parameters/.")],
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="How many tenants are looked at side by side.")
    ] = WORKERS,
    timeout: Annotated[float, typer.Option("--timeout", min=0.05, help="Minutes that one tenant may take.")] = MINUTES,
    metrics: Annotated[Path | None, typer.Option("--metrics", help="Write a file for Prometheus.")] = None,
    names: Annotated[
        bool, typer.Option("--names/--no-names", help="Without: what is printed, and the fleet page, name nobody.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")] = False,
) -> None:
    """Say for each tenant what has moved since it was set up, and what ends soon. Nothing is written."""
    given = misused(lambda: choose(files))
    asked = {"command": "drift", "notebook": "20", "timeout": timeout * 60}
    run_all(given, asked, print_with_checks, as_json, workers=workers, metrics=metrics, names=names)


@app.command("rotate")
def rotate_certificate(
    name: Annotated[str, typer.Argument(help="A tenant's file, or its name in parameters/.")],
    phase: Annotated[str, typer.Option("--phase", help="stage, activate, roll_back or clean_up.")],
    apply: Annotated[bool, typer.Option("--apply", help="Approve the planned change.")] = False,
    allow_removals: Annotated[bool, typer.Option("--allow-removals", help="Approve what clean_up removes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")] = False,
) -> None:
    """Exchange the signing certificate, a phase at a time; without --apply it only plans."""
    from flexsso_helpers.sections.rotation.step import PHASES  # the sections take a second to load

    if phase not in PHASES:
        raise typer.BadParameter(f"There is no phase {phase!r}: --phase {'|'.join(PHASES)}.")
    asked = {"command": "rotate", "notebook": "21", "parameters": {"phase": phase}}
    _run_one(name, asked | {"apply": apply, "allow_removals": allow_removals}, as_json)


@app.command("init")
def begin_folder(
    folder: Annotated[Path, typer.Argument(help="Folder to work in; it is made where there is none.")],
) -> None:
    """Put notebooks and first files into a folder, for whoever installed the package. Nothing there is overwritten."""
    from flexsso_helpers.commands.init import begin, told  # as for run

    try:
        print(told(begin(folder)))
    except OSError as error:
        raise typer.BadParameter(f"{error.filename or folder} cannot be written: {error.strerror}.") from error


@app.command("guide")
def guide_person(
    name: Annotated[str, typer.Argument(help="Name of a tenant's file in parameters/.")] = "practice",
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin with a new copy of the notebooks.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    present: Annotated[
        bool, typer.Option("--present", help="For a customer to see: code folded, larger type.")
    ] = False,
    slow: Annotated[bool, typer.Option("--slow", help="In a rehearsal, let waits last as long as they would.")] = False,
) -> None:
    """Open a tenant's notebooks in JupyterLab, on a copy under runs/; without a name, to practise in the rehearsal."""
    from flexsso_helpers.commands.guide import guide  # nbformat takes a moment to load

    tenants_file(name)
    told = partial(print, flush=True)
    raise typer.Exit(guide(name, fresh=fresh, browser=not no_browser, present=present, slow=slow, told=told))


@app.command("doctor")
def examine_machine(
    name: Annotated[str, typer.Argument(help="A tenant's file, or its name, to look at its way out and rights.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON and nothing else.")] = False,
) -> None:
    """Look whether this machine is ready, and with a name whether that tenant is; each line with what mends it."""
    from flexsso_helpers.commands import doctor  # as for run

    lines = asyncio.run(doctor.examine(name))
    print(json_text(doctor.as_json(lines)) if as_json else doctor.text(lines))
    raise typer.Exit(FAILED if doctor.failed(lines) else PROVED)


@app.command("people")
def change_users(
    name: Annotated[str, typer.Argument(help="A tenant's file, or its name in parameters/.")],
    file: Annotated[str, typer.Argument(help="CSV file: user, role. By default NAME.people.csv beside it.")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Approve all planned changes but removals.")] = False,
    allow_removals: Annotated[bool, typer.Option("--allow-removals", help="Approve removals too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")] = False,
) -> None:
    """Compare a list of people with who is assigned, and with who is at Flex: who joins, leaves or changes role."""
    from flexsso_helpers.sections.user_changes.given import of_csv  # as for rotate

    path = Path(file).resolve() if file else None
    if path:
        misused(lambda: of_csv(path))
    asked = {"command": "people", "notebook": "22", "parameters": {"people": str(path) if path else None}}
    _run_one(name, asked | {"apply": apply, "allow_removals": allow_removals}, as_json)


@app.command("undo")
def undo_what_was_written(
    name: Annotated[str, typer.Argument(help="A tenant's file, or its name in parameters/.")],
    apply: Annotated[bool, typer.Option("--apply", help="Approve what is given back.")] = False,
    allow_removals: Annotated[bool, typer.Option("--allow-removals", help="Approve what is taken away too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")] = False,
) -> None:
    """Give back what stood there before, by the ledgers of all runs of this tenant; without --apply it only plans."""
    asked = {"command": "undo", "notebook": "29", "apply": apply, "allow_removals": allow_removals}
    _run_one(name, asked, as_json)


def _run_one(name: str, asked: Mapping[str, Any], as_json: bool) -> NoReturn:
    """One tenant, whose result is printed as it is and not as a list."""
    run_all(misused(lambda: choose([name])), asked, print_with_checks, as_json, alone=True)


@app.command("schema")
def print_schema(
    result: Annotated[bool, typer.Option("--result", help="That of a run's result instead.")] = False,
    of_handover: Annotated[bool, typer.Option("--handover", help="That of handover.json instead.")] = False,
) -> None:
    """Print the JSON schema of a tenant's file, of a run's result (`run --json`, result.json), or of handover.json."""
    from flexsso_helpers.commands.result import result_schema  # as for run
    from flexsso_helpers.handover import handover_schema

    asked = handover_schema if of_handover else result_schema if result else schema
    print(json_text(asked(), indent=2))


@app.command("show")
def show_tenant(
    file: Annotated[str, typer.Argument(help="A tenant's file, or its name in parameters/.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print as JSON and nothing else, each person included.")
    ] = False,
) -> None:
    """Show what a tenant's file comes to, and where each value stands. Nothing is contacted."""
    explained = explain(tenants_file(file))
    if as_json:
        print(json_text(explained.as_json()))
    else:
        print_settings(Console(highlight=False, width=None if looked_on(sys.stdout) else WIDE), explained)


@app.command("judge")
def judge_response(
    file: Annotated[str, typer.Argument(help="A response as saved, a HAR, a form dump, an error page; - reads stdin.")],
    tenant: Annotated[str, typer.Option(help="Judge for Flex, against this tenant's live configuration.")] = "",
    metadata: Annotated[str, typer.Option(help="Judge for any SAML application, by this metadata file.")] = "",
    identifier: Annotated[str | None, typer.Option(help="Identifier (entity ID) of that application.")] = None,
    reply_url: Annotated[str | None, typer.Option(help="Reply URL of that application.")] = None,
    require: Annotated[Signed, typer.Option(help="What has to be signed.")] = "both",
    at: Annotated[str, typer.Option(help="Judge for this moment, such as 2026-01-31T12:00:00Z; by default now.")] = "",
    user: Annotated[str, typer.Option(help="User principal name of the person who signed in.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON and nothing else.")] = False,
    page: Annotated[str, typer.Option("--html", help="Write a page to attach to a ticket; it names nobody.")] = "",
    names: Annotated[bool, typer.Option("--names", help="Let that page say who the person is.")] = False,
) -> None:
    """Say what a SAML response proves: 0 accepted, 1 rejected, 3 undecided without a certificate, or no response."""
    from flexsso_helpers.commands.judge.command import Asked, answer, keep  # as for run

    asked = Asked(
        file=file, tenant=tenant, metadata=metadata, identifier=identifier, reply_url=reply_url,
        require=require, at=at, user=user, page=page, names=names,
    )  # fmt: skip
    verdict = misused(lambda: answer(asked))
    misused(lambda: keep(asked, verdict))
    print(json_text(verdict.as_json()) if as_json else verdict.card())
    raise typer.Exit(verdict.exit_code)


def main() -> None:
    """Run the command; errors for people instead of tracebacks."""
    output.make_lenient()
    try:
        code = app(standalone_mode=False)
    except WRONG_USE as error:
        error.show()
        sys.exit(MISUSE)
    except typer.Abort:  # Ctrl-C
        sys.exit(STOPPED)
    except FlexSSOError as error:
        print(error, file=sys.stderr)
        sys.exit(FAILED)
    except OSError as error:
        not_kept = of_writing(error)
        if not_kept is None:
            raise
        print(not_kept, file=sys.stderr)
        sys.exit(FAILED)
    sys.exit(code or 0)


if __name__ == "__main__":
    main()
