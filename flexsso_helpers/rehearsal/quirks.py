"""What no source could settle: switches with named alternatives, of which the first is the default.

A room declares its quirks where it has them: `quirks.declare({"policy_attachment": ("service_principal", …)})`.
"""

from collections.abc import Mapping

ALTERNATIVES: dict[str, tuple[str, ...]] = {}


def declare(alternatives: Mapping[str, tuple[str, ...]]) -> None:
    """Make quirks known. Raises ValueError when a name gets other alternatives than it has."""
    for name, choices in alternatives.items():
        if ALTERNATIVES.setdefault(name, choices) != choices:
            raise ValueError(f"Quirk {name} already has the alternatives {ALTERNATIVES[name]}.")


class Quirks:
    """The alternative chosen for each quirk."""

    def __init__(self, chosen: Mapping[str, str] | None = None) -> None:
        """Choose by name. Raises KeyError for an unknown quirk, ValueError for an unknown alternative."""
        self.chosen = dict(chosen or {})
        for name, choice in self.chosen.items():
            if choice not in _alternatives(name):
                raise ValueError(f"Quirk {name} is one of {', '.join(_alternatives(name))}, not {choice!r}.")

    def value(self, name: str) -> str:
        """The alternative in force. Raises KeyError for a quirk that no room declared."""
        return self.chosen.get(name, _alternatives(name)[0])


def _alternatives(name: str) -> tuple[str, ...]:
    if name not in ALTERNATIVES:
        raise KeyError(f"No quirk {name} is built; built are {', '.join(sorted(ALTERNATIVES))}.")
    return ALTERNATIVES[name]
