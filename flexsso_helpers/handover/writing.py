"""Leaving the handover in a run's folder, and finding the newest of a tenant."""

import re
from datetime import date, datetime
from gettext import NullTranslations
from pathlib import Path

from flexsso_helpers.calendar_entry import calendar_entry
from flexsso_helpers.catalogue import SOURCE, translations
from flexsso_helpers.handover.gathering import gathered
from flexsso_helpers.handover.page import page
from flexsso_helpers.handover.record import Record
from flexsso_helpers.handover.sums import files_of
from flexsso_helpers.history import history_until
from flexsso_helpers.ledger import FILE as LEDGER
from flexsso_helpers.ledger import write_whole

FILE = "handover.html"
DATA = "handover.json"
EXPIRY = "certificate.ics"
ALARM_DAYS = (90, 30, 7)
_LANGUAGE = re.compile(r'<html lang="([^"]+)"')


def write_handover(folder: Path, language: str = SOURCE) -> Path | None:
    """Write `handover.html` and `handover.json` into a run's folder, from this run and all others of its tenant, and
    `certificate.ics` where 03 saw a certificate; None when nothing was proved yet. Raises ParametersError for a
    language without a file.
    """
    found = history_until(folder)
    if not found.proofs:
        return None
    record = gathered(found, files_of(found.telling))
    write_whole(folder / DATA, record.model_dump_json(indent=1))
    write_whole(folder / FILE, page(record, language))
    if record.certificate:
        write_whole(folder / EXPIRY, expiry(record, translations(language)))
    return folder / FILE


def language_of(page: Path) -> str:
    """The language of a handover page, as it says at its beginning; empty where there is no page."""
    if not page.is_file():
        return ""
    with page.open(encoding="utf-8") as file:
        found = _LANGUAGE.search(file.read(200))
    return found[1] if found else ""


def expiry(record: Record, say: NullTranslations) -> bytes:
    """The end of the certificate as a calendar entry. Raises AssertionError for a record without one."""
    assert record.certificate
    _ = say.gettext
    mark = "REHEARSAL: " if record.rehearsal else ""
    return calendar_entry(
        mark + _("{title}: the certificate of single sign-on to Flex ends").format(title=record.title),
        date.fromisoformat(record.certificate.not_after),
        stamp=datetime.fromisoformat(record.certificate.looked_at),
        alarm_days=ALARM_DAYS,
        description=_("From this day nobody signs in, unless its successor is active and pasted into Flex Console."),
        same=f"certificate {record.tenant_id} {record.account_sid}",
    )


def last_run(tenants_runs: Path) -> Path | None:
    """The run of a tenant that was written to last, where its handover belongs; None when none has a ledger."""
    last = max(tenants_runs.glob(f"*/{LEDGER}"), key=lambda path: path.stat().st_mtime_ns, default=None)
    return last.parent if last else None


def newest(tenants_runs: Path) -> tuple[Path, Record] | None:
    """The handover of a tenant that was written last, and the folder of its run."""
    left = max(tenants_runs.glob(f"*/{DATA}"), key=lambda path: path.stat().st_mtime_ns, default=None)
    return None if left is None else (left.parent, Record.model_validate_json(left.read_text("utf-8")))
