"""What a tenant's file would say to other values, in its own words, before anything is written."""

from collections.abc import Mapping
from typing import Any

from flexsso_helpers.parameters.contradictions import Key
from flexsso_helpers.parameters.loading import laid, plain
from flexsso_helpers.parameters.model import Tenant
from flexsso_helpers.parameters.problems import check


def objections(tenant: Tenant, changes: Mapping[Key, Any]) -> dict[Key, str]:
    """A sentence for each place that these values, by their place below `tenant`, would make wrong; none when all fit.

    People of a CSV file are left out: they are judged where they stand.
    """
    data = tenant.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    data.get("assignments", {}).pop("csv", None)
    for key, value in changes.items():
        data = laid(data, _nested(key, plain(value, key)))
    _, problems = check(data)
    return {problem.path: problem.sentence() for problem in reversed(problems)}


def _nested(key: Key, value: Any) -> dict[str, Any]:
    for part in reversed(key):
        value = {str(part): value}
    return dict(value)
