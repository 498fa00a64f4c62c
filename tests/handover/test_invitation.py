"""The mail before the session: who, which rights, what is needed, how long, what changes, what leaves."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from icalendar import Calendar
from stage import REHEARSAL

from flexsso_helpers.catalogue import languages
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.graph import SCOPES
from flexsso_helpers.handover.invitation import Invitation, duration, invitation
from flexsso_helpers.parameters import Tenant, from_mapping, load

AT = datetime.fromisoformat("2026-12-01T09:00+01:00")


def tenant(**changes: Any) -> Tenant:
    return from_mapping(load(REHEARSAL).model_dump(mode="json", exclude_none=True) | changes)


def written(language: str = "en", at: datetime | None = AT, **changes: Any) -> Invitation:
    return invitation(tenant(**changes), language=language, at=at, now=datetime(2026, 11, 2, tzinfo=UTC))


def words(mail: Invitation) -> str:
    return " ".join(mail.text.split())


def test_it_says_all_that_has_to_be_there_before_the_session() -> None:
    text = words(written())
    for said in (
        "2026-12-01 09:00 (UTC+01:00)", "90 minutes", "Application Administrator", "Flex Console › Single sign-on",
        "bo.agent@contoso.com", "API key", "sso-owners@contoso.com", "3 users and 2 groups", "P1 or P2",
        "user.displayname", "“Twilio Flex”",
    ):  # fmt: skip
        assert said in text, said
    # A column may break a long name, and no letter of it is lost.
    assert [scope for scope in SCOPES if scope not in re.sub(r"<wbr/?>", "", written().html)] == []


def test_the_agenda_adds_up_and_gives_each_test_user_time() -> None:
    one = tenant(test_sign_ons=["ada.admin@contoso.com"])
    assert duration(tenant()) - duration(one) == 10
    text = written(test_sign_ons=["ada.admin@contoso.com"]).text
    agenda = re.findall(r"^ +(\d):(\d\d) .* (\d+)$", text, re.MULTILINE)
    assert sum(int(minutes) for _, _, minutes in agenda) == duration(one)
    last = agenda[-1]
    assert int(last[0]) * 60 + int(last[1]) + int(last[2]) == duration(one)


def test_what_leaves_the_tenant_is_what_its_file_says() -> None:
    text = words(written(name_id="userprincipalname", attributes=[{"name": "job", "source": "user.jobtitle"}]))
    assert "NameID user.userprincipalname" in text
    assert "job user.jobtitle" in text
    assert "job" not in words(written()).split()


def test_the_draft_has_both_faces_and_the_calendar_entry() -> None:
    mail = written()
    message = message_from_bytes(mail.eml, policy=policy.default)
    assert message["X-Unsent"] == "1"
    assert message["Subject"] == mail.subject
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    (event,) = Calendar.from_ical(mail.calendar.decode()).walk("VEVENT")
    assert event.decoded("dtstart") == AT
    assert (event.decoded("dtend") - event.decoded("dtstart")).seconds == duration(tenant()) * 60


def test_without_a_time_nothing_is_put_into_a_calendar() -> None:
    mail = written(at=None)
    assert mail.calendar == b""
    assert "still to be agreed" in words(mail)
    assert b"text/calendar" not in mail.eml


def test_a_rehearsal_is_marked_and_a_live_tenant_is_not() -> None:
    assert written().subject.startswith("REHEARSAL")
    live = {
        "cloud": "global", "apply": False, "tenant_id": "11111111-2222-4333-8444-555555555555",
        "flex": {"account_sid": "AC" + "0" * 31 + "1", "api_key": "SK" + "0" * 31 + "1", "api_secret": "env:X"},
    }  # fmt: skip
    values = load(REHEARSAL).model_dump(mode="json", exclude_none=True, exclude_unset=True) | live
    values.pop("practice")
    mail = invitation(from_mapping(values), language="en", at=AT, now=AT)
    assert "REHEARSAL" not in mail.subject + mail.text + re.sub("<style>.*?</style>", "", mail.html)


@pytest.mark.parametrize("language", languages())
def test_it_is_written_in_each_language(language: str) -> None:
    mail = written(language)
    assert f'<html lang="{language}">' in mail.html
    assert ("Wer dabei sein muss" in mail.text) == (language == "de")
    assert ("Who has to be there" in mail.text) == (language == "en")


def test_an_invitation_in_another_language_replaces_the_first_in_a_calendar() -> None:
    first, second = (Calendar.from_ical(written(each).calendar.decode()).walk("VEVENT")[0] for each in ("en", "de"))
    assert (first["uid"] == second["uid"], first["summary"] == second["summary"]) == (True, False)


def test_a_language_without_a_file_is_refused_with_those_that_are_there() -> None:
    with pytest.raises(ParametersError, match="no language fr") as caught:
        written("fr")
    assert "en, de" in str(caught.value)
