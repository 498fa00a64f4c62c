"""A calendar entry: read back by the library that others use too."""

from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar

from flexsso_helpers.calendar_entry import calendar_entry

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)


def read(content: bytes):  # type: ignore[no-untyped-def]
    calendar = Calendar.from_ical(content.decode())
    (event,) = calendar.walk("VEVENT")
    return event


def test_a_day_has_its_reminders_and_keeps_nobody_busy() -> None:
    event = read(
        calendar_entry("It ends", date(2029, 11, 1), stamp=NOW, alarm_days=(90, 7), description="Why; what,\nall")
    )
    assert (event["summary"], event.decoded("dtstart")) == ("It ends", date(2029, 11, 1))
    assert event["transp"] == "TRANSPARENT"
    assert event["description"] == "Why; what,\nall"
    assert [alarm.decoded("trigger") for alarm in event.walk("VALARM")] == [timedelta(days=-90), timedelta(days=-7)]
    assert "dtend" not in event


def test_a_moment_has_its_length() -> None:
    event = read(calendar_entry("We meet", NOW, stamp=NOW, minutes=90))
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(minutes=90)
    assert "transp" not in event


def test_the_same_entry_again_replaces_the_first_and_another_does_not() -> None:
    one = calendar_entry("It ends", date(2029, 11, 1), stamp=NOW)
    assert calendar_entry("It ends", date(2029, 11, 1), stamp=NOW) == one
    assert read(calendar_entry("It ends", date(2029, 11, 2), stamp=NOW))["uid"] != read(one)["uid"]
    named = [calendar_entry(title, date(2029, 11, 1), stamp=NOW, same="x") for title in ("It ends", "Es endet")]
    assert len({read(each)["uid"] for each in named}) == 1
