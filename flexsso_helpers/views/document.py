"""A whole page of cards, to keep, print or send: one file, nothing loaded from anywhere."""

import re
from collections.abc import Sequence

from flexsso_helpers.reference import Line, line
from flexsso_helpers.views.shown import Shown, stack
from flexsso_helpers.views.style import escape

_FRAME = (
    "body{max-width:72rem;margin:0 auto;padding:24px 32px;background:Canvas;color:CanvasText;color-scheme:light dark}"
    "h1,h2{font:600 22px system-ui,sans-serif}h2{font-size:16px}"
    "dl{font:14px/1.5 system-ui,sans-serif;display:grid;grid-template-columns:max-content 1fr;gap:2px 14px}dd{margin:0}"
)
_LINK = re.compile(r'<a href="[^"]*#([^"]+)" title="[^"]*">([^<]+)</a>')


def document(title: str, cards: Sequence[Shown]) -> str:
    """A complete HTML document with these cards, one below the other; what their numbers mean stands at its end."""
    body, numbers = _within(stack(*cards).html)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_FRAME}</style></head>\n"
        f"<body><main><h1>{escape(title)}</h1>\n{body}\n{_meanings(numbers)}</main></body></html>\n"
    )


def _within(body: str) -> tuple[str, list[Line]]:
    """The body with its numbers linked within the page, which may be sent on alone; and their lines, sorted."""
    found: dict[str, Line] = {}

    def here(link: re.Match[str]) -> str:
        known = line(link[2])
        if known is None:
            return link[0]
        found[known.number] = known
        return f'<a href="#{known.anchor}">{link[2]}</a>'

    return _LINK.sub(here, body), [found[number] for number in sorted(found)]


def _meanings(numbers: Sequence[Line]) -> str:
    rows = "".join(f'<dt id="{each.anchor}">{each.number}</dt><dd>{escape(each.words)}</dd>' for each in numbers)
    return f"<h2>What the numbers mean</h2>\n<dl>{rows}</dl>\n" if rows else ""
