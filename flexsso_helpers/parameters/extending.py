"""`extends`: a tenant's file over another one. Mappings merge, lists replace, null takes away.

Every value of the merged document still knows the file and line where it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import shapes
from flexsso_helpers.parameters.files import label, limits, neighbour, read, unreadable
from flexsso_helpers.parameters.problems import Problem
from flexsso_helpers.parameters.yaml_text import Document, Node, Unreadable, parse

_OWN = ("name", "attested")
"""Never taken over: who a tenant is, and what a person did in its consoles."""


@dataclass(frozen=True)
class Layer:
    """One file of a chain."""

    path: Path
    text: str
    document: Document

    @property
    def tenant(self) -> Node | None:
        """What stands below `tenant:`, None where that is no block of keys."""
        node = self.document.find(("tenant",))
        return node if node and node.keys is not None else None


def layer(path: Path, text: str) -> Layer:
    """One file's text as a layer; raises ParametersError when the text is no YAML at all."""
    try:
        return Layer(path, text, _parsed(text, label(path)))
    except Unreadable as problem:
        raise unreadable(path, problem) from None


@lru_cache(maxsize=1024)
def _parsed(text: str, file: str) -> Document:
    """A text once: a session reads its file anew before each cell, and a fleet each file when it is chosen and when
    it is run; it hardly ever changed. Nobody changes nodes.
    """
    return parse(text, file)


def chain(path: Path, text: str) -> tuple[list[Layer], list[Problem]]:
    """A file and all that it extends, itself first; with the problem that ended the search early, if any.

    Raises ParametersError when one of the files cannot be read.
    """
    layers, within = [layer(path, text)], limits(path)
    while (node := layers[-1].document.find(("extends",))) is not None:
        last = layers[-1]
        try:
            found = neighbour(last.path, _named(node), within)
            _refuse_circle([each.path for each in layers], found)
        except ValueError as error:
            file, line = last.document.place(("extends",))
            return layers, [Problem(("extends",), str(error), line, file)]
        layers.append(layer(found, read(found)))
    return layers, []


def shared(path: Path) -> frozenset[Path]:
    """The files, resolved, that this one takes values from and that are no tenant's: they have no `name`, which nobody
    takes over. None where one of them cannot be read.
    """
    try:
        layers, _ = chain(path, read(path))
    except (ParametersError, OSError):
        return frozenset()
    return frozenset(each.path.resolve() for each in layers[1:] if not (each.tenant and each.tenant.child("name")))


def merged(layers: Sequence[Layer]) -> Document:
    """One document of all layers, the first one uppermost; the first alone where a layer has no tenant."""
    top = layers[0].document
    bodies = [each.tenant for each in layers]
    if len(layers) == 1 or None in bodies or top.root.keys is None:
        return top
    first, *others = (body for body in reversed(bodies) if body)
    for body in others:
        first = _over(body, _heritable(first, body))
    root = replace(
        top.root, plain={"tenant": first.plain}, keys={"tenant": top.root.keys["tenant"]}, values=[first], removed={}
    )
    return Document(root, [])


def _named(node: Node) -> str:
    if not isinstance(node.plain, str):
        raise ValueError("names one file as text, such as base.yaml; that file may extend another one")  # noqa: TRY004
    return shapes.base_file(node.plain)


def _refuse_circle(paths: Sequence[Path], found: Path) -> None:
    if any(found.resolve() == path.resolve() for path in paths):
        way = " › ".join(label(path) for path in (*paths, found))
        raise ValueError(f"leads back to {label(found)}, in a circle: {way}")


def _over(above: Node, below: Node) -> Node:
    """Two blocks of keys as one."""
    assert above.keys is not None
    assert below.keys is not None
    node = replace(above, plain={}, keys={}, values=[], removed={})
    assert node.keys is not None
    for key in dict.fromkeys((*below.keys, *above.keys)):
        one, other = above.child(key), below.child(key)
        name = above.keys[key] if one else below.keys[key]
        if one and other and one.plain is None:
            node.removed[key] = name
            continue
        both = one and other and one.keys is not None and other.keys is not None
        value = _over(one, other) if one and other and both else one or other
        assert value is not None
        node.keys[key] = name
        node.values.append(value)
        node.plain[key] = value.plain
    node.removed |= {key: name for key, name in below.removed.items() if key not in node.keys}
    return node


def _heritable(below: Node, above: Node) -> Node:
    """What a file may take over: another account's reply URL and identifier are of no use to it."""
    for key in _OWN:
        below = _without(below, key)
    flex, own = below.child("flex"), above.child("flex")
    if flex and flex.keys is not None and own and own.child("account_sid"):
        below = _with(below, "flex", _without(flex, "connection"))
    return below


def _without(node: Node, key: str) -> Node:
    assert node.keys is not None
    pairs = [(name, value) for name, value in zip(node.keys, node.values, strict=True) if name != key]
    return replace(
        node,
        plain={name: value.plain for name, value in pairs},
        keys={name: node.keys[name] for name, _ in pairs},
        values=[value for _, value in pairs],
    )


def _with(node: Node, key: str, value: Node) -> Node:
    assert node.keys is not None
    values = [value if name == key else old for name, old in zip(node.keys, node.values, strict=True)]
    return replace(node, plain={**node.plain, key: value.plain}, values=values)
