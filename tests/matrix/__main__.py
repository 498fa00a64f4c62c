"""`make matrix`: each request of each flow meets each mishap; on all cores, for as many minutes as there are.

    python -m tests.matrix [--minutes 28 | --all] [--seed 1] [--flow "from scratch"] [--only "stretch:request:mishap"]

Requests of one stretch with the same method and kind of address, which are answered alike, may stand for one another:
of each such class and mishap one case comes first, taken by the seed. The others follow as far as the time reaches,
and how far it reached is said.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / name) for name in ("", "matrix", "conformance", "rehearsal", "scenarios", "sections")]

from cases import Result  # noqa: E402
from flows import FLOWS  # noqa: E402
from trying import Case, all_cases, in_pieces, ready, tried  # noqa: E402

KINDS = {"converged": "converged", "wrongly proved": "wrongly proved", "doubled": "doubled", "lost": "lost",
         "failed again": "failed again", "traceback": "tracebacks", "endless": "endless"}  # fmt: skip
MOST_SHOWN = 20


def main() -> int:
    """Try them all, or as many as there is time for; 0 when each converged."""
    asked = _asked()
    flows = tuple(asked.flow or FLOWS)
    until = float("inf") if asked.all or asked.only else time.monotonic() + asked.minutes * 60.0
    with tempfile.TemporaryDirectory(prefix="matrix-keys-") as keys:
        known = ready(flows, keys)
        classes = all_cases(known)
        pieces = in_pieces(classes, asked.seed)
        if asked.only:
            pieces = [[each] for piece in pieces for each in piece if _name(each) == asked.only]
        done = list(_shown(_spread(pieces, flows, keys, until)))
    told = Counter(each.kind for each in done)
    requests = sum(len(each.requests) for each in known.values())
    tried_ones = {Case((each.flow, each.stretch), each.at, each.mishap) for each in done}
    covered = sum(1 for cases in classes.values() if not tried_ones.isdisjoint(cases))
    print(f"requests: {requests:,} in {len(known)} stretches; cases in all: {sum(map(len, classes.values())):,}, "
          f"in {len(classes):,} classes of requests that are alike")  # fmt: skip
    print(f"tried by seed {asked.seed}: {len(done):,} cases, of {covered:,} classes")
    print(f"cases: {len(done):,}, " + ", ".join(f"{words}: {told[kind]:,}" for kind, words in KINDS.items()))
    return 0 if done and all(told[kind] == 0 for kind in told if kind != "converged") else 1


def _shown(results: Iterator[Result]) -> Iterator[Result]:
    """The same; the first of those that did not converge are shown as they come."""
    shown = 0
    for each in results:
        if each.kind != "converged" and shown < MOST_SHOWN:
            shown += 1
            print(each, file=sys.stderr, flush=True)
        yield each


def _spread(pieces: list[list[Case]], flows: tuple[str, ...], keys: str, until: float) -> Iterator[Result]:
    """The results, in no order; no further piece begins after `until`."""
    workers = min(os.cpu_count() or 1, len(pieces) or 1)
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:  # so that each makes its own stretches
        waiting = {pool.submit(tried, pieces.pop(0), flows, keys) for _ in range(min(workers, len(pieces)))}
        while waiting:
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for each in finished:
                yield from each.result()
                if pieces and time.monotonic() < until:
                    waiting.add(pool.submit(tried, pieces.pop(0), flows, keys))


def _name(case: Case) -> str:
    return f"{case.stretch[1]}:{case.at}:{case.mishap}"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make matrix")
    parser.add_argument("--minutes", type=float, default=28.0, help="after which no further piece begins")
    parser.add_argument("--all", action="store_true", help="every case, however long it takes")
    parser.add_argument("--seed", type=int, default=1, help="of the order in which they are tried")
    parser.add_argument("--flow", action="append", choices=FLOWS, help="one flow; may be given several times")
    parser.add_argument("--only", default="", help="one case, as stretch:request:mishap")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
