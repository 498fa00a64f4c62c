"""Other languages: a file of translations each, `locale/<language>.po`; what the code says in English is the source.

A language is added by its file alone. The files are read as they are: nothing has to be compiled.
"""

import gettext
from io import BytesIO
from pathlib import Path

from flexsso_helpers.errors import ParametersError

FOLDER = Path(__file__).parent / "locale"
SOURCE = "en"


def languages() -> tuple[str, ...]:
    """All languages: English, and those that have a file."""
    return (SOURCE, *sorted(path.stem for path in FOLDER.glob("*.po")))


def translations(language: str) -> gettext.NullTranslations:
    """The words of a language. Raises ParametersError for one that has no file."""
    if language not in languages():
        raise ParametersError(f"There is no language {language}.", fix=f"There are {', '.join(languages())}.")
    if language == SOURCE:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo  # every command asks for the languages, and few for their words
    from babel.messages.pofile import read_po

    with (FOLDER / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def N_(text: str) -> str:  # the name that collecting programs know
    """Marks words that are translated where they are shown."""
    return text
