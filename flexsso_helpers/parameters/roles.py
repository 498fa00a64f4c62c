"""The values that Flex compares role by role: three of its own, seven of Flex Insights."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

Role = Literal["admin", "supervisor", "agent"]
InsightsRole = Literal[
    "wfo.full_access",
    "wfo.team_leader",
    "wfo.data_analyst",
    "wfo.data_auditor",
    "wfo.quality_manager",
    "wfo.quality_process_manager",
    "wfo.dashboard_viewer",
]
ROLES: tuple[str, ...] = get_args(Role)
INSIGHTS: tuple[str, ...] = get_args(InsightsRole)
MAY_HAVE_INSIGHTS = ("supervisor", "admin")
"""Flex Insights stays closed to everybody else (F76, S63)."""


def _all_or_listed(value: Any) -> Any:
    return {True: INSIGHTS, False: ()}[value] if isinstance(value, bool) else value


_INSIGHTS_LIST = {"type": "array", "items": {"type": "string", "enum": list(INSIGHTS)}}
OfferedInsights = Annotated[
    tuple[InsightsRole, ...],
    BeforeValidator(_all_or_listed),
    Field(strict=False),
    WithJsonSchema({"anyOf": [_INSIGHTS_LIST, {"type": "boolean"}]}),
]
"""All seven for true, none for false, or a list."""
