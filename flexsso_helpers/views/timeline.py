"""Certificates over time: from when to when each is valid, where today stands, and when somebody has to act."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from flexsso_helpers.output import clean
from flexsso_helpers.views.shown import Shown
from flexsso_helpers.views.style import attribute, escape, page
from flexsso_helpers.views.table import Badge, head, title_line

_WIDTH, _LEFT, _RIGHT = 860, 190, 840
_ROW, _TOP, _ROUND = 40, 34, 7
_MONTHS_APART = (1, 2, 3, 6, 12, 24, 60, 120)
_MOST_MARKS = 6

Part = Literal["active", "staged", "old"]


@dataclass(frozen=True, kw_only=True)
class Span:
    """One certificate: its thumbprint in short, the part it plays, its first and its last day."""

    name: str
    part: Part
    start: date
    end: date
    days: int | None = None
    """Whole days that are left, where the hour is known too; else by the dates."""

    def left(self, today: date) -> str:
        """How long it still lasts, in words."""
        if self.end <= today:
            return f"✗ over since {self.end}"
        if self.start > today:
            return f"valid from {self.start}"
        days = (self.end - today).days if self.days is None else self.days
        return f"{days:,} {'day' if days == 1 else 'days'} left"

    def words(self, today: date) -> str:
        """All of it in one line."""
        return f"{self.name} · {self.part} · {self.start} to {self.end} · {self.left(today)}"


def timeline(
    title: str, spans: Sequence[Span], *, today: date, warn_days: int, badge: Badge = "", footer: str = ""
) -> Shown:
    """The certificates as bars over a common axis, the last `warn_days` of each set off, and a line for today.

    Raises ValueError without any certificate, since there is nothing to draw then.
    """
    if not spans:
        raise ValueError("A time line needs a certificate.")
    lines = [span.words(today) for span in spans]
    listed = "".join(f"<li>{escape(line)}</li>" for line in lines)
    # Where SVG is taken away its words are left behind, so they are folded; the list remains. The sheet unfolds them.
    # Where inline styles go too they make a sentence, by what stands between the elements and is never drawn.
    picture = f'<div class="fx-draw" style="height:0;overflow:hidden">{_svg(spans, today, warn_days)}</div>'
    figure = f'<figure class="fx-pic"><ul class="fx-hid">{listed}</ul>{picture}</figure>'
    foot = f'<p class="fx-foot">{escape(footer)}</p>' if footer else ""
    text = "\n".join((title_line(title, "", "", badge), *(f"  {clean(line)}" for line in lines)))
    return Shown(
        html=page(f'<div class="fx-card">{head(title, "", "", badge)}{figure}{foot}</div>'),
        text=text + (f"\n\n  {clean(footer)}" if footer else ""),
    )


@dataclass(frozen=True)
class _Axis:
    first: date
    last: date

    def x(self, day: date) -> float:
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(_LEFT + share * (_RIGHT - _LEFT), 1)


def _axis(spans: Sequence[Span], today: date) -> _Axis:
    return _Axis(min(today, *(span.start for span in spans)), max(today, *(span.end for span in spans)))


def _svg(spans: Sequence[Span], today: date, warn_days: int) -> str:
    axis = _axis(spans, today)
    bottom = _TOP + _ROW * len(spans)
    marks = "".join(
        f'<path d="M{axis.x(day)} 24V{bottom}" stroke="currentColor" stroke-opacity="0.15"/>'
        f'<text class="fx-detail" x="{axis.x(day)}" y="16" text-anchor="middle">{day:%b %Y}</text>,\n'
        for day in _marks(axis)
    )
    bars = "".join(_bar(axis, span, _TOP + _ROW * at, today, warn_days) for at, span in enumerate(spans))
    now = axis.x(today)
    anchor = "start" if now < _LEFT + 40 else "end" if now > _RIGHT - 40 else "middle"
    label = "; ".join(span.words(today) for span in spans)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {bottom + 26}" role="img" '
        f'aria-label="{attribute(label)}" fill="currentColor" font-family="sans-serif" font-size="12">'
        f"(Picture:\n{marks}{bars}"
        f'<path d="M{now} 24V{bottom + 4}" stroke="currentColor" stroke-width="1.5"/>'
        f'<text class="fx-name" x="{now}" y="{bottom + 18}" text-anchor="{anchor}">today</text>.)</svg>'
    )


def _marks(axis: _Axis) -> Iterator[date]:
    """First days of months, as many as can be read."""
    months = (axis.last.year - axis.first.year) * 12 + axis.last.month - axis.first.month
    apart = next((step for step in _MONTHS_APART if months // step <= _MOST_MARKS), _MONTHS_APART[-1])
    for at in range(axis.first.year * 12 + axis.first.month, axis.last.year * 12 + axis.last.month):
        day = date(at // 12, at % 12 + 1, 1)
        # A mark at the very end would have half its words cut off.
        if at % apart == 0 and axis.first <= day and _LEFT + 10 < axis.x(day) < _RIGHT - 10:
            yield day


def _bar(axis: _Axis, span: Span, y: int, today: date, warn_days: int) -> str:
    """Filled while it signs or may sign, dashed while it only waits; its last days in the colour of waiting."""
    start, end = axis.x(span.start), axis.x(span.end)
    warn = min(max(axis.x(span.end - timedelta(days=warn_days)), start + _ROUND), max(end - _ROUND, start + _ROUND))
    round_, height = _ROUND, 2 * _ROUND
    filled = (
        f'<path class="fx-span" d="M{start + round_:.1f} {y}H{warn:.1f}V{y + height}H{start + round_:.1f}'
        f'a{round_} {round_} 0 0 1 0 -{height}z"/>'
        f'<path class="fx-late" d="M{warn:.1f} {y}H{end - round_:.1f}a{round_} {round_} 0 0 1 0 {height}H{warn:.1f}z"/>'
    )
    dashed = "" if span.part == "active" else ' stroke-dasharray="4 3"'
    tone = ' class="fx-broken"' if span.end <= today else ""
    return (
        f'<text{tone} x="0" y="{y + 8}">{escape(span.name)} · {span.part}</text>:\n'
        f'<text class="fx-detail" x="0" y="{y + 23}">{escape(span.left(today))}</text>;\n'
        + (filled if span.part == "active" else "")
        + f'<rect x="{start}" y="{y}" width="{max(end - start, 1):.1f}" height="{height}" rx="{round_}" fill="none" '
        f'stroke="currentColor"{dashed}/>'
    )
