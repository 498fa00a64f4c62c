"""What stands below an input: what is wrong with it, and what it is for. A screen reader reads it with the input."""

import anywidget
import traitlets

_ESM = """
function render({ model, el }) {
  el.id = el.id || `fx-note-${Math.random().toString(36).slice(2)}`;
  const told = () => {
    el.innerHTML = model.get("value");
    const input = el.parentElement && el.parentElement.querySelector("input:not([type=file]), textarea, select");
    if (!input) return;
    input.setAttribute("aria-describedby", el.id);
    input.setAttribute("aria-invalid", String(model.get("wrong")));
  };
  let frame = 0;  // the input may come into the page after this
  const once = () => {
    if (el.isConnected) told(); else frame = requestAnimationFrame(once);
  };
  once();
  model.on("change:value change:wrong", told);
  return () => { cancelAnimationFrame(frame); model.off("change:value change:wrong", told); };
}
export default { render };
"""


class FieldNote(anywidget.AnyWidget):
    """HTML for the input that stands before it in the same box; `wrong` says whether that input is refused.

    ipywidgets has no way to say either of its own inputs, so the browser's side of this one does (WAI-ARIA 1.2,
    aria-describedby and aria-invalid).
    """

    _esm = _ESM
    value = traitlets.Unicode().tag(sync=True)
    wrong = traitlets.Bool(False).tag(sync=True)

    def tell(self, html: str, *, wrong: bool) -> None:
        """Show this, and mark the input."""
        with self.hold_sync():
            self.value, self.wrong = html, wrong
