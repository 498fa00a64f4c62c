"""Where a session keeps what people did in consoles: in the tenant's file, or with the rehearsal.

A rehearsal's file is as a rule an example that everyone shares, so nothing is written to it; what would stand there is
kept with the rehearsal and vanishes when the rehearsal is reset. A value that its file has been given since then counts
more. Under `practice: live` the file is written to, as a live tenant's is.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import Tenant, laid, load, overlaid, save, save_people
from flexsso_helpers.wire import RehearsalClient

Place = tuple[str | int, ...]

FILE = "file"
"""Kept with the rehearsal, beside what was edited: what the tenant's file said of it then, by dotted place."""


class TenantValues:
    """Reads and records values of the tenant's file."""

    def __init__(self, tenant: Tenant, path: Path | None, rehearsal_client: RehearsalClient | None) -> None:
        """`path` is the tenant's file, None when its values were injected; `rehearsal_client` is a rehearsal's."""
        self._given, self._path, self._rehearsal_client = tenant, path, rehearsal_client

    def tenant(self) -> Tenant:
        """The tenant as it is now: the file read again, with what the rehearsal keeps laid over it."""
        tenant = self._file()
        if self._rehearsal_client is None:
            return tenant
        return overlaid(tenant, _standing(self._rehearsal_client.tenant_values(), tenant)[0])

    def record(self, changes: Mapping[Place, Any]) -> Tenant:
        """Write values (by their place below `tenant:`) and return the tenant as it then is.

        Raises ParametersError when the values came injected, without a file to write to.
        """
        changes = {place: list(value) if isinstance(value, tuple) else value for place, value in changes.items()}
        if self._rehearsal_client is not None:
            file = self._file()
            values, said = _standing(self._rehearsal_client.tenant_values(), file)
            values, now = laid(values, _nested(changes)), _plain(file)
            tenant = overlaid(file, values)
            edited = [".".join(map(str, place)) for place in changes if place[0] != "attested"]
            said |= {place: _at(now, place) for place in edited}
            self._rehearsal_client.keep_tenant_values(values | ({FILE: said} if said else {}))
            return tenant
        self.require()
        assert self._path is not None
        save(self._path, changes)
        return self.tenant()

    def record_people(self, users: Sequence[Mapping[str, Any]]) -> Tenant:
        """Write all users anew and return the tenant as it then is. Those of a CSV file stay in a CSV file.

        Raises ParametersError where one of both cannot be written.
        """
        if not self._file().assignments.csv:
            return self.record({("assignments", "users"): [dict(each) for each in users]})
        assert self._path is not None  # a mapping names no other file
        save_people(self._path, users)
        return self.tenant()

    def list_beside(self) -> Path | None:
        """`NAME.people.csv` beside the tenant's file, where somebody has laid a list of people there."""
        path = self._path.with_name(f"{self._given.name}.people.csv") if self._path else None
        return path if path and path.is_file() else None

    def require(self) -> None:
        """Raise ParametersError where `record` would have no place to write to."""
        if self._rehearsal_client is None and self._path is None:
            raise ParametersError(
                "This session was opened from injected values, so nothing can be noted in a file.",
                why="`papermill -f` passes the values of the file, not the file.",
                fix="Use the name instead: `flexsso run NAME`, or `papermill … -r tenant NAME`.",
                notebook="00",
            )

    def _file(self) -> Tenant:
        return load(self._path) if self._path is not None else self._given


def _standing(kept: Mapping[str, Any], file: Tenant) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is kept and still counts, and what the file said of it: what the file has changed since is gone."""
    values, now = {key: value for key, value in kept.items() if key != FILE}, _plain(file)
    said = {place: then for place, then in kept.get(FILE, {}).items() if _at(now, place) == then}
    for place in set(kept.get(FILE, {})) - set(said):
        values = _without(values, place.split("."))
    return values, said


def _plain(tenant: Tenant) -> dict[str, Any]:
    return tenant.model_dump(mode="json")


def _at(values: Any, place: str) -> Any:
    for key in place.split("."):
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _without(values: Mapping[str, Any], place: list[str]) -> dict[str, Any]:
    first, *rest = place
    kept = {key: value for key, value in values.items() if key != first}
    inner = _without(values[first], rest) if rest and isinstance(values.get(first), Mapping) else {}
    return kept | ({first: inner} if inner else {})


def _nested(changes: Mapping[Place, Any]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for place, value in changes.items():
        level = root
        for key in place[:-1]:
            level = level.setdefault(str(key), {})
        level[str(place[-1])] = value
    return root
