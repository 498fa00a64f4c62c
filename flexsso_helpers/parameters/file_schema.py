"""The JSON schema of a tenant's file: draft 7, nothing but what editors understand, everything in place (no $ref)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from flexsso_helpers.parameters.model import Tenant


def schema() -> dict[str, Any]:
    """The schema of the whole file, as `parameters/schema.json` holds it."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Parameters of one tenant",
        "description": "One Entra tenant paired with one Flex account. References to secrets only.",
        "type": "object",
        "required": ["tenant"],
        "additionalProperties": False,
        "properties": {"tenant": _tenant()},
    }


def at(path: tuple[str | int, ...]) -> dict[str, Any]:
    """The part of the schema for the value at this path below `tenant`; empty where there is no such field."""
    node: dict[str, Any] = _tenant()
    for key in path:
        node = next((option for option in node.get("anyOf", ()) if option.get("type") != "null"), {}) | node
        node = node.get("items", {}) if isinstance(key, int) else node.get("properties", {}).get(key, {})
    return next((option for option in node.get("anyOf", ()) if option.get("type") != "null"), {}) | node


@cache
def _tenant() -> dict[str, Any]:
    raw = Tenant.model_json_schema()
    inlined: dict[str, Any] = _inline(raw, raw.get("$defs", {}))
    return inlined


def _inline(node: Any, blocks: Mapping[str, Any]) -> Any:
    """Put referenced blocks in place (draft 7 ignores what stands beside a $ref) and drop generated titles."""
    if isinstance(node, list):
        return [_inline(item, blocks) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        node = blocks[node["$ref"].rsplit("/", 1)[-1]] | {key: node[key] for key in node if key != "$ref"}
    return {key: _value(key, item, blocks) for key, item in node.items() if not _generated(key, item)}


def _value(key: str, item: Any, blocks: Mapping[str, Any]) -> Any:
    if key == "properties":
        return {name: _inline(field, blocks) for name, field in item.items()}
    return _inline(item, blocks)


def _generated(key: str, item: Any) -> bool:
    return key == "$defs" or (key == "title" and isinstance(item, str)) or (key == "default" and item is None)
