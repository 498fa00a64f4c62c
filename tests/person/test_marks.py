"""Whatever is shown to a person says whether it is a rehearsal."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from stage import Stage

from flexsso_helpers.person import SAVED, ConsoleValues, Pages, PersonAtTheConsole, Trial, live, nearby
from flexsso_helpers.places import GUIDED
from flexsso_helpers.resources import people
from flexsso_helpers.sections import rotation
from flexsso_helpers.views import Progress
from flexsso_helpers.views.shown import text_of

VALUES = ConsoleValues(certificate_pem="PEM", issuer="https://sts.windows.net/x/", sso_url="https://login.example.com")
SHOWN = {
    "sign-in": lambda person: person.enter_code("https://microsoft.com/devicelogin", "ABC123"),
    "connection": lambda person: asyncio.run(person.copy_connection()),
    "values": lambda person: asyncio.run(person.paste(VALUES)),
    "capture": lambda person: asyncio.run(person.answer_request("https://login.microsoftonline.com/x", "bo", "")),
    "trial": lambda person: asyncio.run(
        person.tries(Trial(title="two certificates", words="Paste both.", choices=SAVED, values=VALUES))
    ),
}


def shown(what: str, person: PersonAtTheConsole, patch: pytest.MonkeyPatch) -> Any:
    """The one card of this kind."""
    cards: list[Any] = []
    patch.setattr(live, "show", cards.append)
    patch.setattr(live, "can_open_a_browser", lambda: False)
    patch.setattr(nearby, "somebody_can_type", lambda: True)
    patch.setattr(nearby, "told_by_hand", lambda _choices: "")
    patch.setenv(GUIDED, "1")
    SHOWN[what](person)
    [card] = cards
    return card


@pytest.mark.parametrize("what", SHOWN)
def test_each_card_for_a_person_says_whether_it_is_a_rehearsal(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = Pages(Stage(tmp_path).rehearsal_client)
    card = shown(what, PersonAtTheConsole("ada", pages, hints=True), monkeypatch)
    faces = card._repr_mimebundle_()
    assert all("REHEARSAL" in faces[face] for face in ("text/plain", "text/html"))
    there = shown(what, PersonAtTheConsole("ada", hints=True), monkeypatch)
    assert "[LIVE]" in text_of(there)


def test_a_long_count_and_the_orders_of_a_rotation_say_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[Progress] = []
    monkeypatch.setattr(Progress, "begin", lambda line: lines.append(line) or line)

    async def go() -> str:
        session = await Stage(tmp_path).open()
        lines.clear()
        await people.users_named(session, [f"user.{number}@contoso.com" for number in range(100)])
        return text_of(rotation.orders(session))

    assert "[REHEARSAL]" in asyncio.run(go())
    assert [text_of(line) for line in lines] == ["Looking up people in Entra  [REHEARSAL]"]
