"""How far a long piece of work is; short ones show nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from flexsso_helpers.graph import Say
from flexsso_helpers.views import Progress, in_progress
from flexsso_helpers.views.table import Badge

LONG = 100


@contextmanager
def counting(title: str, done: str, total: int, badge: Badge) -> Iterator[Say]:
    """Gives what is told the number of those done, and shows “`done` 340 of 2,000” from LONG on, under this badge."""
    if total < LONG:
        yield lambda _number: None
        return
    with in_progress(lambda: Progress(title, badge=badge)) as say:
        say("", None)
        yield lambda number: say(f"{done} {number:,} of {total:,}", number / total)
