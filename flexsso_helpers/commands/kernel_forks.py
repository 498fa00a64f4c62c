"""Kernels forked from one parent that has loaded everything, in place of a Python that starts anew for each.

Where there can be no parent (Windows, macOS, one tenant alone), or it fails, each tenant starts its own kernel when its
turn comes, and keeps it for all its notebooks. There is no pool that starts kernels ahead: a kernel is given its
tenant's environment, folder and secrets as it begins, and while others run the cores are busy anyway.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

from flexsso_helpers.commands.selection import Given

LAUNCHER = "ipykernel_launcher"
KNOWN = (
    "PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "SSL_CERT_FILE",
    "LD_LIBRARY_PATH",
)  # fmt: skip
"""What the parent may know of this process's environment; and whatever begins with LC_."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Libraries of numbers begin a thread for each core as they are loaded; then forking would not be safe."""
SECONDS = 60.0
"""How long an answer is waited for. After half of it no kernel is forked any more: it might come too late."""


class Forked:
    """A process that another one forked, by its handle: what a kernel's provisioner asks of a `Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, handle: int) -> None:
        """`handle` is a file descriptor of the process, which this object closes when it has ended."""
        self.pid, self._handle = pid, handle
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """None while it lives; its own exit code is its parent's to know."""
        if self.returncode is None:
            looked = select.poll()  # select() knows no handle above 1023, and a fleet has many
            looked.register(self._handle, select.POLLIN)
            if looked.poll(0):
                self.returncode = 1
                os.close(self._handle)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended. Raises subprocess.TimeoutExpired."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(LAUNCHER, timeout or 0.0)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to exactly this process, however process ids are used again."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class Forks:
    """The parent of kernels, as a context: it ends, and its kernels with it, when the context does."""

    told: Callable[[str], None] = staticmethod(lambda _line: None)
    """Gets a line, once, when a kernel cannot be forked and has to start by its command."""

    def __init__(self) -> None:
        """Nothing is started yet."""
        self._lock, self._ready, self._told = threading.Lock(), False, False
        self._broken = ""
        """Why it is asked no more."""

    def __enter__(self) -> "Forks":
        """Start loading; the first kernel waits for it."""
        self._asked, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: value for name, value in os.environ.items() if name in KNOWN or name.startswith("LC_")}
        self._said = tempfile.TemporaryFile()  # no pipe: nobody reads while it loads
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "flexsso_helpers.commands.kernel_parent"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                env={**environment, **ONE_THREAD},
                start_new_session=True,  # Ctrl-C is for the command, which ends kernels in order
            )
        return self

    def __exit__(self, *_: object) -> None:
        """End the parent."""
        self._asked.close()
        self._said.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def fork(self, arguments: Sequence[str], environment: dict[str, str], folder: Path) -> Forked:
        """A new kernel. Raises OSError when there can be none, and tells why the first time."""
        given = json.dumps({"arguments": list(arguments), "environment": environment, "folder": str(folder)})
        with self._lock:
            try:
                return self._forked(given)
            except OSError as error:
                if not self._told:
                    self._told = True
                    self.told(f"Kernels start by their own command, which takes longer: {error}.")
                raise

    def _forked(self, given: str) -> Forked:
        if self._broken:
            raise ConnectionResetError(self._broken)
        self._asked.settimeout(SECONDS)
        try:
            if not self._ready and not self._asked.recv(100):
                raise ConnectionResetError
            self._ready = True
            self._asked.send(f"{time.monotonic() + SECONDS / 2}\n{given}".encode())
            answer, handles, _, _ = socket.recv_fds(self._asked, 100, 1)
            if not answer:
                raise ConnectionResetError
        except (TimeoutError, ConnectionError) as error:
            # a late answer would be taken for that to the next question: whoever asks next gets none
            late = isinstance(error, TimeoutError)
            self._broken = f"what they are forked from {'does not answer' if late else self._why_ended()}"
            raise ConnectionResetError(self._broken) from error
        if not handles:
            raise OSError(f"one could not be forked ({answer.decode()})")
        return Forked(int(answer), handles[0])

    def _why_ended(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        code = f"exit code {self._process.returncode}"
        if self._ready:
            return f"has ended ({code})"
        self._said.seek(0)
        lines = [line.strip() for line in self._said.read().decode(errors="replace").splitlines()]
        last = next((line for line in reversed(lines) if line), "it said nothing")
        return f"could not load ({code}; {last[:300]})"


def can_fork() -> bool:
    """Whether processes outlive a fork here, and have handles."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def forks_for(given: Sequence[Given]) -> AbstractContextManager[Forks | None]:
    """A parent of kernels for several tenants, where there can be one: for one alone it is not worth its time."""
    several = sum(each.path is not None for each in given) > 1
    return Forks() if several and can_fork() else nullcontext()
