"""`make matrix`: each request of each flow meets each mishap; on all cores, for as many minutes as there are.

    python -m tests.matrix [--minutes 25] [--seed 1] [--flow "from scratch"] [--only "stretch:request:mishap"]

Where the time does not reach for all cases, a sample by the seed is taken, and that is said.
"""

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / name) for name in ("", "matrix", "conformance", "rehearsal", "scenarios", "sections")]

from cases import Result  # noqa: E402
from flows import FLOWS  # noqa: E402
from mishaps import MISHAPS  # noqa: E402
from trying import Case, ready, tried  # noqa: E402

KINDS = {"converged": "converged", "doubled": "doubled", "lost": "lost", "failed again": "failed again",
         "traceback": "tracebacks", "endless": "endless"}  # fmt: skip
MOST_SHOWN = 20


def main() -> int:
    """Try them all, or as many as there is time for; 0 when each converged."""
    asked = _asked()
    began, flows = time.monotonic(), tuple(asked.flow or FLOWS)
    cases = [
        (flow, name, at, mishap)
        for flow, name, requests in ready(flows)
        for at in range(1, requests + 1)
        for mishap in MISHAPS
    ]
    random.Random(asked.seed).shuffle(cases)
    if asked.only:
        cases = [each for each in cases if ":".join(map(str, each[1:])) == asked.only]
    until = began + asked.minutes * 60.0
    done = list(_spread(cases, flows, until))
    told = Counter(each.kind for each in done)
    for each in [each for each in done if each.kind not in ("converged", "not to be")][:MOST_SHOWN]:
        print(each, file=sys.stderr)
    if len(done) < len(cases):
        print(f"A sample of {len(done):,} of {len(cases):,} cases, by seed {asked.seed}: the time reached for no more.")
    print(f"Of these {told['not to be']:,} cannot befall their request.")
    counted = ", ".join(f"{words}: {told[kind]:,}" for kind, words in KINDS.items())
    print(f"cases: {sum(told[kind] for kind in KINDS):,}, {counted}")
    return 0 if all(told[kind] == 0 for kind in KINDS if kind != "converged") else 1


def _spread(cases: list[Case], flows: tuple[str, ...], until: float) -> Iterator[Result]:
    """The results, in no order; no further ones begin after `until`."""
    heaps = [cases[first : first + 10] for first in range(0, len(cases), 10)]
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:  # a fork would lack this process' threads
        waiting = {pool.submit(tried, heaps.pop(0), flows) for _ in range(min(workers, len(heaps)))}
        while waiting:
            finished = next(as_completed(waiting))
            waiting.remove(finished)
            yield from finished.result()
            if heaps and time.monotonic() < until:
                waiting.add(pool.submit(tried, heaps.pop(0), flows))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make matrix")
    parser.add_argument("--minutes", type=float, default=25.0, help="after which no further case begins")
    parser.add_argument("--seed", type=int, default=1, help="of the order in which they are tried")
    parser.add_argument("--flow", action="append", choices=FLOWS, help="one flow; may be given several times")
    parser.add_argument("--only", default="", help="one case, as stretch:request:mishap")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
