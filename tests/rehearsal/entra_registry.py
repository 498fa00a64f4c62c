"""Checks of the numbered rules of the Entra half: each holds with its rule and fails without it."""

from collections.abc import Callable
from typing import Any

from entra_stage import Entra

Check = Callable[[Entra], None]
CHECKS: dict[str, tuple[Check, dict[str, Any]]] = {}


def rule(number: str, **stage: Any) -> Callable[[Check], Check]:
    """Register a check; `stage` says how the stage is set (configured or not, cloud, quirks)."""

    def registered(check: Check) -> Check:
        assert number not in CHECKS
        CHECKS[number] = (check, stage)
        return check

    return registered
