"""A guided session: one person's copy of the notebooks for one tenant, opened in JupyterLab.

The copy is a run like any other, `runs/<tenant>/<time>/`: the notebooks with what they showed, one ledger, one handover
page. It is made once; what a person worked in is never written over.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import nbformat

from flexsso_helpers import places
from flexsso_helpers.commands import lab
from flexsso_helpers.commands.lab_settings import CODE_KEY
from flexsso_helpers.commands.result import TenantResult, leave, moment, notebook_result, told_by
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.graph.lent_memory import LentMemory
from flexsso_helpers.ledger import write_whole
from flexsso_helpers.notebooks import NOTEBOOKS, STEPS, in_folder
from flexsso_helpers.parameters import Tenant, find, load
from flexsso_helpers.plan import WAITING, worst
from flexsso_helpers.views.shown import WIDGET_VIEW
from flexsso_helpers.wire.clock import SLOW
from flexsso_helpers.wire.rehearsal_client import find_rehearsal

PRACTICE = "practice"
"""The tenant's file for a person who practises alone."""
MARK = ".guided.json"
FIRST = NOTEBOOKS[0].file
OPERATORS = "operators"
"""The tag of cells that say nothing to a customer: parameters, how to practise, runs without a person."""
_TENANT = re.compile(r'^tenant = "[^"\n]*".*', re.MULTILINE)
"""With its comment: a copy is of one tenant, and the first line of folded code is what a customer sees of it."""


def guide(
    name: str = PRACTICE,
    *,
    fresh: bool = False,
    browser: bool = True,
    present: bool = False,
    slow: bool = False,
    told: Callable[[str], None] = print,
) -> int:
    """Open this tenant's notebooks in JupyterLab, wait until the person is done, and return how the copy stands.

    `name` is that of a file in `parameters/`. `fresh` begins a new copy; otherwise the newest one goes on. `present`
    folds the code and enlarges the type, for a customer to see; `slow` lets a rehearsal’s waits last. `told` gets
    what a person has to know. Raises ParametersError, and Unreachable when JupyterLab does not start.
    """
    os.umask(0o077)  # whatever a session and its kernels leave is for whoever runs it
    tenant = load(find(name, folder=places.parameters()))
    if not (places.parameters() / f"{tenant.name}.yaml").is_file():
        raise ParametersError(
            f"{name} does not lie in the folder parameters/.",
            why="The notebooks know a tenant by its name, and look for its file there.",
            fix=f"Move it to parameters/{tenant.name}.yaml, then: flexsso guide {tenant.name}",
        )
    kept = None if fresh else last_copy(tenant.name)
    folder = kept or new_copy(tenant.name)
    if running := lab.find(folder):
        told(f"This session is open already:\n{running.page(FIRST, present=present)}")
        if browser:
            running.open_in_browser()
        return outcome(folder)
    make_ready(folder, fold=present)
    told(f"{'Going on in' if kept else 'A new copy of the notebooks:'} {folder}")
    if kept and _changed_since(kept):
        told("The notebooks have been revised since this copy was made; --fresh begins with the new ones.")
    started = moment()
    environment = {
        "FLEXSSO_HOME": str(places.project()),
        "FLEXSSO_RUNS": str(places.runs()),
        "FLEXSSO_RUN": str(folder),
        places.GUIDED: "1",
        **({SLOW: "1"} if slow else {}),
    }
    with (
        LentMemory() as memory,
        lab.open_lab(
            folder, FIRST, browser=browser, present=present, environment={**environment, **memory.environment}
        ) as running_lab,
    ):
        told(f"{tenant.title}{' · REHEARSAL' if tenant.rehearsal else ''}: JupyterLab is open at")
        told(running_lab.address.page(FIRST, present=present))
        if present:
            told(f"The code is folded: {CODE_KEY} shows it, Shift+{CODE_KEY} folds it again.")
        told("Ctrl-C ends it; the same command goes on where you stopped.")
        running_lab.wait(tick=lambda: _keep_awake(tenant.name, tenant.rehearsal))
    make_ready(folder, fold=False)
    told(_farewell(folder, _settled(tenant, folder, started)))
    return outcome(folder)


def new_copy(tenant: str) -> Path:
    """A folder with every notebook for this tenant: its name in the parameters cell, and no outputs yet."""
    folder = places.new_run_folder(tenant)
    places.keep_pages(folder)
    for path in _sources():
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            if "parameters" in cell.metadata.get("tags", ()):
                cell.source = _TENANT.sub(f'tenant = "{tenant}"', cell.source, count=1)
        write_whole(folder / path.name, nbformat.writes(notebook) + "\n")  # type: ignore[no-untyped-call]
    write_whole(folder / MARK, json.dumps({"tenant": tenant, "notebooks": _digest()}))
    return folder


def make_ready(folder: Path, *, fold: bool) -> None:
    """Have the notebooks of a copy as they are to be opened: code, and what only operators read, folded or not, and no
    view of a widget that is gone.

    Where a kernel has ended, a view would only say that its model is not found; the same as HTML lies beside it.
    """
    for path in in_folder(folder).values():
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        before = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
        for cell in notebook.cells:
            if cell.cell_type != "code" and OPERATORS not in cell.metadata.get("tags", ()):
                continue
            cell.metadata.get("jupyter", {}).pop("source_hidden", None)
            if fold:
                cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
            elif not cell.metadata.get("jupyter", True):
                del cell.metadata["jupyter"]
            for output in cell.get("outputs", ()):
                if "text/html" in output.get("data", {}):
                    output.data.pop(WIDGET_VIEW, None)
        after = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
        if after != before:
            write_whole(path, after + "\n")


def last_copy(tenant: str) -> Path | None:
    """The newest copy of this tenant, or None."""
    made = [mark.parent for mark in (places.runs() / tenant).glob(f"*/{MARK}") if (mark.parent / FIRST).is_file()]
    return max(made, key=lambda folder: ((folder / MARK).stat().st_mtime_ns, folder.name), default=None)


def outcome(folder: Path) -> int:
    """The worst of what the notebooks proved; a step that is not proved yet waits for a person."""
    evidence = told_by(folder)
    open_steps = in_folder(folder, STEPS).keys() - {each.section for each in evidence}
    return worst([*(each.outcome for each in evidence), *([WAITING] if open_steps else [])])


def _settled(tenant: Tenant, folder: Path, started: str) -> TenantResult:
    """Leave the handover page and the result that every run leaves, and return the result."""
    proved = {each.section: each for each in told_by(folder)}
    records = []
    steps = in_folder(folder, STEPS)
    for number, path in in_folder(folder).items():
        if number not in steps and number not in proved:
            continue  # not a step, and nobody began it
        each = proved.get(number)
        verdict = each.verdict if each else "not proved yet"
        records.append(notebook_result(path.stem, folder, outcome=each.outcome if each else None, verdict=verdict))
    file = places.parameters() / f"{tenant.name}.yaml"
    return leave(folder, tenant, file, started=started, outcome=outcome(folder), notebooks=records)


def _farewell(folder: Path, result: TenantResult) -> str:
    lines = ["", "The session has ended."]
    lines += [f"  {record.notebook}: {record.verdict}" for record in result.notebooks]
    lines += [f"Handover page: {result.handover}"] if result.handover else []
    return "\n".join([*lines, f"Notebooks, ledger and result: {folder}"])


def _sources() -> list[Path]:
    return list(in_folder(places.notebooks()).values())


def _digest() -> str:
    """Of the notebooks that a copy is made from."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in _sources())).hexdigest()


def _changed_since(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / MARK).read_text("utf-8"))["notebooks"] != _digest())
    except (OSError, ValueError, KeyError, TypeError):
        return True


def _keep_awake(tenant: str, rehearsal: bool) -> None:
    """The rehearsal ends when nobody asks for ten minutes; a reading person takes longer, and its pages stay open."""
    if rehearsal:
        find_rehearsal(places.rehearsal(tenant))
