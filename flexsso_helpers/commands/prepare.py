"""`flexsso prepare`: the mail to a customer before the session, and its calendar entry. Nothing is sent."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from flexsso_helpers import places
from flexsso_helpers.commands.command_line import misused, tenants_file
from flexsso_helpers.ledger import write_whole
from flexsso_helpers.parameters import load


def prepare(
    name: Annotated[str, typer.Argument(help="A tenant's file, or its name in parameters/.")],
    language: Annotated[str, typer.Option(help="Of the mail, such as de; else that of the tenant's file.")] = "",
    at: Annotated[str, typer.Option(help="When the session begins, such as 2026-12-01T09:00 or …+01:00.")] = "",
) -> None:
    """Write the mail to the customer before the session (.eml, .html, .txt) and, with --at, a calendar entry (.ics)."""
    from flexsso_helpers.handover.invitation import invitation  # as for run

    begins = _moment(at)
    tenant = load(tenants_file(name))
    language = language or tenant.handover.language
    mail = misused(lambda: invitation(tenant, language=language, at=begins, now=datetime.now(UTC)))
    folder = places.private(places.runs() / tenant.name / "prepare")
    files = {"eml": mail.eml.decode(), "html": mail.html, "txt": mail.text, "ics": mail.calendar.decode()}
    for ending, text in files.items():
        path = folder / f"invitation.{ending}"
        path.unlink(missing_ok=True)
        if text:
            write_whole(path, text)
            print(path)
    if begins is None:
        print("No time is said, so there is no calendar entry: --at 2026-12-01T09:00", flush=True)


def _moment(text: str) -> datetime | None:
    """The moment; one without an offset is of this machine's time zone."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no time; write it such as 2026-12-01T09:00.") from error
