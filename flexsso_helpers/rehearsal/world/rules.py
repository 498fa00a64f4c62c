"""The numbered behaviours that are built, each of which can be switched off to prove that it matters.

A room declares its rules where it has them: `rules.declare({"G24": "…"})`. The numbers are those of the facts: G for
Microsoft Graph and the sign-in service, F for the Flex side.
"""

from collections.abc import Iterable, Mapping

TITLES: dict[str, str] = {}


def declare(titles: Mapping[str, str]) -> None:
    """Make rules known, number to one-line title. Raises ValueError when a number gets a second title."""
    for number, title in titles.items():
        if TITLES.setdefault(number, title) != title:
            raise ValueError(f"Rule {number} already says {TITLES[number]!r}.")


class Rules:
    """Which rules are on: all but those named."""

    def __init__(self, off: Iterable[str] = ()) -> None:
        """Switch rules off by number. Raises KeyError for a number that no room declared."""
        self.off = frozenset(off)
        for number in self.off:
            _known(number)

    def on(self, number: str) -> bool:
        """Whether the rule applies. Raises KeyError for a number that no room declared."""
        _known(number)
        return number not in self.off


def _known(number: str) -> None:
    if number not in TITLES:
        raise KeyError(f"No rule {number} is built; built are {', '.join(sorted(TITLES))}.")
