"""What a run notes: before each write, whole, and about objects rather than people."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faults import Fault, Faulty, Watching
from onboarding import (
    application,
    change_application,
    change_console,
    change_policy,
    change_principal,
    onboard,
    principal,
    unassign,
)
from stage import Stage

from flexsso_helpers.errors import OutcomeUnknown
from flexsso_helpers.ledger import FILE, read_ledger
from flexsso_helpers.rehearsal.world.world import World

MIRRORED = ("tags",)
"""Shown as a mixture of what stands on two objects."""


def spoil(world: World) -> None:
    """Something to do in every section that writes to Graph, over values that somebody set."""
    change_principal(
        world,
        tags=["HideApp"],
        loginUrl="https://flex.twilio.com",
        samlSingleSignOnSettings={"relayState": "https://x.example"},
        appRoleAssignmentRequired=False,
        notificationEmailAddresses=["it@contoso.com"],
        preferredTokenSigningKeyThumbprint=None,
        preferredSingleSignOnMode=None,
    )
    roles = [
        role | {"allowedMemberTypes": ["Application"]} if role["value"] == "admin" else role
        for role in application(world)["appRoles"]
    ]
    web = application(world)["web"] | {"redirectUris": ["https://one.contoso.com/acs"]}
    change_application(world, notes="Ask Olga.", web=web, appRoles=roles)
    change_policy(world, "claimsMappingPolicy", "ClaimsMappingPolicy", IncludeBasicClaimSet="true")
    change_policy(world, "tokenIssuancePolicy", "TokenIssuancePolicy", TokenResponseSigningPolicy="TokenOnly")
    unassign(world, "Flex Supervisors")


def stands(world: World, path: str, key: str) -> Any:
    """What truly stands there now."""
    _, kind, identity = path.split("/")[:3]
    store = {"applications": "application", "servicePrincipals": "servicePrincipal"}.get(kind)
    if store is None:
        found = next(
            world.store.get(policy, path.rsplit("/", 1)[-1])
            for policy in ("claimsMappingPolicy", "tokenIssuancePolicy")
            if world.store.get(policy, path.rsplit("/", 1)[-1])
        )
    else:
        found = world.store.get(store, identity)
    assert found is not None
    return found.get(key)


def without_origin(value: Any) -> Any:
    return [{k: v for k, v in each.items() if k != "origin"} for each in value] if isinstance(value, list) else value


@pytest.mark.thinned(2)
@pytest.mark.parametrize("start", ["empty", "spoiled"])
def test_every_write_is_on_disk_with_its_before_image_before_it_is_sent(
    start: str, empty: Stage, configured: Stage, tmp_path: Path
) -> None:
    stage = empty if start == "empty" else configured
    if start == "spoiled":
        spoil(stage.world)
    seen: list[str] = []

    async def watch(method: str, path: str, body: Any) -> None:
        lines = read_ledger(tmp_path / "run-1")
        answered = {line["entry"] for line in lines if line["kind"] == "answer"}
        still = [line for line in lines if line["kind"] == "intent" and line["n"] not in answered]
        last = next(line for line in still if (line["method"], line["path"], line["body"]) == (method, path, body))
        assert last["why"]
        if method == "PATCH":
            assert set(last["before"]) == set(body)
            for key, value in last["before"].items():
                true = stands(stage.world, path, key)
                shown = {name: true.get(name) for name in value} if isinstance(value, dict) and true else true
                if key == "appRoles":
                    assert without_origin(value) == without_origin(true)
                elif key not in MIRRORED:
                    assert value == shown, key
        seen.append(f"{method} {re.sub('[0-9a-f-]{36}', '…', path)}")

    asyncio.run(onboard(stage, app=Watching(stage.app, watch)))
    assert len(seen) == sum(line["kind"] == "intent" for line in read_ledger(tmp_path / "run-1"))
    expected = {
        "PATCH /applications/…", "PATCH /servicePrincipals/…", "POST /servicePrincipals/…/appRoleAssignedTo",
    }  # fmt: skip
    assert expected <= set(seen)
    made = {"POST /applicationTemplates/…/instantiate", "POST /policies/claimsMappingPolicies"}
    assert made <= set(seen) if start == "empty" else not made & set(seen)


@pytest.mark.full
def test_every_intent_gets_its_answer_and_nothing_stays_open(empty: Stage, tmp_path: Path) -> None:
    asyncio.run(onboard(empty))
    lines = read_ledger(tmp_path / "run-1")
    intents = [line["n"] for line in lines if line["kind"] == "intent"]
    answers = {line["entry"]: line["status"] for line in lines if line["kind"] == "answer"}
    assert sorted(answers) == intents
    # What Graph refused because a copy had not followed yet was noted too, and sent again.
    assert sum(status == 200 for status in answers.values()) == empty.writes["graph"]
    assert set(answers.values()) == {200, 400}
    assert [line["n"] for line in lines] == list(range(1, len(lines) + 1))


@pytest.mark.full
def test_sections_follow_one_another_and_each_says_how_it_ended(empty: Stage, tmp_path: Path) -> None:
    asyncio.run(onboard(empty))
    lines = read_ledger(tmp_path / "run-1")
    kinds = [(line["section"], line["kind"]) for line in lines if line["kind"] in ("plan", "applied", "evidence")]
    sections = [f"0{number}" for number in range(1, 9)]
    assert kinds == [(section, kind) for section in sections for kind in ("plan", "applied", "evidence")]
    assert [line["outcome"] for line in lines if line["kind"] == "evidence"] == [2] * 8
    assert {line["rehearsal"] for line in lines} == {True}


@pytest.mark.full
def test_no_person_no_token_and_no_certificate_stands_in_the_ledger(empty: Stage, tmp_path: Path) -> None:
    asyncio.run(onboard(empty, apply=False))
    asyncio.run(onboard(empty))
    text = "".join((tmp_path / run / FILE).read_text("utf-8") for run in ("run-1", "run-2"))
    people = empty.world.store.all("user")
    named = {str(user[key]) for user in people for key in ("userPrincipalName", "mail", "displayName") if user[key]}
    assert len(named) > 60
    # but the account that was signed in, which opened and approved
    approved_by = {line.get("approved_by") for run in ("run-1", "run-2") for line in read_ledger(tmp_path / run)}
    assert approved_by == {None, "", "ada.admin@contoso.com"}
    rest = re.sub('"(approved_by|by)": "ada.admin@contoso.com"', "", text)
    assert not [name for name in named if name in rest]
    assert not re.search(r"eyJ[A-Za-z0-9_-]{10}", text)
    assert "Bearer" not in text
    assert "BEGIN CERTIFICATE" not in text
    key = next(entry["key"] for entry in principal(empty.world)["keyCredentials"] if entry["usage"] == "Verify")
    assert key not in text


def test_a_lost_answer_is_noted_as_status_0(before: Callable[[str], Stage], tmp_path: Path) -> None:
    stage = before("01")
    fault = Fault(method="POST", path=".*/instantiate", effect=False)
    with pytest.raises(OutcomeUnknown):
        asyncio.run(onboard(stage, until="01", app=Faulty(stage.app, fault)))
    last = [line for line in read_ledger(tmp_path / "run-1") if line["kind"] == "answer"][-1]
    assert last["status"] == 0
    assert last["note"].startswith("Creating the enterprise application")


def test_a_refused_write_is_noted_with_graphs_own_code(before: Callable[[str], Stage], tmp_path: Path) -> None:
    stage = before("03")
    fault = Fault(method="POST", path=".*/addTokenSigningCertificate", effect=False, status=503)
    with pytest.raises(OutcomeUnknown):
        asyncio.run(onboard(stage, since="03", until="03", app=Faulty(stage.app, fault)))
    last = [line for line in read_ledger(tmp_path / "run-1") if line["kind"] == "answer"][-1]
    assert (last["status"], last["note"]) == (503, "ServiceUnavailable")


def test_the_digest_of_a_response_is_noted_and_the_response_is_not(
    before: Callable[[str], Stage], tmp_path: Path
) -> None:
    stage = before("08")
    asyncio.run(onboard(stage, since="08"))
    remarks = [line["text"] for line in read_ledger(tmp_path / "run-1") if line["kind"] == "remark"]
    assert len(remarks) == 3
    assert all(re.fullmatch(r"Sign-on of [0-9a-f-]{36}: response [0-9a-f]{64}, accepted", text) for text in remarks)


def test_the_evidence_of_a_failed_proof_is_kept_as_well(configured: Stage, tmp_path: Path) -> None:
    change_console(configured.world, sso_url="https://login.microsoftonline.com/common/saml2")
    with pytest.raises(Exception, match="This is not proved"):
        asyncio.run(onboard(configured, since="06", until="06"))
    kept = json.loads((tmp_path / "run-1" / "evidence" / "06.json").read_text("utf-8"))
    assert [finding["check"] for finding in kept["findings"] if finding["state"] == "wrong"] == ["S32"]
