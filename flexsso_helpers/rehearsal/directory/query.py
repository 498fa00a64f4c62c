"""Graph's query options: `$select`, `$filter`, `$search`, `$top`, `$count`, `$orderby`, and pages (G08).

A collection is read row by row in order of creation until a page is full. A filter whose condition an index knows reads
only the rows that may meet it.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from flexsso_helpers.rehearsal.directory.filter import Filter, parse_filter
from flexsso_helpers.rehearsal.directory.order import in_order
from flexsso_helpers.rehearsal.directory.refusals import GraphRefusal, bad_request
from flexsso_helpers.rehearsal.directory.schema import GROUP, USER, Entity
from flexsso_helpers.rehearsal.directory.search import parse_search
from flexsso_helpers.rehearsal.world import rules
from flexsso_helpers.rehearsal.world.store import Document, Term
from flexsso_helpers.rehearsal.world.world import World

rules.declare(
    {
        "G08": "Advanced queries need ConsistencyLevel eventual and $count=true, a search the first alone",
        "G110": "A filter takes at most fifteen alternatives, but for advanced queries",
    }
)

SINGLE = frozenset({"$select"})
COLLECTION = frozenset({"$select", "$filter", "$top", "$count", "$orderby", "$search", "$skiptoken"})
MOST_BESIDE = 15
DEFAULT_PAGE = 100
LARGEST_PAGE = 999
_EXTENSION = re.compile(r"extension_[0-9a-f]{32}_\w+")
OF_TYPE = {f"#microsoft.graph.{entity.name}": entity for entity in (USER, GROUP)}
Rows = Iterator[tuple[int, Document]]


@dataclass(frozen=True)
class Query:
    """The query string of one request, taken apart."""

    options: dict[str, str]
    eventual: bool

    @classmethod
    def parse(cls, text: str, *, consistency_level: str) -> "Query":
        """Take a query string; options keep their `$`. Raises GraphRefusal for one given twice."""
        pairs = parse_qsl(text, keep_blank_values=True)
        options = {name.lower() if name.startswith("$") else name: value for name, value in pairs}
        if len(options) != len(pairs):
            raise bad_request("Query option was specified more than once.", "BadRequest")
        return cls(options, consistency_level.lower() == "eventual")

    def allow(self, names: frozenset[str]) -> None:
        """Raises GraphRefusal for an option that this address does not take."""
        for name in self.options:
            if name not in names:
                raise bad_request(
                    f"The query specified in the URI is not valid. '{name}' is not supported.", "BadRequest"
                )

    @property
    def count_wanted(self) -> bool:
        """Whether `$count=true`."""
        return self.options.get("$count", "").lower() == "true"

    @property
    def selected(self) -> list[str]:
        """The names of `$select`; empty for none."""
        return [name.strip() for name in self.options.get("$select", "").split(",") if name.strip()]

    def filter_of(self, entity: Entity) -> Filter | None:
        """The parsed `$filter`. Raises GraphRefusal when it cannot be read or names what cannot be filtered."""
        text = self.options.get("$filter")
        if text is None:
            return None
        found = parse_filter(text)
        for path in found.paths:
            if path.split("/")[0] not in entity.filterable:
                text = f"Unsupported or invalid query filter clause specified for property '{path}'"
                raise bad_request(f"{text} of resource '{entity.name}'.", "Request_UnsupportedQuery")
        return found

    def check_size(self, world: World, condition: Filter | None) -> None:
        """Raises GraphRefusal for more alternatives than the directory takes (G110: mgdocs#21098)."""
        beside = condition.beside if condition and not self.eventual else 0
        if beside > MOST_BESIDE and world.rules.on("G110"):
            text = "Too many child clauses specified in search filter expression containing 'OR' operators"
            raise bad_request(f"{text}: {beside}. Max allowed: {MOST_BESIDE}.", "Request_UnsupportedQuery")

    def check_advanced(self, world: World, condition: Filter | None) -> None:
        """Raises GraphRefusal where the advanced mode is needed and not asked for (G08)."""
        if "$search" in self.options and world.rules.on("G08") and not self.eventual:
            text = "Request with $search query parameter only works through MSGraph with a special request header"
            raise bad_request(f"{text}: 'ConsistencyLevel: eventual'", "Request_UnsupportedQuery")
        sorted_filter = "$orderby" in self.options and condition is not None
        needed = "$count" in self.options or sorted_filter
        needed = needed or (condition is not None and condition.advanced)
        if world.rules.on("G08") and needed and not (self.eventual and self.count_wanted):
            raise bad_request(
                "Unsupported Query. ConsistencyLevel header set to eventual and $count=true are needed.",
                "Request_UnsupportedQuery",
            )


@dataclass(frozen=True)
class Source:
    """A collection that is not read yet. `rows` gives (place, object) after a place, for the terms an index knows;
    `kind` is the kind of document that the terms are about, empty where no index helps; `size` counts all rows.
    """

    rows: Callable[[Sequence[Term] | None, int], Rows]
    kind: str = ""
    size: Callable[[], int] | None = None


def fixed(items: Iterable[Document]) -> Source:
    """A collection that is read already."""
    numbered = list(enumerate(items, 1))
    return Source(lambda _terms, after: iter(numbered[after:]), size=lambda: len(numbered))


def project(item: Document, entity: Entity, selected: Sequence[str], *, shown: bool = True) -> Document:
    """What a read shows of an item: what was selected, else what this type shows. Refuses an unknown name.

    Among objects of several types each has the names of its own type only.
    """
    names = [_named(name.split("/")[0], entity) for name in selected]
    public = {name: value for name, value in item.items() if not name.startswith("_")}
    own = OF_TYPE.get(str(item.get("@odata.type")), entity)
    wanted = names or (list(own.shown) if shown else [])
    if not wanted:
        return public
    odata = {name: value for name, value in public.items() if name.startswith("@")}
    return odata | {name: public.get(name) for name in wanted if own is entity or name in own.properties}


def _named(name: str, entity: Entity) -> str:
    """The property of this name; `$select` does not care about letter case."""
    found = next((known for known in entity.properties if known.lower() == name.lower()), None)
    if found is None and entity.name == "user" and _EXTENSION.fullmatch(name):
        return name  # an extension property is called by its whole name, in its own letter case
    if found is None:
        text = f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type"
        raise bad_request(f"{text} 'microsoft.graph.{entity.name}'.", "BadRequest")
    return found


def page(world: World, query: Query, source: Source, entity: Entity, *, url: str, context: str) -> Document:
    """One page of a collection, as Graph sends it. `url` is the authentic address without query."""
    query.allow(COLLECTION)
    for name in query.selected:
        _named(name.split("/")[0], entity)
    condition = query.filter_of(entity)
    query.check_advanced(world, condition)
    query.check_size(world, condition)
    if "$orderby" in query.options:
        source = _ordered(query, source, condition, entity)
    start, size = _start(query), _size(query)
    body: Document = {"@odata.context": context}
    if query.count_wanted:
        body["@odata.count"] = _total(query, source, condition, entity)
    found = _matching(query, source, condition, entity, start)
    rows = [row for _, row in zip(range(size), found, strict=False)]
    if len(rows) == size and next(found, None) is not None:
        body["@odata.nextLink"] = _next(url, query, rows[-1][0])
    body["value"] = [project(in_order(world, item), entity, query.selected) for _, item in rows]
    return body


def total(world: World, query: Query, source: Source, entity: Entity) -> int:
    """The number that `…/$count` gives. Raises GraphRefusal without `ConsistencyLevel: eventual` (G08)."""
    query.allow(frozenset({"$filter", "$search"}))
    if world.rules.on("G08") and not query.eventual:
        raise bad_request("$count is not currently supported.", "Request_BadRequest")
    return _total(query, source, query.filter_of(entity), entity)


def _total(query: Query, source: Source, condition: Filter | None, entity: Entity) -> int:
    if condition is None and "$search" not in query.options and source.size:
        return source.size()
    return sum(1 for _ in _matching(query, source, condition, entity, 0))


def _matching(query: Query, source: Source, condition: Filter | None, entity: Entity, after: int) -> Rows:
    text = query.options.get("$search")
    searched = parse_search(text, entity.searchable, entity.name) if text is not None else None
    terms = condition.terms(source.kind) if condition and source.kind else None
    for place, item in source.rows(terms, after):
        if (condition is None or condition.holds(item)) and (searched is None or searched(item)):
            yield place, item


def _size(query: Query) -> int:
    text = query.options.get("$top", str(DEFAULT_PAGE))
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_PAGE:
        raise bad_request(
            f"Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive.", "Request_UnsupportedQuery"
        )
    return int(text)


def _start(query: Query) -> int:
    token = query.options.get("$skiptoken")
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode()).decode().removeprefix("after:"))
    except (ValueError, binascii.Error):
        raise _expired() from None


def _expired() -> GraphRefusal:
    return bad_request(
        "The specified page token value has expired and can no longer be included in your request.",
        "Directory_ExpiredPageToken",
    )


def _next(url: str, query: Query, place: int) -> str:
    token = base64.urlsafe_b64encode(f"after:{place:08d}".encode()).decode()
    return f"{url}?{urlencode({**query.options, '$skiptoken': token}, quote_via=quote, safe='$,:()/')}"


def _ordered(query: Query, source: Source, condition: Filter | None, entity: Entity) -> Source:
    """The collection in another order; read whole, and its places are those of the new order."""
    name, _, direction = query.options["$orderby"].partition(" ")
    if name not in entity.sortable or direction not in ("", "asc", "desc"):
        text = f"Unsupported sort property '{query.options['$orderby']}' for '{entity.name}'."
        raise bad_request(text, "Request_UnsupportedQuery")
    items: list[Any] = [item for _, item in _matching(query, source, condition, entity, 0)]
    items.sort(key=lambda item: str(item.get(name) or "").lower(), reverse=direction == "desc")
    return fixed(items)
