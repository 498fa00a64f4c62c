"""The kinds of a form's fields: how a value becomes what one types, and back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import ipywidgets

from flexsso_helpers.output import clean

Kind = Literal["text", "number", "lines", "people", "choice", "flag"]

_WHOLE = {"width": "auto", "max_width": "760px", "height": "auto", "flex_flow": "column", "align_items": "stretch"}
"""Plain data: a widget that is made as the module loads belongs to no notebook."""
_NOT_SET = "(not set)"


@dataclass(frozen=True)
class Taken:
    """What a dropped file means for a field: its new value, what to say of it; or what is wrong, a line each."""

    value: Any = None
    told: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """One value of a form.

    kind: `text` is a string, `number` a whole number, `lines` a tuple of strings, `people` a tuple of (name, role)
    pairs that are typed one a line as "name, role", `choice` one of `choices`, `flag` a bool. `value` may be None:
    not set. `check` tells what is wrong with a value, in words; the empty string when nothing is. It is not
    asked about values that are not set, nor about those that the kind itself cannot understand. `take` reads a
    dropped CSV file: its bytes, its name, and the value as it stands; a file that has problems changes nothing.
    `fleeting`: what is entered leaves the input as soon as it arrives, since JupyterLab may save what inputs hold.
    """

    key: str
    label: str
    kind: Kind
    value: Any
    help: str = ""
    choices: Sequence[str] = ()
    check: Callable[[Any], str] | None = None
    take: Callable[[bytes, str, Any], Taken] | None = None
    fleeting: bool = False

    @property
    def typed(self) -> Any:
        """The value as it stands in the input: a string, for flags a bool."""
        return _TYPED[self.kind](self.value)

    def parsed(self, typed: Any) -> Any:
        """The value of what stands in the input. What cannot be understood is handed on as typed; `problem` says so."""
        return _PARSED[self.kind](typed)

    def problem(self, value: Any) -> str:
        """What is wrong with a value, in words; the field's own `check` speaks after the kind's."""
        return self._misfit(value) or (self.check(value) if self.check and value is not None else "")

    @property
    def words(self) -> str:
        """The given value for the text face."""
        if self.kind == "flag" and self.value is not None:
            return "yes" if self.value else "no"
        return clean(self.typed or _NOT_SET)

    def widget(self) -> Any:
        """The input, its label bound to it, showing the given value."""
        common = {"description": self.label, "tooltip": self.help or self.label, "layout": _WHOLE}
        style = {"description_width": "initial"}
        if self.kind == "flag":
            return ipywidgets.Checkbox(self.typed, indent=False, style=style, **common)
        if self.kind == "choice":
            return ipywidgets.Dropdown(options=self._options(), value=self.typed, style=style, **common)
        if self.kind in ("lines", "people"):
            rows = min(max(self.typed.count("\n") + 2, 3), 12)
            typing = not self.fleeting  # what leaves the input as soon as it arrives arrives when it is complete
            return ipywidgets.Textarea(self.typed, rows=rows, style=style, continuous_update=typing, **common)
        return ipywidgets.Text(self.typed, style=style, **common)

    def show(self, widget: Any) -> None:
        """Put the value into an input that shows another one."""
        if self.kind == "choice":
            widget.options = self._options()
        widget.value = self.typed

    def _options(self) -> list[tuple[str, str]]:
        # A given value that is no choice is still shown: what the file says is not replaced behind one's back.
        values = dict.fromkeys((*self.choices, self.typed))
        return [(value or _NOT_SET, value) for value in values]

    def _misfit(self, value: Any) -> str:
        if self.kind == "number" and isinstance(value, str):
            return "Write a whole number, such as 1095."
        if self.kind == "choice" and value and value not in self.choices:
            return f"Choose one of: {', '.join(self.choices)}."
        if self.kind == "people":
            bare = [name for name, role in value or () if not name or not role]
            return f"Write each line as name, role. This one has no role: {bare[0]}" if bare else ""
        return ""


def _lines(typed: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in typed.splitlines() if line.strip())


def _person(line: str) -> tuple[str, str]:
    # A group's name may contain a comma, a role never does.
    name, comma, role = line.rpartition(",")
    return (name.strip(), role.strip()) if comma else (line, "")


def _number(typed: str) -> int | str | None:
    bare = typed.strip()
    return int(bare) if bare.isascii() and bare.removeprefix("-").isdigit() else bare or None


_TYPED: Mapping[Kind, Callable[[Any], Any]] = {
    "text": lambda value: "" if value is None else str(value),
    "number": lambda value: "" if value is None else str(value),
    "lines": lambda value: "\n".join(value or ()),
    "people": lambda value: "\n".join(f"{name}, {role}" for name, role in value or ()),
    "choice": lambda value: value or "",
    "flag": bool,
}
_PARSED: Mapping[Kind, Callable[[Any], Any]] = {
    "text": lambda typed: typed.strip() or None,
    "number": _number,
    "lines": _lines,
    "people": lambda typed: tuple(map(_person, _lines(typed))),
    "choice": lambda typed: typed or None,
    "flag": bool,
}
