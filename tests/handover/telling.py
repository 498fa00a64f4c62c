"""Runs of an invented tenant that left something to hand over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flexsso_helpers.handover.gathering import gathered
from flexsso_helpers.handover.record import Record
from flexsso_helpers.handover.sums import files_of
from flexsso_helpers.history import history
from flexsso_helpers.ledger import Ledger
from flexsso_helpers.plan import Applied, Change, Evidence, Finding, Target

LIVE = Target(
    tenant="contoso",
    title="Contoso",
    cloud="global",
    tenant_id="11111111-2222-4333-8444-555555555555",
    account_sid="AC0123456789abcdef0123456789abcdef",
    application="Twilio Flex",
)
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LEAVING = Finding(
    check="D17", title="What leaves the tenant and is stored by Flex", level="info", state="holds",
    configured="NameID, email, full_name, roles", received="NameID, email, full_name, roles, job",
)  # fmt: skip
BEYOND = Finding(check="D17", title="Claims beyond the four", level="warning", state="wrong", received="job", fix="04")
OWN = Finding(check="S24", title="Own certificate", level="error", state="holds", configured="one")
SEEN = Finding(check="F07", title="Flex UI version", level="error", state="holds")
FAILING = Finding(check="S24", title="Own certificate", level="error", state="wrong", received="none", fix="03")
PASTED = Finding(
    check="D21", title="Certificate in Flex Console", level="error", state="said", received="SHA-256 AB",
    said="by Ada Admin on 2026-11-02", fix="08 · Test the sign-on: a sign-on shows whether Flex has it.",
)  # fmt: skip
MAILS = Finding(check="D16", title="Expiry notifications", level="warning", state="holds", received="sso@contoso.com")
SIGNED_ON = Finding(check="D29", title="Sign-on of bo", level="error", state="holds")
CERTIFICATE = {
    "Active certificate valid from": "2026-11-02", "Active certificate valid to": "2029-11-01", "Days left": "1094",
}  # fmt: skip
LINK = {"Login link": "https://flex.twilio.com/contoso"}
PERSON = {"bo.agent@contoso.com": "roles agent · worker WK1"}


def evidence(
    section: str, *findings: Finding, target: Target = LIVE, facts: dict[str, str] | None = None, **more: Any
) -> Evidence:
    return Evidence(
        section=section, title=f"Section {section}", target=target, findings=findings, facts=facts or {}, **more
    )


def whole(target: Target = LIVE) -> list[Evidence]:
    return [
        evidence("00", SEEN, target=target, facts=LINK),
        evidence("03", OWN, MAILS, target=target, facts=CERTIFICATE),
        evidence("04", LEAVING, BEYOND, target=target),
        evidence("06", PASTED, target=target),
        evidence("08", SIGNED_ON, target=target, facts=PERSON),
    ]


def change(setting: str, now: Any, should_be: Any, kind: Any = "~", **more: Any) -> Change:
    return Change(setting=setting, now=now, should_be=should_be, kind=kind, **more)


def ledger(run: Path, *, hours: float = 0, rehearsal: bool = False, by: str = "ada.admin@contoso.com") -> Ledger:
    """A kernel that opens a run so many hours after noon."""
    times = iter(range(10_000))
    made = Ledger(run, rehearsal=rehearsal, now=lambda: NOON + timedelta(hours=hours, seconds=next(times)))
    made.opened(world="global", by=by, versions={"flexsso": "0.1.0", "Python": "3.12"})
    return made


def apply(ledger: Ledger, section: str, *made: Change, by_hand: bool = True) -> None:
    ledger.section = section
    at = (NOON + timedelta(minutes=1)).isoformat()
    approval = {"plan": "ab" * 32, "approved_by": "ada.admin@contoso.com", "approved_at": at, "by_hand": by_hand}
    ledger.applied(Applied(section=section, title=section, target=LIVE, made=made, **approval))  # type: ignore[arg-type]


def told(run: Path, *each: Evidence, and_then: Callable[[Ledger], object] = lambda _ledger: None) -> Record:
    """The record of one run that proved these."""
    kernel = ledger(run, rehearsal=each[0].target.rehearsal)
    and_then(kernel)
    for one in each:
        kernel.section = one.section
        kernel.proved(one)
    found = history([run])
    return gathered(found, files_of(found.telling))
