"""The way back: for each step what can be set back exactly, what is taken away again, and what does not come back."""

from collections.abc import Iterable
from dataclasses import dataclass

from flexsso_helpers.handover.record import Made
from flexsso_helpers.history import UNDO


@dataclass(frozen=True, kw_only=True)
class Way:
    """One step back. `exact` and `away` count settings; `lost` says what else there is, each once."""

    section: str
    exact: int
    away: int
    lost: tuple[str, ...]


def way_back(changes: Iterable[Made]) -> list[Way]:
    """The steps in the order of going back: the last first. Only what stood there before can be set back exactly.
    What undo itself has changed is no further step.
    """
    by_section: dict[str, list[Made]] = {}
    for each in changes:
        if each.section == UNDO:
            continue
        by_section.setdefault(each.section, []).append(each)
    return [_way(section, by_section[section]) for section in sorted(by_section, reverse=True)]


def _way(section: str, made: list[Made]) -> Way:
    whole = [each for each in made if not each.lost]
    return Way(
        section=section,
        exact=sum(each.kind != "+" for each in whole),
        away=sum(each.kind == "+" for each in whole),
        lost=tuple(dict.fromkeys(each.lost for each in made if each.lost)),
    )
