"""A calendar entry for the day on which the signing certificate ends, with alarms before it: `certificate.ics`."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from icalendar import Alarm, Calendar, Event

from flexsso_helpers.ledger import write_whole
from flexsso_helpers.parameters import Tenant

FILE = "certificate.ics"
ALARMS = (90, 60, 30, 7)
"""Days before the end; Entra itself writes at the last three."""


def calendar(tenant: Tenant, ends: date, *, made: datetime) -> bytes:
    """The entry as RFC 5545 writes it. The same day of the same tenant has the same UID, so that it is not doubled."""
    event = Event()
    event.DTSTAMP = made
    event.add("uid", f"{uuid5(NAMESPACE_URL, f'{tenant.tenant_id}/{tenant.flex.account_sid}/{ends}')}@flexsso")
    event.add("summary", f"{tenant.title}: the certificate of Flex single sign-on ends")
    event.add("description", f"From this day on nobody can sign on to Flex. Before: flexsso rotate {tenant.name}.")
    event.DTSTART, event.DTEND = ends, ends + timedelta(days=1)
    event.add("transp", "TRANSPARENT")
    for days in ALARMS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", f"{tenant.title}: {days} days until the certificate ends")
        alarm.TRIGGER = timedelta(days=-days)
        event.add_component(alarm)
    whole = Calendar()
    whole.add("prodid", "-//Flex SSO runbooks//flexsso//EN")
    whole.add("version", "2.0")
    whole.add_component(event)
    return bytes(whole.to_ical())


def leave_calendar(folder: Path, tenant: Tenant, not_after: str) -> Path | None:
    """Write it into a run's folder; None for a day that cannot be read."""
    try:
        ends = date.fromisoformat(not_after)
    except ValueError:
        return None
    path = folder / FILE
    write_whole(path, calendar(tenant, ends, made=datetime.now(UTC)).decode())
    return path
