"""Tenants without anybody watching: the step notebooks of each, in order. What comes in and goes out is plain data.

The status is read from what our own sections recorded; papermill's metadata calls cells completed that never ran.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from flexsso_helpers import places
from flexsso_helpers.commands import looking
from flexsso_helpers.commands.command_line import ToRead
from flexsso_helpers.commands.kernel_forks import Forks, forks_for
from flexsso_helpers.commands.kernels import TenantKernel, one_line
from flexsso_helpers.commands.result import (
    NotebookResult,
    Skipped,
    TenantResult,
    failed,
    leave,
    moment,
    notebook_result,
    told_by,
)
from flexsso_helpers.commands.selection import Given, step_notebooks
from flexsso_helpers.commands.stopping import Limit, Stopping, stopped
from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.fleet.record import last_proved, numbers_of
from flexsso_helpers.fleet.standing import NOT_BEGUN
from flexsso_helpers.ledger import write_whole
from flexsso_helpers.notebooks import in_folder
from flexsso_helpers.notify import notify
from flexsso_helpers.parameters import Tenant, load
from flexsso_helpers.plan import FAILED, WAITING, worst

SIDE_BY_SIDE = 4
Record = dict[str, Any]
Told = Callable[[str], None]


def run_tenants(
    given: Sequence[Given],
    payload: Mapping[str, Any],
    told: Told,
    stopping: Stopping | None = None,
    *,
    workers: int = SIDE_BY_SIDE,
    ended: Callable[[Record], None] = lambda _record: None,
    forks: Forks | None = None,
) -> list[Record]:
    """Run all tenants that were chosen, several side by side; a record for each name, in their order.

    `payload` is what `run_tenant` takes, but for the file. What is not run has a record too: `skipped` and why. `ended`
    gets the record of each that is run or cannot be, as it ends. `forks` is the parent of kernels where one was started
    already.
    Ctrl-C stops them all, and they still have their records.
    """
    stopping = stopping or Stopping()

    def one(each: Given) -> Record:
        record = come_to(each)
        if not each.skipped:
            ended(record)
        return record

    def come_to(each: Given) -> Record:
        if each.path is not None:
            if stopping.asked:
                return failed(each.name, f"{NOT_BEGUN}{stopped(payload)}").model_dump()
            of_others = sorted(secrets - each.variables)
            return run_tenant({**payload, "file": str(each.path), "withheld": of_others}, told, stopping, parent)
        told(f"{each.name} · {'skipped: ' + each.skipped if each.skipped else 'cannot be read'}")
        if each.skipped:
            return Skipped(file=each.name, skipped=each.skipped).model_dump()
        return failed(each.name, each.error).model_dump()

    secrets = frozenset[str]().union(*(each.variables for each in given))
    with nullcontext(forks) if forks else forks_for(given) as parent, ThreadPoolExecutor(workers) as pool:
        runs: list[Future[Record]] = []
        try:
            for each in given:
                runs.append(pool.submit(one, each))
            return [run.result() for run in runs]
        except KeyboardInterrupt:
            stopping.stop(runs, told)
        runs += [pool.submit(one, each) for each in given[len(runs) :]]  # which say that they were not begun
        return [run.result() for run in runs]


def run_tenant(
    payload: Mapping[str, Any],
    told: Told = lambda _line: None,
    stopping: Stopping | None = None,
    forks: Forks | None = None,
) -> Record:
    """Run one tenant's notebooks and return what came of it, as `result.TenantResult` describes it.

    Takes `file` (the tenant's file), `apply`, `allow_removals`, `record` (keep its traffic, redacted), `only`
    (numbers), or `notebook` (one that is no step) with further `parameters`, `command` (as its messages are called),
    `folder` (where to write, made when missing), `withheld` (variables of the environment that its kernel is not
    given), `timeout` (seconds for all of it), `full` (execute every notebook, also of steps that were proved
    before and hold as they stand) and `before` (the result that proved them, where this machine does not keep it);
    `result.json` there says the same. `told` gets a line for each notebook as it ends,
    and what its cells print while they run. Never raises for what a tenant, a file, a kernel or the network can do.
    Sets the umask.
    """
    os.umask(0o077)  # of this whole process: what a run and its kernels leave is for whoever runs it
    if forks:
        forks.told = told
    file, started = Path(payload["file"]), moment()
    try:
        tenant = load(file)
    except FlexSSOError as error:
        return failed(file, str(error), started=started).model_dump()
    except Exception as error:  # noqa: BLE001 - one tenant's failure touches no other
        return failed(file, one_line(error), started=started).model_dump()
    if tenant.practice == "you":
        waits = f"practice: you. A person signs in and pastes; open it with `flexsso guide {tenant.name}`."
        return failed(file, waits, tenant=tenant.name, started=started, rehearsal=True, waits=True).model_dump()
    try:
        result = _run(payload, tenant, file, started, told, stopping or Stopping(), forks).model_dump()
        _notify(tenant, str(payload.get("command", "run")), result, told)
        return result
    except Exception as error:  # noqa: BLE001 - a full disk, a folder that cannot be written, a spoiled file
        told_why = places.of_writing(error) or error
        words = str(told_why) if isinstance(told_why, FlexSSOError) else one_line(told_why)
        told(f"{tenant.name} · stopped by an error")
        return failed(file, words, tenant=tenant.name, started=started, rehearsal=tenant.rehearsal).model_dump()


def _notify(tenant: Tenant, command: str, result: Record, told: Told) -> None:
    try:
        lines = notify(tenant, command, result, places.runs() / tenant.name)
    except Exception as error:  # noqa: BLE001 - what was proved stays proved, whoever could not be told
        lines = [f"nobody was told: {one_line(error)}"]
    for line in lines:
        told(ToRead(f"{tenant.name} · {line}"))


def _run(
    payload: Mapping[str, Any],
    tenant: Tenant,
    file: Path,
    started: str,
    told: Told,
    stopping: Stopping,
    forks: Forks | None,
) -> TenantResult:
    if given := payload.get("folder"):
        folder = places.private(Path(given))
    else:
        folder = places.new_run_folder(tenant.name)
        places.keep_pages(folder)
    begun_with = {
        "allow_removals": bool(payload.get("allow_removals")),
        "assigns": payload.get("command") == "people",
        "unattended": True,
        "record": bool(payload.get("record")),
    }
    write_whole(folder / "run.json", json.dumps(begun_with))
    parameters = {"tenant": _name(file, tenant.name), "apply": bool(payload.get("apply"))}
    parameters |= payload.get("parameters", {})
    records: list[NotebookResult] = []
    begun, withheld = partial(stopping.begun, folder), payload.get("withheld", ())
    again, limit = stopped(payload), Limit(stopping, folder, payload.get("timeout"))
    notebooks = _asked(payload)
    whole = TenantKernel(folder, begun, forks=forks, withheld=withheld, alone=len(notebooks) == 1)
    with stopping.run(folder), limit, whole as kernel:
        before = None if payload.get("full") else _proved_before(tenant, notebooks, payload.get("before"))
        printed = _told_of(told, tenant, Path(looking.FILE))
        held = _held(kernel, before, notebooks, parameters, printed) if before else {}
        if held:
            told(f"{tenant.name} · {len(held)} of {len(notebooks)} steps hold as they stand, by one look")
        for notebook in notebooks:
            if record := held.get(notebook.name[:2]):
                records.append(record)
                continue
            failed_before = any(record.outcome == FAILED for record in records)
            if failed_before or stopping.asked or limit.over():
                why_not = limit.words if limit.over() else again if stopping.asked else "a step before it failed"
                records.append(notebook_result(notebook.stem, folder, outcome=None, verdict=why_not))
                continue
            records.append(_run_notebook(kernel, notebook, folder, parameters, _told_of(told, tenant, notebook)))
            if limit.over():
                records[-1] = records[-1].model_copy(update={"outcome": FAILED, "error": limit.words})
            told(f"{tenant.name} · {notebook.stem} · {records[-1].verdict}")
    records = _caught_up(records, folder)
    ended = [FAILED] if any(record.verdict in (again, limit.words) for record in records) else []
    outcome = worst([*(record.outcome for record in records if record.outcome is not None), *ended])
    kept = before["handover"] if before and all(record.as_good_as for record in records) else None
    return leave(folder, tenant, file, started=started, outcome=outcome, notebooks=records, handover=kept)


def _proved_before(tenant: Tenant, notebooks: Sequence[Path], given: Record | None) -> Mapping[str, Any] | None:
    """The newest result that proved all of these; of one notebook alone nothing is saved by a look.

    `given` is one that came with the payload, of a tenant whose runs are kept elsewhere.
    """
    numbers = [path.name[:2] for path in notebooks]
    if len(numbers) < 2:
        return None
    if given and numbers_of(given).issuperset(numbers):
        return given
    return last_proved(places.runs(), tenant.name, numbers)


def _held(
    kernel: TenantKernel, before: Mapping[str, Any], notebooks: Sequence[Path], parameters: Record, printed: Told
) -> dict[str, NotebookResult]:
    """The steps that need not be executed, by number: by one look all their checks hold again.

    Nothing, where the look itself failed: then the notebooks say what is the matter.
    """
    started, look = moment(), looking.written(kernel.folder)
    if kernel.run(look, parameters | {"only": [path.name[:2] for path in notebooks]}, printed):
        look.unlink(missing_ok=True)
        return {}
    executed = {each["notebook"]: each.get("as_good_as") or str(before["folder"]) for each in before["notebooks"]}
    found = {each.section: each for each in told_by(kernel.folder)}
    return {
        evidence.section: notebook_result(
            path.stem,
            kernel.folder,
            outcome=evidence.outcome,
            verdict=evidence.verdict,
            as_good_as=executed[path.stem],
            started=started,
            ended=moment(),
            evidence=evidence,
        )
        for path in notebooks
        if (evidence := found.get(path.name[:2]))
    }


def _caught_up(records: list[NotebookResult], folder: Path) -> list[NotebookResult]:
    """What a notebook waited for may have come by a later one of this run."""
    found = {each.section: each for each in told_by(folder)}

    def again(record: NotebookResult) -> NotebookResult:
        evidence = found.get(record.notebook[:2])
        if record.outcome != WAITING or evidence is None or evidence.outcome == WAITING:
            return record
        return notebook_result(
            record.notebook,
            folder,
            outcome=evidence.outcome,
            verdict=evidence.verdict,
            started=record.started,
            ended=record.ended,
            evidence=evidence,
        )

    return [again(record) for record in records]


def _asked(payload: Mapping[str, Any]) -> list[Path]:
    """The notebooks to run: the steps, or one that stands beside them."""
    if number := payload.get("notebook"):
        return [in_folder(places.notebooks())[str(number)]]
    return step_notebooks(tuple(payload.get("only", ())))


def _told_of(told: Told, tenant: Tenant, notebook: Path) -> Told:
    """Tell whose notebook prints it: several run side by side."""
    return lambda line: told(ToRead(f"{tenant.name} · {notebook.stem} · {line}"))


def _name(file: Path, name: str) -> str:
    """The tenant's name where that finds the file; its path where it lies elsewhere."""
    return name if file.resolve().parent == places.parameters().resolve() else str(file.resolve())


def _run_notebook(
    kernel: TenantKernel, notebook: Path, folder: Path, parameters: Record, printed: Told
) -> NotebookResult:
    started = moment()
    error = kernel.run(notebook, parameters, printed)
    evidence = next((each for each in told_by(folder) if each.section == notebook.name[:2]), None)
    outcome, verdict = FAILED, "the notebook ended without its proof"
    if error:
        verdict = evidence.verdict if evidence and evidence.failed else "stopped by an error"
    elif evidence is not None:
        outcome, verdict = evidence.outcome, evidence.verdict
    times = {"started": started, "ended": moment()}
    return notebook_result(
        notebook.stem, folder, outcome=outcome, verdict=verdict, error=error, evidence=evidence, **times
    )
