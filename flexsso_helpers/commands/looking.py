"""The one look at a tenant that was proved before, as a small notebook in its kernel: what holds is not executed."""

from pathlib import Path

import nbformat

FILE = "look_at_all_steps.ipynb"
CELLS = (
    'tenant = "rehearsal"  # the name of a file in parameters/\n'
    "apply = None  # as the notebooks are given it; nothing is changed here\n"
    "only = ()  # numbers of the steps to look at; all, when empty",
    "from flexsso_helpers.sections import converged\n\nawait converged.look(tenant, only, apply=apply)",
)


def written(folder: Path) -> Path:
    """Write it into a run's folder, where papermill executes it in place."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]  # type: ignore[no-untyped-call]
    cells[0].metadata["tags"] = ["parameters"]
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernelspec})  # type: ignore[no-untyped-call]
    nbformat.write(notebook, folder / FILE)  # type: ignore[no-untyped-call]
    return folder / FILE
