"""Runs with real kernels that are killed (SIGKILL) or stopped by Ctrl-C, and are run again.

    python -m tests.matrix.kernels [--kills 10] [--stops 4] [--seed 1]

Each is cut off at one of its writes, every second with the write in hand: noted, and not answered. A kill ends the
command and its kernels, as a machine does that loses its power; the rehearsal, which is the cloud, goes on. Each has a
home folder of its own; no secret, token or response is in any byte that is left there, in the runs or on a terminal:
half-written notebooks, IPython's history and temporary files are among them. It takes about twenty seconds of a
processor for each run, so this is a command of its own.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / name) for name in ("", "matrix", "conformance", "rehearsal", "scenarios", "sections")]

from cases import End, compared, end_of  # noqa: E402
from left_bytes import IN_ITS_PLACE, clean, kept_by  # noqa: E402
from shell import REHEARSAL, Shell, conforms  # noqa: E402

from flexsso_helpers.ledger import FILE, Write, read_ledger, writes  # noqa: E402
from flexsso_helpers.rehearsal.world.store import Store  # noqa: E402
from flexsso_helpers.rehearsal.world.world import World  # noqa: E402

RUN = [sys.executable, "-m", "flexsso_helpers.commands.main", "run", str(REHEARSAL), "--apply", "--json"]


@dataclass(frozen=True)
class Cut:
    """When a run is cut off: at its n-th write, in hand or answered."""

    by: signal.Signals
    write: int
    in_hand: bool

    def __str__(self) -> str:
        return f"{self.by.name} at write {self.write}, {'in hand' if self.in_hand else 'answered'}"


def main() -> int:
    """Try them; 0 when all ended as an undisturbed run does, and those that were stopped said so in time."""
    asked = _asked()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started this deaf to it
    with tempfile.TemporaryDirectory(prefix="matrix-kernels-") as kept:
        number, wanted = _undisturbed(Path(kept))
        print(f"an undisturbed run makes {number} writes", flush=True)
        cuts = _cuts(asked.kills, signal.SIGKILL, number, asked.seed)
        cuts += _cuts(asked.stops, signal.SIGINT, number, asked.seed)
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            ended = list(pool.map(lambda each: _tried(Path(kept), each, wanted, asked.seconds), cuts))
    for by, words in ((signal.SIGKILL, "kills"), (signal.SIGINT, "stops")):
        told = Counter(kind for cut, kind in zip(cuts, ended, strict=True) if cut.by == by)
        print(f"{words}: {told.total()}, " + ", ".join(f"{kind}: {times}" for kind, times in sorted(told.items())))
    return 0 if set(ended) == {"converged"} else 1


def _cuts(cases: int, by: signal.Signals, number: int, seed: int) -> list[Cut]:
    """Spread over the whole run; where within its part each lies, the seed says."""
    chance = random.Random(f"{seed} {by.name}")
    places = [1 + int((place + chance.random()) * number / cases) for place in range(cases)]
    return [Cut(by, write, place % 2 == 0) for place, write in enumerate(places)]


def _undisturbed(kept: Path) -> tuple[int, End]:
    shell = _shell(kept, "undisturbed")
    _run_again(shell)
    number = len(_writes(shell))
    _run_again(shell)
    return number, _end(shell)


def _tried(kept: Path, cut: Cut, wanted: End, seconds: float) -> str:
    """What came of it, which is printed too."""
    shell = _shell(kept, f"{cut.by.name}-{cut.write}-{cut.in_hand}")
    try:
        told, took = _killed(shell, cut) if cut.by == signal.SIGKILL else _stopped(shell, cut)
        _run_again(shell)
        secrets = kept_by(shell.runs)
        kind, missed = compared(_end(shell), wanted)
        told += f", {len(clean(shell.folder, *secrets))} files without a secret"
        kind = "late" if kind == "converged" and took > seconds else kind
    except AssertionError as error:
        kind, told, missed = "failed", str(error), ""
        shell.flexsso("rehearsal", "stop")
    print(f"{kind}: {cut}; {told}\n{missed}".rstrip(), flush=True)
    return kind


def _killed(shell: Shell, cut: Cut) -> tuple[str, float]:
    with _begun(shell) as process:
        _reached(shell, cut, process)
        for each in [*_kernels(process.pid), psutil.Process(process.pid)]:
            each.kill()
        process.communicate()
    left = [each for each in _writes(shell) if each.answer is None]
    return f"{len(_writes(shell))} writes noted, {len(left)} without an answer", 0.0


def _stopped(shell: Shell, cut: Cut) -> tuple[str, float]:
    with _begun(shell) as process:
        _reached(shell, cut, process)
        process.send_signal(signal.SIGINT)
        noted = len(_writes(shell))
        while any(each.answer is None for each in _writes(shell)) and process.poll() is None:
            time.sleep(0.02)
        answered = time.monotonic()
        printed, said = process.communicate(timeout=300)
        took = time.monotonic() - answered
    assert process.returncode == 130, f"exit {process.returncode}\n{said}"
    assert "Traceback" not in said, said
    (result,) = conforms(json.loads(printed))
    assert "run it again" in result["notebooks"][-1]["verdict"], result
    assert json.loads(Path(result["folder"], "result.json").read_text("utf-8")) == result
    more = len(_writes(shell)) - noted
    assert more <= 1, f"{more} writes began after it"
    return f"stopped within {took:.1f} s, exit 130, {more} more writes", took


def _reached(shell: Shell, cut: Cut, process: subprocess.Popen[str]) -> None:
    """Wait for the write at which it is cut off."""
    while True:
        found = _writes(shell)[cut.write - 1 :]
        if found and (cut.in_hand or found[0].answer is not None):
            return
        assert process.poll() is None, "the run ended before it was cut off"
        time.sleep(0.002)


def _begun(shell: Shell) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(RUN, env=_environment(shell), stdout=pipe, stderr=pipe, text=True, encoding="utf-8")


def _environment(shell: Shell) -> dict[str, str]:
    """With a home of its own, whose files are looked at afterwards."""
    home = shell.folder / "home"
    home.mkdir(exist_ok=True)
    return shell.environment | IN_ITS_PLACE | dict.fromkeys(("HOME", "IPYTHONDIR", "TMPDIR"), str(home))


def _kernels(command: int) -> Iterator[psutil.Process]:
    for each in psutil.Process(command).children(recursive=True):
        if "rehearsal" not in each.cmdline():
            yield each


def _run_again(shell: Shell) -> None:
    done = subprocess.run(RUN, env=_environment(shell), capture_output=True, text=True, encoding="utf-8", check=False)
    (shell.folder / "printed.txt").write_text(done.stdout + done.stderr, "utf-8")
    assert done.returncode in (0, 2), f"exit {done.returncode} when run again\n{done.stdout[-2000:]}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr


def _writes(shell: Shell) -> list[Write]:
    """All that was noted, oldest run first."""
    return [each for path in sorted(shell.runs.rglob(FILE)) for each in writes(read_ledger(path.parent))]


def _end(shell: Shell) -> End:
    shell.flexsso("rehearsal", "stop")
    (file,) = shell.runs.rglob("tenant.db")
    return end_of(World(Store(file)))


def _shell(kept: Path, name: str) -> Shell:
    (kept / name).mkdir()
    return Shell(kept / name)


def _asked() -> Any:
    parser = argparse.ArgumentParser(prog="python -m tests.matrix.kernels")
    parser.add_argument("--kills", type=int, default=10, help="runs whose processes are killed")
    parser.add_argument("--stops", type=int, default=4, help="runs that are stopped by Ctrl-C")
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="within which a run stops once the request in hand is answered"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the writes at which that happens")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
