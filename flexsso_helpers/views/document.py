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
_TO_NOTEBOOK = re.compile(r'<a href="\w+\.ipynb">([^<]+)</a>')
"""No notebook lies beside a page that is sent on alone."""


_PRINT = (
    "@page{size:A4;margin:12mm}"
    "details{margin:8px 0}details summary{font:600 14px/1.5 system-ui,sans-serif;cursor:pointer}"
    ".across{position:fixed;inset:0;display:grid;place-items:center;pointer-events:none;z-index:9;"
    "font:700 13vmin system-ui,sans-serif;letter-spacing:.1em;opacity:.1}.across span{transform:rotate(-35deg)}"
    "main .fx.fx.fx .fx-muted{white-space:nowrap}"
    "@media print{thead,tbody tr:first-child{break-before:avoid}"
    "body{max-width:none;padding:0;background:none}h1{margin:0 0 6px;font-size:17px}"
    # One element more than the cards' own sheet, which comes later; a sheet of A4 is wide enough for type this small.
    "main .fx.fx.fx{container-type:normal;max-width:none;font-size:9.5px;line-height:1.35;"
    "table,.fx-sub,.fx-foot,.fx-note{font-size:9.5px;line-height:13px}"
    "th,td{padding:1.5px 7px;line-height:13px;overflow-wrap:break-word}"
    "thead th{font-size:8.5px}code,pre,.fx-v{font-size:8.5px;line-height:12px}"
    ".fx-head{padding:2px 7px}.fx-head b{font-size:11px}.fx-facts td{overflow-wrap:break-word}"
    ".fx-foot,.fx-note{padding:2px 7px}.fx-card{margin:0 0 6px}.fx-sign{font-size:10px;line-height:13px;width:14px}"
    ".fx-facts th{min-width:24ch}}"
    "main details{margin:2px 0}main details summary{font-size:9.5px}}"
)


def document(title: str, cards: Sequence[Shown], *, before: str = "", sheet: str = "", script: str = "") -> str:
    """A complete HTML document with these cards, one below the other; what their numbers mean stands at its end.

    `before` is HTML above the cards, `sheet` and `script` are what only this page needs; it must be whole without.
    """
    body, numbers = _within(stack(*cards).html)
    ending = f"<script>{script}</script>" if script else ""
    return _whole(title, f"{before}{body}\n{_meanings(numbers)}{ending}", "en", sheet)


def record(
    title: str,
    cards: Sequence[Shown],
    folded: Sequence[tuple[str, Sequence[Shown]]],
    *,
    language: str,
    across: str,
    numbers: str,
) -> str:
    """A document to print on A4 and to keep: `folded` are named details, `across` is written over each page, and
    `numbers` is the title of what the numbers mean.
    """
    details = "".join(
        f"<details><summary>{escape(name)}</summary>{stack(*inner).html}</details>" for name, inner in folded
    )
    body, found = _within(stack(*cards).html + details)
    meanings = f"<details><summary>{escape(numbers)}</summary>{_meanings(found, '')}</details>" if found else ""
    mark = f'<div class="across" aria-hidden="true"><span>{escape(across)}</span></div>' if across else ""
    return _whole(title, f"{mark}{body}\n{meanings}", language, _PRINT)


def _whole(title: str, body: str, language: str, sheet: str = "") -> str:
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_FRAME}{sheet}</style></head>\n"
        f"<body><main><h1>{escape(title)}</h1>\n{body}</main></body></html>\n"
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

    return _LINK.sub(here, _TO_NOTEBOOK.sub(r"\1", body)), [found[number] for number in sorted(found)]


def _meanings(numbers: Sequence[Line], heading: str = "<h2>What the numbers mean</h2>\n") -> str:
    rows = "".join(f'<dt id="{each.anchor}">{each.number}</dt><dd>{escape(each.words)}</dd>' for each in numbers)
    return f"{heading}<dl>{rows}</dl>\n" if rows else ""
