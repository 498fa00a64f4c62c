"""A calendar entry as an iCalendar file (RFC 5545), for any calendar program to take in."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from icalendar import Alarm, Calendar, Event

from flexsso_helpers.output import clean


def calendar_entry(
    title: str,
    when: date,
    *,
    stamp: datetime,
    alarm_days: Sequence[int] = (),
    minutes: int = 0,
    description: str = "",
    same: str = "",
) -> bytes:
    """An entry on a day, or at a moment for some `minutes`, that reminds so many days before.

    The same title and time make the same entry again, so that a calendar replaces it; where its title may differ, by
    language, what is the `same` stands for it. `stamp` is when it was made.
    """
    event = Event()
    event.add("uid", f"{uuid5(NAMESPACE_URL, f'{same or title} {when.isoformat()}')}@flexsso")
    event.add("dtstamp", stamp)
    event.add("summary", clean(title))
    event.add("dtstart", when)
    if isinstance(when, datetime):
        event.add("dtend", when + timedelta(minutes=minutes))
    else:
        event.add("transp", "TRANSPARENT")  # a day to know of, and nobody is busy on it
    if description:
        event.add("description", clean(description))
    for days in alarm_days:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", clean(title))
        alarm.add("trigger", timedelta(days=-days))
        event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//flexsso//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
