"""An error as a card, in place of a traceback."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from IPython.core.getipython import get_ipython

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.views import text_face
from flexsso_helpers.views.missing_cell import TITLE, parts_for
from flexsso_helpers.views.shown import Shown, in_kernel, show
from flexsso_helpers.views.style import escape, page


def error_card(parts: Mapping[str, str], title: str) -> Shown:
    """The named sentences of an error (`FlexSSOError.parts`) under its title, in their order."""
    named = {name: f"{text} · {TITLES[text]}" if text in TITLES else text for name, text in parts.items()}
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in named.items())
    lines = [text_face.paragraph(f"✗ {title}")]
    if parts:
        lines.append(text_face.columns(("", ""), [(f"{name}:", text) for name, text in parts.items()]))
    return Shown(
        html=page(f'<div class="fx-error" role="alert"><b>✗ {escape(title)}</b><dl>{rows}</dl></div>'),
        text="\n".join(lines),
    )


def draw_errors() -> None:
    """From now on an error for people ends a notebook's cell with its card instead of a traceback.

    So does the name of something that an earlier cell makes, where that cell has not run in this kernel. Papermill and
    other runners still see the error with its whole text. A traceback of anything else shows no values of variables,
    also where IPython was told to: a token is among them, and the notebook is saved.
    """
    shell = get_ipython()
    if shell is not None and in_kernel():
        if shell.InteractiveTB.mode == "Verbose":
            shell.InteractiveTB.set_mode(mode="Context")
        shell.set_custom_exc((FlexSSOError, NameError), _drawn)  # type: ignore[no-untyped-call]


def _drawn(
    shell: Any,
    kind: type[Exception],
    error: FlexSSOError | NameError,
    trace: TracebackType,
    tb_offset: int | None = None,
) -> list[str]:
    if isinstance(error, NameError):
        parts, title = parts_for(error.name or ""), TITLE
        if not parts:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
            return []
    else:
        parts, title = error.parts, error.title
    show(error_card(parts, title))
    lines = [f"{kind.__name__}: {title}"]
    shell._showtraceback(kind, error, lines)
    return lines
