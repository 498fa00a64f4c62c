"""The two faces of everything shown: static HTML, and clean text beside it."""

from dataclasses import dataclass
from typing import Any

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import display

from flexsso_helpers.views.style import STYLE

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True, repr=False)
class Shown:
    """Something to look at. `html` is complete without scripts and without its style sheet; `text` has no HTML."""

    html: str
    text: str

    def __repr__(self) -> str:
        """The text face."""
        return self.text

    def __str__(self) -> str:
        """The text face."""
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/html": self.html, "text/plain": self.text}


def stack(*parts: Shown) -> Shown:
    """Several things as one output, with one style sheet, in the order given."""
    bodies = "".join(part.html.removeprefix(STYLE) for part in parts)
    return Shown(html=STYLE + bodies, text="\n\n".join(part.text for part in parts))


def in_kernel() -> bool:
    """Whether a notebook kernel executes us, so that what is displayed has a cell to land in."""
    return hasattr(get_ipython(), "kernel")


def show(thing: object) -> None:
    """Display `thing` in a notebook; elsewhere print its text face."""
    if in_kernel():
        display(thing)  # type: ignore[no-untyped-call]
    else:
        print(text_of(thing))


def text_of(thing: object) -> str:
    """The text face: what the thing's own bundle says, else `str`."""
    bundle = getattr(thing, "_repr_mimebundle_", None)
    return str(bundle()["text/plain"]) if bundle else str(thing)


def widget_bundle(widget: Any, shown: Shown) -> dict[str, Any]:
    """A widget's output: constant text and HTML for every reader, the live view for a notebook with a kernel."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    return {"text/html": shown.html, "text/plain": shown.text, WIDGET_VIEW: view}


def style_sheet() -> ipywidgets.HTML:
    """The sheet as an invisible widget, for the live face of a composite one."""
    return ipywidgets.HTML(STYLE, layout={"display": "none"})
