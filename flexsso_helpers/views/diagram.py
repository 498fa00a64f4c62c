"""The sign-on as a picture: who sent what to whom, and where it broke."""

from dataclasses import dataclass
from textwrap import wrap
from typing import Literal

from flexsso_helpers.output import clean
from flexsso_helpers.views.shown import Shown
from flexsso_helpers.views.style import attribute, escape, page
from flexsso_helpers.views.table import Badge, head, title_line

_WIDTH = 860
_FLEX, _BROWSER, _ENTRA = 90, 430, 770
_LINE = 17
_DETAIL_WIDTH = 44  # characters of the small monospaced face between two lifelines
_NAME_WIDTHS = (24, 40, 24)  # characters above each lifeline

StepNumber = Literal[1, 2, 3, 4]


@dataclass(frozen=True, kw_only=True)
class Broken:
    """Where the sign-on stopped: the step, what happened in a few words, and the values that show it."""

    step: StepNumber
    what: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class _Step:
    number: int
    start: int
    end: int
    label: str
    detail: str
    sentence: str
    broken: bool = False

    @property
    def words(self) -> str:
        return f"{self.number} {'✗ ' if self.broken else ''}{self.label}"

    @property
    def lines(self) -> list[str]:
        return [line.removesuffix(" ·") for line in wrap(clean(self.detail), _DETAIL_WIDTH, break_on_hyphens=False)]


def sign_on(
    *,
    tenant_title: str,
    user: str,
    identifier: str,
    tenant_short: str,
    response: str = "",
    outcome: str = "",
    broken: Broken | None = None,
    badge: Badge = "",
) -> Shown:
    """The four steps of a SAML sign-on with their real values.

    response: what was found out about the response, such as "both signed · 9F2C…11AA · roles agent". outcome: what
    Flex made of it, such as "worker bo.agent, roles agent". Steps after the broken one did not happen and are left out.
    """
    steps = _steps(tenant_title, user, identifier, tenant_short, response, outcome, broken)
    sentence = f"Sign-on of {user}: " + "; ".join(step.sentence for step in steps) + "."
    listed = "".join(f"<li>{escape(_plain(step))}</li>" for step in steps)
    svg = _svg(steps, ("Flex", f"Browser of {user}", f"Entra ID · {tenant_title}"), sentence)
    title = f"Sign-on of {user}"
    # Where SVG is taken away its words are left behind, so they are folded; the list remains. The sheet unfolds them.
    # Where inline styles go too they make a sentence, by what stands between the elements and is never drawn.
    picture = f'<div class="fx-draw" style="height:0;overflow:hidden">{svg}</div>'
    return Shown(
        html=page(
            f'<div class="fx-card">{head(title, "", "", badge)}'
            f'<figure class="fx-pic"><ol class="fx-hid">{listed}</ol>{picture}</figure></div>'
        ),
        text="\n".join(
            (title_line(title, "", "", badge), *(f"  {step.number}. {clean(_plain(step))}" for step in steps))
        ),
    )


def _steps(
    tenant: str, user: str, identifier: str, tenant_short: str, response: str, outcome: str, broken: Broken | None
) -> list[_Step]:
    asks = "sign-in request from" if identifier else "sign-in request"
    whole = [
        (asks, identifier, "Flex sends a sign-in request to the browser", _FLEX, _BROWSER),
        ("asks Entra", f"/saml2 · tenant {tenant_short}", f"the browser asks Entra ID of {tenant}", _BROWSER, _ENTRA),
        ("signed response", response, "Entra ID posts a signed response through the browser", _ENTRA, _BROWSER),
        ("signed in", outcome, f"Flex accepts it and signs {user} in", _BROWSER, _FLEX),
    ]
    return [
        _broken_step(broken, start, end)
        if broken and number == broken.step
        else _Step(number=number, start=start, end=end, label=label, detail=detail, sentence=sentence)
        for number, (label, detail, sentence, start, end) in enumerate(whole, 1)
        if not broken or number <= broken.step
    ]


def _broken_step(broken: Broken, start: int, end: int) -> _Step:
    who = ("the request does not leave Flex", "Entra ID is not reached", "Entra ID refuses", "Flex refuses it")
    sentence = f"{who[broken.step - 1]}: {broken.what}" + (f" ({broken.detail})" if broken.detail else "")
    return _Step(
        number=broken.step,
        start=start,
        end=end,
        label=broken.what,
        detail=broken.detail,
        sentence=sentence,
        broken=True,
    )


def _plain(step: _Step) -> str:
    label = f"✗ {step.label}" if step.broken else step.label
    return f"{label}: {step.detail}" if step.detail else label


def _svg(steps: list[_Step], names: tuple[str, str, str], sentence: str) -> str:
    above = [wrap(clean(name), width) for name, width in zip(names, _NAME_WIDTHS, strict=True)]
    top = y = 18 + _LINE * max(map(len, above))
    drawn = []
    for step in steps:
        y += 28
        drawn.append(_arrow(step, y))
        y += _LINE * len(step.lines) + 4
    lanes = zip((_FLEX, _BROWSER, _ENTRA), above, strict=True)
    heads = ",".join(
        "".join(
            f'\n<text class="fx-name" text-anchor="middle" x="{x}" y="{20 + _LINE * at}">{escape(line)}</text>'
            for at, line in enumerate(lines)
        )
        for x, lines in lanes
    )
    told = ";\n".join(drawn)
    lifelines = "".join(f"M{x} {top}V{y + 12}" for x in (_FLEX, _BROWSER, _ENTRA))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + 20}" role="img" '
        f'aria-label="{attribute(sentence)}" fill="currentColor" font-family="sans-serif" font-size="12">'
        f'(Picture:{heads}.\n<path d="{lifelines}" stroke="currentColor" stroke-opacity="0.25" fill="none"/>'
        f"{told}.)</svg>"
    )


def _arrow(step: _Step, y: int) -> str:
    """One message: its words above the line, its values below; a broken one is dashed, and its words begin with ✗."""
    way = 1 if step.end > step.start else -1
    start, end, left = step.start + 4 * way, step.end - 4 * way, min(step.start, step.end) + 20
    mark, dash = ' class="fx-broken"', ' stroke-dasharray="5 4"'
    tone, line = (mark, dash) if step.broken else ("", "")
    tip = f"M{end - 9 * way} {y - 4}L{end} {y}L{end - 9 * way} {y + 4}z"
    details = "".join(
        f'\n<text class="fx-detail" x="{left}" y="{y + 16 + _LINE * at}">{escape(line)}</text>'
        for at, line in enumerate(step.lines)
    )
    return (
        f'<text{tone} x="{left}" y="{y - 6}">{escape(step.words)}</text>'
        f'<path{tone}{line} d="M{start} {y}H{end - 9 * way}" stroke="currentColor" stroke-width="1.5" fill="none"/>'
        f'<path{tone} d="{tip}"/>{":" if details else ""}{details}'
    )
