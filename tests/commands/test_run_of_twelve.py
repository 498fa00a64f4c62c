"""Twelve tenants, of which seven have a mishap each: the others are proved, and each mishap is told for what it is."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from shell import REHEARSAL, Shell, conforms

from flexsso_helpers.fleet.record import records
from flexsso_helpers.wire.rehearsal_client import find_rehearsal, open_rehearsal

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.full,
    pytest.mark.skipif(sys.platform != "linux", reason="finds processes by their folders"),
]
FINE = tuple(f"fine-{number}" for number in range(5))
MISHAPS = {
    "hangs": "not done within 1.5 minutes",
    "stranger": "SignInError",
    "throttled": "Throttled",
    "killed": "kernel ended by itself",
    "dies-at-start": "kernel (did not start|ended by itself)",  # by how soon it was killed
    "broken": "broken.yaml, line",
    "no-folder": "no-folder",
}
NAMES = (*FINE, *MISHAPS)


class Twelve(Shell):
    """A terminal with its own place for temporary files, and the twelve tenants' files in it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.temporary, self.runtime = folder / "temporary", folder / "runtime"
        self.temporary.mkdir()
        text = REHEARSAL.read_text("utf-8")
        for name in NAMES:
            (folder / f"{name}.yaml").write_text(text.replace("name: rehearsal ", f"name: {name} "), "utf-8")
        broken = folder / "broken.yaml"
        broken.write_text(broken.read_text("utf-8").replace("name_id: mail", "nameid: mail"), "utf-8")
        stranger = folder / "stranger.yaml"
        text = stranger.read_text("utf-8")
        stranger.write_text(text.replace("    user: ada.admin@contoso.com ", "    user: eve@contoso.com ", 1), "utf-8")
        self.runs.mkdir()
        (self.runs / "no-folder").touch()

    @property
    def environment(self) -> dict[str, str]:
        own = {"TMPDIR": str(self.temporary), "JUPYTER_RUNTIME_DIR": str(self.runtime)}
        return super().environment | own

    def rehearsal(self, name: str) -> Path:
        return self.runs / ".rehearsal" / name

    def kernels(self, name: str) -> list[int]:
        """The processes that work in a run's folder of this tenant."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                where = Path(os.readlink(process / "cwd"))
            except OSError:
                continue
            if where.is_relative_to(self.runs / name):
                found.append(int(process.name))
        return found

    def processes(self) -> list[str]:
        """What the runs of this terminal left running or listening; its rehearsals, the far end, end with the test."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            with suppress(psutil.Error):
                command = " ".join(process.info["cmdline"] or ())
                if process.environ().get("TMPDIR") == str(self.temporary) and "rehearsal serve" not in command:
                    found.append(command)
        return found


@pytest.fixture
def twelve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Twelve]:
    shell = Twelve(tmp_path)
    monkeypatch.setenv("FLEXSSO_RUNS", str(shell.runs))
    yield shell
    for name in NAMES:
        if client := find_rehearsal(shell.rehearsal(name)):
            client.stop()


def throttle_for_ever(shell: Twelve) -> None:
    script = shell.folder / "faults.json"
    fault = {"match": {"host": "graph.microsoft.com"}, "fault": "throttle", "retry_after": 30, "probability": 1.0}
    script.write_text(json.dumps([fault]), "utf-8")
    folder = shell.rehearsal("throttled")
    shell.flexsso("rehearsal", "serve", "--folder", str(folder), "--faults", str(script), "--idle", "0.1")


def hang(shell: Twelve) -> int:
    """A server that took its place and never answers."""
    client = open_rehearsal(shell.rehearsal("hangs"))
    pid = int(json.loads((client.folder / "server.json").read_text("utf-8"))["pid"])
    os.kill(pid, signal.SIGSTOP)
    return pid


def killer(shell: Twelve, ended: threading.Event) -> None:
    """End one kernel as soon as it is there, and another one in the middle of its work."""
    waiting = {"dies-at-start", "killed"}
    while waiting and not ended.wait(0.005):
        for name in list(waiting):
            busy = name == "dies-at-start" or next((shell.runs / name).glob("*/ledger.jsonl"), None)
            if busy and (found := shell.kernels(name)):
                for pid in found:
                    os.kill(pid, signal.SIGKILL)
                waiting.discard(name)


def said(result: dict[str, Any]) -> str:
    return " ".join([result["error"], *(each["error"] for each in result["notebooks"])])


def test_each_mishap_is_told_and_the_others_are_proved(twelve: Twelve) -> None:
    throttle_for_ever(twelve)
    stopped, ended = hang(twelve), threading.Event()
    watching = threading.Thread(target=killer, args=(twelve, ended))
    watching.start()
    files = [str(twelve.folder / f"{name}.yaml") for name in NAMES]
    command = [sys.executable, "-m", "flexsso_helpers.commands.main", "run", *files, "--apply", "--only", "00,01"]
    try:
        done = subprocess.run(
            [*command, "--json", "--workers", "4", "--timeout", "1.5"],
            env=twelve.environment, capture_output=True, text=True, timeout=900,
        )  # fmt: skip
    finally:
        ended.set()
        watching.join()
        os.kill(stopped, signal.SIGCONT)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    results = {Path(each["file"]).stem: each for each in conforms(json.loads(done.stdout))}
    assert {name: results[name]["outcome"] for name in FINE} == dict.fromkeys(FINE, 2)
    assert {name: results[name]["outcome"] for name in MISHAPS} == dict.fromkeys(MISHAPS, 1)
    wrongly_told = {
        name: said(results[name]) for name, words in MISHAPS.items() if not re.search(words, said(results[name]))
    }
    assert wrongly_told == {}

    assert [each.totals for each in records(twelve.runs)] == ["5 changed, 7 failed"]
    assert [each for name in NAMES for each in twelve.kernels(name)] == []
    assert list(twelve.temporary.iterdir()) == []
    assert list(twelve.runtime.glob("kernel-*")) == []
    assert twelve.processes() == []

    again = twelve.results(str(twelve.folder / "killed.yaml"), "--apply", "--only", "00,01", expect=2)[0]
    assert [each["outcome"] for each in again["notebooks"]] == [0, 2]
