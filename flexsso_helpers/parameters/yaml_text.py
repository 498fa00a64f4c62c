"""YAML text with positions: plain data, the line of every value, and what is wrong with the text itself.

Read from the parser's events, not from composed nodes: anchors, tags and repeated keys stay visible, and no depth of
nesting can exhaust the stack.
"""

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from flexsso_helpers.parameters import scalars
from flexsso_helpers.parameters.contradictions import Key

DEEPEST = 12
_PARSER_ERRORS = (YAMLError, ValueError, TypeError, AttributeError, IndexError, KeyError, AssertionError, OverflowError)
_QUOTES = "put a text with such characters in quotes"
_AT_ITS_START = {
    "could not find expected ':'": "has a key without its colon",
    "end of stream": "opens a quote or bracket that is never closed",
    "expected ',' or": "opens a bracket that is not closed, or lacks a comma between its entries",
}
_WHERE_FOUND = {
    "mapping values": f"has a colon where none can be: {_QUOTES}, or compare the indentation with the lines around it",
    "block end": "does not fit the lines above it: compare the indentation, and look for a quote inside a text",
    "sequence entries": "has a hyphen where no list can begin; each entry stands on a line of its own",
    "escape": "has a backslash in double quotes; write two of them, or use single quotes",
    "special characters": "has an invisible control character; delete it",
    "start any token": f"begins a text with a character that means something in YAML; {_QUOTES}",
    "expected": f"has a character that means something in YAML; {_QUOTES}",
}


@dataclass
class Node:
    """A value in the text. `start` and `end` are offsets of characters; a collection ends with its last leaf."""

    start: int
    end: int
    line: int
    column: int
    plain: Any = None
    keys: dict[str, "Node"] | None = None
    values: list["Node"] = field(default_factory=list)
    flow: bool = False
    spelled: str = ""
    bare: bool = False
    file: str = ""
    removed: dict[str, "Node"] = field(default_factory=dict)
    """Keys that another file gives and a null takes away, in a merged document."""

    def child(self, key: str | int) -> "Node | None":
        """The value at one key or index."""
        if self.keys is not None:
            return self.values[list(self.keys).index(str(key))] if key in self.keys else None
        listed = isinstance(self.plain, list) and isinstance(key, int) and 0 <= key < len(self.values)
        return self.values[int(key)] if listed else None


class Unreadable(Exception):
    """The text is no YAML that we take at all; `line` counts from 1, 0 for the whole file."""

    def __init__(self, text: str, line: int = 0) -> None:
        """Keep the sentence and its line."""
        super().__init__(text)
        self.text, self.line = text, line


@dataclass
class Document:
    """The one document of a file. `problems` are (path, line, sentence); paths begin at the top of the file."""

    root: Node
    problems: list[tuple[Key, int, str]]

    def find(self, path: Key) -> Node | None:
        """The value at a path, None where there is none."""
        node: Node | None = self.root
        for key in path:
            node = node.child(key) if node else None
        return node

    def place(self, path: Key) -> tuple[str, int]:
        """File and line of the key at this path, or of the nearest thing around it that exists."""
        for size in range(len(path), 0, -1):
            parent, key = self.find(path[: size - 1]), path[size - 1]
            known = {**parent.removed, **parent.keys} if parent and parent.keys is not None else {}
            if node := known.get(str(key)) or self.find(path[:size]):
                return node.file, node.line
        return self.root.file, self.root.line

    def line(self, path: Key) -> int:
        """The line alone."""
        return self.place(path)[1]


def decode(data: bytes) -> str:
    """The text of a file; raises Unreadable for anything but plain UTF-8 without tabs."""
    if len(data) > 1_000_000:
        raise Unreadable("is larger than a megabyte; this is not a tenant's file")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("is stored as UTF-16; save it as UTF-8", 1)
    data = data.removeprefix(b"\xef\xbb\xbf")  # editors of Windows write it, and it says nothing
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unreadable("has a character that is not UTF-8; save the file as UTF-8", line) from None
    if "\t" in text:
        raise Unreadable("has a tab; YAML wants blanks", text[: text.index("\t")].count("\n") + 1)
    return text


def parse(text: str, file: str = "") -> Document:
    """Read one document and collect its problems; raises Unreadable when it cannot be read. `file` names the text."""
    builder = _Builder(file)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except _PARSER_ERRORS as error:
        raise _unreadable(error, builder.quote) from None
    if builder.root is None or builder.root.plain is None:
        raise Unreadable("is empty; start from contoso.example.yaml")
    return Document(builder.root, builder.problems)


def _unreadable(error: Exception, quote: int) -> Unreadable:
    """`quote` is the line where the last text began, if it was quoted and went on over several lines."""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    found, start = (getattr(error, name, None) for name in ("problem_mark", "context_mark"))
    if quote:
        return Unreadable(_AT_ITS_START["end of stream"], quote)
    for table, mark in ((_AT_ITS_START, start or found), (_WHERE_FOUND, found or start)):
        for known, text in table.items():
            if known in problem:
                return Unreadable(text, mark.line + 1 if mark else 0)
    return Unreadable("cannot be read as YAML; look for a backslash, & or % that does not belong there")


@dataclass
class _Open:
    """A collection whose end has not been seen."""

    node: Node
    path: Key
    key: str | None = None
    skip: int = 0


class _Builder:
    """Builds nodes from events, on a stack of its own."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.problems: list[tuple[Key, int, str]] = []
        self._stack: list[_Open] = []
        self._documents = 0
        self.quote = 0

    def take(self, event: Event) -> None:
        spans = (
            isinstance(event, ScalarEvent) and event.style in ("'", '"') and event.start_mark.line < event.end_mark.line
        )
        self.quote = event.start_mark.line + 1 if spans else 0
        if isinstance(event, DocumentStartEvent):
            self._document(event)
        elif isinstance(event, CollectionEndEvent):
            self._close(event)
        elif isinstance(event, AliasEvent | ScalarEvent | MappingStartEvent | SequenceStartEvent):
            self._value(event)

    def _document(self, event: DocumentStartEvent) -> None:
        self._documents += 1
        line = event.start_mark.line + 1
        if self._documents > 1:
            raise Unreadable("begins a second document (---); a file holds one tenant", line)
        if event.version or event.tags:
            raise Unreadable("has a % directive; remove the lines that begin with %", line)

    def _value(self, event: Any) -> None:
        start, end = event.start_mark, event.end_mark
        node = Node(start.index, end.index, start.line + 1, start.column, file=self.file)
        opened = isinstance(event, MappingStartEvent | SequenceStartEvent)
        wants_key = bool(self._stack) and self._stack[-1].node.keys is not None and self._stack[-1].key is None
        path = self._path()
        self._refuse_references(event, path, node.line)
        if wants_key:
            self._key(event, node, path)
            return
        if isinstance(event, ScalarEvent):
            self._scalar(event, node, path)
        elif isinstance(event, MappingStartEvent):
            node.plain, node.keys, node.flow = {}, {}, bool(event.flow_style)
        elif isinstance(event, SequenceStartEvent):
            node.plain, node.flow = [], bool(event.flow_style)
        self._attach(node)
        if opened:
            if len(self._stack) >= DEEPEST:
                raise Unreadable("is nested too deeply", node.line)
            self._stack.append(_Open(node, path))

    def _path(self) -> Key:
        if not self._stack:
            return ()
        top = self._stack[-1]
        if top.node.keys is None:
            return (*top.path, len(top.node.values))
        return top.path if top.key is None else (*top.path, top.key)

    def _key(self, event: Any, node: Node, path: Key) -> None:
        top = self._stack[-1]
        if not isinstance(event, ScalarEvent):
            raise Unreadable("has a key that is not a simple word", node.line)
        key = event.value
        if event.implicit[0] and key == "<<":
            raise Unreadable("has a merge key (<<); write the keys out, nothing is shared between blocks", node.line)
        if event.implicit[0] and not self._is_text(key):
            self.problems.append((path, node.line, "has a key that is not read as text; put the key in quotes"))
        top.key = key
        assert top.node.keys is not None
        if key in top.node.keys:
            first = top.node.keys[key].line
            self.problems.append(((*top.path, key), node.line, f"stands here a second time (first in line {first})"))
            top.skip += 1
            return
        top.node.keys[key] = node

    @staticmethod
    def _is_text(key: str) -> bool:
        try:
            return isinstance(scalars.read(key), str)
        except scalars.Ambiguous:
            return False

    def _refuse_references(self, event: Any, path: Key, line: int) -> None:
        if isinstance(event, AliasEvent):
            self.problems.append((path, line, "refers to another place (*name); write the value out"))
        elif event.anchor is not None:
            self.problems.append((path, line, "has an anchor (&name); remove it, nothing is shared between places"))
        if getattr(event, "tag", None) is not None:
            self.problems.append((path, line, "has a type tag (!name); remove it"))

    def _scalar(self, event: Any, node: Node, path: Key) -> None:
        node.plain = node.spelled = event.value
        node.bare = bool(event.implicit[0])
        if not node.bare:
            return
        try:
            node.plain = scalars.read(event.value)
        except scalars.Ambiguous:
            self.problems.append((path, node.line, ""))

    def _attach(self, node: Node) -> None:
        if not self._stack:
            self.root = node
            return
        top = self._stack[-1]
        if top.node.keys is None:
            top.node.values.append(node)
            top.node.plain.append(node.plain)
            return
        key, top.key = str(top.key), None
        if top.skip:
            top.skip = 0
            return
        top.node.values.append(node)
        top.node.plain[key] = node.plain

    def _close(self, event: Event) -> None:
        node = self._stack.pop().node
        if not node.flow and node.values:
            node.end = node.values[-1].end
        elif event.end_mark:
            node.end = event.end_mark.index
