"""Where a long value may break: at its own delimiters nearest the middle, and evenly within a run that has none.

A break opportunity is markup, so a value that is copied or searched for stays whole.
"""

import re

from flexsso_helpers.views.style import escape

LONGEST = 20
"""Characters that stay together."""
_DELIMITERS = re.compile(r"[/.\-_:=?&@,;+\s]+")


def breakable(text: str) -> str:
    """The text for HTML, escaped, with `<wbr/>` wherever a narrow column may break it."""
    return "<wbr/>".join(escape(part) for part in _parts(text))


def _parts(text: str) -> list[str]:
    if len(text) <= LONGEST:
        return [text]
    middle = len(text) // 2
    ends = [found.end() for found in _DELIMITERS.finditer(text) if found.end() < len(text)]
    at = min(ends or [middle], key=lambda end: abs(end - middle))
    return _parts(text[:at]) + _parts(text[at:])
