"""Make the notebooks' outputs anew, and the recording of what they did: `make docs`.

From the recording the rehearsal is put to how it stands before any of them, such as `--before 04`.

The documented steps are executed in order against a fresh rehearsal in a temporary folder, so that a rehearsal somebody
is in the middle of stays untouched. Each notebook after them finds the rehearsal as 08 left it, some time later, or
as it begins. What cannot be the same in two runs (timing, widget state, versions) is dropped; the rest is the same to
the byte, and a test compares it. Nothing is written unless every cell of every notebook succeeded.
"""

import argparse
import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import nbformat
import tenants_for_docs
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from flexsso_helpers.commands.forking_manager import ForkingKernelManager
from flexsso_helpers.commands.kernel_forks import Forks, can_fork
from flexsso_helpers.notebooks import STEPS, in_folder
from flexsso_helpers.rehearsal.world import journal
from flexsso_helpers.wire.rehearsal_client import find_rehearsal, open_rehearsal

PROJECT = Path(__file__).resolve().parent.parent
NOTEBOOKS = PROJECT / "notebooks"
TENANT = "rehearsal"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
CELL_SECONDS = 300
LATER = {"21": 1010 * 86400.0}
"""Seconds after the documented steps at which a notebook is looked at: a certificate is exchanged when it is due."""
BEFORE_ALL = ("90",)
"""Notebooks that find the rehearsal as it begins: a first contact is made where nobody uses Flex."""
OF_ALL = ("30",)
"""Notebooks that find what runs of several tenants left."""
REMOVING = ("22", "29")
"""Notebooks whose removals are approved: without them there would be little to see."""
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


class QuietKernelManager(ForkingKernelManager):
    """Starts kernels over an encrypted connection, about which they have nothing to remark; forks them where it can."""

    def __init__(self, **kwargs: object) -> None:
        """As the base class, with `transport_encryption`."""
        super().__init__(**{**kwargs, "transport_encryption": "auto"})


def steps() -> list[Path]:
    """The notebooks of the documented steps, in order."""
    return list(in_folder(NOTEBOOKS, STEPS).values())


def others() -> dict[str, Path]:
    """Those that stand beside the steps, by number."""
    return {number: path for number, path in in_folder(NOTEBOOKS).items() if path not in steps()}


def execute(path: Path, folder: Path) -> NotebookNode:
    """Execute a notebook with `folder` as working directory. Raises ValueError with what a failing cell shows."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    client = NotebookClient(
        notebook,
        kernel_manager_class=QuietKernelManager,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        record_timing=False,
        timeout=CELL_SECONDS,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise ValueError("\n".join((*_texts(notebook), str(error)))) from error
    return settled(notebook)


def begin(path: Path, runs: Path) -> None:
    """What the start of a run approves: for some notebooks the removals too."""
    os.environ.pop("FLEXSSO_RUN", None)
    if path.name[:2] in REMOVING:
        folder = runs / TENANT / f"with-removals-{path.name[:2]}"
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps({"allow_removals": True}), "utf-8")
        os.environ["FLEXSSO_RUN"] = str(folder)


def _texts(notebook: NotebookNode) -> Iterator[str]:
    """What the last executed cell shows, as text: an error for people is a card."""
    executed = [cell for cell in notebook.cells if cell.get("outputs")]
    for output in executed[-1].outputs if executed else ():
        yield str(output.get("data", {}).get("text/plain", ""))


def settled(notebook: NotebookNode) -> NotebookNode:
    """Leave only what is the same in every run. Raises ValueError for words on stderr, which nobody meant to show."""
    notebook.metadata = METADATA
    for cell in notebook.cells:
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                raise ValueError(f"cell {cell.id} wrote to stderr: {output.text}")
            if "data" in output:
                output.data.pop(WIDGET_VIEW, None)
                output.metadata = {}
    nbformat.validate(notebook)
    return notebook


def repeatable(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The journal, with the random values of a login that a notebook only started exchanged for fixed ones."""
    for number, entry in enumerate(entries):
        if entry.get("path") == "/v1/Flex/Authorize" and not entry["face"]:
            fixed = f"{number:022d}"
            query = re.sub(r"(?<=nonce=)[^&]+|(?<=state=)[^&]+", fixed, entry["query"])
            yield {**entry, "query": re.sub(r"(?<=codeChallenge=)[^&]+", f"{number:043d}", query)}
        else:
            yield entry


def make(runs: Path, beside: Mapping[str, Path]) -> dict[str, str]:
    """The text of every file to keep, by name: each step, the recording of what they did, and notebooks `beside`."""
    os.environ |= {"FLEXSSO_HOME": str(PROJECT), "FLEXSSO_RUNS": str(runs)}
    os.environ.pop("FLEXSSO_RUN", None)
    empty = runs / "working-directory"
    empty.mkdir(parents=True)
    rehearsal = runs / ".rehearsal" / TENANT
    open_rehearsal(rehearsal).reset()
    texts = {}
    try:
        for path in steps():
            print(path.name, flush=True)
            texts[path.name] = str(nbformat.writes(execute(path, empty))) + "\n"  # type: ignore[no-untyped-call]
        recording = runs / journal.RECORDING.name
        journal.save(repeatable(open_rehearsal(rehearsal).journal()), recording)
        texts[recording.name] = recording.read_text("utf-8")
        kept = runs / "after-the-steps"
        _stop(rehearsal)
        shutil.copytree(rehearsal, kept)
        ledgers = set((runs / TENANT).iterdir())
        for number, path in beside.items():
            print(path.name, flush=True)
            _stop(rehearsal)
            shutil.rmtree(rehearsal)
            shutil.copytree(kept, rehearsal)
            open_rehearsal(rehearsal).advance(LATER.get(number, 0.0))
            if number in BEFORE_ALL:
                open_rehearsal(rehearsal).reset()
            for folder in set((runs / TENANT).iterdir()) - ledgers:  # what another copy of the rehearsal went through
                shutil.rmtree(folder)
            begin(path, runs)
            if number in OF_ALL:
                tenants_for_docs.left(runs, open_rehearsal(rehearsal), PROJECT / "parameters" / f"{TENANT}.yaml")
            texts[path.name] = str(nbformat.writes(execute(path, empty))) + "\n"  # type: ignore[no-untyped-call]
    finally:
        open_rehearsal(rehearsal).stop()
    return texts


def _stop(rehearsal: Path) -> None:
    """End the server of this folder, where one runs, and wait until it has let go of it."""
    client = find_rehearsal(rehearsal)
    if client:
        client.stop()
    with closing(sqlite3.connect(rehearsal / "tenant.db", timeout=CELL_SECONDS)) as tenant:
        tenant.execute("BEGIN EXCLUSIVE")  # the server holds it until its very end
        tenant.rollback()


def keep(texts: dict[str, str], into: Path | None) -> list[Path]:
    """Write what has changed, at its place in the project or all into one folder; returns what was written."""
    written = []
    for name, text in texts.items():
        place = NOTEBOOKS / name if name.endswith(".ipynb") else journal.RECORDING
        path = into / name if into else place
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8", newline="\n")
            written.append(path)
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    """Execute, and keep; 1 when a cell failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--into", type=Path, help="write all files into this folder, and leave the project's alone")
    parser.add_argument("--steps", action="store_true", help="only the notebooks of the documented steps")
    asked = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="flexsso-docs-", ignore_cleanup_errors=True) as temporary,
        Forks() if can_fork() else nullcontext() as QuietKernelManager.forks,
    ):
        try:
            texts = make(Path(temporary).resolve(), {} if asked.steps else others())
        except ValueError as error:
            print(f"Nothing was written, because a cell failed:\n{error}", file=sys.stderr)
            return 1
    written = keep(texts, asked.into)
    print("\n".join(f"written: {path.name}" for path in written) or "Everything is as it was.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
