"""Every language says everything: no message lacks a translation, none is left over, and no value is lost in one."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po

from flexsso_helpers import catalogue

PACKAGE = Path(catalogue.__file__).parent
LANGUAGES = [language for language in catalogue.languages() if language != catalogue.SOURCE]


def said() -> set[str | tuple[str, ...]]:
    """All that the code marks to be translated."""
    paths = [path for path in PACKAGE.rglob("*.py") if "rehearsal" not in path.parts]
    return {
        message for path in paths for _, message, _, _ in extract_from_file("python", path, keywords=DEFAULT_KEYWORDS)
    }


def read(language: str) -> Catalog:
    with (catalogue.FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def values(text: str) -> list[str]:
    return sorted(re.findall(r"\{\w+\}", text))


def test_there_is_german() -> None:
    assert "de" in LANGUAGES
    assert len(said()) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_lacks_a_translation_and_none_is_left_over(language: str) -> None:
    found = read(language)
    translated = {each.id for each in found if each.id and all(forms(each)) and not each.fuzzy}
    assert said() - translated == set()
    assert {each.id for each in found if each.id} - said() == set()
    assert not found.obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_takes_the_values_of_its_message(language: str) -> None:
    for each in read(language):
        sources = [each.id] if isinstance(each.id, str) else list(each.id)
        assert all(values(form) == values(sources[0]) for form in forms(each)), each.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_and_several_are_told_apart(language: str) -> None:
    words = catalogue.translations(language)
    one, two = (words.ngettext("{count} session", "{count} sessions", number) for number in (1, 2))
    assert one != two
