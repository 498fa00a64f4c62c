"""Output that never fails: where a terminal or a file knows no ✓, plain signs; where nobody reads any more, silence.

What was done is done by then: neither the result nor the exit code may be lost to an encoding or a closed pipe.
"""

import codecs
import io
import json
import os
import re
import sys
import unicodedata
from typing import Any, TextIO, cast

PLAIN = {
    "✓": "ok", "✗": "x", "…": "...", "·": "-", "–": "-", "—": "-", "→": "->", "›": ">", "‹": "<", "−": "-",
    "’": "'", "‘": "'", "“": '"', "”": '"', "×": "x", "≥": ">=", "≤": "<=", "←": "<-", "☐": "[ ]", "☑": "[x]",
    "µ": "u", "␣": "_",
}  # fmt: skip
ERRORS = "flexsso-plain"
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""What drives a terminal or is not seen: controls, marks and overrides of direction, blanks without width, fillers."""
_JOINERS, _SELECTORS = "\u200c\u200d", "\ufe00-\ufe0f\u180b-\u180d\u180f"
"""What joins letters of Persian or Hindi, and what chooses the form of a sign, as in an emoji."""
_OTHERS = "[\u0300-\U0010ffff]"
"""Beside Latin letters neither of them does anything that is seen."""
_UNSAFE = re.compile(
    f"[{_UNSEEN}]|(?<!{_OTHERS})[{_JOINERS}{_SELECTORS}]|[{_JOINERS}](?!{_OTHERS})|(?<=[{_JOINERS}])[{_JOINERS}]"
    f"|(?<=[{_SELECTORS}])[{_SELECTORS}]"
)
_SUSPECT = re.compile(f"[{_UNSEEN}{_JOINERS}{_SELECTORS}\u2028\u2029]")
"""All of these alone: most texts hold none, which is seen much sooner."""
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")
_SEPARATORS = re.compile("[\u2028\u2029]")
"""Line ends that JSON leaves as they are."""


def clean(text: object) -> str:
    """Text that cannot drive a terminal, hide its own direction or break a page.

    Control characters, marks of direction, whatever has no width, and lone surrogates become U+FFFD, line ends of any
    kind a line feed.
    """
    told = str(text)
    return _UNSAFE.sub("\ufffd", _LINE_END.sub("\n", told)) if _SUSPECT.search(told) else told


def json_text(value: object, *, indent: int = 1) -> str:
    """JSON to print: the same value, with whatever `clean` takes out written as its number."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _SEPARATORS.sub(_number, _UNSAFE.sub(_number, text)) if _SUSPECT.search(text) else text


def _number(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that an encoding has not: a plain sign, the letter without its accent, or ?."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(map(_sign, text)), error.end


def _sign(character: str) -> str:
    if unicodedata.category(character) == "Cf":  # direction and joining marks stand for nothing that is seen
        return ""
    name = unicodedata.name(character, "")
    if name.startswith("BOX DRAWINGS"):
        return "-" if name.endswith("HORIZONTAL") else "|" if name.endswith("VERTICAL") else "+"
    letters = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return PLAIN.get(character) or letters or "?"


codecs.register_error(ERRORS, _plain)


class Lenient(io.TextIOBase):
    """A stream that nobody has to read: when it cannot be written any more, the rest is dropped and said once."""

    def __init__(self, stream: TextIO) -> None:
        """Write to this stream as long as that works."""
        self._stream, self._broken = stream, ""

    def write(self, text: str) -> int:
        """Write, unless the stream has broken."""
        self._try(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Flush, unless the stream has broken."""
        self._try(self._stream.flush)

    def _try(self, act: Any) -> None:
        if self._broken:
            return
        try:
            act()
        except (OSError, ValueError) as error:  # a closed pipe, a full disk; a closed stream
            self._broken = str(error)
            self._silence()
            if self._stream is sys.__stdout__ and not isinstance(error, BrokenPipeError) and sys.stderr:
                print(f"The output could not be written: {error}", file=sys.stderr)

    def _silence(self) -> None:
        """Let what Python still holds for this stream go nowhere, so that its last flush does not fail."""
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
        except (OSError, ValueError):
            pass

    def isatty(self) -> bool:
        """Whether a person looks on."""
        return not self._broken and self._stream.isatty()

    def fileno(self) -> int:
        """That of the stream."""
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the stream: the base class has one, which says nothing."""
        return self._stream.encoding

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def looked_on(stream: TextIO | None) -> bool:
    """Whether a person looks on; nobody does where the stream was closed before we began."""
    return stream is not None and stream.isatty()


def make_lenient() -> None:
    """Make standard output and error such streams. One that was closed before we began stays away."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ERRORS)
            setattr(sys, name, cast(TextIO, Lenient(stream)))
