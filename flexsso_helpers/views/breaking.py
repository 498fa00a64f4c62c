"""Where a long value may break: after its own delimiters, and evenly within a run that has none.

A break opportunity is markup, so a value that is copied or searched for stays whole.
"""

import math
import re

from flexsso_helpers.views.style import escape

LONGEST = 16
"""Characters that stay together."""
_PIECES = re.compile(r"[^/.\-_:=?&@,;+\s]*[/.\-_:=?&@,;+\s]*")


def breakable(text: str) -> str:
    """The text for HTML, escaped, with `<wbr/>` wherever a narrow column may break it."""
    return "<wbr/>".join(escape(part) for part in _parts(text))


def _parts(text: str) -> list[str]:
    """Pieces between delimiters; short neighbours stay together, a long run is cut into even parts."""
    parts: list[str] = []
    for piece in _PIECES.findall(text):
        cuts = math.ceil(len(piece) / LONGEST)
        size = math.ceil(len(piece) / cuts) if cuts else 0
        parts += [piece[at : at + size] for at in range(0, len(piece), size)] if size else []
    return parts
