"""One notebook's three verbs from the command line, without a kernel: what was planned, made and found, as data."""

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import asdict
from typing import Any

from flexsso_helpers import places
from flexsso_helpers.errors import NotProven
from flexsso_helpers.ledger import write_whole
from flexsso_helpers.plan import FAILED, Change
from flexsso_helpers.sections.step import Step
from flexsso_helpers.session import Session
from flexsso_helpers.session.opening import open_session

Record = dict[str, Any]


def run_step(
    step: Step[Any],
    name: str,
    *,
    apply: bool,
    allow_removals: bool,
    prepare: Callable[[Session], object] = lambda _session: None,
) -> tuple[Record, list[str]]:
    """Plan, apply where that is approved, verify: the record, and what a person reads of it, card by card.

    What is printed on the way, such as a code to sign in with, goes beside the result. Raises FlexSSOError.
    """
    with redirect_stdout(sys.stderr):
        return asyncio.run(_run(step, name, apply, allow_removals, prepare))


async def _run(
    step: Step[Any], name: str, apply: bool, allow_removals: bool, prepare: Callable[[Session], object]
) -> tuple[Record, list[str]]:
    folder = places.new_run_folder(name)
    write_whole(folder / "run.json", json.dumps({"allow_removals": allow_removals, "unattended": True}))
    session = await open_session(name, apply=apply, folder=folder)
    prepare(session)
    plan = await step.plan(session)
    applied = await step.apply(session, plan, session.approval(plan))
    outcome, error = FAILED, ""
    try:
        evidence = await step.verify(session)
        outcome = evidence.outcome
    except NotProven as failed:
        error, evidence = str(failed), None
    await session.close()
    record: Record = {
        "schema_version": 1,
        "tenant": session.tenant.name,
        **({"rehearsal": True} if session.target.rehearsal else {}),
        "notebook": step.number,
        "outcome": outcome,
        "verdict": evidence.verdict if evidence else "stopped by what does not hold",
        "error": error,
        "planned": list(map(_change, plan.open)),
        "remarks": list(plan.remarks),
        "made": [change.setting for change in applied.made],
        "left": [change.setting for change in applied.left],
        "why_not": applied.why_not if applied.left else "",
        "checks": [asdict(finding) for finding in evidence.findings] if evidence else [],
        "folder": str(folder),
    }
    cards: list[Any] = [plan, *([applied] if apply else []), *([evidence] if evidence else [])]
    return record, [str(card._repr_mimebundle_()["text/plain"]) for card in cards] + ([error] if error else [])


def _change(change: Change) -> Record:
    shown = {key: getattr(change, key) for key in ("setting", "kind", "reason", "undo", "breaks", "by_name")}
    return shown | {"now": _plain(change.now), "should_be": _plain(change.should_be)}


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | bool | None) else str(value)
