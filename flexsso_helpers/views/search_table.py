"""A long list of people: the first ones for every reader, all of them to search in a live notebook."""

from collections.abc import Sequence
from typing import Any

import anywidget
import traitlets

from flexsso_helpers.views.shown import Shown, widget_bundle
from flexsso_helpers.views.style import STYLE
from flexsso_helpers.views.table import Badge, Row, card, content_text

FIRST = 25
"""As many rows stand in the static faces; whoever has more has a live notebook, or the evidence of the run."""
MOST = 50
"""As many found rows are drawn at once, so that typing stays quick."""

# Rows come as HTML that is escaped already; what is searched is their text. The script only hides and counts.
_ESM = """
const plain = (text) => text.normalize("NFKD").replace(/\\p{M}/gu, "").toLowerCase();
function render({ model, el }) {
  const rows = model.get("rows"), noun = model.get("noun"), most = model.get("most");
  const texts = rows.map((row) => plain(row.text));
  el.innerHTML = model.get("skeleton");
  const body = el.querySelector("tbody");
  const line = document.createElement("div");
  line.className = "fx-search";
  const label = document.createElement("label");
  const input = document.createElement("input");
  const said = document.createElement("span");
  input.type = "search";
  input.autocomplete = "off";
  label.append("Search ", input);
  said.className = "fx-sub";
  said.setAttribute("role", "status");
  line.append(label, said);
  el.querySelector(".fx-head").append(line);
  el.querySelector(".fx-foot")?.remove();
  const draw = () => {
    const words = plain(input.value).split(/\\s+/).filter(Boolean);
    const found = rows.filter((_, at) => words.every((word) => texts[at].includes(word)));
    body.innerHTML = found.slice(0, most).map((row) => row.html).join("");
    const count = (n) => n.toLocaleString("en");
    const shown = found.length > most ? `, the first ${most} are shown` : "";
    said.textContent = `${count(found.length)} of ${count(rows.length)} ${noun}${shown}`;
  };
  input.addEventListener("input", draw);
  draw();
}
export default { render };
"""


class SearchTable(anywidget.AnyWidget):
    """Rows in columns with a search field above them in a live notebook; the order given is kept.

    `noun` names what is counted, in the plural: "people". Rows have no sign column, a verdict is a cell. They are
    searched by all words that they show, in any order, without regard to case and accents.
    """

    _esm = _ESM
    skeleton = traitlets.Unicode().tag(sync=True)
    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    noun = traitlets.Unicode().tag(sync=True)
    most = traitlets.Int(MOST).tag(sync=True)

    def __init__(
        self, title: str, columns: Sequence[str], rows: Sequence[Row], *, noun: str, badge: Badge = "", right: str = ""
    ) -> None:
        """Draw both faces once; they do not change."""
        beyond = len(rows) - FIRST
        footer = f"and {beyond:,} more {noun}: a live notebook shows and searches all" if beyond > 0 else ""
        self._shown: Shown = card(
            title=title, columns=columns, rows=rows[:FIRST], right=right, badge=badge, footer=footer
        )
        super().__init__(skeleton=self._shown.html, rows=[_sent(row, len(columns)) for row in rows], noun=noun)

    @property
    def text(self) -> str:
        """The text face."""
        return self._shown.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:  # type: ignore[override]
        return widget_bundle(self, self._shown)


def _sent(row: Row, width: int) -> dict[str, str]:
    """One row as the browser needs it: how it is drawn, and what is searched."""
    drawn = card(title="-", columns=("",) * width, rows=(row,)).html.removeprefix(STYLE)
    start, end = drawn.index("<tbody>") + len("<tbody>"), drawn.index("</tbody>")
    return {"html": drawn[start:end], "text": " ".join(content_text(cell) for cell in row.cells)}
