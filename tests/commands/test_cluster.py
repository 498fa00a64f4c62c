"""Tenants on a cluster of dask.distributed: a real scheduler, two workers as processes, and one that is lost."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from shell import REHEARSAL, Shell, conforms

from flexsso_helpers.commands import cluster
from flexsso_helpers.commands.command_line import ToRead
from flexsso_helpers.commands.selection import Given
from flexsso_helpers.commands.stopping import Stopping
from flexsso_helpers.errors import ParametersError, Unreachable
from flexsso_helpers.fleet.record import records
from flexsso_helpers.wire.rehearsal_client import find_rehearsal

FRESH = (
    "import json, sys; from flexsso_helpers.commands.run import run_tenant; "
    "json.dump(run_tenant(json.load(sys.stdin)), sys.stdout)"
)


@pytest.mark.parametrize(
    "text", ["dask://host", "host:8786", "dask://:8786", "dask://a b:1", "tcp://host:8786", "dask://"]
)
def test_another_form_of_address_is_wrong_use(text: str) -> None:
    with pytest.raises(ParametersError, match="dask://HOST:PORT"):
        cluster.address(text)


def test_the_connection_is_encrypted_where_dask_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import dask.config

    assert cluster.address("dask://scheduler.example.com:8786") == "tcp://scheduler.example.com:8786"
    with dask.config.set({"distributed.comm.require-encryption": True}):
        assert cluster.address("dask://scheduler.example.com:8786") == "tls://scheduler.example.com:8786"
    monkeypatch.setitem(sys.modules, "dask.config", None)
    with pytest.raises(ParametersError, match="flexsso\\[dask\\]"):
        cluster.address("dask://scheduler.example.com:8786")


def test_nobody_at_the_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    with pytest.raises(Unreachable, match="No scheduler answers"):
        cluster.run_on("tcp://127.0.0.1:9", (), {}, lambda _line: None)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a cluster in this process: its workers are threads, and no kernel is forked for them."""
    from distributed import LocalCluster

    monkeypatch.setattr(cluster, "can_fork", lambda: False)
    cluster._forks.cache_clear()
    travelling = cluster.travelling
    monkeypatch.setattr(travelling, "sent", lambda file, payload: {**payload, "file": file.name, "place": "one"})
    monkeypatch.setattr(travelling, "taken_back", lambda _file, _payload, answer, _left, _told: answer["result"])
    with LocalCluster(n_workers=1, threads_per_worker=3, processes=False, dashboard_address="127.0.0.1:0") as local:
        yield local.scheduler_address
    cluster._forks.cache_clear()


def test_one_run_at_a_time_writes_to_a_tenant_and_what_it_says_is_told(
    threads: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEXSSO_RUNS", str(tmp_path / "runs"))
    inside: list[str] = []
    most: list[int] = []

    def done(payload: dict[str, Any], told: Callable[[str], None], *_given: object) -> tuple[dict[str, Any], Any]:
        inside.append(payload["file"])
        time.sleep(0.05)
        most.append(len(inside))
        told(f"{payload['file']} · 01 · proved")
        told(ToRead(f"{payload['file']} · 01 · type the code ABC"))
        inside.remove(payload["file"])
        if payload["file"] == "south":
            raise OSError("No space left on device")
        folder = tmp_path / "runs" / payload["file"] / "now"
        folder.mkdir(parents=True)
        return {"result": {"file": payload["file"], "outcome": 0, "folder": str(folder)}}, {"x": b""}

    monkeypatch.setattr(cluster.travelling, "done", done)
    told: list[str] = []
    given = [Given(name, Path(name)) for name in ("east", "north", "south")]
    given += [Given("x.example.yaml", skipped="an example"), Given("broken.yaml", error="line 1")]
    ended: list[str] = []
    results = cluster.run_on(threads, given, {}, told.append, ended=lambda record: ended.append(record["file"]))
    assert [each.get("outcome") for each in results] == [0, 0, 1, None, 1]
    assert "No space left on device" in results[2]["error"]
    assert most == [1, 1, 1], "the same place, so one after another"
    assert {"east · 01 · proved", "north · 01 · proved"} <= set(told)
    to_read = [line for line in told if isinstance(line, ToRead)]
    assert sorted(to_read) == [f"{name} · 01 · type the code ABC" for name in ("east", "north", "south")]
    assert list((tmp_path / "runs").glob("*/*")) == [], "what was taken back is gone there"
    assert sorted(ended) == ["broken.yaml", "east", "north", "south"]


def test_a_run_that_lost_its_machines_says_so() -> None:
    from distributed.scheduler import KilledWorker

    words = cluster._why(KilledWorker("task", None, 3))
    assert "the machines that ran it were lost" in words
    assert "run it again" in words


def test_who_hears_nothing_of_the_scheduler_stops_before_another_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "can_fork", lambda: False)
    monkeypatch.setattr(cluster, "LOOK", 0.01)
    monkeypatch.setattr(cluster, "SILENT", 0.05)
    cluster._forks.cache_clear()

    def done(_payload: Any, _told: Any, stopping: Stopping, _forks: Any) -> tuple[dict[str, Any], dict[str, bytes]]:
        end = time.monotonic() + 5
        while not stopping.asked and time.monotonic() < end:
            time.sleep(0.01)
        return {"stopped": stopping.asked}, {}

    def unreachable() -> bool:
        raise OSError("Timed out")

    def silent() -> bool:
        return through.wait(10)

    through = threading.Event()
    monkeypatch.setattr(cluster.travelling, "done", done)
    assert cluster._watched({}, lambda _line: None, unreachable) == ({"stopped": True}, {})
    assert cluster._watched({}, lambda _line: None, lambda: True) == ({"stopped": True}, {})

    def done_and_through(*given: Any) -> tuple[dict[str, Any], dict[str, bytes]]:
        try:
            return done(*given)
        finally:
            through.set()

    monkeypatch.setattr(cluster.travelling, "done", done_and_through)
    assert cluster._watched({}, lambda _line: None, silent) == ({"stopped": True}, {}), "a question without an answer"
    cluster._forks.cache_clear()


class Cluster(Shell):
    """A scheduler and its workers on the loopback; the workers keep their runs in a place of their own."""

    def __init__(self, folder: Path, stack: ExitStack, *, workers: int = 2) -> None:
        super().__init__(folder)
        self.theirs, self._stack = folder / "their-runs", stack
        self._scheduler = folder / "scheduler.json"
        self._start("dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")
        self.address = str(self.waited(lambda: json.loads(self._scheduler.read_text())["address"]))
        self.workers = [self.worker(number) for number in range(workers)]

    def worker(self, number: int) -> "subprocess.Popen[bytes]":
        options = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--name", f"worker-{number}")
        return self._start("dask_worker", *options, "--local-directory", str(self.folder / f"space-{number}"))

    def _start(self, program: str, *options: str) -> "subprocess.Popen[bytes]":
        command = [
            sys.executable,
            "-m",
            f"distributed.cli.{program}",
            *options,
            "--scheduler-file",
            str(self._scheduler),
        ]
        own = {"FLEXSSO_RUNS": str(self.theirs), "DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_TIMEOUT": "5s"}
        log = self._stack.enter_context((self.folder / f"{program}.log").open("ab"))
        process = subprocess.Popen(command, env=self.environment | own, stdout=log, stderr=log)
        self._stack.callback(process.wait)
        self._stack.callback(process.terminate)
        return process

    @property
    def on(self) -> tuple[str, str]:
        return "--on", self.address.replace("tcp://", "dask://")

    def tenants(self, *names: str) -> list[str]:
        for name in names:
            text = REHEARSAL.read_text("utf-8").replace("name: rehearsal ", f"name: {name} ")
            (self.folder / f"{name}.yaml").write_text(text, "utf-8")
            self._stack.callback(lambda name=name: (found := find_rehearsal(self.rehearsal(name))) and found.stop())
        return [str(self.folder / f"{name}.yaml") for name in names]

    def rehearsal(self, name: str) -> Path:
        return self.theirs / ".rehearsal" / name

    def waited(self, look: Callable[[], Any], seconds: float = 180) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if found := look():
                    return found
            except (OSError, ValueError, KeyError):
                pass
            time.sleep(0.05)
        raise AssertionError("it did not come to that")

    def runner(self, pid: int) -> int:
        """The worker below whose process this one is; 0 for none of them."""
        workers = {each.pid for each in self.workers}
        while pid > 1 and pid not in workers:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        return pid if pid in workers else 0


@pytest.fixture
def cluster_of_two(tmp_path: Path) -> Iterator[Cluster]:
    with ExitStack() as stack:
        yield Cluster(tmp_path, stack)


@pytest.mark.parametrize("asking", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_run_that_no_worker_takes_says_so_and_can_be_ended(asking: signal.Signals, tmp_path: Path) -> None:
    with ExitStack() as stack:
        shell = Cluster(tmp_path, stack, workers=0)
        command = [sys.executable, "-m", "flexsso_helpers.commands.main", "run", *shell.tenants("east", "north")]
        with subprocess.Popen(
            [*command, "--json", *shell.on],
            env=shell.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            late = threading.Timer(120, running.kill)  # a test that hangs says less than one that fails
            stack.callback(late.cancel)
            late.start()
            assert running.stderr is not None
            assert "has no worker" in (waits := running.stderr.readline())
            running.send_signal(asking)
            said, progress = running.communicate(timeout=60)
    assert running.returncode == 130, progress
    results = conforms(json.loads(said))
    assert ["not begun" in each["error"] and "stopped" in each["error"] for each in results] == [True, True]
    assert "Traceback" not in waits + progress


def test_ctrl_c_once_more_waits_for_no_worker(threads: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed.client import as_completed

    begun, through = threading.Event(), threading.Event()

    def done(payload: dict[str, Any], *_given: object) -> tuple[dict[str, Any], dict[str, bytes]]:
        begun.set()
        through.wait(60)
        return {"result": {"file": payload["file"], "outcome": 0, "folder": ""}}, {}

    presses = iter([True, True])

    def pressed(ending: Any) -> Any:
        if begun.wait(60) and next(presses, False):
            raise KeyboardInterrupt
        return given(ending)

    given = as_completed.__next__
    monkeypatch.setattr(as_completed, "__next__", pressed)
    monkeypatch.setattr(cluster.travelling, "done", done)
    told: list[str] = []
    try:
        (result,) = cluster.run_on(threads, [Given("east", Path("east"))], {}, told.append)
    finally:
        through.set()
    assert "not waited for" in result["error"]


@pytest.mark.full
@pytest.mark.kernel
@pytest.mark.skipif(sys.platform != "linux", reason="finds processes by their folders")
def test_a_lost_workers_tenant_is_run_again_by_the_other_one(cluster_of_two: Cluster) -> None:
    shell = cluster_of_two
    files = shell.tenants("east", "north")
    # 03 is still to do however far the lost one comes in 01 before it is killed.
    command = [sys.executable, "-m", "flexsso_helpers.commands.main", "run", *files, "--apply", "--only", "00,01,03"]
    command += ["--json", *shell.on]
    with subprocess.Popen(
        command, env=shell.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        lost = shell.waited(lambda: in_the_middle(shell, "east"))
        os.kill(lost, signal.SIGKILL)
        said, progress = running.communicate(timeout=540)
    assert running.returncode == 2, progress
    assert "Traceback" not in said + progress
    results = {each["tenant"]: each for each in conforms(json.loads(said))}
    assert {name: each["outcome"] for name, each in results.items()} == {"east": 2, "north": 2}
    for name, result in results.items():
        folder = Path(result["folder"])
        assert folder.parent == shell.runs / name
        assert {path.name for path in folder.glob("*.ipynb")} == {
            f"{each['notebook']}.ipynb" for each in result["notebooks"]
        }
        assert Path(result["handover"]).is_file()
        client = find_rehearsal(shell.rehearsal(name))
        assert client is not None
        made = [each for each in client.journal() if each.get("path", "").endswith("/instantiate")]
        assert len(made) == 1, f"{name} was made {len(made)} times"
    assert "north · 01_create_enterprise_application · " in progress
    assert [each.totals for each in records(shell.runs)] == ["2 changed"]
    assert [path.name for path in (shell.theirs / "north").glob("20*")] == [], "what was brought here is gone there"


def in_the_middle(shell: Cluster, tenant: str) -> int:
    """The worker that has just sent a write for this tenant."""
    (ledger,) = (shell.theirs / tenant).glob("*/ledger.jsonl")
    if '"intent"' not in ledger.read_text("utf-8"):
        return 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "cwd")) == ledger.parent and (found := shell.runner(int(process.name))):
                return found
        except OSError:
            continue
    return 0


@pytest.mark.full
@pytest.mark.kernel
def test_ctrl_c_stops_them_there_and_brings_back_what_they_left(cluster_of_two: Cluster) -> None:
    shell = cluster_of_two
    files = shell.tenants("east", "north", "south")
    # Enough steps that neither is through before its worker has asked whether it is to stop.
    command = [sys.executable, "-m", "flexsso_helpers.commands.main", "run", *files, "--apply"]
    command += ["--only", "00,01,02,03,04,05", "--json", *shell.on]
    with subprocess.Popen(
        command, env=shell.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        shell.waited(lambda: list((shell.theirs / "east").glob("*/evidence/*")))
        running.send_signal(signal.SIGINT)
        said, progress = running.communicate(timeout=300)
    assert running.returncode == 130, progress
    results = {Path(each["file"]).stem: each for each in conforms(json.loads(said))}
    assert {each["outcome"] for each in results.values()} == {1}
    assert "not begun: stopped" in results["south"]["error"]
    assert Path(results["east"]["folder"], "ledger.jsonl").is_file()


@pytest.mark.full
@pytest.mark.kernel
def test_a_run_is_plain_data_in_and_out_in_a_process_of_its_own(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    file = tmp_path / "east.yaml"
    file.write_text(REHEARSAL.read_text("utf-8").replace("name: rehearsal ", "name: east "), "utf-8")
    payload = {
        "file": str(file),
        "apply": True,
        "only": ["01"],
        "timeout": 300,
        "withheld": ["A_SECRET"],
    }
    try:
        done = subprocess.run(
            [sys.executable, "-c", FRESH],
            input=json.dumps(payload), env=shell.environment, cwd=tmp_path, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
    finally:
        if client := find_rehearsal(shell.runs / ".rehearsal" / "east"):
            client.stop()
    assert done.returncode == 0, done.stderr
    result = conforms(json.loads(done.stdout))
    assert [(each["notebook"][:2], each["outcome"]) for each in result["notebooks"]] == [("01", 2)]
    assert conforms(json.loads(Path(result["folder"], "result.json").read_text("utf-8"))) == result
    kinds = {(path.is_dir(), path.stat().st_mode & 0o777) for path in Path(result["folder"]).rglob("*")}
    assert os.name == "nt" or kinds == {(True, 0o700), (False, 0o600)}
