"""A whole page of cards, to keep, print or send: one file, nothing loaded from anywhere."""

from collections.abc import Sequence

from flexsso_helpers.views.shown import Shown, stack
from flexsso_helpers.views.style import escape

_FRAME = (
    "body{max-width:72rem;margin:0 auto;padding:24px 32px;background:Canvas;color:CanvasText;color-scheme:light dark}"
    "h1{font:600 22px system-ui,sans-serif}"
)


def document(title: str, cards: Sequence[Shown]) -> str:
    """A complete HTML document with these cards, one below the other."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_FRAME}</style></head>\n"
        f"<body><main><h1>{escape(title)}</h1>\n{stack(*cards).html}\n</main></body></html>\n"
    )
