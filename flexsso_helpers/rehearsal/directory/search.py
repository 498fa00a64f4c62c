"""`$search` as the directory takes it: quoted `"property:words"`, joined by AND and OR; words match by their start."""

import re
from collections.abc import Callable
from typing import Any

from flexsso_helpers.rehearsal.directory.refusals import GraphRefusal, bad_request
from flexsso_helpers.rehearsal.world.store import Document

CLAUSE = re.compile(r'\s*"(?P<name>[A-Za-z]+):(?P<words>[^"]*)"\s*(?P<joint>AND|OR|$)')


def parse_search(text: str, searchable: frozenset[str], entity: str) -> Callable[[Document], bool]:
    """The test that a `$search` makes. Raises GraphRefusal for one that cannot be read or searches what it may not."""
    groups: list[list[tuple[str, list[str]]]] = [[]]
    position, joint = 0, "AND"
    while joint:
        match = CLAUSE.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        if match["name"] not in searchable:
            raise bad_request(
                f"Unsupported search property '{match['name']}' for '{entity}'.", "Request_UnsupportedQuery"
            )
        if joint == "OR":
            groups.append([])
        groups[-1].append((match["name"], words(match["words"])))
        position, joint = match.end(), match["joint"]
    if position != len(text):
        raise _unreadable(text, position)
    return lambda item: any(all(_has(item.get(name), wanted) for name, wanted in group) for group in groups)


def words(value: Any) -> list[str]:
    """The words of a property as the search knows them: cut at everything that is no letter or digit."""
    return [word for word in re.split(r"[\W_]+", str(value or "").lower()) if word]


def _has(value: Any, wanted: list[str]) -> bool:
    there = words(value)
    return all(any(word.startswith(part) for word in there) for part in wanted)


def _unreadable(text: str, position: int) -> GraphRefusal:
    return bad_request(f"Syntax error: character at position {position} in '{text}' is not valid.", "BadRequest")
