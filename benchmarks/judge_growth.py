"""How the judge's time grows with a response: twice as much of something, in proportion to once as much.

    python benchmarks/judge_growth.py

Prints what each of two doublings costs, for each dimension: of what is judged and of what is refused for its size.
Two is linear; the aim is 2.3 at most. The sizes are such that the constant part of the work does not hide the growth.
"""

import base64
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "tests" / "saml")]

import saml_forge as forge  # noqa: E402

from flexsso_helpers.commands.judge import judge_given  # noqa: E402
from flexsso_helpers.saml.document import MAX_ATTRIBUTES, MAX_DEPTH  # noqa: E402

TIMES = 5
LONG_ENOUGH = 0.4
"""Seconds to measure for: a short one is disturbed by whatever else runs."""


def inside(more: str, behind: str = "") -> bytes:
    """A sound response with this in its attribute statement, before its claims and behind them."""
    return forge.Forge(attributes=more + forge.CLAIMS + behind).xml()


def elements(number: int) -> bytes:
    """So many claims."""
    return inside("".join(forge.attribute(f"c{each}", "v") for each in range(number)))


def values(number: int) -> bytes:
    """One claim of so many values."""
    return inside(forge.attribute("groups", *map(str, range(number))))


def attributes(number: int) -> bytes:
    """So many XML attributes, as many as may be on each element."""
    each = MAX_ATTRIBUTES // 2
    row = "<Attribute " + " ".join(f'a{at}="x"' for at in range(each)) + ' Name="n{}"/>'
    return inside("".join(row.format(at) for at in range(number // each)))


def text(number: int) -> bytes:
    """So many letters, in values that are as long as may be."""
    return inside("".join(forge.attribute(f"c{at}", "a" * 20_000) for at in range(number // 20_000)))


def depth(number: int) -> bytes:
    """So many levels in all: branches of the greatest depth that is judged."""
    deep = MAX_DEPTH - 8
    branch = "<AttributeValue>" + "<x>" * deep + "</x>" * deep + "</AttributeValue>"
    return inside(f'<Attribute Name="deep">{branch * (number // deep)}</Attribute>')


def namespaces(number: int) -> bytes:
    """So many namespaces declared, each used once."""
    return inside("".join(f'<Attribute xmlns:n{at}="urn:{at}" n{at}:a="x" Name="c{at}"/>' for at in range(number)))


def too_many_attributes(number: int) -> bytes:
    """All on one element: refused."""
    more = " ".join(f'a{at}="x"' for at in range(number))
    return forge.Forge().xml().replace(b"<samlp:Status>", f"<samlp:Status {more}>".encode())


def too_long(number: int) -> bytes:
    """A name of so many letters: refused."""
    return forge.Forge().xml().replace(b"ada@contoso.com</NameID>", b"a" * number + b"</NameID>")


def too_deep(number: int) -> bytes:
    """A branch of so many levels: refused."""
    return forge.Forge().xml().replace(b"<samlp:Status>", b"<x>" * number + b"</x>" * number + b"<samlp:Status>")


def prose(number: int) -> bytes:
    """A response behind so many words of a mail."""
    return b"the field SAMLResponse holds nothing \n" * number + base64.b64encode(forge.Forge().xml())


def blanks(number: int) -> bytes:
    """A field's name, and blanks without end."""
    return b"SAMLResponse" + b" " * number + b"x RelayState" + b"\n\t" * number


def quotes(number: int) -> bytes:
    """Signs that quoting, markup and mail are made of."""
    return b"<!-- - " * number + b"^\"`' =\n> " * number


DIMENSIONS: dict[str, tuple[Callable[[int], bytes], int]] = {
    "elements": (elements, 1_000),
    "values": (values, 2_500),
    "attributes": (attributes, 16_000),
    "namespaces": (namespaces, 1_500),
    "text": (text, 200_000),
    "depth": (depth, 4_000),
    "attributes_refused": (too_many_attributes, 10_000),
    "text_refused": (too_long, 200_000),
    "depth_refused": (too_deep, 30_000),
    "prose": (prose, 5_000),
    "blanks": (blanks, 200_000),
    "signs": (quotes, 12_000),
}


def cost(data: bytes) -> float:
    """Seconds of the processor for one verdict as the command makes it; the least of several."""
    spent: list[float] = []
    while len(spent) < TIMES or (sum(spent) < LONG_ENOUGH and len(spent) < 10 * TIMES):
        begun = time.process_time()
        judge_given(data, forge.expected()).as_json()
        spent.append(time.process_time() - begun)
    return min(spent)


def growth(make: Callable[[int], bytes], size: int) -> float:
    """What one of two doublings costs."""
    first, last = (cost(make(size * factor)) for factor in (1, 4))
    return math.sqrt(last / first)


def main() -> None:
    """Measure each dimension."""
    forge.key("active")
    for name, (make, size) in DIMENSIONS.items():
        print(f"ratio judge_{name} = {growth(make, size):.2f}", flush=True)


if __name__ == "__main__":
    main()
