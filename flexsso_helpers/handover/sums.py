"""What a record rests on: every ledger, evidence and notebook of the runs, with its SHA-256, and one sum over all."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from flexsso_helpers.handover.record import File
from flexsso_helpers.ledger import EVIDENCE

PATTERNS = ("*.jsonl", f"{EVIDENCE}/*.json", "*.ipynb")
Compared = Literal["as it was", "as it was, and grown since", "changed", "missing"]
SAME: Compared = "as it was"
GROWN: Compared = "as it was, and grown since"


def files_of(runs: Iterable[Path]) -> list[File]:
    """The files of these runs, by their path below the folder that the runs share."""
    found = sorted(path for run in runs for pattern in PATTERNS for path in run.glob(pattern) if path.is_file())
    return [_file(path) for path in found]


def _file(path: Path) -> File:
    content = path.read_bytes()
    run = path.parent.parent if path.parent.name == EVIDENCE else path.parent
    name = path.relative_to(run.parent).as_posix()
    return File(path=name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def checksum(files: Sequence[File]) -> str:
    """SHA-256 over the list, a line a file: its sum, two blanks, its path; as `sha256sum` would print it."""
    lines = "".join(f"{each.sha256}  {each.path}\n" for each in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def compared(files: Sequence[File], below: Path) -> dict[str, Compared]:
    """How each file stands now. What is only appended to may have grown: a ledger is never written over."""
    return {each.path: _compared(each, below / each.path) for each in files}


def _compared(file: File, path: Path) -> Compared:
    if not path.is_file():
        return "missing"
    content = path.read_bytes()
    same = hashlib.sha256(content[: file.bytes]).hexdigest() == file.sha256
    if same and len(content) == file.bytes:
        return SAME
    if same and path.suffix == ".jsonl" and len(content) > file.bytes:
        return GROWN
    return "changed"
