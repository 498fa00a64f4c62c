"""`flexsso observe`: what a real tenant does where no source says it. 0 as we go by, 2 it differs, 1 it failed."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from flexsso_helpers.commands.command_line import misused, tell, tenants_file
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.output import json_text
from flexsso_helpers.plan import CHANGED, FAILED, PROVED


def observe(
    name: Annotated[str, typer.Argument(help="A tenant's file, or its name; with --recording not needed.")] = "",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Only the steps that write nothing; any tenant will do.")
    ] = False,
    test_tenant: Annotated[
        str, typer.Option(help="The tenant's default domain or id, typed once more: it is a test tenant.")
    ] = "",
    sign_ons: Annotated[
        bool, typer.Option("--sign-ons", help="You sign on too, five times, in a browser of this machine.")
    ] = False,
    billed_user: Annotated[
        str,
        typer.Option(help="Your user name, typed once more: you sign on to Flex, are billed, and paste into Console."),
    ] = "",
    watched: Annotated[float, typer.Option(help="Minutes for which the certificate is looked at.", min=0)] = 30.0,
    attested: Annotated[
        list[str] | None, typer.Option("--attest", help="What a person saw, as question=answer; several times.")
    ] = None,
    recording: Annotated[
        Path | None, typer.Option(help="A run's folder with its recording (run --record): judge that, ask nobody.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON and nothing else.")] = False,
) -> None:
    """Find out what this tenant does where no source says it, by a throw-away application, and clean up.

    It leaves observations.yaml, a page in plain words and a filled-in issue form; nothing in them names the tenant.
    """
    from flexsso_helpers.first_contact import Agreed, keep, of_recording, open_and_observe  # as for run
    from flexsso_helpers.first_contact.page import page

    said = misused(lambda: _pairs(attested or ()))
    if recording:
        if not recording.is_dir():
            raise typer.BadParameter(f"{recording} is no folder of a run.")
        found, folder = misused(lambda: of_recording(recording, attested=said)), recording
    elif not name:
        raise typer.BadParameter("Name a tenant's file, or a --recording.")
    else:
        path = tenants_file(name)
        typed = test_tenant or ("" if read_only else _typed())
        agreed = Agreed(test_tenant=typed, sign_ons=sign_ons, billed_user=billed_user, watched=watched)
        walk = open_and_observe(str(path), None if read_only else agreed, attested=said, told=tell)
        found, folder = asyncio.run(walk)
    kept = keep(found, folder)
    if as_json:
        print(json_text(found.as_json()))
    else:
        print(page(found))
        print("\n".join([*found.left, *map(str, kept)]))
    raise typer.Exit(FAILED if not found.clean or found.console_wrong else CHANGED if found.different else PROVED)


def _typed() -> str:
    """The tenant's name, typed by a person at the terminal; where nobody sits there it has to be an option."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("This writes into the tenant: name it with --test-tenant, or use --read-only.")
    told = "This writes into the tenant. Type its default domain or id once more if it is a test tenant"
    return str(typer.prompt(told, err=True))


def _pairs(given: list[str] | tuple[()]) -> dict[str, str]:
    """What was attested. Raises ParametersError for what is no pair."""
    pairs = [text.partition("=") for text in given]
    if wrong := [text for text, (_, joint, _) in zip(given, pairs, strict=True) if not joint]:
        raise ParametersError(
            f"What was seen is given as question=answer, not as {wrong[0]!r}.",
            fix="Write it like --attest portal_claims_blade=locked; docs/observed.md has the questions.",
        )
    return {name.strip(): answer.strip() for name, _, answer in pairs}
