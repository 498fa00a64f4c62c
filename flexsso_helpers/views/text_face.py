"""Aligned plain text, for terminals, e-mail and readers without HTML."""

from collections.abc import Sequence
from io import StringIO

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from flexsso_helpers.output import clean

WIDTH = 110


def paragraph(text: str, *, indent: int = 0) -> str:
    """`text` wrapped at the page width; words that are too long are broken, none is dropped."""
    told = clean(text)
    if "\n" not in told and "\t" not in told and cell_len(told) <= WIDTH - indent:
        return f"{' ' * indent}{told}".rstrip()  # as it would be drawn, which takes longer
    return _drawn(Padding(_text(text), (0, 0, 0, indent)))


def columns(header: Sequence[str], rows: Sequence[Sequence[str]], *, indent: int = 2) -> str:
    """Rows in aligned columns with wrapped cells. Widths are terminal cells, so names in any script stay aligned."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, show_header=any(header))
    for title in header:
        table.add_column(_text(title), overflow="fold")
    for row in rows:
        table.add_row(*map(_text, row))
    return _drawn(Padding(table, (0, 0, 0, indent)))


def _text(text: str) -> Text:
    return Text(clean(text), overflow="fold")


def _drawn(what: RenderableType) -> str:
    # Nothing of the surroundings (terminal size, colours, notebook) may change what is drawn.
    console = Console(
        file=StringIO(), width=WIDTH, color_system=None, force_terminal=False, force_jupyter=False, legacy_windows=False
    )
    with console.capture() as capture:
        console.print(what)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())
