"""Waiting, honestly: live words in a browser, one constant line in every record of the run."""

from asyncio import CancelledError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets
from IPython.display import display

from flexsso_helpers.views.shown import Shown, in_kernel, style_sheet, widget_bundle
from flexsso_helpers.views.style import attribute, escape, page
from flexsso_helpers.views.table import Badge, tag, title_line

Say = Callable[[str, float | None], None]
"""Shows a text, and how far it is between 0 and 1, None where nobody knows."""


class Progress(ipywidgets.VBox):  # type: ignore[misc]
    """What is being waited for. Its recorded faces are one constant line, so that two runs never differ by it."""

    def __init__(self, title: str, *, kept: str = "", badge: Badge = "") -> None:
        """`kept` stands in the record, which is read when the waiting is over. Nothing is displayed; see `begin`."""
        self._title, self._badge, self._kept = title, tag(badge), kept or title
        self._shown = Shown(html=page(self._past("")), text=title_line(self._kept, "", "", badge))
        self._live = ipywidgets.HTML()
        super().__init__([style_sheet(), self._live])
        self.say("")

    @classmethod
    def waiting(cls, what: str, badge: Badge = "") -> "Progress":
        """Waiting for `what`."""
        return cls(f"Waiting for {what}", kept=f"Waited for {what}", badge=badge)

    def begin(self) -> "Progress":
        """Display it in the cell that executes; without a kernel nothing happens."""
        if in_kernel():
            display(self)  # type: ignore[no-untyped-call]
        return self

    def say(self, text: str, fraction: float | None = None) -> None:
        """Show `text` beside the title. `fraction` is between 0 and 1; None when nobody knows how much is left."""
        self._draw(text, _bar(self._title, fraction))

    def done(self, text: str = "✓ done") -> None:
        """Say that the waiting is over, and how it ended; what ended well is a quiet line, as in the record."""
        if text.startswith("✓"):
            self._live.value = f'<div class="fx">{self._past(f" · {text}")}</div>'
        else:
            self._draw(text, "")

    def _past(self, how: str) -> str:
        return f'<div class="fx-past" role="status">{escape(self._kept + how)}{self._badge}</div>'

    def _draw(self, text: str, bar: str) -> None:
        words = f'{escape(self._title)} <span class="fx-sub">{escape(f"· {text}" if text else "")}</span>{self._badge}'
        self._live.value = f'<div class="fx">{_line(words, bar)}</div>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return widget_bundle(self, self._shown)


@contextmanager
def in_progress(make: Callable[[], Progress]) -> Iterator[Say]:
    """A progress line for what the block does: tell it how far that is. Nothing shows before the first word."""
    begun: list[Progress] = []

    def say(text: str, fraction: float | None) -> None:
        if not begun:
            begun.append(make().begin())
        begun[0].say(text, fraction)

    end = "✓ done"
    try:
        yield say
    except BaseException as error:
        end = "– stopped" if isinstance(error, KeyboardInterrupt | CancelledError) else "✗ ended by an error, see below"
        raise
    finally:
        for progress in begun:
            progress.done(end)


def _line(words: str, bar: str = "") -> str:
    return f'<div class="fx-card fx-line"><div role="status">{words}</div>{bar}</div>'


def _bar(title: str, fraction: float | None) -> str:
    value = "" if fraction is None else f' value="{min(max(fraction, 0.0), 1.0):.3f}"'
    return f'<progress max="1"{value} aria-label="{attribute(title)}"></progress>'
