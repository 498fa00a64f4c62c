"""README's pictures: there, shown, small; and made small without changing what is on them."""

import re
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import load

ROOT = Path(__file__).resolve().parent.parent
Pixel = tuple[int, int, int]


PICTURES = load("make_pictures")


def test_readme_shows_exactly_the_pictures_that_are_made_and_says_what_is_on_them() -> None:
    shown = dict(re.findall(r"!\[([^\]]+)\]\(docs/([\w-]+)\.png\)", (ROOT / "README.md").read_text("utf-8")))
    assert sorted(shown.values()) == sorted(PICTURES.SHOWN)
    assert {path.stem for path in (ROOT / "docs").glob("*.png")} == set(PICTURES.SHOWN)
    assert all(len(words) > 40 for words in shown)


@pytest.mark.parametrize("name", PICTURES.SHOWN)
def test_a_picture_is_small(name: str) -> None:
    picture = (ROOT / "docs" / f"{name}.png").read_bytes()
    assert len(picture) < 64 * 1024
    assert dict(PICTURES._chunks(picture)).keys() == {b"IHDR", b"PLTE", b"IDAT", b"IEND"}


def filtered(kind: int, row: list[Pixel], above: list[Pixel]) -> bytes:
    """One row as an encoder writes it, with this filter (PNG, section 9)."""
    flat, up = [v for pixel in row for v in pixel], [v for pixel in above for v in pixel]
    left = [0, 0, 0, *flat[:-3]]
    corner = [0, 0, 0, *up[:-3]]
    guess = {
        0: [0] * len(flat),
        1: left,
        2: up,
        3: [(a + b) // 2 for a, b in zip(left, up, strict=True)],
        4: [nearest(a, b, c) for a, b, c in zip(left, up, corner, strict=True)],
    }[kind]
    return bytes([kind, *((value - each) & 255 for value, each in zip(flat, guess, strict=True))])


def nearest(a: int, b: int, c: int) -> int:
    distances = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
    return (a, b, c)[distances.index(min(distances))]


def browsers(rows: list[list[Pixel]], kinds: list[int], **header: int) -> bytes:
    above = [[(0, 0, 0)] * len(rows[0]), *rows]
    data = b"".join(filtered(kind, row, up) for kind, row, up in zip(kinds, rows, above, strict=False))
    size = struct.pack(">IIBBBBB", len(rows[0]), len(rows), header.get("depth", 8), header.get("colour", 2), 0, 0, 0)
    chunks = ((b"IHDR", size), (b"IDAT", zlib.compress(data)), (b"IEND", b""))
    return bytes(PICTURES.SIGNATURE + b"".join(PICTURES._chunk(*chunk) for chunk in chunks))


def seen(png: bytes) -> list[list[Pixel]]:
    chunks = dict(PICTURES._chunks(png))
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    palette, data = chunks[b"PLTE"], zlib.decompress(chunks[b"IDAT"])
    lines = [data[at * (width + 1) + 1 : (at + 1) * (width + 1)] for at in range(height)]
    return [[(palette[3 * n], palette[3 * n + 1], palette[3 * n + 2]) for n in line] for line in lines]


VALUE = st.integers(0, 255)
ROW = st.lists(st.tuples(VALUE, VALUE, VALUE), min_size=4, max_size=4)


@given(st.lists(ROW, min_size=5, max_size=5), st.permutations(range(5)))
def test_few_colours_stay_exactly_as_they_are(rows: list[list[Pixel]], kinds: list[int]) -> None:
    assert seen(PICTURES.small(browsers(rows, kinds))) == rows


def test_very_many_colours_are_moved_a_little() -> None:
    rows = [[(x * 8, y * 8, (x + y) * 4) for x in range(32)] for y in range(32)]
    found = seen(PICTURES.small(browsers(rows, [0] * 32)))
    pairs = [
        (a, b) for row, other in zip(rows, found, strict=True) for p, q in zip(row, other, strict=True)
        for a, b in zip(p, q, strict=True)
    ]  # fmt: skip
    assert len({pixel for row in found for pixel in row}) <= 256
    assert max(abs(a - b) for a, b in pairs) <= 32


def test_another_kind_of_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="as a browser takes it"):
        PICTURES.small(browsers([[(0, 0, 0)]], [0], depth=16))
