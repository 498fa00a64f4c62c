"""The whole runbook meets each possible Entra: for every answer to an open question it does what is expected of it.

It starts where the answer can first matter. Where an answer matters only in certain circumstances, it is tried in the
ordinary tenant and in one where these are arranged.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from covering import proved_ones_by_night
from entra_circumstances import CASES
from stage import Stage
from whole_runs import Outcome, run, whole_run

from flexsso_helpers.rehearsal.flex import quirks
from flexsso_helpers.rehearsal.graph import throttle
from flexsso_helpers.rehearsal.world.quirks import QUIRKS
from flexsso_helpers.rehearsal.world.world import World

OURS = {name: each for name, each in QUIRKS.items() if name not in quirks.QUIRKS}
ALTERNATIVES = [(name, answer) for name, each in OURS.items() for answer in each.choices[1:]]
IN_CIRCUMSTANCES = [(name, answer) for name, each in OURS.items() if each.when for answer in each.choices]
LATER = {
    **dict.fromkeys(("first_certificate", "cert_creates_policy", "custom_key_identifier", "remove_active"), "03"),
    **dict.fromkeys(("missing_action", "policy_attachment", "second_signing_policy", "metadata_prefixes"), "03"),
    **dict.fromkeys(("signing_policy_on_principal", "credential_type_policy", "time_digits"), "03"),
    "claims_policy_shape": "04",
    **dict.fromkeys(("no_policy_nameid", "policy_nameid_format", "nameidpolicy_unspecified", "null_nameid"), "04"),
    **dict.fromkeys(("claims_policy_put", "claims_policy_absent", "claims_policy_delete", "policy_description"), "04"),
    **dict.fromkeys(("definition_error_text", "samlnameidformat_key", "second_claims_policy", "unlink_error"), "03"),
    **dict.fromkeys(("duplicate_assignment", "group_without_p1", "m365_group"), "07"),
}
"""The first notebook in which these can matter; all others from the beginning."""
WAYS_OUT = {
    "admin_consent": "An administrator opens this address and agrees",
    "cloud_application_administrator_policies": "Sign in with the role Application Administrator",
    "credential_type_policy": "An administrator must exempt this application",
    "definition_error_text": "Detach the policy",
    "deleted_identifier": "restore such a one, which keeps its place in Flex, or delete it for good",
    "device_code_flow": "tenant.sign_in.method: browser",
    "group_without_p1": "take it out of tenant.assignments.groups and list its people under users",
    "identifier_policy": "An administrator must exempt SAML applications",
    "key_life_policy": "Lower tenant.signing.valid_days",
    "m365_group": "take it out of tenant.assignments.groups and list its people under users",
    "notification_limit": "Remove 1 of these in the admin center",
    "null_nameid": "mail",
    "require_service_reference": "tenant.application.service_management_reference",
    "restore_conflict": "Write the application id of the one to keep into tenant.application.app_id",
}
"""What a person is told to do where the runbook refuses."""


def under(worlds: Mapping[str, World], before: str, name: str, answer: str) -> World:
    return World(worlds[before].store.copy(), quirks={name: answer})


@pytest.mark.full
@pytest.mark.parametrize(("name", "answer"), proved_ones_by_night(OURS, ALTERNATIVES))
def test_the_runbook_does_what_is_expected(name: str, answer: str, worlds: Mapping[str, World], tmp_path: Path) -> None:
    since = LATER.get(name, "00")
    outcome = run(Stage(tmp_path, world=under(worlds, since, name, answer)), since)
    assert outcome.is_as == OURS[name].expects[answer], outcome.error
    says_the_way_out(name, outcome)


@pytest.mark.sampled(4)
@pytest.mark.thinned(54)
@pytest.mark.parametrize(("name", "answer"), IN_CIRCUMSTANCES)
def test_the_runbook_does_what_is_expected_where_it_matters(
    name: str, answer: str, worlds: Mapping[str, World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[OURS[name].when]
    if case.share:
        monkeypatch.setattr(throttle, "SHARES", ((10**6, case.share),))

    async def go() -> Outcome:
        stage = Stage(tmp_path, world=under(worlds, case.before, name, answer), changes=case.changes)
        app = await case.arrange(stage)
        return await whole_run(stage, "01" if case.before == "09" else case.before, app=app)

    outcome = asyncio.run(go())
    assert outcome.is_as == OURS[name].there[answer], outcome.error
    says_the_way_out(name, outcome)


def says_the_way_out(name: str, outcome: Outcome) -> None:
    if outcome.error is not None:
        assert WAYS_OUT[name] in outcome.error.fix


def test_every_circumstance_is_arranged_for_and_every_refusal_has_a_way_out() -> None:
    assert {each.when for each in OURS.values() if each.when} == set(CASES)
    refused = {n for n, q in OURS.items() if {*q.expects.values(), *q.there.values()} != {"proved"}}
    assert refused == set(WAYS_OUT)
