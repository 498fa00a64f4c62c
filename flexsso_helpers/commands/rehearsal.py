"""`flexsso rehearsal`: serve it, ask how it stands, put it back, and the open questions that it can play."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from flexsso_helpers import places
from flexsso_helpers.clouds import LIVE_CLOUDS
from flexsso_helpers.commands.command_line import misused
from flexsso_helpers.wire.rehearsal_client import find_rehearsal, open_rehearsal

if TYPE_CHECKING:
    from flexsso_helpers.rehearsal.world.quirks import Quirk

rehearsal = typer.Typer(no_args_is_help=True, help="Practise without any account: a loopback server plays both sides.")

Folder = Annotated[Path | None, typer.Option(help="Where the rehearsal's state lies; by default that of its name.")]
Clock = Annotated[
    Literal["wall", "virtual"], typer.Option(help="Time passes by itself, or only when a client lets it.")
]
QuirkOption = Annotated[
    list[str] | None, typer.Option(help="An open question answered, as name=value; may be given several times.")
]
Name = Annotated[str, typer.Argument(help="Name of the rehearsal's file in parameters/.")]


@rehearsal.command()
def serve(
    name: Name = "rehearsal",
    folder: Folder = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes that of the last start, else a free one.")] = 0,
    clock: Clock = "wall",
    seed: Annotated[int, typer.Option(help="Number of the company that is made up.")] = 1,
    idle: Annotated[float, typer.Option(help="Seconds without a request after which the server ends.")] = 600.0,
    quirk: QuirkOption = None,
    faults: Annotated[Path | None, typer.Option(help="Script of faults, YAML or JSON.")] = None,
    people: Annotated[int | None, typer.Option(help="How many people the company has; 40, unless said.")] = None,
    cloud: Annotated[str | None, typer.Option(help=f"One of {', '.join(LIVE_CLOUDS)}.")] = None,
    observed: Annotated[
        Path | None, typer.Option("--as", help="observations.yaml of a first contact: play that tenant.")
    ] = None,
) -> None:
    """Serve a rehearsal in the foreground; it ends by itself when nobody asks for a while.

    Quirks, faults, people and cloud hold for later starts too; another cloud or number of people begins anew. What is
    said by --quirk and --cloud counts more than what was observed.
    """
    from flexsso_helpers.rehearsal.server import server  # a third of what every command would load
    from flexsso_helpers.rehearsal.world.faults import load as load_faults

    chosen = _chosen(quirk)
    if observed:
        seen, its_cloud = _observed(observed)
        chosen, cloud = {**seen, **(chosen or {})}, cloud or its_cloud or None
    if cloud is not None and cloud not in LIVE_CLOUDS:
        raise typer.BadParameter(f"There is no cloud {cloud}; there are {', '.join(LIVE_CLOUDS)}.")
    try:
        server.serve(
            places.private(folder or places.rehearsal(name)),
            port=port,
            seed=seed,
            idle_seconds=idle,
            quirks=chosen,
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
    known = sorted(_quirks().QUIRKS.items())
    if as_json:
        found = {name: asdict(each) for name, each in known}
        print(json.dumps(found, ensure_ascii=False, indent=1, default=dict))
        return
    for name, each in known:
        print(f"{name}: {each.source}" if each.source else name)
        for choice in each.choices:
            print(f"  {choice}: {_expected(each.expects.get(choice, ''))}{_there(each, choice)}")


def _quirks() -> Any:
    """The module of quirks, once all rooms have declared theirs."""
    from flexsso_helpers.rehearsal.server import server  # noqa: F401 - it loads them all
    from flexsso_helpers.rehearsal.world import quirks

    return quirks


def _there(each: "Quirk", choice: str) -> str:
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
    rehearsal_client = find_rehearsal(folder or places.rehearsal(name))
    found: dict[str, Any] = {
        "running": rehearsal_client is not None,
        **(rehearsal_client.status() if rehearsal_client else {}),
    }
    if as_json:
        print(json.dumps(found))
    elif rehearsal_client is None:
        print("Not running. It starts by itself when a notebook opens its tenant.")
    else:
        writes = ", ".join(f"{count} {what.replace('_', '-')}" for what, count in found["writes"].items())
        print(f"Running at {rehearsal_client.face('https://flex.twilio.com')}")
        print(f"{found['requests']} requests; writes: {writes}")


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
    open_rehearsal(folder or places.rehearsal(name)).reset(before or None, quirks=chosen)
    print(f"The rehearsal stands {f'before notebook {before}' if before else 'at its beginning'}.")


@rehearsal.command()
def stop(name: Name = "rehearsal", folder: Folder = None) -> None:
    """End the server; the rehearsal's state stays."""
    rehearsal_client = find_rehearsal(folder or places.rehearsal(name))
    if rehearsal_client:
        rehearsal_client.stop()
    print("The rehearsal has ended; it goes on where it stood when a notebook opens its tenant.")


def _observed(path: Path) -> tuple[dict[str, str], str]:
    """The answers that were observed, and the cloud. Raises typer.BadParameter for another file, and for answers that
    this rehearsal does not know.
    """
    from flexsso_helpers.first_contact.observations import read_observations  # the SDKs take a second to load

    seen, cloud = misused(lambda: read_observations(path))
    try:
        _quirks().Quirks(seen)
    except (KeyError, ValueError) as error:
        raise typer.BadParameter(f"{path.name}: {error.args[0]}") from error
    return seen, cloud


def _chosen(given: list[str] | None) -> dict[str, str] | None:
    """Quirks given as name=value. Raises typer.BadParameter for one that there is not."""
    if not given:
        return None
    pairs = [text.partition("=") for text in given]
    if wrong := [text for text, (_, joint, _) in zip(given, pairs, strict=True) if not joint]:
        raise typer.BadParameter(f"A quirk is given as name=value, not as {wrong[0]!r}.")
    chosen = {name.strip(): value.strip() for name, _, value in pairs}
    try:
        _quirks().Quirks(chosen)
    except (KeyError, ValueError) as error:
        raise typer.BadParameter(f"{error.args[0]} `flexsso rehearsal quirks` lists them.") from error
    return chosen
