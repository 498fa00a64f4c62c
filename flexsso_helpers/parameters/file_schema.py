"""The JSON schema of a tenant's file: draft 7, nothing but what editors understand, everything in place (no $ref)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from flexsso_helpers.parameters.model import Tenant
from flexsso_helpers.parameters.shapes import BASE_FILE


def schema() -> dict[str, Any]:
    """The schema of the whole file, as `parameters/schema.json` holds it.

    In a file that extends another one, any key may be left to that one.
    """
    tenant, needed = _apart(_tenant())
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Parameters of one tenant",
        "description": "One Entra tenant paired with one Flex account. References to secrets only.",
        "type": "object",
        "required": ["tenant"],
        "additionalProperties": False,
        "properties": {
            "extends": {
                "description": "A file in this folder to take all values from that are not given here; it may extend "
                "another one. Blocks of keys merge, lists replace, null takes a value away. name and attested are not "
                "taken over, nor is flex.connection by a file with an account_sid of its own.",
                "type": "string",
                "pattern": f"^({BASE_FILE})$",
            },
            "tenant": tenant,
        },
        "if": {"not": {"required": ["extends"]}},
        "then": {"properties": {"tenant": needed}},
    }


def _apart(node: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A block of keys without what it requires, and that alone. Lists stay whole: they are never merged."""
    options = [_apart(option) for option in node.get("anyOf", ())]
    blocks = {key: _apart(field) for key, field in node.get("properties", {}).items()}
    free = {key: value for key, value in node.items() if key != "required"}
    if options:
        free["anyOf"] = [option for option, _ in options]
    if blocks:
        free["properties"] = {key: field for key, (field, _) in blocks.items()}
    needed = next((each for _, each in options if each), {})
    inside = {key: each for key, (_, each) in blocks.items() if each}
    needed |= {"required": node["required"]} if "required" in node else {}
    return free, needed | ({"properties": inside} if inside else {})


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
