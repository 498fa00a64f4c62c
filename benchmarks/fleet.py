"""A fleet of rehearsal tenants against stock papermill: nine notebooks each, from nothing, then once more.

    python benchmarks/fleet.py [--tenants 24] [--latency 0.1] [--workers 24] [--quick]

Each tenant has a rehearsal of its own, which answers every request of Microsoft's and Twilio's hosts only after the
latency. Compared are seconds a tenant: stock papermill one notebook after another, the same in four threads, and
`flexsso run`. Then `flexsso run` once more over the tenants as they are. `--quick` takes fewer tenants for each side.
Seconds of the processor, of everything but the rehearsals, stand beside them: on a machine that is busy with something
else they are what can be compared.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path[0] = str(PROJECT)  # in place of this folder, whose requests.py would hide the library of that name

from flexsso_helpers.wire.rehearsal_client import RehearsalClient, find_rehearsal  # noqa: E402

THREADS = 4


def serve(folder: Path, latency: float) -> None:
    """Be one tenant's rehearsal, as far away as Microsoft is."""
    from flexsso_helpers.rehearsal.server import server

    app_for = server.app_for

    def far(*given: Any, **more: Any) -> Any:
        app = app_for(*given, **more)

        async def answered(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and not scope["path"].startswith("/-/"):
                await asyncio.sleep(latency)
            await app(scope, receive, send)

        return answered

    server.app_for = far  # type: ignore[assignment]
    server.serve(folder, idle_seconds=7200)


class Tenants:
    """Files and running rehearsals in a folder of their own."""

    def __init__(self, folder: Path, count: int) -> None:
        """Write the files; nothing is started yet."""
        self.folder, self.runs = folder, folder / "runs"
        text = (PROJECT / "parameters" / "rehearsal.yaml").read_text("utf-8")
        people = (PROJECT / "parameters" / "rehearsal.people.csv").read_bytes()
        (folder / "rehearsal.people.csv").write_bytes(people)
        self.files = [folder / f"tenant-{number:03}.yaml" for number in range(count)]
        for path in self.files:
            path.write_text(text.replace("name: rehearsal ", f"name: {path.stem} "), "utf-8")
        os.environ |= {"FLEXSSO_RUNS": str(self.runs), "FLEXSSO_HOME": str(PROJECT)}

    @contextmanager
    def running(self, latency: float) -> Iterator[None]:
        """All rehearsals, started before anything is measured."""
        folders = [self.runs / ".rehearsal" / path.stem for path in self.files]
        for folder in folders:
            folder.mkdir(parents=True)
        command = [sys.executable, __file__, "serve", str(latency)]
        servers = [subprocess.Popen([*command, str(folder)]) for folder in folders]  # noqa: S603 - this file
        try:
            for folder in folders:
                while find_rehearsal(folder) is None:
                    time.sleep(0.1)
            yield
        finally:
            for each in servers:
                each.terminate()
            for each in servers:
                each.wait()

    def reset(self) -> None:
        """Every tenant as empty as at first."""
        for path in self.files:
            client = find_rehearsal(self.runs / ".rehearsal" / path.stem)
            assert isinstance(client, RehearsalClient)
            client.reset()


def stock(path: Path) -> None:
    """One tenant by stock papermill: a kernel for each notebook."""
    import papermill

    for notebook in sorted((PROJECT / "notebooks").glob("0*.ipynb")):
        out = path.with_suffix("") / notebook.name
        out.parent.mkdir(exist_ok=True)
        papermill.execute_notebook(
            str(notebook), str(out), {"tenant": str(path), "apply": True}, progress_bar=False, store_widget_state=False
        )


def in_threads(files: Sequence[Path]) -> None:
    """Several at a time."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(stock, files))


def one_by_one(files: Sequence[Path]) -> None:
    """One after another."""
    for path in files:
        stock(path)


def fleet(files: Sequence[Path], workers: int) -> None:
    """All by the command, each proved."""
    command = [sys.executable, "-m", "flexsso_helpers.commands.main", "run", *map(str, files), "--apply", "--json"]
    done = subprocess.run([*command, "--workers", str(workers)], capture_output=True, text=True, check=False)  # noqa: S603
    results = json.loads(done.stdout)
    assert done.returncode in (0, 2), [record["error"] for result in results for record in result["notebooks"]]
    assert len(results) == len(files)


def processor() -> float:
    """Seconds of the processor so far, of this process and all that have ended below it."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in both)


def seconds(name: str, files: Sequence[Path], act: Callable[[Sequence[Path]], None]) -> tuple[float, float]:
    """Seconds a tenant, by the clock and of the processor."""
    begun, before = time.perf_counter(), processor()
    act(files)
    took, work = (time.perf_counter() - begun) / len(files), (processor() - before) / len(files)
    print(f"{name:34} {len(files):3} tenants  {took:7.2f} s a tenant  {work:6.2f} s of the processor", flush=True)
    return took, work


def main() -> None:
    """All four, over the same tenants."""
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[3]), float(sys.argv[2]))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenants", type=int, default=24)
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--workers", type=int, default=24)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    count = 8 if asked.quick else asked.tenants
    with tempfile.TemporaryDirectory() as folder:
        tenants = Tenants(Path(folder), count)
        with tenants.running(asked.latency):
            after_another = seconds(
                "stock papermill, one by one", tenants.files[: 1 if asked.quick else count], one_by_one
            )
            tenants.reset()
            side_by_side = seconds(
                f"stock papermill, {THREADS} threads", tenants.files[: THREADS if asked.quick else count], in_threads
            )
            tenants.reset()
            first = seconds("flexsso run", tenants.files, lambda files: fleet(files, asked.workers))
            again = seconds("flexsso run, converged", tenants.files, lambda files: fleet(files, asked.workers))
    for name, (clock, work), (clock_of_ours, work_of_ours) in (
        ("fleet_to_stock", after_another, first),
        ("fleet_to_stock_in_threads", side_by_side, first),
        ("converged_to_first", first, again),
    ):
        print(f"ratio {name} = {clock / clock_of_ours:.1f}")
        print(f"ratio {name}_processor = {work / work_of_ours:.1f}")


if __name__ == "__main__":
    main()
