"""How a run grows with its tenants: seconds a tenant and the runner's memory, for few and for many, converged.

    python benchmarks/scale.py [few] [many] [--quick]

The runner is this process. Each tenant is onboarded once by its nine notebooks; after that a run of it is the one look
at all nine steps, in a kernel of its own, and it fails here if a notebook is executed instead. A rehearsal is started
by its kernel and ended with its tenant, so that what is measured is the runner, and not how many servers a machine
holds.
A ratio of 1 means that a tenant costs the same among many as among few.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path[0] = str(PROJECT)  # in place of this folder, whose requests.py would hide the library of that name

from flexsso_helpers import places  # noqa: E402
from flexsso_helpers.commands.run import run_tenants  # noqa: E402
from flexsso_helpers.commands.selection import Given, choose  # noqa: E402
from flexsso_helpers.plan import CHANGED, PROVED  # noqa: E402
from flexsso_helpers.wire.rehearsal_client import find_rehearsal  # noqa: E402

WORKERS, STEPS = 6, 9
PROVED_OR_CHANGED = {PROVED, CHANGED}


def given(folder: Path, count: int) -> tuple[Given, ...]:
    """So many tenants' files."""
    text = (PROJECT / "parameters" / "rehearsal.yaml").read_text("utf-8")
    paths = [folder / f"tenant-{number:03}.yaml" for number in range(count)]
    for path in paths:
        path.write_text(text.replace("name: rehearsal ", f"name: {path.stem} "), "utf-8")
    return choose([str(path) for path in paths])


def ended(result: dict[str, Any]) -> None:
    """End the tenant's rehearsal; its state stays."""
    if client := find_rehearsal(places.rehearsal(result["tenant"])):
        client.stop()


def memory() -> float:
    """The most memory of the runner so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def run_all(title: str, tenants: tuple[Given, ...]) -> tuple[list[dict[str, Any]], float]:
    """Run them; their results, and seconds a tenant."""
    begun = time.perf_counter()
    results = run_tenants(tenants, {"apply": True}, lambda _line: None, workers=WORKERS, ended=ended)
    took = (time.perf_counter() - begun) / len(results)
    print(f"{title:10} {len(results):4} tenants  {took:6.2f} s a tenant  {memory():6.0f} MB", flush=True)
    unproved = [
        (note["verdict"], note["error"]) for each in results for note in each["notebooks"] if not note["checks"]
    ]
    assert {each["outcome"] for each in results} <= PROVED_OR_CHANGED, unproved
    assert not unproved, unproved
    return results, took


def converged(tenants: tuple[Given, ...]) -> tuple[float, float]:
    """Seconds a tenant and the runner's memory, of a run in which nothing is to be done."""
    results, took = run_all("converged", tenants)
    looked = [sum(bool(each["as_good_as"]) for each in result["notebooks"]) for result in results]
    assert set(looked) == {STEPS}, f"steps proved by the look, by tenant: {looked}"
    return took, memory()


def onboard(folder: Path, count: int) -> None:
    """Onboard them all, and look once, so that each look that is measured knows what to ask."""
    tenants = given(folder, count)
    run_all("onboarded", tenants)
    converged(tenants)


def main() -> None:
    """Onboard in a process of its own, whose memory is not the measured runner's; then few, then many."""
    if sys.argv[1:2] == ["onboard"]:
        onboard(Path(sys.argv[2]), int(sys.argv[3]))
        return
    numbers = [int(each) for each in sys.argv[1:] if each.isdigit()]
    few, many = numbers or ((3, 9) if "--quick" in sys.argv else (25, 200))
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"FLEXSSO_RUNS": str(Path(folder, "runs")), "FLEXSSO_HOME": str(PROJECT)}
        subprocess.run([sys.executable, __file__, "onboard", folder, str(many)], check=True)  # noqa: S603 - this file
        tenants = given(Path(folder), many)
        of_few, of_many = converged(tenants[:few]), converged(tenants)
    print(f"ratio time_a_tenant_many_to_few = {of_many[0] / of_few[0]:.2f}")
    print(f"ratio runner_memory_many_to_few = {of_many[1] / of_few[1]:.2f}")


if __name__ == "__main__":
    main()
