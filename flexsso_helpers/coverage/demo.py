"""The tenant of the demonstration: the rehearsal's own file with everything switched on that the procedure knows."""

from collections.abc import Mapping
from typing import Any

from flexsso_helpers import places
from flexsso_helpers.coverage.instructions import LEGACY
from flexsso_helpers.parameters import load

EVERYTHING: dict[str, Any] = {
    "flex": {"landing": "https://flex.contoso.com", "self_hosted": ["https://flex.contoso.com"]},
    "claims": {"acknowledged": ["position", "site"]},
    "attributes": [
        {"name": "position", "source": "user.jobtitle"},
        {"name": "site", "source": "extension_0123456789abcdef0123456789abcdef_site"},
    ],
    "insights": ["wfo.full_access", "wfo.team_leader"],
    "assignments": {
        "users": [
            {"user": "ada.admin@contoso.com", "role": "admin", "insights": ["wfo.full_access"]},
            {"user": "sol.supervisor@contoso.com", "role": "supervisor", "insights": ["wfo.team_leader"]},
            {"user": "bo.agent@contoso.com", "role": "agent"},
        ]
    },
}
"""What the rehearsal's file leaves out, and somebody's tenant has."""


def parameters_for(mode: str) -> dict[str, Any]:
    """The values of a tenant's file in this mode, below `tenant`."""
    tenant = load(places.parameters() / "rehearsal.yaml")
    plain = tenant.model_dump(mode="json", exclude_unset=True)
    flex = {"mode": LEGACY} if mode == LEGACY else EVERYTHING["flex"]
    return _over(plain, EVERYTHING | {"name": f"coverage-{mode}", "flex": flex})


def quirks_for(mode: str) -> dict[str, str]:
    """What the rehearsal's Flex has to be like: Legacy is tried where it still works (F120)."""
    return {"legacy": "working"} if mode == LEGACY else {}


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _over(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged
