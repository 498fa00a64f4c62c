"""How far a run of many is: a line a tenant on a terminal, plain lines everywhere else; totals, and the time left."""

import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from flexsso_helpers.commands.command_line import ToRead, tell
from flexsso_helpers.fleet.standing import BEST_FIRST, Standing, standing
from flexsso_helpers.output import clean, looked_on

ROWS = 20
"""As many tenants on their way or just ended are drawn; a fleet is longer than a terminal."""
_COLOURS = {"failed": "red", "waiting": "yellow", "planned": "yellow", "changed": "green", "proved": "green"}


class Board:
    """Told what happens, as a context. `run_tenants` calls it with lines, and `ended` with results."""

    def __init__(self, names: Sequence[str], *, drawn: bool | None = None) -> None:
        """`names` are the tenants that are run, as their lines begin.

        `drawn` is whether stderr is a terminal, which it finds out itself.
        """
        self._all, self._begun = len(names), time.monotonic()
        self._names = set(names)
        self._now: dict[str, str] = {}
        self._ended: list[Standing] = []
        self._lock = threading.Lock()
        several = self._all > 1
        drawn = looked_on(sys.stderr) if drawn is None else drawn
        self._live = Live(console=Console(stderr=True), transient=True, get_renderable=self._drawn) if drawn else None
        self._several = several

    def __enter__(self) -> "Board":
        """Begin to draw."""
        if self._live and self._several:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        if self._live and self._several:
            self._live.stop()

    def __call__(self, line: str) -> None:
        """A line: of a tenant, which begins with its name, or of the whole run."""
        tenant, _, rest = line.partition(" · ")
        with self._lock:
            on_its_way = tenant in self._names
            if on_its_way:
                self._now[tenant] = rest
        if not (self._live and self._several):
            tell(line)
        elif isinstance(line, ToRead) or not on_its_way:  # no row shows it, or not for long enough
            self._live.console.print(clean(line), markup=False, highlight=False)

    def ended(self, result: Mapping[str, Any]) -> None:
        """A tenant's result."""
        stands = standing(result)
        with self._lock:
            self._ended.append(stands)
            self._names.discard(stands.tenant)  # from a cluster a line may come after it
            self._now.pop(stands.tenant, None)
            line = f"{self.totals} · {self.left}" if len(self._ended) < self._all else self.totals
        if self._several and not self._live:
            tell(line)

    @property
    def totals(self) -> str:
        """How many of all have ended, and how."""
        counts = {words: sum(each.words == words for each in self._ended) for words in BEST_FIRST}
        told = ", ".join(f"{count:,} {words}" for words, count in counts.items() if count)
        return f"{len(self._ended):,} of {self._all:,} · {told}" if told else f"0 of {self._all:,}"

    @property
    def left(self) -> str:
        """How long the rest takes if it goes on like this."""
        if not any(each.folder for each in self._ended):  # a file that says nothing ends at once
            return "time left not known yet"
        seconds = (time.monotonic() - self._begun) / len(self._ended) * (self._all - len(self._ended))
        return f"about {seconds / 60:,.0f} min left" if seconds >= 90 else f"about {max(seconds, 1):.0f} s left"

    def _drawn(self) -> Group:
        table = Table(box=None, pad_edge=False, show_header=False)
        with self._lock:
            on_their_way = list(self._now.items())[-ROWS:]
            ended = self._ended[len(on_their_way) - ROWS :] if len(on_their_way) < ROWS else []
            for each in ended:
                table.add_row(
                    Text(each.tenant), Text(each.words, style=_COLOURS.get(each.words, "")), Text(clean(each.why))
                )
            for tenant, says in on_their_way:
                table.add_row(Text(tenant), Text("…"), Text(clean(says), overflow="ellipsis", no_wrap=True))
            return Group(table, Text(f"{self.totals} · {self.left}", style="bold"))
