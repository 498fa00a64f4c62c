"""The kernel process of one tenant's run: papermill executes its notebooks in it, one after another.

What their cells print is told while they run. Each notebook finds the kernel as if it were new (`kernel_engine`).
"""

import asyncio
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

import papermill
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets import Any as Anything
from traitlets import Dict, Unicode

from flexsso_helpers import places
from flexsso_helpers.commands import kernel_engine
from flexsso_helpers.commands.forking_manager import ForkingKernelManager
from flexsso_helpers.commands.kernel_forks import Forks

CELL_SECONDS = 1800
LONGEST_SOCKET = 100
"""Characters of a path that the name of a socket may have everywhere, its number not counted."""
Told = Callable[[str], None]


Begun = Callable[[AsyncKernelManager], None]


class RunKernelManager(ForkingKernelManager):
    """A kernel of its own environment and folder: `cwd=` would move the whole process, threads and all."""

    environment = Dict()
    workdir = Unicode()
    kept = Anything(None)
    """The client that is connected to it, from the first notebook to the last."""

    async def _async_start_kernel(self, **kwargs: Any) -> None:
        kwargs["env"] = dict(self.environment)
        kwargs["cwd"] = self.workdir
        await super()._async_start_kernel(**kwargs)

    start_kernel = _async_start_kernel


class Printed(io.TextIOBase):
    """What cells print, told line by line at once: a device code is worth nothing when the notebook has ended."""

    def __init__(self, told: Told) -> None:
        """`told` gets each line that is not empty."""
        self._told, self._begun = told, ""

    def write(self, text: str) -> int:
        """Take what was printed; papermill hands it over as it arrives."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._tell(line)
        return len(text)

    def finish(self) -> None:
        """Tell a last line that was printed without its end."""
        self._tell(self._begun)
        self._begun = ""

    def _tell(self, line: str) -> None:
        if line.strip():
            self._told(line.rstrip())


class TenantKernel:
    """The kernel of one run, as a context. It starts with the first notebook, and ends with the context."""

    def __init__(
        self,
        folder: Path,
        begun: Begun = lambda _kernel: None,
        *,
        forks: Forks | None = None,
        withheld: Collection[str] = (),
        alone: bool = False,
    ) -> None:
        """`begun` gets the kernel before it starts. It never knows the variables of the environment in `withheld`.

        `alone` is for one notebook, which then starts sooner; another one has a kernel of its own.
        """
        self._alone = alone
        self.folder, self._begun, self._forks, self._withheld = folder, begun, forks, withheld
        self._kernel: RunKernelManager | None = None
        self._own = ""

    def __enter__(self) -> "TenantKernel":
        """Nothing starts yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the kernel, and with it its profile."""
        self._forget()

    def _forget(self) -> None:
        _end(self._kernel)
        if self._own:
            shutil.rmtree(self._own, ignore_errors=True)
        self._kernel, self._own = None, ""

    def run(self, notebook: Path, parameters: dict[str, Any], printed: Told) -> str:
        """Execute a notebook into the run's folder and return what stopped it, in words; empty when it ran to its end.

        Whatever can happen to a kernel is such a sentence: nothing is raised but what ends this process too.
        """
        out = Printed(printed)
        try:
            if self._alone:
                self._forget()
            if self._kernel is None:
                self._kernel = self._made(notebook)
                self._begun(self._kernel)
            papermill.execute_notebook(
                str(notebook),
                str(self.folder / notebook.name),
                parameters=parameters,
                engine_name=kernel_engine.NAME,
                progress_bar=False,
                execution_timeout=CELL_SECONDS,
                stdout_file=out,
                km=self._kernel,
                notebook_name=notebook.name,
                alone=self._alone,
            )
        except Exception as error:  # noqa: BLE001 - a tenant's end must not be that of the others
            if isinstance(error, DeadKernelError | CellTimeoutError):
                self._forget()  # whoever goes on all the same begins with a new one
            return _why(error)
        finally:
            out.finish()
        return ""

    def _made(self, notebook: Path) -> RunKernelManager:
        self._own = tempfile.mkdtemp(prefix="flexsso-")
        environment = {name: value for name, value in os.environ.items() if name not in self._withheld}
        return RunKernelManager(
            kernel_name="python3",
            environment=environment
            | {
                # what somebody's own profile starts, and keeps of a session, is no part of a run
                "IPYTHONDIR": self._own,
                "PYTHONSTARTUP": "",
                "FLEXSSO_RUN": str(self.folder),
                "FLEXSSO_HOME": str(places.project()),
                "FLEXSSO_RUNS": str(places.runs()),
                "JPY_SESSION_NAME": notebook.name,  # as a Jupyter server says it
            },
            workdir=str(self.folder),
            transport_encryption="auto",
            forks=self._forks,
            **_by_files(self._own),
        )


def _by_files(folder: str) -> dict[str, str]:
    """Have kernel and client speak by sockets that are files in this folder of their own, where the system has such.

    A port that was free is chosen before the kernel takes it; of some hundred kernels one finds it taken meanwhile.
    """
    place = os.path.join(folder, "kernel")
    fits = len(os.fsencode(place)) < LONGEST_SOCKET
    return {"transport": "ipc", "ip": place} if os.name == "posix" and fits else {}


def run_notebook(notebook: Path, folder: Path, parameters: dict[str, Any], printed: Told) -> str:
    """Execute one notebook in a kernel of its own; what stopped it, in words."""
    with TenantKernel(folder, alone=True) as kernel:
        return kernel.run(notebook, parameters, printed)


def _why(error: Exception) -> str:
    """What stopped a notebook, for people."""
    if isinstance(error, PapermillExecutionError):
        return f"{error.ename}: {error.evalue}"
    if isinstance(error, DeadKernelError):
        return "the notebook's kernel ended by itself; the machine may be short of memory"
    if isinstance(error, CellTimeoutError):
        return f"a cell took longer than {CELL_SECONDS // 60} minutes"
    if isinstance(error, NoSuchKernel) or "Kernel" in f"{type(error).__name__}{error}":
        return f"the notebook's kernel did not start ({one_line(error)}); `flexsso doctor` looks why"
    return one_line(error)


def one_line(error: BaseException) -> str:
    """An error that nobody foresaw, as one line: its kind and its words."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words[:300]}" if words else type(error).__name__


def _end(kernel: RunKernelManager | None) -> None:
    """End a kernel and the connection to it: nbclient leaves one that was handed to it running."""
    if kernel is None:
        return
    if kernel.kept is not None:
        with suppress(Exception):  # as below
            kernel.kept.stop_channels()
    if not kernel.has_kernel:
        return
    with suppress(Exception):  # the notebook's own outcome is known by now, and counts
        asyncio.run(_ended(kernel))


async def _ended(kernel: RunKernelManager) -> None:
    await kernel.shutdown_kernel(now=True)
