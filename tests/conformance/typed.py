"""Whether a JSON value is what a description says: names that it has, and values of its types."""

import base64
import binascii
import json
import re
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

DESCRIPTIONS = Path(__file__).with_name("descriptions")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@cache
def description(name: str) -> Any:
    """One of the vendors' descriptions."""
    return json.loads((DESCRIPTIONS / f"{name}.json").read_text("utf-8"))


class Types:
    """The types of one version of Graph."""

    def __init__(self, *names: str) -> None:
        """Those of these descriptions together."""
        found = [description(name) for name in names]
        self.types: dict[str, Any] = {name: body for each in found for name, body in each["types"].items()}
        self.enums: dict[str, Any] = {name: body for each in found for name, body in each["enums"].items()}

    def lineage(self, name: str) -> Iterator[dict[str, Any]]:
        """A type and what it is based on."""
        while name and name in self.types:
            yield self.types[name]
            name = self.types[name].get("base") or ""

    def properties(self, name: str) -> dict[str, Any]:
        """Property to (type, may be null); a type that has none is made of what it leads to."""
        found = {prop: kind for each in self.lineage(name) for prop, kind in each["props"].items()}
        return found or {prop: [kind, True] for prop, kind in self.navigation(name).items()}

    def navigation(self, name: str) -> dict[str, str]:
        """Navigation property to type."""
        return {prop: kind for each in self.lineage(name) for prop, kind in each["nav"].items()}

    def read_only(self, name: str) -> set[str]:
        """Properties that a client does not write."""
        return {prop for each in self.lineage(name) for prop in each.get("read_only") or ()}

    def wrong(self, value: Any, kind: str, *, null: bool, at: str, writing: bool = False) -> Iterator[str]:
        """What is not as described, each with where it stands."""
        if value is None:
            if not null:
                yield f"{at} is null"
        elif kind.startswith("Collection("):
            if not isinstance(value, list):
                yield f"{at} is no list"
                return
            for number, item in enumerate(value):
                yield from self.wrong(item, kind[11:-1], null=False, at=f"{at}[{number}]", writing=writing)
        elif kind in self.enums:
            if value not in self.enums[kind]:
                yield f"{at} is {value!r}, no {kind}"
        elif kind in self.types:
            yield from self.entity(value, kind, at=at, writing=writing)
        elif not _plain(value, kind):
            yield f"{at} is {str(value)[:40]!r}, no {kind}"

    def entity(self, value: Any, kind: str, *, at: str, writing: bool = False) -> Iterator[str]:
        """The same for an object of this type, or of the one that it says it is."""
        if not isinstance(value, dict):
            yield f"{at} is no object"
            return
        kind = str(value.get("@odata.type", "")).removeprefix("#microsoft.graph.") or kind
        if kind not in self.types:
            return
        known, kept = self.properties(kind), self.read_only(kind) if writing else set()
        for name, item in value.items():
            if "@" in name or (kind == "user" and name.startswith("extension_")):
                continue
            if name not in known:
                yield f"{at}.{name} is no property of {kind}"
            elif name in kept:
                yield f"{at}.{name} of {kind} is read-only"
            else:
                yield from self.wrong(item, known[name][0], null=known[name][1], at=f"{at}.{name}", writing=writing)


def _plain(value: Any, kind: str) -> bool:
    """Whether a value is of a primitive type; of an unknown one everything is."""
    try:
        match kind.removeprefix("Edm.").lower():
            case "string" | "stream":
                return isinstance(value, str)
            case "boolean":
                return isinstance(value, bool)
            case "int32" | "int64" | "double":
                return isinstance(value, int | float) and not isinstance(value, bool)
            case "guid":
                return bool(uuid.UUID(value))
            case "datetimeoffset":
                return bool(MOMENT.fullmatch(value))
            case "binary":
                return isinstance(base64.b64decode(value, validate=True), bytes)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        return False
    return True
