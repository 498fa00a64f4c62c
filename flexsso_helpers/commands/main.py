"""The `flexsso` command: parse, call, print. Ends with 0 proved, 2 changes, 3 waiting, 1 failed, 64 wrong use."""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from flexsso_helpers import output, places
from flexsso_helpers.clouds import LIVE_CLOUDS
from flexsso_helpers.commands.exit_codes import MISUSE
from flexsso_helpers.commands.selection import choose
from flexsso_helpers.commands.summary import print_result, print_settings
from flexsso_helpers.errors import FlexSSOError, ParametersError
from flexsso_helpers.parameters import explain, find, schema
from flexsso_helpers.plan import FAILED, PROVED, worst
from flexsso_helpers.rehearsal.server import server
from flexsso_helpers.rehearsal.server.server import ClockKind
from flexsso_helpers.rehearsal.world.faults import load as load_faults
from flexsso_helpers.rehearsal.world.quirks import QUIRKS, Quirk, Quirks
from flexsso_helpers.saml.expected import Signed
from flexsso_helpers.wire.rehearsal_client import find_door, open_door

T = TypeVar("T")
# typer carries a click of its own; the root of its "used wrongly" errors is found from the one that it shows.
WRONG_USE: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
WIDE = 160  # for files and pipes: nobody wants an id in two pieces there

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Connect Entra ID to Twilio Flex by SAML, and prove it."
)
rehearsal = typer.Typer(no_args_is_help=True, help="Practise without any account: a loopback server plays both sides.")
app.add_typer(rehearsal, name="rehearsal")

Folder = Annotated[Path | None, typer.Option(help="Where the rehearsal's state lies; by default that of its name.")]
QuirkOption = Annotated[
    list[str] | None, typer.Option(help="An open question answered, as name=value; may be given several times.")
]
Name = Annotated[str, typer.Argument(help="Name of the rehearsal's file in parameters/.")]


@app.command()
def run(
    files: Annotated[list[str], typer.Argument(help="Tenants' files, or their names in parameters/.")],
    apply: Annotated[bool, typer.Option("--apply", help="Approve all planned changes but removals.")] = False,
    allow_removals: Annotated[bool, typer.Option("--allow-removals", help="Approve removals too.")] = False,
    only: Annotated[str, typer.Option(help="Numbers of the steps to run, such as 04,05.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")] = False,
) -> None:
    """Run the step notebooks for each tenant and say what came of it."""
    from flexsso_helpers.commands.run import run_tenants, step_notebooks  # papermill takes a second to load

    steps = [number.strip() for number in only.split(",") if number.strip()]
    _misused(lambda: step_notebooks(steps))
    given = _misused(lambda: choose(files))
    results = run_tenants(given, {"apply": apply, "allow_removals": allow_removals, "only": steps}, _tell)
    if as_json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
    else:
        console = Console(highlight=False)
        for result in results:
            print_result(console, result)
    raise typer.Exit(worst(result["outcome"] for result in results if "skipped" not in result))


@app.command("init")
def begin_folder(
    folder: Annotated[Path, typer.Argument(help="Folder to work in; it is made where there is none.")],
) -> None:
    """Put notebooks and first files into a folder, for whoever installed the package. Nothing there is overwritten."""
    from flexsso_helpers.commands.init import begin, told  # as for run

    try:
        print(told(begin(folder)))
    except OSError as error:
        raise typer.BadParameter(f"{error.filename or folder}: {error.strerror}.") from error


@app.command("guide")
def guide_person(
    name: Annotated[str, typer.Argument(help="Name of a tenant's file in parameters/.")] = "practice",
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin with a new copy of the notebooks.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Open a tenant's notebooks in JupyterLab, on a copy under runs/; without a name, to practise in the rehearsal."""
    from flexsso_helpers.commands.guide import guide  # nbformat takes a moment to load

    _file(name)
    raise typer.Exit(guide(name, fresh=fresh, browser=not no_browser, told=partial(print, flush=True)))


@app.command("doctor")
def examine_machine(
    name: Annotated[str, typer.Argument(help="A tenant's file, or its name, to look at its way out and rights.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON and nothing else.")] = False,
) -> None:
    """Look whether this machine is ready, and with a name whether that tenant is; each line with what mends it."""
    from flexsso_helpers.commands import doctor  # as for run

    lines = asyncio.run(doctor.examine(name))
    print(json.dumps(doctor.as_json(lines), ensure_ascii=False, indent=1) if as_json else doctor.text(lines))
    raise typer.Exit(FAILED if doctor.failed(lines) else PROVED)


@app.command("schema")
def print_schema(
    result: Annotated[bool, typer.Option("--result", help="That of a run's result instead.")] = False,
) -> None:
    """Print the JSON schema of a tenant's file, or of what `run --json` prints and result.json holds."""
    from flexsso_helpers.commands.result import result_schema  # as for run

    print(json.dumps(result_schema() if result else schema(), indent=2, ensure_ascii=False))


@app.command("show")
def show_tenant(
    file: Annotated[str, typer.Argument(help="A tenant's file, or its name in parameters/.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print as JSON and nothing else, each person included.")
    ] = False,
) -> None:
    """Show what a tenant's file comes to, and where each value stands. Nothing is contacted."""
    explained = explain(_file(file))
    if as_json:
        print(json.dumps(explained.as_json(), ensure_ascii=False, indent=1))
    else:
        print_settings(Console(highlight=False, width=None if sys.stdout.isatty() else WIDE), explained)


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
    verdict = _misused(lambda: answer(asked))
    _misused(lambda: keep(asked, verdict))
    print(json.dumps(verdict.as_json(), ensure_ascii=False, indent=1) if as_json else verdict.card())
    raise typer.Exit(verdict.exit_code)


@rehearsal.command()
def serve(
    name: Name = "rehearsal",
    folder: Folder = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes that of the last start, else a free one.")] = 0,
    clock: Annotated[ClockKind, typer.Option(help="Time passes by itself, or only when a client lets it.")] = "wall",
    seed: Annotated[int, typer.Option(help="Number of the company that is made up.")] = 1,
    idle: Annotated[float, typer.Option(help="Seconds without a request after which the server ends.")] = 600.0,
    quirk: QuirkOption = None,
    faults: Annotated[Path | None, typer.Option(help="Script of faults, YAML or JSON.")] = None,
    people: Annotated[int | None, typer.Option(help="How many people the company has; 40, unless said.")] = None,
    cloud: Annotated[str | None, typer.Option(help=f"One of {', '.join(LIVE_CLOUDS)}.")] = None,
) -> None:
    """Serve a rehearsal in the foreground; it ends by itself when nobody asks for a while.

    Quirks, faults, people and cloud hold for later starts too; another cloud or number of people begins anew.
    """
    if cloud is not None and cloud not in LIVE_CLOUDS:
        raise typer.BadParameter(f"There is no cloud {cloud}; there are {', '.join(LIVE_CLOUDS)}.")
    try:
        server.serve(
            folder or places.rehearsal(name),
            port=port,
            seed=seed,
            idle_seconds=idle,
            quirks=_chosen(quirk),
            cloud=cloud,
            people=people,
            faults=load_faults(faults) if faults else None,
            clock=clock,
        )
    except (KeyError, ValueError, FileNotFoundError) as error:
        raise typer.BadParameter(str(error.args[0] if isinstance(error, KeyError) else error)) from error


@rehearsal.command("quirks")
def print_quirks(as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """List what no source could settle: alternatives (the first is the default), what is expected, and the source."""
    if as_json:
        found = {name: asdict(each) for name, each in sorted(QUIRKS.items())}
        print(json.dumps(found, ensure_ascii=False, indent=1, default=dict))
        return
    for name, each in sorted(QUIRKS.items()):
        print(f"{name}: {each.source}" if each.source else name)
        for choice in each.choices:
            print(f"  {choice}: {_expected(each.expects.get(choice, ''))}{_there(each, choice)}")


def _there(each: Quirk, choice: str) -> str:
    """What is expected where the answer counts, if that is another end."""
    return f"; {_expected(each.there[choice])} where {each.when}" if choice in each.there else ""


def _expected(end: str | tuple[str, ...]) -> str:
    """What is expected of the runbook, in words."""
    return end if isinstance(end, str) else f"refused in {end[2]} ({end[1]})"


@rehearsal.command()
def status(
    name: Name = "rehearsal",
    folder: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Say whether the rehearsal is running, and what was asked of it."""
    door = find_door(folder or places.rehearsal(name))
    found: dict[str, Any] = {"running": door is not None, **(door.status() if door else {})}
    if as_json:
        print(json.dumps(found))
    elif door is None:
        print("Not running. It starts by itself when a notebook opens its tenant.")
    else:
        writes = ", ".join(f"{count} {what.replace('_', '-')}" for what, count in found["writes"].items())
        print(f"Running at {door.face('https://flex.twilio.com')}\n{found['requests']} requests; writes: {writes}")


@rehearsal.command()
def reset(
    name: Name = "rehearsal",
    folder: Folder = None,
    before: Annotated[str, typer.Option(help="Put it to how it stands before this notebook, such as 04.")] = "",
    quirk: QuirkOption = None,
    no_quirks: Annotated[bool, typer.Option("--no-quirks", help="Back to the first alternatives.")] = False,
) -> None:
    """Put the rehearsal back to its beginning, or to before a notebook; quirks stay as chosen unless others are."""
    chosen = {} if no_quirks else _chosen(quirk)
    open_door(folder or places.rehearsal(name)).reset(before or None, quirks=chosen)
    print(f"The rehearsal stands {f'before notebook {before}' if before else 'at its beginning'}.")


@rehearsal.command()
def stop(name: Name = "rehearsal", folder: Folder = None) -> None:
    """End the server; the rehearsal's state stays."""
    door = find_door(folder or places.rehearsal(name))
    if door:
        door.stop()
    print("The rehearsal has ended; it goes on where it stood when a notebook opens its tenant.")


def _chosen(given: list[str] | None) -> dict[str, str] | None:
    """Quirks given as name=value. Raises typer.BadParameter for one that there is not."""
    if not given:
        return None
    pairs = [text.partition("=") for text in given]
    if wrong := [text for text, (_, joint, _) in zip(given, pairs, strict=True) if not joint]:
        raise typer.BadParameter(f"A quirk is given as name=value, not as {wrong[0]!r}.")
    chosen = {name.strip(): value.strip() for name, _, value in pairs}
    try:
        Quirks(chosen)
    except (KeyError, ValueError) as error:
        raise typer.BadParameter(f"{error.args[0]} `flexsso rehearsal quirks` lists them.") from error
    return chosen


def _file(name: str) -> Path:
    """The tenant's file. A name that leads nowhere is a misuse of the command."""
    return _misused(lambda: find(name, folder=places.parameters()))


def _tell(line: str) -> None:
    """Progress goes beside the result, so that `--json` stays JSON."""
    print(line, file=sys.stderr, flush=True)


def _misused(ask: Callable[[], T]) -> T:
    """What `ask` gives; its ParametersError means that the command was used wrongly."""
    try:
        return ask()
    except ParametersError as error:
        raise typer.BadParameter(str(error)) from error


def main() -> None:
    """Run the command; errors for people instead of tracebacks."""
    output.settle()
    try:
        code = app(standalone_mode=False)
    except WRONG_USE as error:
        error.show()
        sys.exit(MISUSE)
    except typer.Abort:
        sys.exit(MISUSE)
    except FlexSSOError as error:
        print(error, file=sys.stderr)
        sys.exit(FAILED)
    sys.exit(code or 0)


if __name__ == "__main__":
    main()
