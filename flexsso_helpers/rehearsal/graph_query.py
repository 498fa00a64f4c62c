"""Graph's query options: `$select`, `$filter`, `$top`, `$count`, paging, and what needs the advanced mode (G08)."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from flexsso_helpers.rehearsal import rules
from flexsso_helpers.rehearsal.graph_errors import bad_request
from flexsso_helpers.rehearsal.graph_filter import Filter, parse_filter
from flexsso_helpers.rehearsal.graph_schema import Entity
from flexsso_helpers.rehearsal.store import Document
from flexsso_helpers.rehearsal.world import World

rules.declare({"G08": "Advanced queries need ConsistencyLevel eventual and $count=true"})

SINGLE = frozenset({"$select"})
COLLECTION = frozenset({"$select", "$filter", "$top", "$count", "$orderby", "$search", "$skiptoken"})
DEFAULT_PAGE = 100
LARGEST_PAGE = 999


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

    def check_advanced(self, world: World, condition: Filter | None) -> None:
        """Raises GraphRefusal where the advanced mode is needed and not asked for (G08)."""
        sorted_filter = "$orderby" in self.options and condition is not None
        needed = "$search" in self.options or "$count" in self.options or sorted_filter
        needed = needed or (condition is not None and condition.advanced)
        if world.rules.on("G08") and needed and not (self.eventual and self.count_wanted):
            raise bad_request(
                "Unsupported Query. ConsistencyLevel header set to eventual and $count=true are needed.",
                "Request_UnsupportedQuery",
            )


def project(item: Document, entity: Entity, selected: Sequence[str], *, shown: bool = True) -> Document:
    """What a read shows of an item: what was selected, else what this type shows. Refuses an unknown name."""
    for name in selected:
        if name.split("/")[0] not in entity.properties:
            text = f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type"
            raise bad_request(f"{text} 'microsoft.graph.{entity.name}'.", "BadRequest")
    public = {name: value for name, value in item.items() if not name.startswith("_")}
    wanted = [name.split("/")[0] for name in selected] or (list(entity.shown) if shown else [])
    if not wanted:
        return public
    odata = {name: value for name, value in public.items() if name.startswith("@")}
    return odata | {name: public.get(name) for name in wanted}


def page(world: World, query: Query, items: Sequence[Document], entity: Entity, *, url: str, context: str) -> Document:
    """One page of a collection, as Graph sends it. `url` is the authentic address without query."""
    query.allow(COLLECTION)
    condition = query.filter_of(entity)
    query.check_advanced(world, condition)
    if "$search" in query.options:
        items = _searched(items, query.options["$search"])
    matching = [item for item in items if condition is None or condition.holds(item)]
    matching = _ordered(matching, query.options.get("$orderby", ""), entity)
    start, size = _start(query), _size(query)
    body: dict[str, Any] = {"@odata.context": context}
    if query.count_wanted:
        body["@odata.count"] = len(matching)
    if start + size < len(matching):
        body["@odata.nextLink"] = _next(url, query, start + size)
    body["value"] = [project(item, entity, query.selected) for item in matching[start : start + size]]
    if not body["value"]:
        project({}, entity, query.selected)
    return body


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
        return int(base64.urlsafe_b64decode(token.encode()).decode().removeprefix("page:"))
    except (ValueError, binascii.Error):
        raise bad_request(
            "The specified page token value has expired and can no longer be included in your request.",
            "Directory_ExpiredPageToken",
        ) from None


def _next(url: str, query: Query, start: int) -> str:
    token = base64.urlsafe_b64encode(f"page:{start:06d}".encode()).decode()
    return f"{url}?{urlencode({**query.options, '$skiptoken': token}, quote_via=quote, safe='$,:()/')}"


def _ordered(items: list[Document], order: str, entity: Entity) -> list[Document]:
    if not order:
        return items
    name, _, direction = order.partition(" ")
    if name not in entity.filterable or direction not in ("", "asc", "desc"):
        raise bad_request(f"Unsupported sort property '{order}' for '{entity.name}'.", "Request_UnsupportedQuery")
    return sorted(items, key=lambda item: str(item.get(name) or "").lower(), reverse=direction == "desc")


def _searched(items: Sequence[Document], text: str) -> list[Document]:
    """`$search="displayName:word"`: words that begin a word of the property."""
    name, _, word = text.strip('"').partition(":")
    if not word:
        raise bad_request('Syntax error: $search needs "property:value".', "BadRequest")
    return [i for i in items if any(w.lower().startswith(word.lower()) for w in str(i.get(name) or "").split())]
