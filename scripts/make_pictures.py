"""Make README's pictures anew: `make pictures`.

The guided session and the life after it are walked through in a real browser, which leaves a picture of every step
under `runs/pictures/`, and every card in every state is laid out at every width, light, dark and for paper, which
leaves a picture of each; the few that README shows are made small, by a palette of at most 256 colours, and kept in
`docs/`. Nothing is written unless the whole walk succeeded. Needs Chromium.
"""

import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
WALKED = PROJECT / "runs" / "pictures" / "guide"
WALKS = (
    "tests/browser/test_guided_session.py",
    "tests/browser/test_life_after.py",
    "tests/browser/test_cards_at_every_size.py",
)
SHOWN = {"plan": "02-planned", "form": "03-form-refused", "values": "06-copied", "sign-on": "08-sign-on"}
"""What README shows, and which step it is."""
COLOURS = 256
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def small(png: bytes) -> bytes:
    """The same picture with a palette. Raises ValueError for another kind than a browser's: 8 bits a channel, whole."""
    chunks = dict[bytes, bytes]()
    for kind, content in _chunks(png):
        chunks[kind] = chunks.get(kind, b"") + content
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    channels = {2: 3, 6: 4}.get(colour)
    if depth != 8 or channels is None or interlaced:
        raise ValueError("not a picture as a browser takes it")
    rows = list(_rows(zlib.decompress(chunks[b"IDAT"]), width * channels, height, channels))
    pixels = [[row[at : at + 3] for at in range(0, len(row), channels)] for row in rows]
    colours = {pixel for row in pixels for pixel in row}
    step = _step(colours)
    keep = {pixel: _coarse(pixel, step) for pixel in sorted(colours)}
    palette = {colour: number for number, colour in enumerate(dict.fromkeys(keep.values()))}
    lines = b"".join(b"\0" + bytes(palette[keep[pixel]] for pixel in row) for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(map(_chunk, *zip(*parts, strict=True)))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _rows(data: bytes, length: int, height: int, back: int) -> Iterator[bytes]:
    """The rows as they were before each was filtered (PNG, section 9)."""
    above = bytes(length)
    for number in range(height):
        start = number * (length + 1)
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + length])
        for at in range(length):
            left, corner = (row[at - back], above[at - back]) if at >= back else (0, 0)
            up = above[at]
            row[at] = (row[at] + (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]) & 255
        above = bytes(row)
        yield above


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda each: abs(guess - each))


def _step(colours: set[bytes]) -> int:
    """How coarse colours must become so that they fit into one palette."""
    return next(step for step in (1, 2, 4, 8, 16, 32, 64) if len({_coarse(each, step) for each in colours}) <= COLOURS)


def _coarse(pixel: bytes, step: int) -> bytes:
    """The colour at the middle of its step; black and white stay."""
    return bytes(value if value in (0, 255) else min(value // step * step + step // 2, 255) for value in pixel)


def main() -> int:
    """Walk, and keep; the exit code of the walk."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "", *WALKS]
    walked = subprocess.run(command, cwd=PROJECT, check=False, env={**os.environ, "FLEXSSO_PICTURES": "1"})  # noqa: S603
    if walked.returncode:
        return walked.returncode
    for name, step in SHOWN.items():
        picture = small((WALKED / f"{step}.png").read_bytes())
        (PROJECT / "docs" / f"{name}.png").write_bytes(picture)
        print(f"docs/{name}.png  {len(picture) // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
