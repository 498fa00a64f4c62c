"""Each answer played by itself, and many at random: what a contact that knows nothing names, in a table.

    python -m tests.first_contact [--minutes 20] [--seeds 20] [--only QUIRK]

The rounds of `tests/first_contact/rounds.py` play them together, in far less time; here one answer hides no other.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / name) for name in ("", "first_contact", "rehearsal", "scenarios", "sections")]

from singly import Case, Done, tried  # noqa: E402

from flexsso_helpers.first_contact.verdicts.all_of_them import JUDGES  # noqa: E402
from flexsso_helpers.rehearsal.world.quirks import QUIRKS  # noqa: E402


def main() -> int:
    """Try them all, or as many as there is time for; 0 when each was named and nothing was mistaken."""
    asked = _asked()
    cases: list[Case] = [(name, answer) for name in JUDGES for answer in QUIRKS[name].choices]
    cases = [each for each in cases if asked.only in ("", each[0])] + ([] if asked.only else list(range(asked.seeds)))
    done = list(_spread(cases, time.monotonic() + asked.minutes * 60.0))
    for each in done:
        if each.mistakes:
            print(f"{each.case}: {'; '.join(each.mistakes)}", file=sys.stderr)
    singly = [each for each in done if not isinstance(each.case, int)]
    answers, named = (Counter(each.case[0] for each in some) for some in (singly, [e for e in singly if e.named]))
    print("| question | answers | named right |\n| --- | --- | --- |")
    print("\n".join(f"| {name} | {answers[name]} | {named[name]} |" for name in sorted(answers)))
    wrongly = sum(1 for each in done if each.mistakes)
    at_random = len(done) - len(singly)
    print(
        f"questions: {len(QUIRKS)}, observable: {len(JUDGES)}, answers played: {len(singly)} of "
        f"{len(cases) - (0 if asked.only else asked.seeds)}, named right: {sum(named.values())}, "
        f"at random: {at_random} seeds, mistaken or not as before: {wrongly}"
    )
    return 1 if wrongly else 0


def _spread(cases: list[Case], until: float) -> Iterator[Done]:
    """The results, in no order; no further ones begin after `until`."""
    waiting_cases, workers = iter(cases), os.cpu_count() or 1
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        waiting = {pool.submit(tried, case) for _, case in zip(range(workers), waiting_cases, strict=False)}
        while waiting:
            finished = next(as_completed(waiting))
            waiting.remove(finished)
            yield finished.result()
            following = next(waiting_cases, None) if time.monotonic() < until else None
            if following is not None:
                waiting.add(pool.submit(tried, following))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.first_contact")
    parser.add_argument("--minutes", type=float, default=20.0, help="after which no further case begins")
    parser.add_argument("--seeds", type=int, default=20, help="how many times many answers are played at random")
    parser.add_argument("--only", default="", choices=["", *JUDGES], metavar="QUIRK", help="one question")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
