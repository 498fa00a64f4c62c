"""A run compared with the instructions: what proves each, or what is missing. Pure."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from flexsso_helpers.coverage.instructions import INSTRUCTIONS, Instruction, Proof
from flexsso_helpers.plan import Evidence, Finding, count


@dataclass(frozen=True, kw_only=True)
class Covered:
    """One instruction in one mode. `gap` says what is missing; empty where nothing is."""

    instruction: Instruction
    mode: str
    notebooks: tuple[str, ...] = ()
    """Number and title of each notebook that proves it."""
    checks: tuple[str, ...] = ()
    proved_by: tuple[str, ...] = ()
    gap: str = ""


def covered(mode: str, evidence: Sequence[Evidence], made: AbstractSet[str]) -> list[Covered]:
    """What a run in this mode covers. `made` are the instructions whose changes it made."""
    return [_row(each, mode, evidence, made) for each in INSTRUCTIONS if mode in each.modes]


def _row(instruction: Instruction, mode: str, evidence: Sequence[Evidence], made: AbstractSet[str]) -> Covered:
    found = [(proof, _findings(proof, evidence)) for proof in instruction.proofs if mode in proof.modes]
    gaps = [gap for proof, findings in found if (gap := _gap(proof, findings))]
    if instruction.changes and instruction.number not in made:
        gaps.append("the run changed nothing for it")
    sections = dict.fromkeys(proof.section for proof, findings in found if findings)
    titles = {each.section: each.title for each in evidence}
    proved = [f"{_check(proof)} · {_found(findings)}" for proof, findings in found if findings]
    return Covered(
        instruction=instruction,
        mode=mode,
        notebooks=tuple(f"{section} · {titles[section]}" for section in sections),
        checks=tuple(dict.fromkeys(_title(proof, findings) for proof, findings in found if findings)),
        proved_by=(*proved, *(["changed in this run"] if instruction.number in made else [])),
        gap="; ".join(gaps),
    )


def _found(findings: Sequence[Finding]) -> str:
    """How many, and how many of them a person said and a sign-on speaks for."""
    said = sum(finding.state == "said" for finding in findings)
    return count(len(findings), "finding") + (f", {said} said" if said else "")


def _findings(proof: Proof, evidence: Iterable[Evidence]) -> list[Finding]:
    return [
        finding
        for each in evidence
        if each.section == proof.section
        for finding in each.findings
        if finding.check == proof.check and finding.title.startswith(proof.title)
    ]


def _gap(proof: Proof, findings: Sequence[Finding]) -> str:
    if not findings:
        return f"{_check(proof)}: nothing was found"
    wrong = [finding for finding in findings if finding.state != "holds" and not finding.backed]
    return f"{_check(proof)}: {wrong[0].title} is {wrong[0].state}" if wrong else ""


def _check(proof: Proof) -> str:
    return f"{proof.section} {proof.check}"


def _title(proof: Proof, findings: Sequence[Finding]) -> str:
    """The check's own title; where there is one for each person or role, what they have in common."""
    if proof.title:
        return proof.title.removesuffix(" of")
    first = findings[0].title.split(" · ")[0]
    return first if len(findings) == 1 else f"{first} …"
