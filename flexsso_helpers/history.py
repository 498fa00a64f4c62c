"""What the runs of one tenant left, read together: days, restarts and several kernels make one story.

A rehearsal that was reset, and a file that has come to mean another tenant or account, begin a new story: each session
notes which world it opened, and only what belongs to the world that was opened last is told.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flexsso_helpers import places
from flexsso_helpers.ledger import CHANGES, FILE, NOTES, Write, read_evidence, read_ledger, writes
from flexsso_helpers.plan import FAILED, STOPPED, WAITING, Change, Evidence, Finding
from flexsso_helpers.plan.progress import Progress, progress

Line = dict[str, Any]
_NOTEBOOK = re.compile(r"\b(?:0[1-8]|21)\b")
LOOKING = ("00", "20")
"""Notebooks that look at what others set up."""
UNDO = "29"
"""What was proved before something was given back is not known any more."""


@dataclass(frozen=True)
class Proof:
    """The newest proof of a section, when it was, and in which run."""

    evidence: Evidence
    at: str
    run: Path


@dataclass(frozen=True)
class History:
    """What each run's ledger tells; changes and notes, oldest first; the newest proof of each section."""

    lines: Mapping[Path, list[Line]] = field(default_factory=dict)
    changes: tuple[Line, ...] = ()
    notes: tuple[Line, ...] = ()
    proofs: Mapping[str, Proof] = field(default_factory=dict)

    @property
    def runs(self) -> tuple[Path, ...]:
        """The folders of the runs that told something, in the order in which they began."""
        return tuple(self.lines)

    @property
    def writes(self) -> list[Write]:
        """All writes, oldest first, each with its answer."""
        found = [each for lines in self.lines.values() for each in writes(lines)]
        return sorted(found, key=lambda each: str(each.intent["at"]))

    @property
    def telling(self) -> tuple[Path, ...]:
        """The runs that the story rests on: that wrote, hold a newest proof, or a note. Nightly looks pass."""
        proving = {proof.run for proof in self.proofs.values()}
        return tuple(run for run in self.runs if run in proving or self._wrote(run) or (run / NOTES).exists())

    def _wrote(self, run: Path) -> bool:
        return any(line["kind"] == "intent" or (line["kind"] == "applied" and line["made"]) for line in self.lines[run])

    @property
    def stopped(self) -> dict[str, tuple[str, str]]:
        """The sections whose last changes were stopped by an error and not proved since: how, and when."""
        applied = {line["section"]: line for line in _in_order(self._all()) if line["kind"] == "applied"}
        return {
            section: (str(line["why_not"]), str(line["at"]))
            for section, line in applied.items()
            if str(line["why_not"]).startswith(STOPPED)
            and (section not in self.proofs or self.proofs[section].at < str(line["at"]))
        }

    def progress(self, here: str = "") -> Progress:
        """How far the steps are; `here` is the notebook in front of the reader."""
        proofs = {section: (each.evidence, each.at) for section, each in self.proofs.items()}
        return progress(proofs, self.notes, self.stopped, here=here)

    def _all(self) -> Iterator[Line]:
        return (line for lines in self.lines.values() for line in lines)

    @property
    def evidence(self) -> list[Evidence]:
        """The newest of each section, in the order of the notebooks."""
        return [self.proofs[section].evidence for section in sorted(self.proofs)]


def history_of(tenants_runs: Path) -> History:
    """All runs below a tenant's folder of runs."""
    return history(path.parent for path in tenants_runs.glob(f"*/{FILE}"))


def history_until(run: Path) -> History:
    """A run with all others of its tenant; alone where it was told to write somewhere else."""
    return history_of(run.parent) if run.resolve().parent.parent == places.runs() else history([run])


def history(runs: Iterable[Path]) -> History:
    """These runs, whose ledgers may tell of several worlds; only the last one is told."""
    read = {run: read_ledger(run) for run in sorted(runs)}
    ours = _writers([line for lines in read.values() for line in lines])
    lines = {run: [line for line in found if line.get("writer") in ours] for run, found in read.items()}
    changes = _beside([run for run, found in lines.items() if found], CHANGES, ours)
    undone = max((str(line["at"]) for line in changes if line["section"] == UNDO), default="")
    told = sorted((run for run, found in lines.items() if found), key=lambda run: str(lines[run][0]["at"]))
    return History(
        lines={run: lines[run] for run in told},
        changes=changes,
        notes=_beside(told, NOTES, ours),
        proofs=_caught_up({key: proof for key, proof in _newest(lines).items() if proof.at >= undone}),
    )


def made_before(run: Path, world: str) -> dict[str, list[Change]]:
    """The changes that earlier kernels of this run made in this world, by section."""
    ours = {line["writer"] for line in read_ledger(run) if line.get("kind") == "opened" and line.get("world") == world}
    made: dict[str, list[Change]] = {}
    for line in _beside([run], CHANGES, ours):
        made.setdefault(str(line["section"]), []).extend(map(_change, line["made"]))
    return made


def _change(values: Line) -> Change:
    plain: Any = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return Change(**{key: value for key, value in plain.items() if key != "by_name"})


def _writers(lines: Iterable[Line]) -> set[object]:
    """Those who opened the world that was opened last; all, where none says which it was."""
    listed = list(lines)
    opened = [line for line in listed if line.get("kind") == "opened"]
    if not opened:
        return {line.get("writer") for line in listed}
    last = max(opened, key=lambda line: str(line["machine_at"]))["world"]
    return {line["writer"] for line in opened if line["world"] == last}


def _beside(runs: Iterable[Path], name: str, ours: set[object]) -> tuple[Line, ...]:
    return _in_order(line for run in runs for line in read_ledger(run, name) if line.get("writer") in ours)


def _in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: str(line["at"])))


def _newest(lines: Mapping[Path, list[Line]]) -> dict[str, Proof]:
    found: dict[str, Proof] = {}
    for run, told in lines.items():
        at = {str(line["section"]): str(line["at"]) for line in told if line["kind"] == "evidence"}
        for each in read_evidence(run):
            if (when := at.get(each.section)) and (each.section not in found or when >= found[each.section].at):
                found[each.section] = Proof(each, when, run)
    return found


def _caught_up(proofs: Mapping[str, Proof]) -> dict[str, Proof]:
    """What a proof waited for may have been seen since: then the later notebook tells it."""
    return {section: _with_what_came(section, proof, proofs) for section, proof in proofs.items()}


def _with_what_came(section: str, proof: Proof, proofs: Mapping[str, Proof]) -> Proof:
    """00 and 20 look at all: what they found open is told by the notebook that mends it. What was said until a sign-on
    shows it (06) is still said, and the proved sign-on speaks for it.
    """
    since = {other for other, each in proofs.items() if each.at > proof.at}
    findings = proof.evidence.findings
    if section in LOOKING:
        left = [each for each in findings if each.state in ("holds", "said") or not since & _names(each)]
        findings = tuple(left)
    if "08" in since and _signed_on(proofs["08"].evidence):
        findings = tuple(
            replace(each, backed=True) if each.state == "said" and "08" in _names(each) else each for each in findings
        )
    return replace(proof, evidence=replace(proof.evidence, findings=findings))


def _names(finding: Finding) -> set[str]:
    """The notebooks that its next step names."""
    return set(_NOTEBOOK.findall(finding.fix))


def _signed_on(evidence: Evidence) -> bool:
    """Whether all that 08 tested was seen, none of it only said."""
    seen = any(finding.state == "holds" for finding in evidence.findings)
    return seen and not evidence.planned and not evidence.only_said and evidence.outcome not in (FAILED, WAITING)
