"""The schema that editors read, and its agreement with the model."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from flexsso_helpers.parameters import schema

FOLDER = Path(__file__).parents[2] / "parameters"


def fields(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, field in node.get("properties", {}).items():
        yield f"{path}.{name}", field
        yield from fields(field, f"{path}.{name}")
    for inner in (*([node["items"]] if "items" in node else ()), *node.get("anyOf", ())):
        yield from fields(inner, path)


def test_the_committed_schema_is_the_models() -> None:
    assert json.loads((FOLDER / "schema.json").read_text(encoding="utf-8")) == schema()


def test_every_field_says_what_it_is_for() -> None:
    told = {path: field.get("description", "") for path, field in fields(schema())}
    assert len(told) > 40
    assert [path for path, text in told.items() if len(text) < 15 or not text.endswith(".")] == []


def test_editors_understand_it() -> None:
    jsonschema.Draft7Validator.check_schema(schema())
    assert not {"$ref", "$defs", "prefixItems"} & set(json.dumps(schema()).replace('"', " ").split())


@pytest.mark.parametrize("name", ["rehearsal.yaml", "practice.yaml", "contoso.example.yaml"])
def test_it_accepts_the_files_that_come_with_the_project(name: str) -> None:
    jsonschema.Draft7Validator(schema()).validate(yaml.safe_load((FOLDER / name).read_text()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cloud: global", "cloud: globall"),
        ("valid_days: 365", "valid_days: 2000"),
        ("account_sid", "acount_sid"),
        ("AC5ef8732a", "AC5EF8732a"),
        ("env:FLEX_SECRET", "hunter2"),
        ("urn:flex:", "https://"),
        ("role: agent", "role: agnet"),
        ("apply: false", "apply: 0"),
    ],
)
def test_it_underlines_what_the_loader_refuses(good: str, old: str, new: str) -> None:
    validator = jsonschema.Draft7Validator(schema())
    assert validator.is_valid(yaml.safe_load(good))
    assert not validator.is_valid(yaml.safe_load(good.replace(old, new, 1)))
