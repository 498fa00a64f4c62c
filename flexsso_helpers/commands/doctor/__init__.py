"""`flexsso doctor`: whether this machine and this tenant are ready, each line with what mends it."""

from flexsso_helpers.commands.doctor.lines import Line, as_json, failed, text
from flexsso_helpers.commands.doctor.machine import machine_lines
from flexsso_helpers.commands.doctor.tenant import tenant_lines

__all__ = ["Line", "as_json", "examine", "failed", "text"]


async def examine(name: str = "") -> list[Line]:
    """Look at this machine and, given a tenant's name, at the way to its clouds, its sign-in and its rights.

    Nothing is written but what a session's folder needs, and that is gone afterwards.
    """
    return [*machine_lines(), *(await tenant_lines(name) if name else [])]
