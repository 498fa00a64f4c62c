"""The approval: one tick for the changes, and one more for each that is approved by name."""

from collections.abc import Collection, Sequence
from typing import Any

import ipywidgets

from flexsso_helpers.output import clean
from flexsso_helpers.views import text_face
from flexsso_helpers.views.shown import Shown, style_sheet, widget_bundle
from flexsso_helpers.views.style import breakable, escape, page
from flexsso_helpers.views.table import Badge, head, title_line

TOLD = "Whether it was approved, by whom and when, is told by the cell that makes the changes."


class ApprovalBox(ipywidgets.VBox):  # type: ignore[misc]
    """Ticks that a later cell reads; ticking performs nothing.

    `label` such as "Make these 3 changes in contoso.com", `detail` such as how to undo them. `names` are
    (key, sentence) of what is approved one by one. `given` and `names_given` (keys) tick them from the start, for a run
    without a browser. The recorded faces say what is asked and which ticks were given so, never whether it is approved.
    `asks` False: there is nothing to approve, so nothing can be ticked. `by_name_alone`: the first tick makes nothing
    without one of the others, so the faces say of these alone that they were given.
    """

    def __init__(
        self,
        label: str,
        detail: str,
        names: Sequence[tuple[str, str]] = (),
        given: bool = False,
        names_given: Collection[str] = frozenset(),
        asks: bool = True,
        badge: Badge = "",
        by_name_alone: bool = False,
    ) -> None:
        """Draw the recorded faces and build the ticks."""
        ticked = [(sentence, key in names_given) for key, sentence in names]
        self._shown = _shown(label, detail, ticked, given and not by_name_alone, asks, badge)
        self.tick = _tick(label, given, asks)
        """The tick for all changes that need no name."""
        self.name_ticks = {key: _tick(sentence, key in names_given) for key, sentence in names}
        """The ticks of the named ones, by key."""
        note = ipywidgets.HTML(f'<div class="fx"><span class="fx-sub">{escape(detail)}</span></div>')
        self.tick.add_class("fx-first")
        heading = ipywidgets.HTML(f'<div class="fx"><div class="fx-card">{head("Approval", "", "", badge)}</div></div>')
        super().__init__([style_sheet(), heading, self.tick, note, *self.name_ticks.values()])
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


def _tick(label: str, value: bool, asks: bool = True) -> Any:
    label = clean(label)
    return ipywidgets.Checkbox(
        value, description=label, tooltip=label, indent=False, disabled=not asks, layout={"width": "auto"}
    )


def _shown(label: str, detail: str, names: Sequence[tuple[str, bool]], given: bool, asks: bool, badge: Badge) -> Shown:
    """What is asked. Whether it is approved is not said here: this face is kept, and a tick comes after it."""
    told = TOLD if asks else ""
    items = "".join(f"<li>{breakable(words)}{_word(ticked)}</li>" for words, ticked in names)
    note = "<br/>".join(f'<span class="fx-sub">{escape(text)}</span>' for text in (detail, told) if text)
    listed = f"<ul>{items}</ul>" if items else ""
    title = f"{label}{_word(given)}"
    text = [title_line(title, "", "", badge)]
    text += [text_face.paragraph(line, indent=4) for line in (detail, told) if line]
    text += [text_face.paragraph(f"- {words}{_word(ticked)}", indent=2) for words, ticked in names]
    return Shown(
        html=page(f'<div class="fx-card">{head(title, "", "", badge)}<div class="fx-line">{note}{listed}</div></div>'),
        text="\n".join(text),
    )


def _word(ticked: bool) -> str:
    return " (ticked by the start of this run)" if ticked else ""
