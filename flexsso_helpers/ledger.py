"""The ledger: one append-only file of JSON lines a run, written before each write and after its answer.

It never tells what exists; Graph is the memory. It tells what we meant to do, over what, and how it ended, so that
undo, evidence and the handover page can be read from it. Object ids stand in it, not people's names.
"""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from flexsso_helpers.plan import Applied, Evidence, Plan

FILE = "ledger.jsonl"


class Ledger:
    """The ledger of one run. Several notebooks of the run, one after the other, append to the same file."""

    def __init__(self, folder: Path, *, rehearsal: bool, now: Callable[[], datetime]) -> None:
        """Open it in its final place; the folder is private to its owner."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.section = ""
        self._rehearsal, self._now = rehearsal, now
        self._file = (folder / FILE).open("a", encoding="utf-8")
        (folder / FILE).chmod(0o600)
        self._count = sum(1 for _ in (folder / FILE).open(encoding="utf-8"))

    def intent(self, *, service: str, method: str, path: str, why: str, before: object, body: object) -> int:
        """Note a write that is about to be sent, with what stood there before. On disk when this returns."""
        return self._append("intent", service=service, method=method, path=path, why=why, before=before, body=body)

    def answer(self, entry: int, *, status: int, note: str) -> None:
        """Note how the write with that number ended; status 0 means that no answer came."""
        self._append("answer", entry=entry, status=status, note=note)

    def planned(self, plan: Plan) -> None:
        """Note a plan: its digest and what is open."""
        self._append("plan", digest=plan.digest, open=[change.setting for change in plan.open])

    def applied(self, applied: Applied) -> None:
        """Note what a section changed and what it left."""
        self._append(
            "applied",
            made=[change.setting for change in applied.made],
            left=[change.setting for change in applied.left],
            why_not=applied.why_not,
        )

    def proved(self, evidence: Evidence) -> None:
        """Note what a section's verify found; a run's status is read from here."""
        self._append(
            "evidence",
            title=evidence.title,
            outcome=evidence.outcome,
            verdict=evidence.verdict,
            planned=evidence.planned,
            made=evidence.made,
            findings=[vars(finding) for finding in evidence.findings],
            facts=evidence.facts,
        )

    def _append(self, kind: str, **content: Any) -> int:
        self._count += 1
        line = {
            "n": self._count,
            "at": self._now().isoformat(),
            "kind": kind,
            "section": self.section,
            **({"rehearsal": True} if self._rehearsal else {}),
            **content,
        }
        self._file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._count


def read_ledger(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run's ledger, oldest first. A last line that was cut by a crash is left out."""
    path = folder / FILE
    if not path.exists():
        return []
    lines = []
    for text in path.read_text("utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except ValueError:
            break
    return lines
