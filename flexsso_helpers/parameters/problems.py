"""Problems found in parameters, as sentences for people: which field, what is wrong, the right form."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import file_schema
from flexsso_helpers.parameters.contradictions import Key, contradictions
from flexsso_helpers.parameters.model import Tenant
from flexsso_helpers.parameters.shapes import REFERENCE_FORM, looks_secret

_SECRET_WORDS = ("secret", "password", "passphrase", "token", "credential")
_MOST = 20
_REVOKE = "this file holds references only; if it is a real secret, revoke it"


@dataclass(frozen=True)
class Problem:
    """One thing to correct. `path` is below `tenant`; `line` counts from 1, 0 where there is none.

    `file` is named where it is another one than the tenant's own.
    """

    path: Key
    text: str
    line: int = 0
    file: str = ""

    def sentence(self) -> str:
        """The name of the field and what is wrong with it."""
        return f"{dotted(self.path)} {self.text}".strip()


def refuse(problems: Iterable[Problem], where: str, fix: str, why: str = "") -> ParametersError:
    """One error that lists the problems by file and line, and of very many in one file only the first ones.

    `where` names the tenant's file, empty for a mapping.
    """
    lines: dict[str, list[str]] = {where: []}
    for problem in sorted(problems, key=lambda each: each.line):
        file = problem.file or where
        place = f"{file}, line {problem.line}: " if problem.line else f"{file}: " if file else ""
        lines.setdefault(file, []).append(place + problem.sentence())
    told = [sentence for file, found in lines.items() for sentence in _first(file, list(dict.fromkeys(found)))]
    return ParametersError("\n".join(told), why=why, fix=fix)


def _first(file: str, sentences: list[str]) -> list[str]:
    more = len(sentences) - _MOST
    if more <= 1:
        return sentences
    return [*sentences[:_MOST], f"… and {more:,} more in {file or 'the mapping'}, {len(sentences):,} in all"]


def dotted(path: Key) -> str:
    """The path as people write it: `assignments.users[1].role`, entries counted from 1."""
    text = ""
    for key in path:
        shown = "(a key that looks like a secret)" if isinstance(key, str) and looks_secret(key) else str(key)
        text += f"[{key + 1}]" if isinstance(key, int) else f".{shown}"
    return text.removeprefix(".")


def is_private(path: Key) -> bool:
    """Whether a value there may be a secret and is never repeated in a message."""
    return any(word in str(key).lower() for key in path for word in _SECRET_WORDS)


def check(data: Any) -> tuple[Tenant | None, list[Problem]]:
    """The tenant that plain data describe, or all that is wrong with them (never both)."""
    found = [*secrets(data), *(Problem(path, text) for path, text in contradictions(data))]
    tenant = None
    try:
        tenant = Tenant.model_validate(data)
    except ValidationError as error:
        told = {problem.path for problem in found}
        news = (each for each in error.errors() if each["type"] != "contradictions")
        found += [Problem(_path(each), _text(each)) for each in news if _path(each) not in told]
    return (None if found else tenant), found


def secrets(data: Any, path: Key = ()) -> Iterator[Problem]:
    """Every value that has the form of a secret. What is meant for a reference is left to the model."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from secrets(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from secrets(value, (*path, index))
    elif isinstance(data, str) and looks_secret(data) and not is_private(path):
        yield Problem(path, f"looks like a secret and is not repeated here; {_REVOKE}")


def _path(error: ErrorDetails) -> Key:
    return tuple(error["loc"])


def _text(error: ErrorDetails) -> str:
    path, kind, value, context = _path(error), error["type"], error["input"], error.get("ctx", {})
    field = file_schema.at(path)
    if kind == "missing":
        return f"is missing. {field.get('description', '')}".strip()
    if kind == "extra_forbidden":
        return _unknown(path)
    if kind == "value_error":
        return str(context["error"])
    if value is None:
        return "is empty; write a value or remove the line"
    if kind in ("greater_than_equal", "less_than_equal"):
        return f"is {value}; write a whole number from {field['minimum']} to {field['maximum']}"
    if kind in ("too_long", "too_short"):
        return f"has {len(value)} entries; {_amount(context)}"
    if kind == "literal_error":
        return choice(path, value, field["enum"] if "enum" in field else [field["const"]])
    return f"is {_kind(value)}; {_wanted(path, value, field)}"


def _amount(context: dict[str, Any]) -> str:
    if "max_length" in context:
        return f"at most {context['max_length']} are possible"
    return "write at least one, or remove the line"


def choice(path: Key, value: Any, options: list[str]) -> str:
    """What to say about a value that is none of the options."""
    near = difflib.get_close_matches(str(value).lower(), options, n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    shown = f"is “{value}”, which" if isinstance(value, str) and len(value) < 40 and not is_private(path) else "is"
    return f"{shown} not one of: {', '.join(options)}{meant}".replace(", which not", ", which is not")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list | tuple) else "a block of keys"


def _wanted(path: Key, value: Any, field: dict[str, Any]) -> str:
    match field.get("type", "string"):
        case "object":
            return f"it holds the keys {', '.join(field['properties'])}, indented below it"
        case "array":
            return "it is a list: one entry a line, each begins with a hyphen"
        case "boolean":
            return "write true or false, without quotes"
        case "integer":
            return "write a whole number, without quotes"
    if isinstance(value, bool | int | float):
        if is_private(path):
            return f"write {REFERENCE_FORM}"
        return "text is meant: write it in quotes"
    return "one text is meant"


def _unknown(path: Key) -> str:
    *parents, key = path
    if path == ("extends",):
        return "stands below tenant; write it above, beside tenant, where its line begins without blanks"
    here = list(file_schema.at(tuple(parents)).get("properties", {}))
    if near := difflib.get_close_matches(str(key), here, n=1):
        return f"is unknown; did you mean {near[0]}?"
    homes = [dotted((*home, str(key))) for home in _homes(str(key), ())]
    if homes:
        return f"is unknown here; did you mean {' or '.join(homes)}?"
    return f"is unknown; the keys here are {', '.join(here)}"


def _homes(key: str, path: Key) -> Iterator[Key]:
    """Where else a key of this name is at home, lists left out."""
    for name, field in file_schema.at(path).get("properties", {}).items():
        if key in file_schema.at((*path, name)).get("properties", {}):
            yield (*path, name)
        if field.get("type") != "array":
            yield from _homes(key, (*path, name))
