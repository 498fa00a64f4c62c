"""Run All in every notebook, `apply` as it is and a file that approves nothing: all explained, nothing written."""

import re
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from flexsso_helpers.wire.rehearsal_client import RehearsalClient

PROJECT = Path(__file__).resolve().parents[2]
STEPS = sorted((PROJECT / "notebooks").glob("0[0-9]_*.ipynb"))

pytestmark = pytest.mark.kernel


class QuietKernelManager(AsyncKernelManager):
    """A kernel over an encrypted connection, about which it has nothing to remark."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**{**kwargs, "transport_encryption": "auto"})


def all_cells(tenant: Path) -> nbformat.NotebookNode:
    """The code of all step notebooks as one, so that one kernel does; each still opens its own session."""
    together = nbformat.v4.new_notebook()
    for path in STEPS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "code":
                continue
            source = re.sub(r'^tenant = "rehearsal"', f"tenant = {str(tenant)!r}", cell.source)
            together.cells.append(nbformat.v4.new_code_cell(source, metadata={"step": path.name[:2]}))
    return together


def shown(notebook: nbformat.NotebookNode, step: str) -> str:
    outputs = [output for cell in notebook.cells if cell.metadata.step == step for output in cell.outputs]
    return "\n".join(str(output.get("data", {}).get("text/plain", output.get("text", ""))) for output in outputs)


@pytest.mark.full
def test_run_all_without_approval_explains_everything_and_writes_nothing(
    rehearsal: RehearsalClient, runs: Path, tmp_path: Path
) -> None:
    text = (PROJECT / "parameters" / "rehearsal.yaml").read_text("utf-8")
    tenant = tmp_path / "rehearsal.yaml"
    tenant.write_text(re.sub(r"(?m)^  apply: true$\n", "", text), "utf-8")
    notebook = all_cells(tenant)
    client = NotebookClient(
        notebook, kernel_manager_class=QuietKernelManager, kernel_name="python3", store_widget_state=False, timeout=300,
        resources={"metadata": {"path": str(tmp_path)}},
    )  # fmt: skip
    client.execute()

    assert rehearsal.status()["writes"] == {"graph": 0, "console": 0, "sign_ins": 0}
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type in ("error", "stream")]
    for step in (path.name[:2] for path in STEPS):
        said = shown(notebook, step)
        assert "Changes are planned and shown; each is made only after its box is ticked." in said, step
        if step == "00":
            assert "proved, nothing changed" in said
            continue
        assert re.search(r"not proved: \d changes? planned", said), step
        assert re.search(
            r"changes · nothing changed.*(Not approved|values it needs are known after 0\d)\.", said, re.S
        ), step
