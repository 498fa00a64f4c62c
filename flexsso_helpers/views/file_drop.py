"""A place to drop a file on, or to choose one by keyboard. What it holds is handed to the kernel and nowhere else."""

from typing import Any

import anywidget
import traitlets

from flexsso_helpers.views.shown import widget_bundle
from flexsso_helpers.views.style import page
from flexsso_helpers.views.table import card

LARGEST = 20_000_000

_ESM = """
function render({ model, el }) {
  el.innerHTML = model.get("skeleton");
  const zone = el.querySelector(".fx-drop"), largest = model.get("largest");
  const label = document.createElement("label"), input = document.createElement("input");
  const said = document.createElement("span");
  input.type = "file";
  input.accept = model.get("accept");
  said.setAttribute("role", "status");
  said.className = "fx-sub";
  label.append(model.get("label") + " ", input);
  zone.replaceChildren(label, said);
  const take = async (file) => {
    if (!file) return;
    if (file.size > largest) { said.textContent = `${file.name} is larger than ${largest / 1e6} megabytes`; return; }
    const data = await file.arrayBuffer();
    model.set("name", file.name);
    model.set("content", new DataView(data));
    model.set("turn", model.get("turn") + 1);
    model.save_changes();
    said.textContent = `${file.name} is read`;
  };
  input.addEventListener("change", () => take(input.files[0]));
  for (const kind of ["dragenter", "dragover"])
    zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("fx-over"); });
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("fx-over"));
  zone.addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files[0]); });
}
export default { render };
"""


def _bytes(sent: Any, _widget: object) -> bytes:
    """A browser's bytes arrive as a view of the message, which `Bytes` refuses."""
    return bytes(sent)


class FileDrop(anywidget.AnyWidget):
    """One file. `turn` counts the files that were dropped, so that the same one can be dropped again."""

    _esm = _ESM
    skeleton = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    accept = traitlets.Unicode().tag(sync=True)
    largest = traitlets.Int(LARGEST).tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    content = traitlets.Bytes().tag(sync=True, from_json=_bytes)
    turn = traitlets.Int(0).tag(sync=True)

    def __init__(self, label: str, *, accept: str) -> None:
        """`label` names the input; `accept` is what a file chooser offers, such as ".csv"."""
        self._shown = card(title=label)
        super().__init__(skeleton=page('<div class="fx-drop"></div>'), label=label, accept=accept)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:  # type: ignore[override]
        return widget_bundle(self, self._shown)
