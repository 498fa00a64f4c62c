"""The part of OData's filter language that Graph's directory takes."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flexsso_helpers.rehearsal.directory.refusals import GraphRefusal, bad_request
from flexsso_helpers.rehearsal.world.indexes import indexed
from flexsso_helpers.rehearsal.world.store import Document, Term

TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?\d+(?![\w-]))|(?P<name>[A-Za-z_@][\w.@/]*)|(?P<bare>[\dA-Za-z][\w:.\-]*)"
    r"|(?P<sign>[(),:]))"
)
Holds = Callable[[Document], bool]


@dataclass(frozen=True)
class Test:
    """A condition, and the index terms of which an item that meets it has at least one; None where none are known."""

    holds: Holds
    terms: tuple[Term, ...] | None = None
    beside: int = 1
    """How many alternatives stand beside each other in it."""


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "ne": lambda a, b: bool(a != b),
    "ge": lambda a, b: a is not None and str(a) >= str(b),
    "gt": lambda a, b: a is not None and str(a) > str(b),
    "le": lambda a, b: a is not None and str(a) <= str(b),
    "lt": lambda a, b: a is not None and str(a) < str(b),
}
FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
}


@dataclass
class Filter:
    """A parsed filter: the test, the property paths it names, and whether it needs the advanced mode."""

    test: Test = field(default_factory=lambda: Test(lambda _item: True))
    paths: list[str] = field(default_factory=list)
    advanced: bool = False

    def holds(self, item: Document) -> bool:
        """Whether an item meets the filter."""
        return self.test.holds(item)

    @property
    def beside(self) -> int:
        """How many alternatives stand beside each other: those of `or`, and the values of `in`."""
        return self.test.beside

    def terms(self, kind: str) -> tuple[Term, ...] | None:
        """What an index can be asked for; None where it cannot help with documents of this kind."""
        wanted = self.test.terms
        return wanted if wanted is not None and all(indexed(kind, term.field) for term in wanted) else None


def parse_filter(text: str) -> Filter:
    """Read a `$filter`. Raises GraphRefusal when it is not one."""
    parser = _Parser(_tokens(text), text)
    parser.found.test = parser.disjunction()
    if parser.tokens:
        raise parser.wrong()
    return parser.found


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    while position < len(text.rstrip()):
        match = TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise bad_request(f"Invalid filter clause: Syntax error at position {position} in '{text}'.", "BadRequest")
        tokens.append((match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent: or, and, not, then a comparison, a function, `any` or parentheses."""

    def __init__(self, tokens: list[tuple[str, str]], text: str) -> None:
        self.tokens, self.text, self.found = tokens, text, Filter()
        self.variable = self.collection = ""

    def wrong(self) -> GraphRefusal:
        return bad_request(f"Invalid filter clause: '{self.text}' cannot be read.", "BadRequest")

    def take(self, value: str = "") -> str:
        if not self.tokens or (value and self.tokens[0][1].lower() != value):
            raise self.wrong()
        return self.tokens.pop(0)[1]

    def at(self, word: str) -> bool:
        return bool(self.tokens) and self.tokens[0][1].lower() == word

    def disjunction(self) -> Test:
        left = self.conjunction()
        while self.at("or"):
            self.take()
            left = _either(left, self.conjunction())
        return left

    def conjunction(self) -> Test:
        left = self.negation()
        while self.at("and"):
            self.take()
            left = _both(left, self.negation())
        return left

    def negation(self) -> Test:
        if self.at("not"):
            self.take()
            self.found.advanced = True
            inner = self.negation()
            return Test(lambda item: not inner.holds(item), beside=inner.beside)
        if self.at("("):
            self.take("(")
            inner = self.disjunction()
            self.take(")")
            return inner
        return self.statement()

    def statement(self) -> Test:
        name = self.take()
        if name.lower() in FUNCTIONS and self.at("("):
            return self.function(name.lower())
        if name.endswith("/any"):
            return self.any_of(name.removesuffix("/any"))
        path = self.path(name)
        operator = self.take().lower()
        if operator == "in":
            return self.one_of(path)
        if operator not in COMPARE:
            raise self.wrong()
        self.found.advanced |= operator == "ne"
        value, compare = self.literal(), COMPARE[operator]
        equal = operator == "eq" and isinstance(value, str)
        terms = (Term(self.field(path), value),) if equal else None
        return Test(lambda item: compare(_folded(_value(item, path)), _folded(value)), terms)

    def one_of(self, path: str) -> Test:
        """`id in ('a', 'b')`."""
        self.take("(")
        values = [self.literal()]
        while self.at(","):
            self.take()
            values.append(self.literal())
        self.take(")")
        wanted = {_folded(value) for value in values}
        texts = [value for value in values if isinstance(value, str)]
        terms = tuple(Term(self.field(path), text) for text in texts) if len(texts) == len(values) else None
        return Test(lambda item: _folded(_value(item, path)) in wanted, terms, len(values))

    def function(self, name: str) -> Test:
        self.take("(")
        path = self.path(self.take())
        self.take(",")
        part = str(self.literal())
        self.take(")")
        self.found.advanced |= name != "startswith"
        test = FUNCTIONS[name]
        terms = (Term(self.field(path), part, prefix=True),) if name == "startswith" and part else None
        return Test(lambda item: test(str(_folded(_value(item, path)) or ""), part.lower()), terms)

    def any_of(self, path: str) -> Test:
        """`identifierUris/any(u:u eq 'x')`: the element itself is named by the variable."""
        self.found.paths.append(path)
        self.take("(")
        self.variable = self.take()
        self.take(":")
        self.collection = path
        inner = self.disjunction()
        self.take(")")
        self.variable = self.collection = ""

        def holds(item: Document) -> bool:
            return any(inner.holds({"@": each}) for each in _value(item, path) or [])

        return Test(holds, inner.terms, inner.beside)

    def field(self, path: str) -> str:
        """The property that an index knows this path by: inside `any` that of the list."""
        return self.collection if path == "@" else path

    def path(self, name: str) -> str:
        if self.variable:
            if name.split("/")[0] != self.variable:
                raise self.wrong()
            return "@" + name.removeprefix(self.variable)
        self.found.paths.append(name)
        return name

    def literal(self) -> Any:
        if not self.tokens:
            raise self.wrong()
        kind, text = self.tokens.pop(0)
        if kind == "string":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return int(text)
        words = {"true": True, "false": False, "null": None}
        if text.lower() in words:
            return words[text.lower()]
        if kind == "bare":
            return text
        raise self.wrong()


def _either(left: Test, right: Test) -> Test:
    known = left.terms is not None and right.terms is not None
    terms = (*(left.terms or ()), *(right.terms or ())) if known else None
    return Test(lambda item: left.holds(item) or right.holds(item), terms, left.beside + right.beside)


def _both(left: Test, right: Test) -> Test:
    """Either side's terms will do; an exact one is the narrower."""
    sides = [side for side in (left.terms, right.terms) if side is not None]
    sides.sort(key=lambda terms: (any(term.prefix for term in terms), len(terms)))
    most = max(left.beside, right.beside)
    return Test(lambda item: left.holds(item) and right.holds(item), sides[0] if sides else None, most)


def _value(item: Any, path: str) -> Any:
    for step in path.split("/"):
        item = item.get(step) if isinstance(item, dict) else None
    return item


def _folded(value: Any) -> Any:
    """Directory strings compare without regard to case."""
    return value.lower() if isinstance(value, str) else value
