"""An exchange with Twilio, held against Twilio's own OpenAPI documents."""

import re
from typing import Any

from exchange import Exchange
from graph_judge import Unjudged
from jsonschema import Draft202012Validator
from typed import description

DOCUMENTS = {
    "flex-api.twilio.com": ("twilio_flex_v1.json", "twilio_flex_v2.json"),
    "taskrouter.twilio.com": ("twilio_taskrouter_v1.json",),
}
KEYWORDS = ("type", "properties", "items", "enum", "pattern", "maxLength", "minLength", "anyOf", "allOf", "oneOf")
META = ("key", "page", "page_size", "first_page_url", "previous_page_url", "next_page_url", "url")


def deviations(exchange: Exchange) -> list[str]:
    """What of an exchange is not as described. Raises Unjudged."""
    document, path, operations = _operations(exchange)
    operation = operations.get(exchange.method.lower())
    if operation is None:
        return [f"{path} has no {exchange.method}"] if exchange.done else []
    if not exchange.done:
        return []
    known = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
    found = [f"there is no option {name}" for name in exchange.query if name not in known]
    schema = operation["responses"].get(str(exchange.status), "none")
    if schema == "none":
        return [*found, f"status {exchange.status} is not described"]
    if schema:
        whole = {"components": {"schemas": document["schemas"]}, **schema}
        found += _wrong(_translated(whole, document), exchange.answer)
    return found


def _operations(exchange: Exchange) -> tuple[Any, str, Any]:
    for name in DOCUMENTS.get(exchange.host, ()):
        document = description("twilio")[name]
        for path, operations in document["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), exchange.path):
                return document, path, operations
    raise Unjudged("the slice has no such address")


def _translated(schema: Any, document: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema; an object is closed, so that what is not described shows."""
    if isinstance(schema, list):
        return [_translated(each, document) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _translated(document["schemas"][schema["$ref"].rsplit("/", 1)[-1]], document)
    made = {name: schema[name] for name in KEYWORDS if name in schema}
    if "properties" in made:
        made["properties"] = {name: _translated(each, document) for name, each in schema["properties"].items()}
        made["additionalProperties"] = False
    for name in ("items", "anyOf", "allOf", "oneOf"):
        if name in made:
            made[name] = _translated(made[name], document)
    if schema.get("nullable"):
        made = {"anyOf": [{"type": "null"}, made]}
    return made


def _wrong(schema: Any, answer: Any) -> list[str]:
    found = Draft202012Validator(schema).iter_errors(answer)
    return [f"answer{''.join(f'.{part}' for part in each.absolute_path)}: {each.message[:100]}" for each in found]
