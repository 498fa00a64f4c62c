"""The calendar entry: the day, the alarms before it, and the same entry for the same day."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from icalendar import Calendar
from stage import REHEARSAL

from flexsso_helpers.expiry_calendar import FILE, calendar, leave_calendar
from flexsso_helpers.parameters import load

DAY, MADE = date(2029, 11, 1), datetime(2029, 8, 1, tzinfo=UTC)


def test_a_calendar_reads_the_day_and_the_alarms() -> None:
    tenant = load(REHEARSAL)
    [event] = Calendar.from_ical(calendar(tenant, DAY, made=MADE)).walk("VEVENT")
    assert event["DTSTART"].dt == DAY
    assert tenant.title in event["SUMMARY"]
    alarms = [each["TRIGGER"].dt for each in event.walk("VALARM")]
    assert alarms == [timedelta(days=-days) for days in (90, 60, 30, 7)]
    assert event["DTSTAMP"].dt == MADE


def test_the_same_day_is_the_same_entry_and_another_day_another(tmp_path: Path) -> None:
    tenant = load(REHEARSAL)
    uids = [
        str(Calendar.from_ical(calendar(tenant, day, made=MADE)).walk("VEVENT")[0]["UID"])
        for day in (DAY, DAY, DAY + timedelta(days=1))
    ]
    assert uids[0] == uids[1] != uids[2]
    path = leave_calendar(tmp_path, tenant, "2029-11-01")
    assert path == tmp_path / FILE
    assert leave_calendar(tmp_path, tenant, "some day") is None
