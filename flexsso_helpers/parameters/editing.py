"""Changes to YAML text that touch nothing else: every other character, comment, quote and order included, stays.

Plain values only: text, numbers, true and false, lists and mappings of them. None stands for "remove the entry".
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from flexsso_helpers.parameters import scalars
from flexsso_helpers.parameters.contradictions import Key
from flexsso_helpers.parameters.yaml_text import Document, Node, parse

_BARE = re.compile(r"[A-Za-z0-9](?:[\w.@/?=&+%~-]|:(?=[\w/]))*", re.ASCII)


class CannotEdit(Exception):
    """There is no such place in the text, or its notation is one that we do not change."""


def edit(text: str, path: Key, value: Any) -> str:
    """The text with one value set, added (lists grow at their end only) or, for None, removed."""
    document = parse(text)
    node = document.find(path)
    if value is None:
        return text if node is None else _remove(text, document, path, node)
    if node is None:
        return _add(text, document, path, value)
    return text if same(node.plain, value) else _replace(text, document, path, node, value)


def blank(text: str, path: Key) -> str:
    """The text with an explicit null at that path, which takes away what an extended file gives."""
    document = parse(text)
    node = document.find(path)
    return _add(text, document, path, None) if node is None else _replace(text, document, path, node, None)


def put(data: Any, path: Key, value: Any) -> Any:
    """What `edit` does to the text, done to plain data; returns a changed copy."""
    if not path:
        return value
    key, *rest = path
    known = key in _keys(data)
    if value is None and not known:
        return data
    copy: Any = dict(data) if isinstance(data, dict) else list(data or ()) if isinstance(key, int) else {}
    if value is None and not rest:
        del copy[key]
    elif isinstance(key, int) and key == len(copy):
        copy.append(put(None, tuple(rest), value))
    else:
        copy[key] = put(data[key] if known else None, tuple(rest), value)
    return copy


def same(one: Any, other: Any) -> bool:
    """Whether two plain values are equal, types included (1 is not true)."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _keys(data: Any) -> Any:
    return data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()


def _replace(text: str, document: Document, path: Key, node: Node, value: Any) -> str:
    inline = not isinstance(value, dict | list) or not value
    if node.flow or (inline and not isinstance(node.plain, dict | list)):
        return _splice(text, node.start, node.end, _flow(value, text[node.start : node.start + 1]))
    parent = document.find(path[:-1])
    if parent is None or parent.flow:
        return _splice(text, node.start, node.end, _flow(value))
    if parent.keys is None:
        return _splice(text, node.start, node.end, _block(value), node.column)
    key = parent.keys[str(path[-1])]
    return _splice(text, key.start, node.end, _block({path[-1]: value}), key.column)


def _add(text: str, document: Document, path: Key, value: Any) -> str:
    depth = next(size for size in range(len(path) - 1, -1, -1) if document.find(path[:size]))
    home, key = document.find(path[:depth]), path[depth]
    assert home is not None
    for name in reversed(path[depth + 1 :]):
        value = {name: value} if isinstance(name, str) else [value]
    if home.plain is None or home.flow:
        return _replace(text, document, path[:depth], home, _grown(home.plain, key, value))
    if home.keys is not None and isinstance(key, str):
        column, lines = next(iter(home.keys.values())).column, _block({key: value})
    elif isinstance(home.plain, list) and key == len(home.plain):
        column, lines = home.column, _block([value])
    else:
        raise CannotEdit
    end = _line_end(text, _real_end(text, home))
    return _splice(text, end, end, ["", *lines], column)


def _grown(data: Any, key: str | int, value: Any) -> Any:
    return {**(data or {}), key: None} if value is None and isinstance(key, str) else put(data, (key,), value)


def _remove(text: str, document: Document, path: Key, node: Node) -> str:
    parent = document.find(path[:-1])
    if parent is None:
        raise CannotEdit
    key = parent.keys[str(path[-1])] if parent.keys else node
    line = text.rfind("\n", 0, key.start) + 1
    own_lines = re.fullmatch(r" *" if parent.keys else r" *- +", text[line : key.start])
    if parent.flow or len(parent.values) == 1 or not own_lines:
        return _replace(text, document, path[:-1], parent, put(parent.plain, path[-1:], None))
    end = text.find("\n", _real_end(text, node))
    return text[:line] + text[end + 1 if end >= 0 else len(text) :]


def _splice(text: str, start: int, end: int, new: str | list[str], column: int = 0) -> str:
    lines = [new] if isinstance(new, str) else new
    newline = "\r\n" if "\r\n" in text else "\n"
    end = start + len(text[start:end].rstrip())
    blank = " " if start == end and text[start - 1 : start] == ":" and lines[0] else ""
    return text[:start] + blank + (newline + " " * column).join(lines) + text[end:]


def _real_end(text: str, node: Node) -> int:
    return node.start + len(text[node.start : node.end].rstrip())


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end


def _block(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        return [line for key, item in value.items() for line in _entry(f"{_scalar(key)}:", item)]
    if isinstance(value, list) and value:
        return [line for item in value for line in _item(item)]
    return [_flow(value)]


def _entry(head: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict | list) and value:
        yield head
        yield from ("  " + line for line in _block(value))
    else:
        yield f"{head} {_flow(value)}"


def _item(value: Any) -> Iterator[str]:
    first, *rest = _block(value)
    yield "- " + first
    yield from ("  " + line for line in rest)


def _flow(value: Any, quote: str = "") -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return _scalar(value, quote)


def _scalar(value: Any, quote: str = "") -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if quote != '"' and _BARE.fullmatch(value) and _is_text(value):
        return value
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _is_text(value: str) -> bool:
    try:
        return scalars.read(value) == value
    except scalars.Ambiguous:
        return False
