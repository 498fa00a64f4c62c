"""Which of the files that a command was given are run: examples and practice by hand are not, and no tenant twice."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flexsso_helpers import places
from flexsso_helpers.errors import FlexSSOError, ParametersError
from flexsso_helpers.notebooks import STEPS, in_folder
from flexsso_helpers.parameters import Tenant, find, load

EXAMPLE = ".example"
IS_EXAMPLE = "an example to copy from, no tenant's file"
IS_PRACTICE = "practice: you; a person goes through it with `flexsso guide {name}`"


@dataclass(frozen=True)
class Given:
    """One file as it was named. Exactly one of `path` (it is run), `skipped` and `error` says what becomes of it."""

    name: str
    path: Path | None = None
    skipped: str = ""
    error: str = ""
    tenant: Tenant | None = None
    """What the file says, where it was read among several."""

    @property
    def variables(self) -> frozenset[str]:
        """The variables of the environment that keep secrets of this tenant."""
        said = json.dumps(self.tenant.model_dump(mode="json")) if self.tenant else ""
        return frozenset(re.findall(r'"env:(\w+)"', said))


def choose(names: Sequence[str]) -> tuple[Given, ...]:
    """What becomes of each name. One name alone is always run, so that its own answer says what is the matter.

    Raises ParametersError, before anything runs, when two of them are the same tenant, or when none is left to run.
    """
    if len(names) == 1:
        return (Given(names[0], _found(names[0])),)
    chosen = tuple(_one(name) for name in names)
    _refuse_twice(chosen)
    if not any(each.path for each in chosen):
        lines = [f"{each.name}: {each.skipped or each.error.splitlines()[-1].strip()}" for each in chosen]
        raise ParametersError("None of these is run.\n" + "\n".join(lines), fix="Name a tenant's file.")
    return chosen


def _one(name: str) -> Given:
    try:
        path = _found(name)
    except FlexSSOError as error:
        return Given(name, error=str(error))
    if path.stem.endswith(EXAMPLE):
        return Given(name, skipped=IS_EXAMPLE)
    tenant = _tenant(path)
    if tenant and tenant.practice == "you":
        return Given(name, skipped=IS_PRACTICE.format(name=tenant.name))
    return Given(name, path, tenant=tenant)


def _found(name: str) -> Path:
    if Path(name).is_dir():
        raise ParametersError(f"{name} is a folder.", fix=f"Name the tenants' files in it: {Path(name, '*.yaml')}")
    return find(name, folder=places.parameters())


def _refuse_twice(chosen: Sequence[Given]) -> None:
    seen: dict[tuple[str, ...], str] = {}
    for each in chosen:
        for key in _identities(each):
            if key in seen:
                raise ParametersError(
                    f"{seen[key]} and {each.name} are the same tenant.",
                    why="Side by side they would write over each other: one Entra tenant with one Flex account is one "
                    "file.",
                    fix="Name one of them.",
                )
        seen |= dict.fromkeys(_identities(each), each.name)


def _identities(given: Given) -> tuple[tuple[str, ...], ...]:
    """By what a file is the same as another one: where it lies, and what it would write to."""
    if given.path is None:
        return ()
    tenant, lies = given.tenant, ("file", str(given.path.resolve()))
    if tenant is None:
        return (lies,)
    if tenant.rehearsal:  # their ids are reserved and shared; each name has a rehearsal of its own
        return lies, ("rehearsal", tenant.name)
    return lies, ("tenant", tenant.cloud, tenant.tenant_id.lower(), tenant.flex.account_sid)


def _tenant(path: Path) -> Tenant | None:
    """The tenant, or None where the file says none: its run explains that."""
    try:
        return load(path)
    except (FlexSSOError, OSError):
        return None


def step_notebooks(only: Sequence[str] = ()) -> list[Path]:
    """The notebooks of the documented steps, in order; `only` picks by number, such as `04`.

    Raises ParametersError for a number that no notebook has.
    """
    found = in_folder(places.notebooks(), STEPS)
    unknown = [number for number in only if number not in found]
    if unknown:
        raise ParametersError(
            f"There is no step {', '.join(unknown)}.", fix=f"The steps are {', '.join(found)}: --only 04,05"
        )
    return [path for number, path in found.items() if not only or number in only]
