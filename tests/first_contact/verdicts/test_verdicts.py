"""What a verdict says of answers that nobody foresaw, of none at all, and of what an ordinary run sent in passing."""

from typing import Any

import pytest

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.verdicts.all_of_them import JUDGES, NOT_LOOKED_AT, Verdict, verdicts
from flexsso_helpers.traffic import Exchange

SP = "graph.microsoft.com/v1.0/servicePrincipals/id-1"


def exchange(trial: str = "", method: str = "PATCH", place: str = SP, status: int = 204, **more: Any) -> Exchange:
    return Exchange(**{"trial": trial, "at": 0.0, "method": method, "place": place, "status": status, **more})


def verdict(quirk: str, *exchanges: Exchange) -> Verdict:
    return verdicts(exchanges, [quirk])[0]


def refused(status: int, code: str, message: str = "") -> dict[str, Any]:
    return {"status": status, "answer": {"error": {"code": code, "message": message}}}


@pytest.mark.parametrize("quirk", sorted(JUDGES))
def test_without_any_traffic_nothing_is_told_and_a_reason_is(quirk: str) -> None:
    found = verdict(quirk)
    assert (found.alternative, found.evidence) == ("", "")
    assert found.why


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"status": 429}, "the service asked to wait, again and again (429)"),
        ({"status": 503}, "the service failed (503)"),
        (refused(403, "Authorization_RequestDenied"), "the account may not do it (403 Authorization_RequestDenied)"),
        ({"status": 418}, "an answer that nobody foresaw: 418"),
        (refused(409, "Directory_X"), "an answer that nobody foresaw: 409 Directory_X"),
    ],
)
@pytest.mark.parametrize(
    ("quirk", "trial"),
    [
        ("sp_logout_url", trials.LOGOUT),
        ("localhost_reply_url", trials.LOCALHOST),
        ("claims_policy_put", trials.PORTAL_CLAIMS_PUT),
        ("app_delete", trials.APPLICATION_FIRST),
        ("restore_conflict", trials.RESTORED_BESIDE),
    ],
)
def test_an_answer_that_tells_nothing_is_named(quirk: str, trial: str, answer: dict[str, Any], why: str) -> None:
    found = verdict(quirk, exchange(trial, **answer))
    assert (found.alternative, found.why) == ("", why)
    assert found.evidence.startswith(f"PATCH {SP} → ")


def test_what_passes_in_the_end_counts_and_not_what_was_waited_out() -> None:
    waited = exchange(trials.LOGOUT, status=429)
    assert verdict("sp_logout_url", waited, exchange(trials.LOGOUT)).alternative == "accepted"


@pytest.mark.parametrize(
    ("quirk", "seen", "alternative"),
    [
        (
            "claims_policy_put",
            {"method": "PUT", "place": "graph.microsoft.com/beta/servicePrincipals/id-1/claimsPolicy", "status": 200},
            "200",
        ),
        (
            "claims_policy_shape",
            {
                "method": "GET",
                "place": "graph.microsoft.com/beta/servicePrincipals/id-1/claimsPolicy",
                "status": 200,
                "answer": {"value": [{"claims": []}]},
            },
            "list",
        ),
        (
            "duplicate_assignment",
            {
                "method": "POST",
                "place": f"{SP}/appRoleAssignedTo",
                **refused(400, "Request_BadRequest", "EntitlementGrant entry already exists."),
            },
            "entitlement_grant_bad_request",
        ),
        (
            "template_tags",
            {
                "method": "POST",
                "place": "graph.microsoft.com/v1.0/applicationTemplates/id-9/instantiate",
                "status": 201,
                "answer": {"application": {"appRoles": []}, "servicePrincipal": {"tags": []}},
            },
            "integrated",
        ),
        ("runtime_domain_form", {"method": "GET", "place": "flex-api.twilio.com/v1/Configuration", "status": 200,
                                 "answer": {"runtime_domain": "text-1"}}, "bare"),
    ],
)  # fmt: skip
def test_an_ordinary_run_tells_it_in_passing(quirk: str, seen: dict[str, Any], alternative: str) -> None:
    assert verdict(quirk, exchange(**seen)).alternative == alternative


def test_a_refusal_of_all_signing_policies_says_nothing_of_the_service_principal() -> None:
    """A missing permission looks like write_403; only a policy that hangs on the application tells them apart."""
    denied = refused(403, "Authorization_RequestDenied")
    made, read = exchange(trials.SIGNING_POLICY, status=201), exchange(trials.SIGNING_OF_PRINCIPAL, status=200)
    on_both = (exchange(trials.SIGNING_ON_APPLICATION, **denied), exchange(trials.SIGNING_ON_PRINCIPAL, **denied))
    assert verdict("signing_policy_on_principal", made, *on_both, read).alternative == ""
    on_one = (exchange(trials.SIGNING_ON_APPLICATION), exchange(trials.SIGNING_ON_PRINCIPAL, **denied))
    assert verdict("signing_policy_on_principal", made, *on_one, read).alternative == "write_403"


def test_a_question_that_no_program_looks_at_says_so() -> None:
    assert verdict("allow_doctype") == Verdict(quirk="allow_doctype", why=NOT_LOOKED_AT)
