"""Cards: a title, rows in columns, named facts, a footer. Meaning is in signs and words; colour only helps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal

from flexsso_helpers.output import clean
from flexsso_helpers.views import text_face
from flexsso_helpers.views.shown import Shown
from flexsso_helpers.views.style import attribute, breakable, escape, page, unstyled

Style = Literal["", "value", "muted", "was", "ok", "no", "wait", "said"]
Tone = Literal["", "add", "change", "remove", "keep", "bad"]
Badge = Literal["", "REHEARSAL", "LIVE"]

_VERDICT_SIGNS = {"ok": "✓", "no": "✗", "wait": "!"}
_TONE_SIGNS = {"add": ("+", "new"), "change": ("~", "changes"), "remove": ("-", "is removed"), "keep": ("=", "stays")}
_TABLE = 'style="width:100%;table-layout:auto"'
_CELL = 'style="text-align:left;vertical-align:top"'
_WRAPS = 'style="word-wrap:break-word"'
_HEADER = f'align="left" valign="top" {_CELL}'  # a host that drops styles would centre it
_SENTENCE = re.compile(r"[^\s,;·]\s+\w+")
_SCHEMES = ("", "http", "https", "mailto")


@dataclass(frozen=True)
class Cell:
    """One piece of text.

    style: `value` is monospaced unless it is a sentence, `was` is what is replaced; `ok`, `no`, `wait` are verdicts and
    get their sign (✓ ✗ !) when the text does not start with one; `said` is a verdict without a sign, since nobody saw
    it. `sub` follows muted; `href` makes the text a link.
    """

    text: str
    style: Style = ""
    sub: str = ""
    href: str = ""

    @property
    def words(self) -> str:
        """The text with the sign that its style needs."""
        sign = _VERDICT_SIGNS.get(self.style, "")
        return self.text if not sign or self.text.startswith(("✓", "✗", "!", "~")) else f"{sign} {self.text}".rstrip()

    @property
    def _sentence(self) -> bool:
        """Words for people, which are no value to copy to the letter; a list of values is none."""
        return bool(_SENTENCE.search(self.text))

    @property
    def plain(self) -> str:
        """The text face; an address that the text does not already show follows in brackets."""
        far = self.href if _scheme(self.href) and safe(self.href) and self.href not in self.text else ""
        return " · ".join(filter(None, (self.words, self.sub))) + (f" ({far})" if far else "")

    @property
    def html(self) -> str:
        """The HTML face, escaped."""
        text = breakable(self.words)
        if self.style in _VERDICT_SIGNS:
            text = text.replace(" ", "&#160;", 1)  # a sign never stands on a line of its own
        if self.href and safe(self.href):
            text = f'<a href="{attribute(self.href)}"{leaving(self.href)}>{text}</a>'
        if self.style == "was":
            mono = "" if self._sentence else "fx-v "
            text = f'<s class="{mono}fx-was" {_WRAPS}><span class="fx-hid">was: </span>{text}</s>' if self.text else ""
        elif self.style == "value" and not self._sentence:
            text = f'<code class="fx-v" {_WRAPS}>{text}</code>' if self.text else ""
        elif self.style and self.style != "value":
            text = f'<span class="fx-{self.style}">{text}</span>' if text else ""
        dot = "&#160;· " if text else ""  # it stays with what it follows, and begins no line
        return text + (f'<span class="fx-sub">{dot}{breakable(self.sub)}</span>' if self.sub else "")


Content = str | Cell | Sequence[Cell]
"""What stands in one place: plain text, a cell, or several cells side by side."""


@dataclass(frozen=True)
class Row:
    """One row. `add`, `change`, `remove` and `keep` get a sign column of their own; `bad` tints a failing row."""

    cells: Sequence[Content]
    tone: Tone = ""


def card(
    *,
    title: str,
    subtitle: str = "",
    right: Content = "",
    badge: Badge = "",
    columns: Sequence[str] = (),
    rows: Sequence[Row] = (),
    footer: str = "",
    note: str | Sequence[str] = "",
    facts: Sequence[tuple[str, Content]] = (),
    most: int | None = None,
    folded: tuple[str, Sequence[Row]] = ("", ()),
) -> Shown:
    """A card: title line, then rows in columns, named facts, an important note, a footer. All parts but the title
    may be empty, and an empty column is left out. `right` ends the title line. Rows beyond `most` are folded away, in
    text counted. `folded` are more rows behind a summary, in text after the others. Several notes make a list.
    """
    notes = (note,) if isinstance(note, str) else tuple(note)
    shown, rest = (rows, ()) if most is None or len(rows) <= most else (rows[:most], rows[most:])
    behind = (f"{len(rest):,} more", rest) if rest else folded
    return Shown(
        html=page(_html(head(title, subtitle, right, badge), columns, shown, behind, facts, notes, footer)),
        text=_text(
            title_line(title, subtitle, right, badge),
            columns,
            [*shown, *folded[1]],
            rest,
            facts,
            " ".join(notes),
            footer,
        ),
    )


def _scheme(href: str) -> str:
    # Browsers ignore blanks and control characters here, so a script could hide behind them.
    found = re.match("([^/?#:]*):", re.sub(r"[\s\x00-\x1f]", "", href))
    return found[1].lower() if found else ""


def safe(href: str) -> bool:
    """Whether an address may become a link: relative, web or mail, never a script."""
    return _scheme(href) in _SCHEMES


def leaving(href: str) -> str:
    """Attributes of a link: one that leads away from the notebook opens a tab of its own."""
    return ' target="_blank" rel="noopener"' if _scheme(href) in ("http", "https") else ""


def _pieces(content: Content) -> Sequence[Cell]:
    if isinstance(content, str):
        return (Cell(content),)
    return (content,) if isinstance(content, Cell) else content


def _content_html(content: Content) -> str:
    return '<span class="fx-sub">&#160;·</span> '.join(piece.html for piece in _pieces(content))


def content_text(content: Content) -> str:
    """The text face of one place."""
    return " · ".join(piece.plain for piece in _pieces(content))


def _marked(row: Row) -> Row:
    """A failing row says so in words: without a cell that does, its first one gets the sign."""
    styles = [piece.style for content in row.cells for piece in _pieces(content)]
    if row.tone != "bad" or "no" in styles or not row.cells:
        return row
    first = tuple(replace(piece, style="no") for piece in _pieces(row.cells[0])[:1]) + tuple(_pieces(row.cells[0])[1:])
    return Row((first, *row.cells[1:]), row.tone)


def _has_signs(rows: Sequence[Row]) -> bool:
    return any(row.tone in _TONE_SIGNS for row in rows)


def head(title: str, subtitle: str, right: Content, badge: Badge) -> str:
    """The title line as HTML."""
    parts = [f"<b>{escape(title)}</b>"]
    if subtitle:
        parts.append(f'<span class="fx-sub">{escape(subtitle)}</span>')
    if right:
        parts.append(f'<span class="fx-right">{_content_html(right)}</span>')
    line = unstyled(" · ").join(parts)
    return f'<div class="fx-head" align="left">{line}{tag(badge)}</div>'


def tag(badge: Badge) -> str:
    """The badge as HTML, with the blank before it."""
    return f' <span class="fx-tag fx-{badge.lower()}">{unstyled("[")}{badge}{unstyled("]")}</span>' if badge else ""


def _html(
    head: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    behind: tuple[str, Sequence[Row]],
    facts: Sequence[tuple[str, Content]],
    notes: Sequence[str],
    footer: str,
) -> str:
    grids = [("fx-rows", _rows_html(columns, rows))] if rows else []
    grids += [("fx-facts", _facts_html(facts))] if facts else []
    # The title is the name of the first table; a card that begins with none just has it.
    named = bool(rows or (facts and not behind[1]))
    captions = (f"<caption {_CELL}>{head}</caption>" if named else "", "")
    pairs = zip(grids, captions, strict=False)
    parts = [f'<table class="{name}" {_TABLE}>{caption}{grid}</table>' for (name, grid), caption in pairs]
    parts.insert(bool(rows), _folded(columns, *behind))
    return "".join(
        (
            f'<div class="fx-card">{"" if named else head}{"".join(parts)}',
            _note_html(notes),
            f'<p class="fx-foot">{escape(footer)}</p>' if footer else "",
            "</div>",
        )
    )


def _note_html(notes: Sequence[str]) -> str:
    if len(notes) < 2:
        return f'<p class="fx-note"><b>Note.</b> {escape(notes[0])}</p>' if any(notes) else ""
    return f'<div class="fx-note"><b>Note.</b><ul>{"".join(f"<li>{escape(each)}</li>" for each in notes)}</ul></div>'


def _folded(columns: Sequence[str], summary: str, rest: Sequence[Row]) -> str:
    if not rest:
        return ""
    table = f'<table class="fx-rows" {_TABLE}>{_rows_html(columns, rest)}</table>'
    return f'<details class="fx-foot"><summary>{escape(summary)}</summary>{table}</details>'


def _facts_html(facts: Sequence[tuple[str, Content]]) -> str:
    pairs = "".join(
        f'<tr><th scope="row" {_HEADER}>{escape(name)}</th><td {_CELL}>{_content_html(value)}</td></tr>'
        for name, value in facts
    )
    return f"<tbody>{pairs}</tbody>"


def _rows_html(columns: Sequence[str], rows: Sequence[Row]) -> str:
    columns, rows = _filled(columns, rows)
    signs = _has_signs(rows)
    titles = "".join(f'<th scope="col" {_HEADER}>{escape(title)}</th>' for title in columns)
    sign_title = f'<th scope="col" {_HEADER}><span class="fx-hid">Change</span></th>' if signs else ""
    header = f"<thead><tr>{sign_title}{titles}</tr></thead>" if any(columns) else ""
    return f"{header}<tbody>{''.join(_row_html(row, signs, columns) for row in rows)}</tbody>"


def _row_html(row: Row, signs: bool, columns: Sequence[str]) -> str:
    sign, word = _TONE_SIGNS.get(row.tone, ("", ""))
    word = word.replace(" ", "&#160;")
    lead = f'<td class="fx-sign" {_CELL}>{sign}<span class="fx-hid">&#160;{word}</span></td>' if signs else ""
    # The row's name for screen readers is its first cell that is not a verdict.
    verdicts = [any(piece.style in _VERDICT_SIGNS for piece in _pieces(content)) for content in row.cells]
    named = verdicts.index(False) if False in verdicts else -1
    # Where a card is too narrow for columns, the sheet sets each cell on a line of its own, behind its column's name.
    cells = "".join(
        f'<th scope="row" {_HEADER}>{_content_html(content)}</th>'
        if at == named
        else f'<td data-of="{attribute(title)}" {_CELL}>{_content_html(content)}</td>'
        for at, (content, title) in enumerate(zip(row.cells, columns, strict=True))
    )
    return f'<tr class="fx-{row.tone}">{lead}{cells}</tr>' if row.tone else f"<tr>{lead}{cells}</tr>"


def title_line(title: str, subtitle: str, right: Content, badge: Badge) -> str:
    """The title line as text."""
    line = " · ".join(filter(None, (title, subtitle, content_text(right))))
    return text_face.paragraph(clean(line) + (f"  [{badge}]" if badge else ""))


def _text(
    title_line: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    rest: Sequence[Row],
    facts: Sequence[tuple[str, Content]],
    note: str,
    footer: str,
) -> str:
    parts = [title_line]
    if rows:
        columns, rows = _filled(columns, rows)
        signs = _has_signs(rows)
        lines = [
            [_TONE_SIGNS.get(row.tone, ("", ""))[0]] * signs + [content_text(cell) for cell in row.cells]
            for row in rows
        ]
        parts.append(text_face.columns([""] * signs + list(columns), lines))
    if rest:
        parts.append(text_face.paragraph(f"… and {len(rest):,} more", indent=2))
    if facts:
        parts.append(text_face.columns(("", ""), [(name, content_text(value)) for name, value in facts]))
    if note:
        parts.append(text_face.paragraph(f"Note. {note}", indent=2))
    if footer:
        parts.append(text_face.paragraph(footer, indent=2))
    return "\n\n".join(parts)


def _filled(columns: Sequence[str], rows: Sequence[Row]) -> tuple[list[str], list[Row]]:
    """Titles and rows padded to one common number of columns, without those in which no row has anything."""
    marked = [_marked(row) for row in rows]
    whole = zip_longest(columns, *(row.cells for row in marked), fillvalue="")
    kept = [(str(title), cells) for title, *cells in whole if any(map(content_text, cells))]
    lines = list(zip(*(cells for _, cells in kept), strict=True)) or [()] * len(marked)
    return [title for title, _ in kept], [Row(line, row.tone) for row, line in zip(marked, lines, strict=True)]
