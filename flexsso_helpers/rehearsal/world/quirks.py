"""What no source could settle: switches with named alternatives, of which the first is the default.

A room declares its quirks where it has them, with where the question comes from and what the runbook should do under
each alternative: `quirks.declare({"policy_attachment": quirk("service_principal", …, source="G55: …")})`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Refusal = tuple[Literal["refused"], str, str]
Expected = Literal["proved"] | Refusal
"""What the whole runbook comes to: proved, or refused with the name of an error of errors.py, in which notebook."""


@dataclass(frozen=True)
class Quirk:
    """One open question: its alternatives, who says what, and what the runbook is expected to do under each.

    Where an answer counts only in certain circumstances, `when` names these, and `there` what is expected in them.
    """

    choices: tuple[str, ...]
    source: str = ""
    expects: Mapping[str, Expected] = field(default_factory=dict)
    when: str = ""
    there: Mapping[str, Expected] = field(default_factory=dict)


QUIRKS: dict[str, Quirk] = {}
ALTERNATIVES: dict[str, tuple[str, ...]] = {}


Refusals = Mapping[str, tuple[str, str]]
"""(error's name, notebook) by alternative."""


def quirk(
    *choices: str, source: str, refused: Refusals | None = None, when: str = "", refused_there: Refusals | None = None
) -> Quirk:
    """A quirk under which the runbook is proved but for the alternatives in `refused`, and in the circumstances `when`
    but for those in `refused_there`.

    Raises ValueError for a refusal of an alternative that there is not, or in circumstances that are not named.
    """
    if refused_there and not when:
        raise ValueError("Say when it is refused.")
    return Quirk(choices, source, _ends(choices, refused), when, _ends(choices, refused_there) if when else {})


def _ends(choices: tuple[str, ...], refused: Refusals | None) -> dict[str, Expected]:
    ends = refused or {}
    if set(ends) - set(choices):
        raise ValueError(f"There is no alternative {', '.join(sorted(set(ends) - set(choices)))}.")
    return {choice: ("refused", *ends[choice]) if choice in ends else "proved" for choice in choices}


def declare(alternatives: Mapping[str, Quirk | tuple[str, ...]]) -> None:
    """Make quirks known. Raises ValueError when a name gets other alternatives than it has."""
    for name, given in alternatives.items():
        one = given if isinstance(given, Quirk) else Quirk(given)
        if ALTERNATIVES.setdefault(name, one.choices) != one.choices:
            raise ValueError(f"Quirk {name} already has the alternatives {ALTERNATIVES[name]}.")
        if one.source or name not in QUIRKS:
            QUIRKS[name] = one


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
