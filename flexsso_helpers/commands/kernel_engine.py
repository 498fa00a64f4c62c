"""papermill's engine for the notebooks of one tenant: one kernel process, which each of them finds as if it were new.

papermill parameterises and writes as ever; its own engine starts a kernel for each notebook. This one keeps the kernel
and the connection to it, has everything put back before a notebook (`commands.kernel_between`), and ends the notebook
before its next cell when an error was swallowed: one that a widget took, or that a task in the background raised.
"""

import ast
import time
from collections.abc import Callable
from typing import Any, cast

from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.log import logger

NAME = "flexsso"
BETWEEN = "__import__('importlib').import_module('flexsso_helpers.commands.kernel_between')"
NUDGED_EVERY = 10.0
"""Seconds of waiting after which the kernel is asked for something small. Sockets of kernel and client tell of a
message once; where that is missed while something is sent, it lies until the next one (ipykernel issue 1554)."""
SAVED_EVERY = 5.0
"""Seconds between two savings of a notebook on its way: papermill's own two for each cell take most of its time."""


class Client(PapermillNotebookClient):  # type: ignore[misc]
    """Executes one notebook in a kernel that may have executed others."""

    def __init__(self, *given: Any, notebook_name: str, alone: bool, **more: Any) -> None:
        """`notebook_name` is told to the kernel, as a Jupyter server does; `alone` that no other notebook follows."""
        super().__init__(*given, **more)
        self._notebook_name, self._alone = notebook_name, alone
        self._taken: list[tuple[str, str, list[str]]] = []
        self._nudged = time.monotonic()

    def papermill_execute_cells(self) -> None:
        """Begin as in a new kernel; then as papermill does."""
        self._ask(f"begin({self._notebook_name!r}, alone={self._alone})")
        super().papermill_execute_cells()

    def execute_cell(self, cell: Any, cell_index: int, *given: Any, **more: Any) -> Any:
        """Execute a cell. Raises CellExecutionError, and has the error in its outputs, for one that was swallowed."""
        self._nudged = time.monotonic()
        done = super().execute_cell(cell, cell_index, *given, **more)
        if cell.cell_type != "code":
            return done
        self._taken += [(kind, words, [f"{kind}: {words}"]) for kind, words in self._ask("swallowed()")]
        if self._taken:
            kind, words, trace = self._taken[0]
            if not any(output.output_type == "error" for output in cell.outputs):
                error = {"output_type": "error", "ename": kind, "evalue": words, "traceback": trace}
                cell.outputs.append(cast(Any, NotebookNode)(error))
            raise CellExecutionError("\n".join(trace), kind, words)
        return done

    async def _async_check_alive(self) -> None:
        """Looked at each second of a cell: raises DeadKernelError, and wakes what overlooked a message."""
        await super()._async_check_alive()
        if time.monotonic() - self._nudged >= NUDGED_EVERY:
            self._nudged = time.monotonic()
            self.kc.kernel_info()

    def set_widgets_metadata(self) -> None:
        """Keep nothing of widgets in the notebook: they hold what somebody typed."""

    def output(self, outs: Any, msg: Any, display_id: Any, cell_index: Any) -> Any:
        """Note an error wherever it is shown: an Output widget takes it away from the cell."""
        if msg["msg_type"] == "error":
            content = msg["content"]
            self._taken.append((content["ename"], content["evalue"], content["traceback"]))
        return super().output(outs, msg, display_id, cell_index)

    def _ask(self, call: str) -> Any:
        """What a function of `kernel_between` gives, called in the kernel beside its cells."""
        asked = self.kc.execute("", silent=True, store_history=False, user_expressions={"it": f"{BETWEEN}.{call}"})
        answer = self.wait_for_reply(asked)["content"]["user_expressions"]["it"]
        if answer["status"] != "ok":
            raise RuntimeError(f"{call} in the kernel: {answer['ename']}: {answer['evalue']}")
        return ast.literal_eval(answer["data"]["text/plain"])


class Engine(NBClientEngine):  # type: ignore[misc]
    """Executes in the kernel of `km`, and leaves it running."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        km: Any,
        notebook_name: str,
        alone: bool,
        execution_timeout: int,
        stdout_file: Any,
        start_timeout: int = 60,
        **_of_papermill: Any,
    ) -> Any:
        """Execute it; `km` keeps the connection for the next notebook."""
        client = Client(
            nb_man,
            km=km,
            notebook_name=notebook_name,
            alone=alone,
            kernel_name=kernel_name,
            timeout=execution_timeout,
            startup_timeout=start_timeout,
            stdout_file=stdout_file,
            log=logger,
        )
        client.kc = km.kept
        nb_man.save = _seldom(nb_man.save)
        try:
            return client.execute()
        finally:
            km.kept = client.kc
            del nb_man.save  # papermill's last saving is its own again


def _seldom(save: Callable[[], None]) -> Callable[..., None]:
    saved = [time.monotonic()]

    def save_now_and_then(**_given: Any) -> None:
        if time.monotonic() - saved[0] >= SAVED_EVERY:
            save()
            saved[0] = time.monotonic()

    return save_now_and_then


papermill_engines.register(NAME, Engine)
