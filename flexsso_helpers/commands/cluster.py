"""Tenants on a cluster of dask.distributed: the same payloads as on this machine, carried by somebody else's scheduler.

A worker that is lost has its tenant run again by another one, which looks before it makes anything. One run at a time
writes to a tenant, by a lock of the scheduler; whoever loses the scheduler stops before the lock is given to another.
A cluster runs whatever it is sent, so who may reach its scheduler may do what its workers may: see SECURITY.md.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from flexsso_helpers.commands import travelling
from flexsso_helpers.commands.command_line import ToRead
from flexsso_helpers.commands.kernel_forks import Forks, can_fork
from flexsso_helpers.commands.result import Skipped, failed
from flexsso_helpers.commands.selection import Given
from flexsso_helpers.commands.stopping import FOUND, GO_ON, Stopping, stopped
from flexsso_helpers.errors import FlexSSOError, ParametersError, Unreachable
from flexsso_helpers.fleet.standing import NOT_BEGUN

Record = dict[str, Any]
Told = Callable[[str], None]
_ADDRESS = re.compile(r"dask://([^\s/]+:\d{1,5})")
CONNECT = 10.0
"""Seconds in which a scheduler answers."""
LOOK = 1.0
"""Seconds between two looks whether the run is to stop."""
SILENT = 15.0
"""Seconds without the scheduler after which a worker stops: half of those for which it keeps a lock."""
PATIENCE = 120.0
"""Seconds that a lock is waited for: a lost worker's is free after 30."""
LOST = "the machines that ran it were lost one after another"
NO_WORKER = "The cluster has no worker. The run waits until one comes; Ctrl-C ends it."
ON_NONE = f"not begun, or not again after its worker was lost: {GO_ON}"
UNANSWERED = f"not waited for; where a worker has it, what it leaves stays in runs/ there: {GO_ON}"
ALONE = f"the scheduler is gone, and what the workers leave stays in runs/ there; {FOUND}"


def address(text: str) -> str:
    """The scheduler's own address. Raises ParametersError for another form, and without the extra."""
    found = _ADDRESS.fullmatch(text)
    if not found:
        raise ParametersError(f"{text} is no address of a scheduler.", fix="Write --on dask://HOST:PORT")
    try:
        import dask.config
    except ImportError as error:
        raise ParametersError(
            "Running on a cluster needs dask.distributed, which is not installed.", fix='pip install "flexsso[dask]"'
        ) from error
    encrypted = dask.config.get("distributed.comm.require-encryption", None)
    return f"{'tls' if encrypted else 'tcp'}://{found[1]}"


def run_on(
    scheduler: str,
    given: Sequence[Given],
    payload: Mapping[str, Any],
    told: Told,
    stopping: Stopping | None = None,
    *,
    ended: Callable[[Record], None] = lambda _record: None,
) -> list[Record]:
    """As `run_tenants`, on the cluster of this scheduler; as many side by side as its workers have threads.

    Raises Unreachable when it does not answer.
    """
    stopping, secrets = stopping or Stopping(), frozenset[str]().union(*(each.variables for each in given))
    records: dict[int, Record] = {}
    payloads: dict[int, Record] = {}
    for at, each in enumerate(given):
        try:
            if each.path:
                of_others = sorted(secrets - each.variables)
                payloads[at] = travelling.sent(each.path, {**payload, "withheld": of_others})
                continue
            record = Skipped(file=each.name, skipped=each.skipped) if each.skipped else failed(each.name, each.error)
        except (FlexSSOError, OSError) as error:
            record = failed(each.name, str(error))
        told(f"{each.name} · {'skipped: ' + each.skipped if each.skipped else 'cannot be read'}")
        records[at] = record.model_dump()
        if not each.skipped:
            ended(records[at])
    with _connected(scheduler) as client:
        forgetting = []
        for at, answer in _answers(client, payloads, told, stopping):
            records[at] = _taken(Path(given[at].path or given[at].name), payloads[at], answer, told)
            if records[at]["folder"] and not isinstance(answer, str):
                forgetting.append(_forgotten(client, json.loads(answer[0])))
            ended(records[at])
        _settled(forgetting)
    return [records[at] for at in sorted(records)]


def _taken(file: Path, payload: Record, answer: tuple[str, travelling.Folder] | str, told: Told) -> Record:
    if isinstance(answer, str):
        return failed(file, answer).model_dump()
    try:
        return travelling.taken_back(file, payload, json.loads(answer[0]), answer[1], told)
    except (OSError, ValueError) as error:
        return failed(file, f"it was run, and what it left could not be kept here: {error}").model_dump()


def _forgotten(client: Any, answer: Record) -> Any:
    """Tell the worker that its run's folder is here now; a future."""
    where = {"workers": [answer["at"]], "priority": 1, "pure": False}
    return client.submit(travelling.forget, answer["result"]["folder"], **where)


def _settled(futures: Sequence[Any]) -> None:
    """Wait until they are done, but not for a worker that is gone."""
    end = time.monotonic() + CONNECT
    for future in futures:
        with suppress(TimeoutError):
            future.exception(timeout=max(end - time.monotonic(), 0.1))


@contextmanager
def _connected(scheduler: str) -> Iterator[Any]:
    from distributed import Client

    try:
        client = Client(scheduler, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Unreachable(
            f"No scheduler answers at {scheduler}.",
            why=str(error).splitlines()[0][:300] if str(error) else type(error).__name__,
            fix="Start `dask scheduler`, and on each machine `dask worker HOST:PORT` in a folder of this project.",
        ) from error
    with client:
        yield client


def _answers(
    client: Any, payloads: Mapping[int, Record], told: Told, stopping: Stopping
) -> Iterator[tuple[int, tuple[str, travelling.Folder] | str]]:
    """The answer of each as it ends, or in words why there is none.

    Ctrl-C stops them all, and those that a worker has still answer; Ctrl-C once more waits for none.
    """
    from distributed.client import as_completed

    to_tell = [] if client.scheduler_info()["workers"] else [NO_WORKER]
    ident = f"flexsso-{uuid4().hex}"
    client.subscribe_topic(ident, lambda event: told(_heard(*event[1])))
    numbers = {
        client.submit(work, json.dumps(payload), ident, key=f"{ident}-{at}", pure=False): at
        for at, payload in payloads.items()
    }
    ending = as_completed(list(numbers), loop=client.loop, raise_errors=False)
    given_up: dict[Any, str] = {}
    while numbers:
        try:
            if to_tell:  # here, where Ctrl-C is understood
                told(to_tell.pop())
            future = next(ending)
        except KeyboardInterrupt:
            given_up |= _given_up(client, ident, list(numbers), told, stopping)
            if given_up:
                client.cancel(list(given_up))
            continue
        at = numbers.pop(future)
        if future.cancelled():
            yield at, given_up.get(future, ALONE)
            continue
        error = future.exception()
        yield at, future.result() if error is None else _why(error)
        future.release()


def _given_up(client: Any, ident: str, futures: Sequence[Any], told: Told, stopping: Stopping) -> Mapping[Any, str]:
    """Stop what workers run. Which are not waited for any more, and why: asked first what no worker has, then all."""
    from distributed import Event

    if not stopping.asked:
        told("Stopping: no further change begins, and results are brought back. Ctrl-C once more waits for none.")
        stopping.ask()
        try:
            Event(f"{ident}-stop", client=client).set()  # first of all: what a worker takes from now on does not begin
            taken = {key for keys in client.processing().values() for key in keys}
            taken |= {key for key, workers in client.who_has(futures).items() if workers}
            return {each: ON_NONE for each in futures if each.key not in taken and not each.done()}
        except OSError:
            told("The scheduler does not answer; workers that do not hear it stop by themselves.")
            return {}
        except KeyboardInterrupt:
            pass
    return {each: UNANSWERED for each in futures if not each.done()}


def _sent(line: str) -> tuple[str, bool]:
    """A worker's line on its way, where only plain text travels."""
    return str(line), isinstance(line, ToRead)


def _heard(line: str, to_read: bool) -> str:
    """A worker's line as it was there."""
    return ToRead(line) if to_read else line


def _why(error: BaseException) -> str:
    from distributed.scheduler import KilledWorker

    if isinstance(error, KilledWorker):
        return f"{LOST}; look there, then {FOUND}"
    words = " ".join(str(error).split())
    return f"the cluster could not run it ({type(error).__name__}: {words[:300]})"


def work(payload_text: str, ident: str) -> tuple[str, travelling.Folder]:
    """One tenant's run, on a worker: JSON in, JSON out, and the folder that it left."""
    from distributed import Event, Lock, get_worker

    worker, stop, payload = get_worker(), Event(f"{ident}-stop"), json.loads(payload_text)
    if stop.is_set():
        return json.dumps({"result": failed(payload["file"], f"{NOT_BEGUN}{stopped(payload)}").model_dump()}), {}
    lock = Lock(f"flexsso {payload['place']}")
    if not lock.acquire(timeout=PATIENCE):
        words = "another run writes to this tenant on this cluster; wait until it is through, then run it again."
        return json.dumps({"result": failed(payload["file"], words).model_dump()}), {}
    try:
        answer, left = _watched(payload, lambda line: worker.log_event(ident, _sent(line)), stop.is_set)
    finally:
        lock.release()
    return json.dumps({**answer, "at": worker.address}), left


def _watched(payload: Record, told: Told, asked: Callable[[], bool]) -> tuple[Record, travelling.Folder]:
    """Run it, and stop it when that is asked for, or when nobody could ask any more.

    The question has a thread of its own: where packets are lost, it comes back only after the lock is another's.
    """
    stopping, forks = Stopping(), _forks()
    with ThreadPoolExecutor(2) as pool:
        run = pool.submit(travelling.done, payload, told, stopping, forks)
        heard, stop = time.monotonic(), False
        while wait([run], LOOK).not_done and not stopping.asked:
            sent, question = time.monotonic(), pool.submit(asked)
            both: tuple[Future[Any], ...] = (run, question)
            wait(both, max(heard + SILENT - sent, 0.0), FIRST_COMPLETED)
            if question.done() and not question.exception():  # that of a connection that is lost
                heard, stop = sent, question.result()
            if stop or time.monotonic() - heard >= SILENT:
                stopping.stop([run], lambda _line: None)  # who asked for it has said so
    return run.result()


@cache
def _forks() -> Forks | None:
    """The parent of this worker's kernels, which ends with it."""
    return Forks().__enter__() if can_fork() else None
