"""The record, gathered from what the runs of a tenant left. Pure but for the sums of the files."""

from collections.abc import Sequence

from flexsso_helpers.handover.record import (
    Certificate,
    Check,
    File,
    Made,
    Note,
    Open,
    Record,
    Request,
    Step,
    Worked,
)
from flexsso_helpers.handover.sums import checksum
from flexsso_helpers.history import History
from flexsso_helpers.ledger import writes
from flexsso_helpers.plan import Evidence, Finding, in_words
from flexsso_helpers.plan.facts import DAYS_LEFT, LOGIN_LINK, VALID_FROM, VALID_TO


def gathered(found: History, files: Sequence[File]) -> Record:
    """The record of this history, which holds at least one proof."""
    evidence, last = found.evidence, found.evidence[-1]
    how_far = found.progress()
    run_of = {section: each.run.name for section, each in found.proofs.items()}
    facts = {each.section: each.facts for each in evidence}
    return Record(
        rehearsal=last.target.rehearsal,
        tenant=last.target.tenant,
        title=last.target.title,
        cloud=last.target.cloud,
        tenant_id=last.target.tenant_id,
        account_sid=last.target.account_sid,
        application=last.target.application,
        outcome=how_far.outcome,
        next=how_far.next,
        first=min(str(line["at"]) for lines in found.lines.values() for line in lines),
        last=max(str(line["at"]) for lines in found.lines.values() for line in lines),
        login_link=facts.get("00", {}).get(LOGIN_LINK, ""),
        sign_ons=sign_ons(evidence),
        leaving=next((f.received for each in evidence for f in each.findings if _leaves(f.check, f.level)), ""),
        told=facts.get("06", {}),
        certificate=_certificate(found),
        sessions=_sessions(found),
        quiet_runs=len(found.runs) - len(found.telling),
        steps=[
            Step(
                section=each.number,
                title=each.title,
                standing=each.standing,
                verdict=each.verdict,
                at=each.at,
                run=run_of.get(each.number, ""),
            )
            for each in how_far.stages
        ],
        changes=_changes(found),
        requests=_requests(found),
        checks=[_check(each.section, finding) for each in evidence for finding in each.findings],
        open=[
            Open(
                section=each.section,
                check=each.check,
                title=each.title,
                to_do=each.to_do,
                owner=each.owner,
                since=each.since,
                due=each.due,
            )
            for each in how_far.points
        ],
        notes=[Note(at=note["at"], by=note["by"], text=note["text"]) for note in found.notes if not note["done"]],
        files=list(files),
        checksum=checksum(files),
    )


def sign_ons(evidence: Sequence[Evidence]) -> dict[str, str]:
    """The sign-ons as 08's proof names them."""
    return next((each.facts for each in evidence if each.section == "08"), {})


def _leaves(check: str, level: str) -> bool:
    """The line of 04 that names what a response carries (D17)."""
    return check == "D17" and level == "info"


def _certificate(found: History) -> Certificate | None:
    """As it was looked at last: by 03, 20 or 21."""
    looked = [proof for proof in found.proofs.values() if VALID_TO in proof.evidence.facts]
    if not looked:
        return None
    proof = max(looked, key=lambda each: each.at)
    facts = proof.evidence.facts
    return Certificate(
        not_before=facts.get(VALID_FROM, ""),
        not_after=facts[VALID_TO],
        days_left=int(facts[DAYS_LEFT]),
        looked_at=proof.at,
    )


def _sessions(found: History) -> list[Worked]:
    return [
        Worked(at=line["at"], by=line["by"], run=run.name, versions=line["versions"])
        for run in found.telling
        for line in found.lines[run]
        if line["kind"] == "opened"
    ]


def _changes(found: History) -> list[Made]:
    return [
        Made(
            section=line["section"],
            setting=change["setting"],
            before=_words(change["now"]),
            after=_words(change["should_be"]),
            kind=change["kind"],
            reason=change["reason"],
            instructions=change["instructions"],
            at=line["at"],
            approved_by=line["by"],
            approved_at=line["approved_at"],
            by_hand=line["by_hand"],
            by_name=change["by_name"],
            plan=line["plan"],
            lost=change["undo"],
        )
        for line in found.changes
        for change in line["made"]
    ]


def _words(value: object) -> str:
    return in_words(tuple(value)) if isinstance(value, list) else in_words(value)  # type: ignore[arg-type]


def _requests(found: History) -> list[Request]:
    return [
        Request(
            at=intent["at"],
            section=intent["section"],
            method=intent["method"],
            path=intent["path"],
            why=intent["why"],
            status=answer["status"] if answer else None,
            request_id=answer.get("request_id", "") if answer else "",
            run=run.name,
            n=intent["n"],
        )
        for run in found.runs
        for intent, answer in ((each.intent, each.answer) for each in writes(found.lines[run]))
    ]


def _check(section: str, finding: Finding) -> Check:
    return Check(
        section=section,
        check=finding.check,
        title=finding.title,
        level=finding.level,
        state=finding.state,
        configured=finding.configured,
        received=finding.received,
        said=finding.said,
        backed=finding.backed,
    )
