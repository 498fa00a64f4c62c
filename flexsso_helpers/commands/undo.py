"""`flexsso undo`: what the ledgers of a tenant say was written, given back as it was found."""

from flexsso_helpers.commands.one_step import Record, run_step
from flexsso_helpers.sections import undo


def undo_tenant(name: str, *, apply: bool, allow_removals: bool) -> tuple[Record, list[str]]:
    """The record and its cards; see `one_step.run_step`."""
    return run_step(undo.STEP, name, apply=apply, allow_removals=allow_removals)
