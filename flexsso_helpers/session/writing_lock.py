"""One writer a tenant on one machine: Graph has no ETags, so two runs at once would overwrite each other unseen.

The lock is the operating system's: it ends with the process, however that ends. It is held while a section writes and
no longer, so a guided session may stay open for a day while a nightly run reads. Between machines nothing locks; there
the read-back finds what another run has changed.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from flexsso_helpers.errors import InUse
from flexsso_helpers.places import not_kept, private


class WritingLock:
    """The lock of one tenant's pairing."""

    def __init__(self, file: Path) -> None:
        """`file` is the same for every run of this pairing on this machine; who holds it stands beside it."""
        self._file, self._holder = file, file.with_suffix(".json")

    @contextmanager
    def held(self, who: str, now: datetime) -> Iterator[None]:
        """Hold it. Raises InUse, at once, when another run does."""
        from filelock import FileLock, Timeout  # whoever only reads needs no lock

        private(self._file.parent)
        lock = FileLock(self._file, timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except Timeout as error:
            raise self._in_use() from error
        except OSError as error:
            raise not_kept(self._file, error) from error
        try:
            self._holder.touch(mode=0o600)
            holder = {"who": who, "since": f"{now:%Y-%m-%d %H:%M:%S} UTC", "process": os.getpid()}
            self._holder.write_text(json.dumps(holder, ensure_ascii=False), "utf-8")
            yield
        finally:
            self._holder.unlink(missing_ok=True)
            lock.release()

    def _in_use(self) -> InUse:
        try:
            holder = json.loads(self._holder.read_text("utf-8"))
            by = f"{holder['who']} (process {holder['process']}) since {holder['since']}"
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
        ):  # the other run has the lock and has not written its name yet
            by = "another process of this machine, which began a moment ago"
        return InUse(
            f"This tenant is being written to by {by}.",
            why="Two runs at once would overwrite each other's settings; nothing was written by this one.",
            fix="Wait until the other run is through, then run the Look cell again and approve the plan anew.",
        )
