"""The handover tells of the certificate as it was looked at last, whichever notebook looked."""

from pathlib import Path

from flexsso_helpers.handover.gathering import _certificate
from flexsso_helpers.history import History, Proof
from flexsso_helpers.plan import Evidence, Target
from flexsso_helpers.plan.facts import DAYS_LEFT, VALID_TO

TARGET = Target(
    tenant="contoso", title="Contoso", cloud="rehearsal", tenant_id="t", account_sid="AC", application="Twilio Flex"
)


def proof(section: str, at: str, end: str) -> Proof:
    facts = {VALID_TO: end, DAYS_LEFT: "7"} if end else {}
    return Proof(Evidence(section=section, title="", target=TARGET, findings=(), facts=facts), at, Path("runs/x"))


def told(*proofs: Proof) -> str:
    found = _certificate(History(proofs={each.evidence.section: each for each in proofs}))
    return found.not_after if found else ""


def test_the_last_look_counts() -> None:
    made, looked = proof("03", "2026-11-02", "2029-11-01"), proof("20", "2029-08-08", "2032-08-07")
    assert told(made) == "2029-11-01"
    assert told(made, looked) == "2032-08-07"
    assert told(made, proof("21", "2026-11-01", "2020-01-01")) == "2029-11-01"
    assert told(proof("04", "2030-01-01", ""), made) == "2029-11-01"
    assert told(proof("04", "2030-01-01", "")) == ""
