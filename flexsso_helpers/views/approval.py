"""The approval: one tick for the changes, and one of its own for each that needs a name."""

from collections.abc import Collection, Sequence
from typing import Any

import ipywidgets

from flexsso_helpers.views import text_face
from flexsso_helpers.views.shown import Shown, style_sheet, widget_bundle
from flexsso_helpers.views.style import escape, page


class ApprovalBox(ipywidgets.VBox):  # type: ignore[misc]
    """Ticks that a later cell reads; ticking performs nothing.

    `label` such as "Make these 3 changes in contoso.com", `detail` such as how to undo them. `names` are
    (key, sentence) of what is approved one by one. `given` and `names_given` (keys) tick them from the start, for a run
    without a browser; the recorded faces show that state.
    """

    def __init__(
        self,
        label: str,
        detail: str,
        names: Sequence[tuple[str, str]] = (),
        given: bool = False,
        names_given: Collection[str] = frozenset(),
    ) -> None:
        """Draw the recorded faces and build the ticks."""
        self._shown = _shown(label, detail, [(sentence, key in names_given) for key, sentence in names], given)
        self.tick = _tick(label, given)
        """The tick for all changes that need no name."""
        self.name_ticks = {key: _tick(sentence, key in names_given) for key, sentence in names}
        """The ticks of the named ones, by key."""
        note = ipywidgets.HTML(f'<div class="fx"><span class="fx-sub">{escape(detail)}</span></div>')
        self.tick.add_class("fx-first")
        super().__init__([style_sheet(), self.tick, note, *self.name_ticks.values()])
        self.add_class("fx-form")

    @property
    def given(self) -> bool:
        """Whether the changes are approved."""
        return bool(self.tick.value)

    @property
    def names(self) -> frozenset[str]:
        """The keys that are approved by name."""
        return frozenset(key for key, tick in self.name_ticks.items() if tick.value)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return widget_bundle(self, self._shown)


def _tick(label: str, value: bool) -> Any:
    return ipywidgets.Checkbox(value, description=label, tooltip=label, indent=False, layout={"width": "auto"})


def _shown(label: str, detail: str, names: Sequence[tuple[str, bool]], given: bool) -> Shown:
    lines = [(label, given), *names]
    items = "".join(f"<li>{_sign(ticked)} {escape(words)}: {_word(ticked)}</li>" for words, ticked in lines[1:])
    first = f"<b>{_sign(given)} {escape(label)}</b>: {_word(given)}"
    note = f'<br/><span class="fx-sub">{escape(detail)}</span>' if detail else ""
    listed = f"<ul>{items}</ul>" if items else ""
    text = [text_face.paragraph(f"[{'x' if ticked else ' '}] {words}: {_word(ticked)}") for words, ticked in lines]
    if detail:
        text.insert(1, text_face.paragraph(detail, indent=4))
    return Shown(
        html=page(f'<div class="fx-card fx-line">{first}{note}{listed}</div>'),
        text="\n".join(text),
    )


def _sign(ticked: bool) -> str:
    return "☑" if ticked else "☐"


def _word(ticked: bool) -> str:
    return "approved" if ticked else "not approved"
