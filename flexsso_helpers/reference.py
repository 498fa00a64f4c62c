"""What a number means, such as S78 or AADSTS50105: its line on the pages of reference in docs/, where those lie.

The pages are made from what the code declares (scripts/make_pages.py), the rehearsal's rules among it, which the rest
of the code may not import. So a number is looked up on its page: it has a line there, or it is no number of ours.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flexsso_helpers import places

PAGES = ("checks.md", "instructions.md", "sign_in_errors.md", "rules.md")
"""In this order: a number has its line on the first that knows it."""
NUMBER = re.compile(r"(?<![\w#-])(?:[DEFGS]\d{2,3}|AADSTS\d{4,8}|Flex \d{5})(?!\w)")
FROM_A_NOTEBOOK = "../docs/"
"""The way from notebooks/ to the pages, and from a run's folder to the copy beside it (places.keep_pages)."""
_LINE = re.compile(r'^\| <a id="([^"]+)"></a>([^|]+) \| ((?:\\\||[^|])+) \|', re.MULTILINE)


@dataclass(frozen=True)
class Line:
    """The line of a number: its page, its anchor there, and its sentence without markup."""

    number: str
    page: str
    anchor: str
    words: str

    @property
    def href(self) -> str:
        """The address of the line for a notebook and its outputs."""
        return f"{FROM_A_NOTEBOOK}{self.page}#{self.anchor}"


def line(number: str) -> Line | None:
    """The line of this number; None when there is none, or no pages."""
    return lines(places.project() / "docs").get(number)


@cache
def lines(folder: Path) -> dict[str, Line]:
    """Every number that the pages in this folder have a line for."""
    found: dict[str, Line] = {}
    for page in PAGES:
        text = (folder / page).read_text("utf-8") if (folder / page).is_file() else ""
        for anchor, number, words in _LINE.findall(text):
            if NUMBER.fullmatch(number):
                found.setdefault(number, Line(number, page, anchor, _plain(words)))
    return found


def _plain(words: str) -> str:
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", words).replace("\\|", "|").replace("`", "")
