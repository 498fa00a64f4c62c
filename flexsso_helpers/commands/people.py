"""`flexsso people`: a list of people in, the difference out."""

from pathlib import Path

from flexsso_helpers.commands.one_step import Record, run_step
from flexsso_helpers.parameters.files import read_bytes
from flexsso_helpers.sections import user_changes
from flexsso_helpers.sections.user_changes.given import KEY, Pairs, of_csv
from flexsso_helpers.session import Session


def read_list(file: str) -> Pairs | None:
    """The people of the CSV file; None without one. Raises ParametersError with each bad line."""
    return of_csv(read_bytes(Path(file)), Path(file).name) if file else None


def change_people(name: str, pairs: Pairs | None, *, apply: bool, allow_removals: bool) -> tuple[Record, list[str]]:
    """The record and its cards, with this list in the form; see `one_step.run_step`."""

    def prepare(session: Session) -> None:
        form = user_changes.form(session)
        if pairs is not None:
            form.inputs[KEY].value = "\n".join(f"{user}, {roles}" for user, roles in pairs)

    return run_step(user_changes.STEP, name, apply=apply, allow_removals=allow_removals, prepare=prepare)
