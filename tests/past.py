"""A tenant with a past: set up in this process, its ledger and its rehearsal where sessions and commands find both."""

import asyncio
from pathlib import Path

from onboarding import onboard
from stage import Stage


def set_up(runs: Path, name: str) -> Stage:
    """The whole set-up of the tenant of this name; its ledger lies in `runs`."""
    stage = Stage(runs / name, changes={"name": name})
    asyncio.run(onboard(stage))
    stage.world.advance(600.0)
    return stage


def leave(stage: Stage, runs: Path, name: str) -> None:
    """Leave the rehearsal as it stands now where `places.rehearsal` looks for it."""
    kept = runs / ".rehearsal" / name
    kept.mkdir(parents=True, mode=0o700)
    stage.world.store.copy(kept / "tenant.db").close()
