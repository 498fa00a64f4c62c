"""One notebook, executed by papermill in a kernel of its own; what its cells print is told while they run."""

import asyncio
import io
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import papermill
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets import Dict, Unicode

from flexsso_helpers import places

CELL_SECONDS = 1800
Told = Callable[[str], None]


Begun = Callable[[AsyncKernelManager], None]


class RunKernelManager(AsyncKernelManager):
    """A kernel of its own environment and folder: `cwd=` would move the whole process, threads and all."""

    extra_env = Dict()
    workdir = Unicode()

    async def _async_start_kernel(self, **kwargs: Any) -> None:
        kwargs["env"] = {**os.environ, **self.extra_env}
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


def run_notebook(
    notebook: Path,
    folder: Path,
    parameters: dict[str, Any],
    printed: Told,
    begun: Begun = lambda _kernel: None,
) -> str:
    """Execute a notebook into `folder` and return what stopped it, in words; empty when it ran to its end.

    `begun` gets the kernel before it starts. Whatever can happen to a kernel is such a sentence: nothing is raised
    but what ends this process too.
    """
    out = Printed(printed)
    kernel, own = None, ""
    try:
        own = tempfile.mkdtemp(prefix="flexsso-")
        kernel = RunKernelManager(
            kernel_name="python3",
            extra_env={
                # what somebody's own profile starts, and keeps of a session, is no part of a run
                "IPYTHONDIR": own,
                "PYTHONSTARTUP": "",
                "FLEXSSO_RUN": str(folder),
                "FLEXSSO_HOME": str(places.project()),
                "FLEXSSO_RUNS": str(places.runs()),
                "JPY_SESSION_NAME": notebook.name,  # as a Jupyter server says it
            },
            workdir=str(folder),
            transport_encryption="auto",
        )
        begun(kernel)
        papermill.execute_notebook(
            str(notebook),
            str(folder / notebook.name),
            parameters=parameters,
            progress_bar=False,
            store_widget_state=False,
            execution_timeout=CELL_SECONDS,
            stdout_file=out,
            km=kernel,
        )
    except Exception as error:  # noqa: BLE001 - a tenant's end must not be that of the others
        return _why(error)
    finally:
        out.finish()
        _end(kernel)
        if own:
            shutil.rmtree(own, ignore_errors=True)
    return ""


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
    """End a kernel: nbclient leaves one that was handed to it running."""
    if kernel is None or not kernel.has_kernel:
        return
    with suppress(Exception):  # the notebook's own outcome is known by now, and counts
        asyncio.run(_ended(kernel))


async def _ended(kernel: RunKernelManager) -> None:
    await kernel.shutdown_kernel(now=True)
