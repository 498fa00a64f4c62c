"""Which of the files that a command was given are run: examples and practice by hand are not, and no tenant twice."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flexsso_helpers import places
from flexsso_helpers.errors import FlexSSOError, ParametersError
from flexsso_helpers.fleet.record import last_proved, results
from flexsso_helpers.notebooks import STEPS, in_folder
from flexsso_helpers.parameters import Tenant, explain, find, load, shared
from flexsso_helpers.plan import PROVED

EXAMPLE = ".example"
IS_EXAMPLE = "an example to copy from, no tenant's file"
IS_SHARED = "no tenant's file: others extend it, and it has no `name`"
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
    bases: frozenset[Path] = frozenset()
    """The files that it extends and that are no tenants by themselves."""

    @property
    def called(self) -> str:
        """As the lines of its run and its result name it."""
        return self.tenant.name if self.tenant else Path(self.name).stem

    @property
    def variables(self) -> frozenset[str]:
        """The variables of the environment that keep secrets of this tenant."""
        said = json.dumps(self.tenant.model_dump(mode="json")) if self.tenant else ""
        return frozenset(re.findall(r'"env:(\w+)"', said))


def choose(names: Sequence[str]) -> tuple[Given, ...]:
    """What becomes of each name. One name alone is always run, so that its own answer says what is the matter.

    Raises ParametersError, before anything runs, when two of them are the same tenant or have the same name, or when
    none is left to run.
    """
    if len(names) == 1:
        return (Given(names[0], _found(names[0])),)
    chosen = _without_shared([_one(name) for name in names])
    _refuse_twice(chosen)
    if not any(each.path for each in chosen):
        lines = [f"{each.name}: {each.skipped or each.error.splitlines()[-1].strip()}" for each in chosen]
        raise ParametersError("None of these is run.\n" + "\n".join(lines), fix="Name a tenant's file.")
    return chosen


def _one(name: str) -> Given:
    try:
        path = _found(name)
    except (FlexSSOError, OSError) as error:  # a folder that may not be looked into
        return Given(name, error=str(error))
    if path.stem.endswith(EXAMPLE):
        return Given(name, skipped=IS_EXAMPLE)
    tenant = _tenant(path)
    if tenant and tenant.practice == "you":
        return Given(name, skipped=IS_PRACTICE.format(name=tenant.name), bases=shared(path))
    return Given(name, path, tenant=tenant, bases=shared(path))


def _without_shared(chosen: Sequence[Given]) -> tuple[Given, ...]:
    """A file for others to extend may lie among theirs, where a pattern finds it too."""
    bases = frozenset[Path]().union(*(each.bases for each in chosen))
    return tuple(
        replace(each, path=None, skipped=IS_SHARED) if each.path and each.path.resolve() in bases else each
        for each in chosen
    )


def _found(name: str) -> Path:
    if Path(name).is_dir():
        raise ParametersError(f"{name} is a folder.", fix=f"Name the tenants' files in it: {Path(name, '*.yaml')}")
    return find(name, folder=places.parameters())


def _refuse_twice(chosen: Sequence[Given]) -> None:
    seen: dict[tuple[str, ...], str] = {}
    for each in chosen:
        for key in _identities(each):
            if key in seen:
                raise _alike(seen[key], each, only_by_name=key[0] == "name")
        seen |= dict.fromkeys(_identities(each), each.name)


def _alike(name: str, other: Given, *, only_by_name: bool) -> ParametersError:
    if only_by_name and other.tenant:
        return ParametersError(
            f"{name} and {other.name} are two tenants of one name, {other.tenant.name}.",
            why=f"What they leave would lie in one folder, {places.runs() / other.tenant.name}: one's proof would be "
            "taken for the other's.",
            fix="Give one of them another name, that of the file and `name` in it.",
        )
    return ParametersError(
        f"{name} and {other.name} are the same tenant.",
        why="Side by side they would write over each other: one Entra tenant with one Flex account is one file.",
        fix="Name one of them.",
    )


def _identities(given: Given) -> tuple[tuple[str, ...], ...]:
    """By what a file is the same as another one: where it lies, what it would write to, and where its runs are kept."""
    if given.path is None:
        return ()
    tenant, lies = given.tenant, ("file", str(given.path.resolve()))
    return (lies,) if tenant is None else (lies, place(tenant), ("name", tenant.name))


def place(tenant: Tenant) -> tuple[str, ...]:
    """What one run at a time writes to."""
    if tenant.rehearsal:  # their ids are reserved and shared; each name has a rehearsal of its own
        return "rehearsal", tenant.name
    return "tenant", tenant.cloud, tenant.tenant_id.lower(), tenant.flex.account_sid


def _tenant(path: Path) -> Tenant | None:
    """The tenant, or None where the file says none: its run explains that."""
    try:
        return load(path)
    except (FlexSSOError, OSError):
        return None


def numbers_given(text: str) -> list[str]:
    """The numbers of `--only`. Raises ParametersError where there is none: that must not mean all steps."""
    numbers = [number.strip() for number in text.split(",") if number.strip()]
    if not numbers:
        raise ParametersError(
            f"--only {json.dumps(text)} names no step.",
            why="A variable of a script that is empty would run all steps.",
            fix="Name their numbers, such as --only 04,05; without --only all are run.",
        )
    return numbers


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


def changed_since(given: Given, moment: datetime) -> Given:
    """As given; skipped when neither the tenant's file nor one that it is read from changed since this moment."""
    if given.path is None:
        return given
    newest = _changed(given.path)
    if newest is None or newest >= moment:  # what can't be looked at is run, and says so itself
        return given
    words = f"its files have not changed since {moment:%Y-%m-%d %H:%M} UTC"
    return replace(given, path=None, skipped=words)


def proved_today(given: Given, notebooks: Sequence[str], now: datetime) -> Given:
    """As given; skipped when all these notebooks were proved today (UTC), by the files as they are now, and nothing
    that came later speaks against it.
    """
    if given.path is None:
        return given
    tenant = given.tenant or _tenant(given.path)
    proved = last_proved(places.runs(), tenant.name, notebooks) if tenant else None
    changed = _changed(given.path)
    if proved is None or changed is None or not _on(proved["ended"], now) or _at(proved["ended"]) < changed:
        return given
    if _doubted(proved):
        return given
    return replace(given, path=None, skipped=f"proved today at {_at(proved['ended']):%H:%M} UTC")


def _doubted(proved: Mapping[str, Any]) -> bool:
    """Whether a later run of the tenant, of whatever notebook, is not proved, has written, or left no result at all."""
    kept, since = places.runs() / proved["tenant"], _ended(proved)
    known = list(results(kept))
    if any(each["outcome"] != PROVED for each in known if _ended(each) > since):
        return True
    later = {path.name for path in kept.glob("[0-9]*") if path.name > since[1]}  # runs are named by their time
    return not later <= {Path(each["folder"]).name for each in known}  # killed, ended by an error, or not ended yet


def _ended(result: Mapping[str, Any]) -> tuple[datetime, str]:
    """When a run ended; within one second its folder tells which came later."""
    return _at(result["ended"]), Path(result["folder"]).name


def _on(moment: str, now: datetime) -> bool:
    return _at(moment).date() == now.date()


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(UTC)


def _changed(path: Path) -> datetime | None:
    """When one of the files changed that a tenant is read from; None where that can't be seen."""
    try:
        return max(datetime.fromtimestamp(each.stat().st_mtime, UTC) for each in explain(path).files)
    except (FlexSSOError, OSError):
        return None
