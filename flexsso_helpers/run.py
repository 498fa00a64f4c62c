"""One tenant: its step notebooks, in order, through papermill. What comes in and goes out is plain data.

The status is read from what our own sections recorded; papermill's metadata calls cells completed that never ran (N07).
"""

import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import papermill
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets import Dict, Unicode

from flexsso_helpers import places
from flexsso_helpers.errors import FlexSSOError, ParametersError
from flexsso_helpers.handover import write_handover
from flexsso_helpers.ledger import read_evidence, write_whole
from flexsso_helpers.parameters import load
from flexsso_helpers.plan import FAILED, WAITING, worst

CELL_SECONDS = 1800
RESULT = "result.json"
Record = dict[str, Any]


class RunKernelManager(AsyncKernelManager):
    """A kernel of its own environment and folder: `cwd=` would move the whole process, threads and all (5.2)."""

    extra_env = Dict()
    workdir = Unicode()

    async def _async_start_kernel(self, **kwargs: Any) -> None:
        kwargs["env"] = {**os.environ, **self.extra_env}
        kwargs["cwd"] = self.workdir
        await super()._async_start_kernel(**kwargs)

    start_kernel = _async_start_kernel


def step_notebooks(only: Sequence[str] = ()) -> list[Path]:
    """The notebooks of the documented steps, in order; `only` picks by number, such as `04`.

    Raises ParametersError for a number that no notebook has.
    """
    found = {path.name[:2]: path for path in sorted(places.notebooks().glob("0[0-9]_*.ipynb"))}
    unknown = [number for number in only if number not in found]
    if unknown:
        raise ParametersError(
            f"There is no step {', '.join(unknown)}.", fix=f"The steps are {', '.join(found)}: --only 04,05"
        )
    return [path for number, path in found.items() if not only or number in only]


def run_tenant(payload: Mapping[str, Any], told: Callable[[str], None] = lambda _line: None) -> Record:
    """Run one tenant's notebooks and return what came of it.

    Takes `file` (the tenant's file), `apply`, `allow_removals`, `only` (numbers) and `folder` (where to write, made
    when missing). Returns `tenant`, `rehearsal`, `outcome`, `notebooks` (a record each), `sign_ons`, `folder` and
    `handover`; `result.json` there says the same. `told` gets a line for each notebook as it ends. Never raises for
    what a tenant, a file or the network can do.
    """
    file = Path(payload["file"])
    only = tuple(payload.get("only", ()))
    result: Record = {"tenant": file.stem, "rehearsal": False, "outcome": FAILED, "notebooks": [], "sign_ons": {}}
    try:
        tenant = load(file)
    except FlexSSOError as error:
        return {**result, "folder": None, "error": str(error)}
    if tenant.practice == "you":
        waits = f"practice: you. A person signs in and pastes; open it with `flexsso guide {tenant.name}`."
        return {**result, "rehearsal": True, "outcome": WAITING, "folder": None, "error": waits}
    folder = Path(payload.get("folder") or places.new_run_folder(tenant.name))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(folder / "run.json", json.dumps({"allow_removals": bool(payload.get("allow_removals"))}))
    parameters = {"tenant": _name(file, tenant.name), "apply": bool(payload.get("apply"))}
    records: list[Record] = []
    for notebook in step_notebooks(only):
        if any(record["outcome"] == FAILED for record in records):
            records.append({"notebook": notebook.stem, "outcome": None, "verdict": "a step before it failed"})
            continue
        records.append(_run_notebook(notebook, folder, parameters))
        told(f"{tenant.name} · {notebook.stem} · {records[-1]['verdict']}")
    handover = write_handover(folder)
    result |= {
        "tenant": tenant.name,
        "rehearsal": tenant.rehearsal,
        "outcome": worst(record["outcome"] for record in records if record["outcome"] is not None),
        "notebooks": records,
        "sign_ons": next((each.facts for each in read_evidence(folder) if each.section == "08"), {}),
        "folder": str(folder),
        "handover": str(handover) if handover else None,
    }
    write_whole(folder / RESULT, json.dumps(result, ensure_ascii=False, indent=1))
    return result


def _name(file: Path, name: str) -> str:
    """The tenant's name where that finds the file; its path where it lies elsewhere."""
    return name if file.resolve().parent == places.parameters().resolve() else str(file.resolve())


async def _ended(kernel: RunKernelManager) -> None:
    await kernel.shutdown_kernel(now=True)


def _run_notebook(notebook: Path, folder: Path, parameters: Record) -> Record:
    record: Record = {"notebook": notebook.stem, "outcome": FAILED, "verdict": "", "error": ""}
    kernel = RunKernelManager(
        kernel_name="python3",
        extra_env={
            "FLEXSSO_RUN": str(folder),
            "FLEXSSO_HOME": str(places.project()),
            "FLEXSSO_RUNS": str(places.runs()),
        },
        workdir=str(folder),
        transport_encryption="auto",
    )
    try:
        papermill.execute_notebook(
            str(notebook),
            str(folder / notebook.name),
            parameters=parameters,
            progress_bar=False,
            store_widget_state=False,
            execution_timeout=CELL_SECONDS,
            km=kernel,
        )
    except PapermillExecutionError as error:
        record["error"] = f"{error.ename}: {error.evalue}"
    except DeadKernelError:
        record["error"] = "the notebook's kernel ended by itself; the machine may be short of memory"
    except CellTimeoutError:
        record["error"] = f"a cell took longer than {CELL_SECONDS // 60} minutes"
    finally:
        if kernel.has_kernel:  # nbclient leaves a kernel that was handed to it running
            asyncio.run(_ended(kernel))
    evidence = next((each for each in read_evidence(folder) if each.section == notebook.name[:2]), None)
    if record["error"]:
        record["verdict"] = evidence.verdict if evidence and evidence.failed else "stopped by an error"
    elif evidence is None:
        record["verdict"] = "the notebook ended without its proof"
    else:
        record |= {"outcome": evidence.outcome, "verdict": evidence.verdict}
    return record
