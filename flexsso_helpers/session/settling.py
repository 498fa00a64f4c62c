"""After a run that was cut off: its last writes may not be seen yet, and nobody has waited for them.

A run reads back what it wrote, for as long as Entra's copies lag. One that was killed, stopped or refused half way did
not; a run that follows at once would take what it cannot see for missing, and make it a second time (G86).
"""

from datetime import datetime, timedelta
from pathlib import Path

from flexsso_helpers.ledger import FILE, read_ledger
from flexsso_helpers.session.session import Session
from flexsso_helpers.views import Progress, in_progress

SETTLES = 60.0
"""Seconds after a write in which its copies usually follow; Entra promises none."""


async def settled(session: Session, world: str) -> None:
    """Wait until the last run's last write is a minute old, where that run did not see it arrive."""
    now = await session.present()
    wrote = _not_seen(session.ledger.folder.parent, world, now - timedelta(seconds=SETTLES))
    if wrote:
        await _wait(session, wrote, "what the last run wrote to be seen everywhere, as it was cut off")


async def seen_since(session: Session) -> None:
    """The same within a session, before it reads again: the cell of a plan can be run anew at once."""
    if wrote := session.ledger.not_seen:
        await _wait(session, wrote, "what was just written to be seen everywhere, as it could not be read back")
        session.ledger.not_seen = None


async def _wait(session: Session, wrote: datetime, what: str) -> None:
    age = (await session.present() - wrote).total_seconds()
    if 0 <= age < SETTLES:
        with in_progress(lambda: Progress.waiting(what, session.badge)):
            session.ledger.remark(f"Waited {SETTLES - age:.0f} seconds for {what}.")
            await session.sleep(SETTLES - age)


def _not_seen(tenants_runs: Path, world: str, since: datetime) -> datetime | None:
    """When the run that wrote last in this world made its last write, if it noted no end of that change.

    Behind one that ended before `since` nothing is looked into, however many runs there are.
    """
    ledgers = sorted(tenants_runs.glob(f"*/{FILE}"), key=lambda path: path.stat().st_mtime)
    for path in reversed(ledgers):
        lines = read_ledger(path.parent)
        ours = {line.get("writer") for line in lines if line.get("kind") == "opened" and line.get("world") == world}
        told = [line for line in lines if line.get("writer") in ours]
        last = None
        for line in told:
            if line.get("kind") in ("intent", "answer"):
                last = line
            elif line.get("kind") == "evidence" or (line.get("kind") == "applied" and line.get("seen", True)):
                last = None
        if any(line.get("kind") == "intent" for line in lines):
            return datetime.fromisoformat(last["at"]) if last else None
        if told and datetime.fromisoformat(told[-1]["at"]) < since:
            return None
    return None
