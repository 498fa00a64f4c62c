"""Where a long word may break: at its own delimiters, at a hump of a CamelCase name, else evenly.

A break opportunity is markup, so a value that is copied or searched for stays whole.
"""

import re

from flexsso_helpers.output import clean
from flexsso_helpers.views.style import escape

LONGEST = 20
"""Characters that stay together. Between words a browser breaks by itself."""
_BOUNDARIES = re.compile(r"[/.\-_:=?&@,;+]+|(?<=[a-z])(?=[A-Z])")


def breakable(text: str) -> str:
    """The text for HTML, escaped, with `<wbr/>` wherever a narrow column may break it."""
    return "".join("<wbr/>".join(map(escape, _parts(word))) for word in re.split(r"(\s+)", clean(text)))


def _parts(word: str) -> list[str]:
    """Pieces of a word, cut again and again at the boundary nearest the middle."""
    if len(word) <= LONGEST or word.isspace():
        return [word]
    middle = len(word) // 2
    ends = [found.end() for found in _BOUNDARIES.finditer(word) if found.end() < len(word)]
    at = min(ends or [middle], key=lambda end: abs(end - middle))
    return _parts(word[:at]) + _parts(word[at:])
