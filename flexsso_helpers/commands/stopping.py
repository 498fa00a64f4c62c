"""Ctrl-C on a run: no further write begins, what was sent is waited for, and each tenant's result is written.

Kernels don't hear Ctrl-C. A mark in the run's folder tells them: the ledger refuses the next write, and a wait ends.
Whoever waits for something else, such as a device code, is interrupted; whoever does not end then is ended.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager

from flexsso_helpers.ledger import STOP, read_ledger, writes

SECONDS = 5.0
"""How long a run may take to end by itself, and then to end when it was interrupted."""
IN_HAND = 120.0
"""How long the answer to a write that was sent is waited for."""
FOUND = "run it again: what is there is found, and nothing is made twice"
AGAIN = f"stopped; {FOUND}"
GO_ON = "stopped; run it again with --continue: who was proved today is skipped, and nothing is made twice"


def stopped(payload: Mapping[str, Any]) -> str:
    """What a run says that Ctrl-C stopped: how to go on, by the command that `payload` was made for."""
    return GO_ON if payload.get("command", "run") == "run" else AGAIN  # no other command takes --continue


class Stopping:
    """Whether the runs of this command are to stop, and which of them are on their way."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._kernels: dict[Path, AsyncKernelManager | None] = {}

    @property
    def asked(self) -> bool:
        """Whether somebody pressed Ctrl-C."""
        return self._asked.is_set()

    def ask(self) -> None:
        """From now on the runs of this command are to stop; whoever has them stops them."""
        self._asked.set()

    @contextmanager
    def run(self, folder: Path) -> Iterator[None]:
        """A run that writes into this folder is on its way."""
        with self._lock:
            self._kernels[folder] = None
            if self.asked:
                (folder / STOP).touch()
        try:
            yield
        finally:
            with self._lock:
                self._kernels.pop(folder, None)
                (folder / STOP).unlink(missing_ok=True)

    def begun(self, folder: Path, kernel: AsyncKernelManager) -> None:
        """The kernel that executes this run's notebook now."""
        with self._lock:
            self._kernels[folder] = kernel

    def stop(self, runs: Sequence[Future[Any]], told: Callable[[str], None]) -> None:
        """Stop all runs and wait for them: seconds, unless a write is in hand. Ctrl-C again ends their kernels."""
        told("Stopping: no further change begins, and results are written. Ctrl-C once more ends the kernels at once.")
        with self._lock:
            self._asked.set()
            for folder in self._kernels:
                with suppress(OSError):
                    (folder / STOP).touch()
        try:
            self._wait(runs)
        except KeyboardInterrupt:
            self._each(lambda kernel: kernel.provisioner.kill())

    def _wait(self, runs: Sequence[Future[Any]]) -> None:
        if not wait(runs, SECONDS).not_done:
            return
        for _ in range(round(IN_HAND / SECONDS)):
            if not self._in_hand():
                break
            if not wait(runs, SECONDS).not_done:
                return
        self._each(lambda kernel: kernel.interrupt_kernel())
        if wait(runs, SECONDS).not_done:
            self._each(lambda kernel: kernel.provisioner.kill())

    def end(self, folder: Path, ended: threading.Event) -> None:
        """End the one run that writes into this folder, which says so when it has `ended`."""
        with suppress(OSError):
            (folder / STOP).touch()
        if ended.wait(SECONDS):
            return
        for _ in range(round(IN_HAND / SECONDS)):
            if not self._in_hand(folder) or ended.wait(SECONDS):
                break
        self._each(lambda kernel: kernel.interrupt_kernel(), folder)
        if not ended.wait(SECONDS):
            self._each(lambda kernel: kernel.provisioner.kill(), folder)

    def _in_hand(self, only: Path | None = None) -> bool:
        """Whether a write was sent whose answer has not come."""
        with self._lock:
            folders = [folder for folder in self._kernels if only in (None, folder)]
        return any(each.answer is None for folder in folders for each in writes(read_ledger(folder)))

    def _each(self, act: Callable[[Any], Any], only: Path | None = None) -> None:
        with self._lock:
            known = [kernel for folder, kernel in self._kernels.items() if only in (None, folder)]
        kernels = [kernel for kernel in known if kernel is not None and kernel.has_kernel]
        for kernel in kernels:
            with suppress(Exception):  # it ended meanwhile
                asyncio.run(_awaited(act, kernel))


@contextmanager
def ended_as_by_ctrl_c() -> Iterator[None]:
    """Within, whoever asks this process to end (SIGTERM: a pipeline, a cluster) is answered as Ctrl-C is."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Limit:
    """How long one tenant may take, as a context around its run; after that it is stopped as by Ctrl-C, alone."""

    def __init__(self, stopping: Stopping, folder: Path, seconds: float | None) -> None:
        """`seconds` None is no limit."""
        self.words = f"not done within {_long(seconds or 0.0)}; {FOUND}"
        self._stopping, self._folder = stopping, folder
        self._over, self._ended = threading.Event(), threading.Event()
        self._timer = threading.Timer(seconds, self._end) if seconds else None

    def over(self) -> bool:
        """Whether it took longer."""
        return self._over.is_set()

    def __enter__(self) -> "Limit":
        """The time runs from now on."""
        if self._timer:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        """The run has ended."""
        self._ended.set()
        if self._timer:
            self._timer.cancel()

    def _end(self) -> None:
        self._over.set()
        self._stopping.end(self._folder, self._ended)


def _long(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} seconds"


async def _awaited(act: Callable[[Any], Any], kernel: AsyncKernelManager) -> None:
    await act(kernel)
