"""The open questions, as the rehearsal declares them: `questions.json`, which scripts/make_pages.py writes.

The file stands between the two because only commands may know the rehearsal; a test holds it against the declarations.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "questions.json"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question that no source settles."""

    name: str
    choices: tuple[str, ...]
    """The first one is what we go by until somebody looks."""
    source: str
    expects: Mapping[str, Any]
    """What becomes of the runbook under each: `proved`, or refused with the error's name and the notebook."""
    when: str = ""
    there: Mapping[str, Any]

    def refusal(self, choice: str) -> tuple[str, str, str]:
        """(error, notebook, circumstances) where the runbook ends under this answer; empty texts where it goes on."""
        for ends, when in ((self.expects, ""), (self.there, self.when)):
            end = ends.get(choice, "proved")
            if end != "proved":
                return str(end[1]), str(end[2]), when
        return "", "", ""


@cache
def questions() -> Mapping[str, Question]:
    """All of them, by name, sorted."""
    found = json.loads(FILE.read_text("utf-8"))
    return {name: Question(name=name, **{**each, "choices": tuple(each["choices"])}) for name, each in found.items()}
