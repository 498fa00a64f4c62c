"""Where a session keeps what people did in consoles: in the tenant's file, or on the rehearsal's desk.

A rehearsal's file is an example that everyone shares, so nothing is written to it; what would stand there is kept with
the rehearsal and vanishes when the rehearsal is reset.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import Tenant, laid, load, overlaid, save
from flexsso_helpers.wire import RehearsalDoor

Place = tuple[str | int, ...]


class Desk:
    """Reads and records values of the tenant's file."""

    def __init__(self, tenant: Tenant, path: Path | None, door: RehearsalDoor | None) -> None:
        """`path` is the tenant's file, None when its values were injected; `door` is set in a rehearsal."""
        self._given, self._path, self._door = tenant, path, door

    def tenant(self) -> Tenant:
        """The tenant as it is now: the file read again, with the rehearsal's desk laid over it."""
        tenant = load(self._path) if self._path is not None else self._given
        if self._door is None:
            return tenant
        return overlaid(tenant, self._door.desk())

    def record(self, changes: Mapping[Place, Any]) -> Tenant:
        """Write values (by their place below `tenant:`) and return the tenant as it then is.

        Raises ParametersError when the values came injected, without a file to write to.
        """
        changes = {place: list(value) if isinstance(value, tuple) else value for place, value in changes.items()}
        if self._door is not None:
            overlaid(self.tenant(), _nested(changes))
            self._door.put_on_desk(laid(self._door.desk(), _nested(changes)))
        elif self._path is not None:
            save(self._path, changes)
        else:
            raise ParametersError(
                "This session was opened from injected values, so nothing can be noted in a file.",
                why="`papermill -f` passes the values of the file, not the file.",
                fix="Use the name instead: `flexsso run NAME`, or `papermill … -r tenant NAME`.",
                notebook="00",
            )
        return self.tenant()


def _nested(changes: Mapping[Place, Any]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for place, value in changes.items():
        level = root
        for key in place[:-1]:
            level = level.setdefault(str(key), {})
        level[str(place[-1])] = value
    return root
