"""Without names: one meaning, wherever something leaves the machine."""

from dataclasses import asdict
from typing import Any

from shell import conforms

from flexsso_helpers.commands.result import nameless_result
from flexsso_helpers.plan import Evidence, Finding, Target
from flexsso_helpers.plan.nameless import LEFT_OUT, nameless, without_mails
from flexsso_helpers.plan.ticket import ticket

CANARY = "Zyxwv"
MAIL = f"{CANARY}.agent@canary.example"
NAMED = Finding(
    check="D24", title=f"Sign-on of {CANARY}", level="error", state="wrong", configured=f"{CANARY} as agent",
    received=MAIL, fix=f"07 · Assign users: assign {MAIL}.", said=f"by {CANARY} on 2026-11-02",
)  # fmt: skip


def result(**more: Any) -> dict[str, Any]:
    check = {
        "section": "07", "check": "D24", "title": NAMED.title, "level": "error", "state": "said", "said": NAMED.said,
        "reason": f"received {CANARY} as agent",
    }  # fmt: skip
    record = {
        "notebook": "07_assign_users", "outcome": 1, "verdict": "failed", "as_good_as": "", "started": None,
        "ended": None, "error": f"This is not proved\n  What: {CANARY}", "session_started": None,
        "session_ended": None, "checks": [check],
    }  # fmt: skip
    return {
        "schema_version": 1, "tenant": "contoso", "file": "contoso.yaml", "rehearsal": False, "outcome": 1,
        "error": f"Not signed in\n{CANARY}", "started": "2026-11-02", "ended": "2026-11-02", "notebooks": [record],
        "certificate": None, "sign_ons": {MAIL: f"roles agent · worker of {CANARY}"}, "folder": None, "handover": None,
        **more,
    }  # fmt: skip


def test_a_finding_goes_by_its_number_and_shows_nothing() -> None:
    told = nameless(NAMED)
    assert CANARY not in str(asdict(told))
    assert (told.check, told.state, told.received, told.said) == ("D24", "wrong", LEFT_OUT, "by a person")
    assert told.title


def test_what_says_nothing_of_a_person_stays_but_for_addresses() -> None:
    told = nameless(Finding(check="S31", title="Issuer", level="error", state="wrong", received=f"x {MAIL}"),
                    impersonal={"S31"})  # fmt: skip
    assert (told.title, told.received) == ("Issuer", f"x {LEFT_OUT}")
    assert without_mails("no address") == "no address"


def test_a_result_keeps_its_shape_and_names_nobody() -> None:
    told = conforms(nameless_result(result()))
    assert CANARY not in str(told)
    assert told["notebooks"][0]["checks"][0]["check"] == "D24"
    assert told["notebooks"][0]["error"] == "This is not proved"
    assert told["sign_ons"] == {"person 1": LEFT_OUT}
    skipped = {"schema_version": 1, "file": "x.yaml", "skipped": "no tenant"}
    assert nameless_result(skipped) == skipped


def test_the_text_for_a_ticket_says_the_same() -> None:
    target = Target(
        tenant="contoso", title="Contoso", cloud="global", tenant_id="t", account_sid="AC", application="Flex"
    )
    told = ticket(Evidence(section="07", title="Assign users", target=target, findings=(NAMED,)))
    assert CANARY not in told
    assert nameless(NAMED).title in told
