"""A person who is asked to do something once, and to say what came of it."""

import asyncio
import builtins
from collections.abc import Iterator

import pytest

from flexsso_helpers.person import SAVED, ConsoleValues, PersonAtTheConsole, Trial, nearby

VALUES = ConsoleValues(certificate_pem="PEM", issuer="https://sts.windows.net/x/", sso_url="https://login.example.com")
PASTE = Trial(title="two certificates", words="Paste both, and save.", choices=SAVED, values=VALUES)


def types(patch: pytest.MonkeyPatch, *lines: str | type[BaseException], there: bool = True) -> list[str]:
    """Somebody who types these; what they were asked."""
    asked: list[str] = []
    waiting: Iterator[str | type[BaseException]] = iter(lines)

    def typed(question: str) -> str:
        asked.append(question)
        line = next(waiting)
        if not isinstance(line, str):
            raise line
        return line

    patch.setattr(builtins, "input", typed)
    patch.setattr(nearby, "somebody_can_type", lambda: there)
    return asked


def says(trial: Trial = PASTE) -> str:
    return asyncio.run(PersonAtTheConsole("Ada").tries(trial))


def test_what_to_do_is_shown_with_each_value_and_what_was_seen_is_asked_until_it_is_a_choice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = types(monkeypatch, "perhaps", "Refused ")
    assert says() == "refused"
    shown = capsys.readouterr().out
    assert all(text in shown for text in ("Paste both, and save.", VALUES.issuer, VALUES.sso_url, "PEM"))
    assert asked == ["What did you see? saved · refused · stop: "] * 2


@pytest.mark.parametrize("ends", ["stop", EOFError, KeyboardInterrupt])
def test_whoever_stops_says_nothing(ends: str | type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    types(monkeypatch, ends)
    assert says() == ""


def test_where_nobody_can_type_nobody_is_asked_and_nothing_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert types(monkeypatch, there=False) == []
    assert says() == ""
    assert capsys.readouterr().out == ""
