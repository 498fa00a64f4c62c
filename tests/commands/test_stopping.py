"""Ctrl-C on a run: no further write begins, the answer in hand is waited for, results are written."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from onboarding import STEPS
from shell import REHEARSAL, Shell, conforms
from stage import Stage

from flexsso_helpers.commands import run, stopping
from flexsso_helpers.commands.selection import Given
from flexsso_helpers.commands.stopping import Stopping
from flexsso_helpers.errors import Stopped
from flexsso_helpers.ledger import STOP, Ledger


class Kernel:
    """What a kernel is asked to do, in order."""

    has_kernel = True

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.provisioner = SimpleNamespace(kill=lambda: self._do("kill"))

    def interrupt_kernel(self) -> Any:
        return self._do("interrupt")

    async def _do(self, what: str) -> None:
        self.asked.append(what)


def ledger_in(folder: Path) -> Ledger:
    return Ledger(folder, rehearsal=True, now=lambda: datetime(2026, 1, 31, tzinfo=UTC))


def test_no_write_begins_after_it_and_what_was_there_stays(tmp_path: Path) -> None:
    async def go() -> None:
        stage = Stage(tmp_path)
        session = await stage.open(apply=True)
        plan = await STEPS["01"].plan(session)
        (session.ledger.folder / STOP).touch()
        with pytest.raises(Stopped, match="Run it again"):
            await STEPS["01"].apply(session, plan, session.approval(plan))
        assert stage.writes["graph"] == 0
        with pytest.raises(Stopped):
            await session.sleep(1.0)

    asyncio.run(go())


@pytest.mark.parametrize("in_hand", [False, True], ids=["nothing sent", "a write sent"])
def test_who_does_not_end_is_interrupted_and_then_ended_but_not_with_a_write_in_hand(
    in_hand: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "SECONDS", 0.01)
    monkeypatch.setattr(stopping, "IN_HAND", 0.03)
    waited: list[bool] = []
    kernel, stop, endless = Kernel(), Stopping(), Future[Any]()
    ledger = ledger_in(tmp_path)
    entry = ledger.intent(service="graph", method="POST", path="/x", why="Making it", before=None, body=None)
    if not in_hand:
        ledger.answer(entry, status=201, note="")
    wait = stopping.wait
    monkeypatch.setattr(stopping, "wait", lambda *given: (waited.append(not kernel.asked), wait(*given))[1])
    with stop.run(tmp_path):
        stop.begun(tmp_path, kernel)  # type: ignore[arg-type]
        stop.stop([endless], lambda _line: None)
        assert (tmp_path / STOP).exists()
    assert kernel.asked == ["interrupt", "kill"]
    assert waited.count(True) == (4 if in_hand else 1)  # before anybody was interrupted
    assert not (tmp_path / STOP).exists()


def test_a_second_ctrl_c_ends_the_kernels_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def again(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stopping, "wait", again)
    kernel, stop = Kernel(), Stopping()
    with stop.run(tmp_path):
        stop.begun(tmp_path, kernel)  # type: ignore[arg-type]
        stop.stop([Future()], lambda _line: None)
    assert kernel.asked == ["kill"]


@pytest.mark.parametrize(("asked", "goes_on"), [({}, True), ({"command": "drift"}, False)], ids=["run", "drift"])
def test_tenants_that_were_not_begun_have_their_result_too(
    asked: dict[str, str], goes_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Stopping()
    stop.stop([], lambda _line: None)
    monkeypatch.setattr(run, "run_tenant", lambda *_given: pytest.fail("begun after Ctrl-C"))
    (result,) = run.run_tenants([Given("contoso", path=REHEARSAL)], asked, lambda _line: None, stop)
    conforms([result])
    assert result["outcome"] == 1
    assert "run it again" in result["error"]
    assert ("with --continue" in result["error"]) == goes_on


@pytest.mark.full
@pytest.mark.kernel
@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal for it")
@pytest.mark.parametrize("after", ["01", "04"])
def test_a_run_that_is_stopped_says_so_and_the_next_one_ends_proved(after: str, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    command = [sys.executable, "-m", "flexsso_helpers.commands.main", "run", str(REHEARSAL), "--apply", "--json"]
    with subprocess.Popen(
        command, env=shell.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stderr is not None
        while f" · {after}_" not in (line := process.stderr.readline()):
            assert line, "the run ended before it was stopped"
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in said
    (result,) = conforms(json.loads(printed))
    assert result["outcome"] == 1
    assert "run it again" in result["notebooks"][-1]["verdict"]
    assert json.loads((Path(result["folder"]) / "result.json").read_text("utf-8")) == result
    assert not (Path(result["folder"]) / STOP).exists()
    again = shell.results(str(REHEARSAL), "--apply", expect=2)[0]
    assert all(record["outcome"] in (0, 2) for record in again["notebooks"])
    shell.flexsso("rehearsal", "stop")
