"""Values to paste elsewhere, each with a button that copies it and says so."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from textwrap import indent
from typing import Any

import anywidget
import traitlets

from flexsso_helpers.output import clean
from flexsso_helpers.views.shown import Shown, stack, widget_bundle
from flexsso_helpers.views.style import breakable, escape, page
from flexsso_helpers.views.table import Badge, Cell, head, title_line

# The static HTML is the skeleton; the script only adds the buttons, so both faces cannot differ.
_ESM = """
function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done ? Promise.resolve() : Promise.reject();
}
function button(value, label, place) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = "Copy";
  made.setAttribute("aria-label", "Copy " + label);
  const said = document.createElement("span");
  said.className = "fx-hid";
  said.setAttribute("role", "status");
  let timer;
  const say = (text, sentence, done) => {
    made.textContent = text;
    said.textContent = sentence;
    made.classList.toggle("fx-done", done);
    clearTimeout(timer);
    timer = setTimeout(() => { made.textContent = "Copy"; made.classList.remove("fx-done"); }, 4000);
  };
  made.addEventListener("click", () => copied(value).then(
    () => say("\u2713 Copied", label + " copied", true),
    () => {
      getSelection().selectAllChildren(place.querySelector("pre"));
      say("Press Ctrl+C", label + " is selected, copy it with the keyboard", false);
    }));
  place.append(made, said);
  return () => clearTimeout(timer);
}
function render({ model, el }) {
  el.innerHTML = model.get("skeleton");
  const places = [...el.querySelectorAll(".fx-copy")];
  const ends = model.get("fields").map((field, at) =>
    field.there ? button(field.value, field.label, places[at]) : () => {});
  return () => ends.forEach((end) => end());
}
export default { render };
"""


@dataclass(frozen=True)
class CopyField:
    """One value: its `label` where it is pasted, a `hint` (what it is called where it comes from), the value."""

    label: str
    hint: str
    value: str
    there: bool = True
    """False: the value only says why there is none yet, and nothing is to be copied."""


class CopyFields(anywidget.AnyWidget):
    """Values to paste elsewhere. Copying is a convenience of the browser; the values stand there for everybody.

    Values of several lines (a certificate) are shown whole, in a box that scrolls. `link` is (text, address) of the
    page to paste into.
    """

    _esm = _ESM
    skeleton = traitlets.Unicode().tag(sync=True)
    fields = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(
        self, title: str, fields: Sequence[CopyField], *, link: tuple[str, str] | None = None, badge: Badge = ""
    ) -> None:
        """Draw both faces once; they do not change."""
        to = Cell(link[0], href=link[1]) if link else ""
        body = head(title, "", to, badge) + "".join(map(_field_html, fields))
        text = "\n\n".join((title_line(title, "", to, badge), *map(_field_text, fields)))
        self._shown = Shown(html=page(f'<div class="fx-card">{body}</div>'), text=text)
        super().__init__(skeleton=self._shown.html, fields=[asdict(field) for field in fields])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:  # type: ignore[override]
        return widget_bundle(self, self._shown)


class WithCopy(anywidget.AnyWidget):
    """Something shown, folded below it a text to copy, and `below` both something more to see.

    Who reads the text face misses nothing: the text to copy says what the thing says.
    """

    _esm = _ESM
    skeleton = traitlets.Unicode().tag(sync=True)
    fields = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(self, shown: Shown, summary: str, field: CopyField, below: Shown | None = None) -> None:
        """Draw both faces once; they do not change."""
        folded = f"<details><summary>{escape(summary)}</summary>{_field_html(field)}</details>"
        line = Shown(html=page(f'<div class="fx-card fx-line">{folded}</div>'), text="")
        more = (below,) if below else ()
        html, text = stack(shown, line, *more).html, stack(shown, *more).text
        self._shown = Shown(html=html, text=text)
        super().__init__(skeleton=html, fields=[asdict(field)])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:  # type: ignore[override]
        return widget_bundle(self, self._shown)


def _field_html(field: CopyField) -> str:
    hint = f'<br/><span class="fx-sub">{escape(field.hint)}</span>' if field.hint else ""
    # A `pre` keeps its line ends by itself, and one right at its start is not shown.
    value = escape(field.value).replace("<br/>", "\n")
    label = escape(field.label).replace("<br/>", " ")
    shown = breakable(field.label).replace("@", "<wbr/>@")  # an address is as wide as the column
    box = f'<pre tabindex="0" role="group" aria-label="{label}">\n{value}</pre>'
    return f'<div class="fx-copy"><div><b>{shown}</b>{hint}</div>{box}</div>'


def _field_text(field: CopyField) -> str:
    hint = f" ({clean(field.hint)})" if field.hint else ""
    if "\n" in field.value.strip():
        return f"  {clean(field.label)}{hint}:\n{indent(clean(field.value.strip()), '    ')}"
    return f"  {clean(field.label)}{hint}: {clean(field.value)}"
