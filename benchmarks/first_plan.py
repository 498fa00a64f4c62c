"""How long a fresh kernel takes to its first plan, against what it would take to import the libraries by themselves.

    python benchmarks/first_plan.py [--quick]

Both are processes of their own, taken in turn; of each the median counts. The plan is that of notebook 01's cells over
a rehearsal that is there already: imports, opening the tenant, looking, planning. At most 1 means that whatever the
first plan does not need is loaded later, or not at all.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path[0] = str(PROJECT)  # in place of this folder, whose requests.py would hide the library of that name

from flexsso_helpers.wire.rehearsal_client import open_rehearsal  # noqa: E402

LIBRARIES = "import msgraph, twilio.rest, pandas, ipywidgets"
PLAN = """
import asyncio
import flexsso_helpers as flexsso
async def first():
    session = await flexsso.open("rehearsal", apply=False)
    from flexsso_helpers.sections import enterprise_application
    return await enterprise_application.plan(session)
assert asyncio.run(first()).changes
"""


def took(source: str) -> tuple[float, float]:
    """Seconds of a Python of its own, by the clock and of the processor."""
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", source], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - this file's
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - begun, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Take both in turn."""
    times = 3 if "--quick" in sys.argv else 15
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"FLEXSSO_RUNS": folder, "FLEXSSO_HOME": str(PROJECT)}
        os.chdir(folder)
        client = open_rehearsal(Path(folder, ".rehearsal", "rehearsal"))
        try:
            for source in (LIBRARIES, PLAN):
                took(source)  # what is read from the disk for the first time is nobody's
            pairs = [(took(LIBRARIES), took(PLAN)) for _ in range(times)]
        finally:
            client.stop()
    for at, name in enumerate(("", "_processor")):
        libraries, plan = (statistics.median(each[at] for each in side) for side in zip(*pairs, strict=True))
        print(f"the libraries alone  {libraries:.2f} s{name.replace('_', ' of the ')}")
        print(f"the first plan       {plan:.2f} s{name.replace('_', ' of the ')}")
        print(f"ratio first_plan_to_bare_imports{name} = {plan / libraries:.2f}")


if __name__ == "__main__":
    main()
