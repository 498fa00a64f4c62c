"""Forms: values to edit in a browser, the same values when nobody looks.

A form performs nothing. A cell reads `values()`; headless they are exactly what was passed in.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import ipywidgets

from flexsso_helpers.views.field_note import FieldNote
from flexsso_helpers.views.fields import Field, Taken
from flexsso_helpers.views.file_drop import FileDrop
from flexsso_helpers.views.shown import style_sheet, widget_bundle
from flexsso_helpers.views.style import escape
from flexsso_helpers.views.table import Badge, Cell, card, head

Judge = Callable[[dict[str, Any]], Mapping[str, str]]
DROP = "Drop a CSV file here, or choose one:"
MOST_PROBLEMS = 20
SHOWN = "As given when this was shown. What is edited later does not show here."


class Form(ipywidgets.VBox):  # type: ignore[misc]
    """One section's values. Nothing is remembered from an earlier form: a value passed anew is what counts.

    Its recorded faces show the values as given, so that they are the same in every run with the same parameters.
    """

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        *,
        badge: Badge = "",
        judge: Judge = lambda _edited: {},
        told: str = SHOWN,
    ) -> None:
        """Build the inputs; raises ValueError when two fields have one key.

        `judge` says, by key and in words, what is wrong with the edited values taken together; `told` says in the
        recorded faces what they show, as they cannot follow what is edited.
        """
        self._judge = judge
        self._fields = {field.key: field for field in fields}
        self._stands = {field.key: field.value for field in fields}
        if len(self._fields) < len(fields):
            raise ValueError("two fields of one form have the same key")
        facts = [(field.label, Cell(field.words, "" if field.kind == "flag" else "value")) for field in fields]
        self._shown = card(title=title, badge=badge, facts=facts, footer=told)
        self.inputs = {key: field.widget() for key, field in self._fields.items()}
        """The live inputs by key; setting `.value` is the same as typing."""
        self._told: dict[str, Taken] = {}
        self._held: dict[str, str] = {}
        """What was entered in fleeting fields, which no widget holds any more."""
        self._notes = {key: FieldNote() for key in self._fields}
        self._typed = {key: widget.value for key, widget in self.inputs.items()}
        for key, widget in self.inputs.items():
            widget.observe(lambda _, key=key: self._entered(key), "value")
        self._note()
        self.drops = {key: FileDrop(DROP, accept=".csv") for key, field in self._fields.items() if field.take}
        """The places for files by key."""
        for key, drop in self.drops.items():
            drop.observe(lambda _, key=key: self._take(key), "turn")
        heading = ipywidgets.HTML(f'<div class="fx"><div class="fx-card">{head(title, "", "", badge)}</div></div>')
        pairs = (
            ipywidgets.VBox([self.inputs[key], *filter(None, [self.drops.get(key)]), self._notes[key]])
            for key in self._fields
        )
        super().__init__([style_sheet(), heading, *pairs])
        self.add_class("fx-form")

    def values(self) -> dict[str, Any]:
        """Every value by key: the very object that was passed in, or what was made of it by hand."""
        return {key: field.value for key, field in self._fields.items()} | self.edited()

    def edited(self) -> dict[str, Any]:
        """Only the values that were changed by hand and are not back where they were."""
        typed = {key: self._held.get(key, self.inputs[key].value) for key in self._fields}
        return {key: field.parsed(typed[key]) for key, field in self._fields.items() if typed[key] != self._typed[key]}

    def put_away(self, key: str) -> None:
        """Forget what was entered in a fleeting field."""
        self._held.pop(key, None)
        self._told.pop(key, None)
        self._note()

    def settle(self) -> None:
        """The edited values have been saved: they are the given ones now, and only what differs from them is edited."""
        for key, value in self.edited().items():
            self._fields[key] = replace(self._fields[key], value=value)
            self._typed[key] = self.inputs[key].value

    def renew(self, fields: Sequence[Field]) -> tuple[list[str], list[str]]:
        """Show what the tenant's file says now: these fields, with its present values.

        Returns the labels of those that the file changed since, and of those that it changed while they were edited
        here to something else; the latter are left as they are.
        """
        moved, torn, edited = [], [], self.edited()
        for field in fields:
            key = field.key
            if key not in self._fields or field.value == self._stands[key]:
                continue
            if key in edited and edited[key] != field.value:
                torn.append(field.label)
                continue
            self._stands[key] = field.value
            if field.value != self.values()[key]:
                moved.append(field.label)
            self._fields[key] = replace(self._fields[key], value=field.value)
            self._typed[key] = field.typed
            field.show(self.inputs[key])
        return moved, torn

    def labels(self, keys: Iterable[str]) -> list[str]:
        """What these fields are called."""
        return [self._fields[key].label for key in keys if key in self._fields]

    def problems(self) -> dict[str, str]:
        """What is wrong, by key, in words; empty when everything fits."""
        values = self.values()
        found = {key: field.problem(values[key]) for key, field in self._fields.items()}
        edited = self.edited()
        judged = self._judge(edited) if edited else {}
        return {key: text for key in self._fields if (text := found[key] or judged.get(key, ""))}

    def _entered(self, key: str) -> None:
        widget = self.inputs[key]
        if self._fields[key].fleeting and widget.value:
            self._held[key] = widget.value
            self._told[key] = Taken(
                told=f"Taken, {len(widget.value):,} characters: in memory only. Enter it anew to replace it."
            )
            widget.value = ""  # comes back here
        else:
            self._note()

    def _take(self, key: str) -> None:
        """Put what a dropped file says into the input, where it can be read and corrected before it is saved."""
        field, drop = self._fields[key], self.drops[key]
        assert field.take is not None
        taken = field.take(drop.content, drop.name, field.parsed(self.inputs[key].value))
        drop.content = b""
        self._told[key] = taken
        if not taken.problems:
            self.inputs[key].value = replace(field, value=taken.value).typed
        self._note()

    def _note(self) -> None:
        problems = self.problems()
        for key, field in self._fields.items():
            taken = self._told.get(key, Taken())
            hint = f'<span class="fx-sub">{escape(field.help)}</span>' if field.help else ""
            said = f'<div role="status">{escape(taken.told)}</div>' if taken.told else ""
            wrong = [*filter(None, [problems.get(key, "")]), *taken.problems[:MOST_PROBLEMS]]
            if len(taken.problems) > MOST_PROBLEMS:
                wrong.append(f"… and {len(taken.problems) - MOST_PROBLEMS} more")
            alert = "".join(f'<div class="fx-no" role="alert">✗ {escape(text)}</div>' for text in wrong)
            self._notes[key].tell(f'<div class="fx">{alert}{said}{hint}</div>', wrong=bool(wrong))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return widget_bundle(self, self._shown)
