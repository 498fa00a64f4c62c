"""The ledger: one append-only file of JSON lines a run, written before each write and after its answer.

It never tells what exists; Graph is the memory. It tells what we meant to do, over what, and how it ended, so that
undo, evidence and the handover page can be read from it. Object ids stand in it, not people's names; what names
people (the changes as they were shown, evidence, notes) lies in files beside it.

Several kernels may append to one file, also from two machines: each has a `writer` id of its own, and an answer's
`entry` is the number `n` of an intent of the same writer.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from flexsso_helpers.errors import Stopped
from flexsso_helpers.places import kept_in
from flexsso_helpers.plan import Applied, Evidence, Finding, Plan, Target

FILE = "ledger.jsonl"
CHANGES = "changes.jsonl"
"""The changes that were made, as they were shown: each setting before and after."""
NOTES = "notes.jsonl"
EVIDENCE = "evidence"
STOP = "stop"
"""A file of this name in the run's folder stops the run."""


class Ledger:
    """The ledger of one run. Several notebooks of the run, one after the other, append to the same file."""

    def __init__(self, folder: Path, *, rehearsal: bool, now: Callable[[], datetime]) -> None:
        """Open it in its final place; the folder is private to its owner. Raises NotKept, as each note does."""
        with kept_in(folder):
            self._open(folder, rehearsal=rehearsal, now=now)

    def _open(self, folder: Path, *, rehearsal: bool, now: Callable[[], datetime]) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.section = ""
        self.writer = uuid4().hex
        self._held: list[str] | None = None
        self._moment: datetime | None = None
        self._rehearsal, self._now = rehearsal, now
        self._path = folder / FILE
        self._path.touch(mode=0o600)
        self._path.chmod(0o600)
        written = self._path.read_bytes()
        if written and not written.endswith(b"\n"):  # a crash cut the last line; ours begins on one of its own
            with self._path.open("ab") as file:
                file.write(b"\n")
        self._count = len(written.splitlines())
        self.writes = 0
        """How many writes were noted since this was opened, whatever their answer."""
        self.not_seen: datetime | None = None
        """When it was noted that what was written last was not seen to arrive; None where it was."""

    def intent(self, *, service: str, method: str, path: str, why: str, before: object, body: object) -> int:
        """Note a write that is about to be sent, with what stood there before. On disk when this returns.

        Gives the number by which this ledger's `answer` names it. Raises Stopped after Ctrl-C on the run.
        """
        self.refuse_when_stopped()
        self.writes += 1
        return self._append("intent", service=service, method=method, path=path, why=why, before=before, body=body)

    def refuse_when_stopped(self) -> None:
        """Raise Stopped when the run's folder bears the mark: no write and no wait begins any more."""
        if (self.folder / STOP).exists():
            raise Stopped(
                "The run was stopped by Ctrl-C before this.",
                why="Whoever started it wanted nothing more to be written.",
                fix="Run it again: what is there already is found, and nothing is made twice.",
                notebook=self.section,
            )

    def answer(self, entry: int, *, status: int, note: str, request_id: str = "") -> None:
        """Note how the write with that number ended; status 0 means that no answer came.

        `request_id` is what the service calls the request, where it said so.
        """
        self._append(
            "answer", entry=entry, status=status, note=note, **({"request_id": request_id} if request_id else {})
        )

    def opened(self, *, world: str, by: str, versions: Mapping[str, str]) -> None:
        """Note that a session was opened: by which account, over which tenant and account (`world`: lines of another
        one tell nothing of this), and with which versions. A rehearsal's clock may be put back, the machine's is not.
        """
        at = datetime.now(UTC).isoformat()
        self._append("opened", machine_at=at, world=world, by=by, versions=dict(versions))

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is noted within bears one moment and is on disk when it ends: twenty lines take hardly longer than
        one.
        """
        self._held = []
        try:
            yield
        finally:
            held, self._held, self._moment = self._held, None, None
            self._write("".join(held))

    def planned(self, plan: Plan) -> None:
        """Note a plan: its digest and how much is open."""
        self._append("plan", digest=plan.digest, open=len(plan.open))

    def applied(self, applied: Applied, *, seen: bool = True) -> None:
        """Note how much a section changed, which documented instructions that carried out, how much it left, and who
        approved it when, by which plan. The name is that of the signed-in account, as in what is attested.
        `seen`: whether what was made was seen to arrive.

        The changes themselves, which may name people, are kept in a file beside.
        """
        if applied.made:
            approval = {"plan": applied.plan, "by": applied.approved_by, "by_hand": applied.by_hand}
            made = [{**change.as_kept(), "by_name": change.by_name} for change in applied.made]
            self._beside(CHANGES, title=applied.title, approved_at=applied.approved_at, **approval, made=made)
        self.not_seen = None if seen else self._now()
        carried_out = sorted({number for change in applied.made for number in change.instructions})
        self._append(
            "applied",
            made=len(applied.made),
            left=len(applied.left),
            seen=seen,
            why_not=applied.why_not,
            instructions=carried_out,
            plan=applied.plan,
            approved_by=applied.approved_by,
            approved_at=applied.approved_at,
            by_hand=applied.by_hand,
        )

    def proved(self, evidence: Evidence) -> None:
        """Note the outcome of a section's verify, and keep the whole evidence, which names people, in a file beside."""
        folder = self.folder / EVIDENCE
        text = json.dumps(asdict(evidence), ensure_ascii=False, indent=1)
        with kept_in(folder):
            folder.mkdir(exist_ok=True, mode=0o700)
            write_whole(folder / f"{evidence.section}.json", text)
        self._append(
            "evidence",
            section=evidence.section,
            outcome=evidence.outcome,
            verdict=evidence.verdict,
            checks=[[finding.check, finding.state] for finding in evidence.findings],
        )

    def note(self, text: str, *, by: str, owner: str, due: str, done: bool) -> None:
        """Keep what a person wants remembered; it may name people, so it lies in a file beside."""
        self._beside(NOTES, text=text, by=by, owner=owner, due=due, done=done)

    def remark(self, text: str) -> None:
        """Note something worth knowing that is neither a write nor a finding."""
        self._append("remark", text=text)

    def _append(self, kind: str, **content: Any) -> int:
        self._count += 1
        line = {
            "n": self._count,
            "at": self._at(),
            "writer": self.writer,
            "kind": kind,
            "section": self.section,
            **({"rehearsal": True} if self._rehearsal else {}),
            **content,
        }
        text = json.dumps(line, ensure_ascii=False, default=str) + "\n"
        if self._held is None:
            self._write(text)
        else:
            self._held.append(text)
        return self._count

    def _at(self) -> str:
        if self._held is None:
            return self._now().isoformat()
        self._moment = self._moment or self._now()
        return self._moment.isoformat()

    def _beside(self, name: str, **content: Any) -> None:
        path = self.folder / name
        with kept_in(path):
            path.touch(mode=0o600)
        line = {"at": self._at(), "writer": self.writer, "section": self.section, **content}
        self._write(json.dumps(line, ensure_ascii=False, default=str) + "\n", path)

    def _write(self, text: str, path: Path | None = None) -> None:
        path = path or self._path
        with kept_in(path), path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


def read_ledger(folder: Path, name: str = FILE) -> list[dict[str, Any]]:
    """The lines of a run's ledger, or of a file beside it, oldest first. A line that is cut or spoiled is left out."""
    path = folder / name
    if not path.exists():
        return []
    lines = []
    for text in path.read_bytes().split(b"\n"):  # only these end a line: names may hold other line separators
        try:
            line = json.loads(text)
        except ValueError:  # UnicodeDecodeError is one
            continue
        lines += [line] if isinstance(line, dict) else []
    return lines


@dataclass(frozen=True)
class Write:
    """A write as the ledger tells it: the line of its intent, and that of its answer, None where none was noted."""

    intent: dict[str, Any]
    answer: dict[str, Any] | None


def writes(lines: Sequence[dict[str, Any]]) -> list[Write]:
    """The writes in the order in which they were meant, each with its answer.

    Ledgers from before there were writers are read too. There two kernels could give the same number: such an answer
    belongs to the last intent of that number that has none yet.
    """
    found: list[Write] = []
    waiting: dict[tuple[object, object], list[int]] = {}
    for line in lines:
        if line.get("kind") == "intent":
            waiting.setdefault((line.get("writer"), line.get("n")), []).append(len(found))
            found.append(Write(line, None))
        elif line.get("kind") == "answer" and (places := waiting.get((line.get("writer"), line.get("entry")))):
            place = places.pop()
            found[place] = Write(found[place].intent, line)
    return found


def read_evidence(folder: Path) -> list[Evidence]:
    """The evidence of a run's sections, in the order of the notebooks; what is spoiled is left out."""
    found = []
    for path in sorted((folder / EVIDENCE).glob("*.json")):
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            content = json.loads(path.read_bytes())
            findings = tuple(Finding(**finding) for finding in content.pop("findings"))
            content["parts"] = tuple(content.get("parts", ()))
            found.append(Evidence(**{**content, "target": Target(**content["target"]), "findings": findings}))
    return found


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a private file in one piece: readers see the old content or the new one, never half of it."""
    part = path.with_name(f".{path.name}.part")
    part.touch(mode=0o600)
    # Half a character, as a tenant's text may hold, has no bytes.
    part.write_bytes(content.encode("utf-8", errors="replace") if isinstance(content, str) else content)
    part.replace(path)
