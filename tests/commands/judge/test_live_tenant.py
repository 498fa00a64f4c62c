"""Responses of a whole rehearsal, judged from a file against the tenant's live configuration."""

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from onboarding import (
    application,
    change_application,
    change_policy,
    change_principal,
    change_worker,
    onboard,
    policies_of,
    principal,
    worker_of,
)
from stage import Stage

from flexsso_helpers.commands import main
from flexsso_helpers.commands.judge import Verdict, judge_given
from flexsso_helpers.commands.judge import live_tenant as judging_tenant
from flexsso_helpers.commands.judge.live_tenant import NothingToCompare, live_tenant
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.ledger import read_ledger
from flexsso_helpers.rehearsal.directory import objects
from flexsso_helpers.rehearsal.world.world import World

BO, ADA, NIA = "bo.agent@contoso.com", "ada.admin@contoso.com", "nia.nomail@contoso.com"


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A stage after one whole onboarding; not to be changed."""
    stage = Stage(tmp_path_factory.mktemp("judging"))
    asyncio.run(onboard(stage))
    return stage


@pytest.fixture
def copied(proved: Stage, tmp_path: Path) -> Stage:
    """A stage over a copy of that world."""
    return Stage(tmp_path, world=proved.world.copy())


@pytest.fixture
def response(proved: Stage) -> bytes:
    """Bo's response, as Entra's side of the rehearsal issued it."""
    return (proved.folder / "run-1" / "responses" / f"{BO}.xml").read_bytes()


def judged(stage: Stage, data: bytes, *, hours: float = 0, at: datetime | None = None, **how: Any) -> Verdict:
    async def opened() -> Verdict:
        session = await stage.open()
        moment = at or session.now() + timedelta(hours=hours)
        return judge_given(data, await live_tenant(session, at=moment, **how))

    return asyncio.run(opened())


def judged_as_issued(stage: Stage, data: bytes, **how: Any) -> Verdict:
    """For the moment of the response, whatever happened since."""
    issued = datetime.fromisoformat(etree.fromstring(data).get("IssueInstant", ""))
    return judged(stage, data, at=issued, **how)


def failing(verdict: Verdict) -> set[str]:
    return {finding.check for finding in verdict.judgement.failing}


@pytest.mark.parametrize("user", ["", BO])
def test_the_response_of_a_proved_sign_on_is_accepted(proved: Stage, response: bytes, user: str) -> None:
    verdict = judged(proved, response, user=user)
    assert (verdict.word, failing(verdict)) == ("accepted", set())
    data = verdict.as_json()
    assert (data["profile"], data["name_id"]) == ("flex", BO)
    assert data["signed"] == {"response": True, "assertion": True}
    assert "[REHEARSAL]" in verdict.card().text


def test_what_flex_would_make_is_the_worker_that_it_made(proved: Stage, response: bytes) -> None:
    made = worker_of(proved.world, BO)
    verdict = judged(proved, response)
    attributes = verdict.flex["attributes"]
    assert isinstance(attributes, dict)
    assert verdict.flex["friendly_name"] == made["friendly_name"]
    assert attributes.items() <= json.loads(made["attributes"]).items()


def test_with_a_user_name_the_worker_is_known_too(proved: Stage, response: bytes) -> None:
    verdict = judged(proved, response, user=BO)
    held = {finding.check for finding in verdict.judgement.findings if finding.state == "holds"}
    assert {"S49", "S50", "S56", "S70", "S72"} <= held


def test_the_response_of_somebody_else_is_told_apart(proved: Stage, response: bytes) -> None:
    assert {"S49", "S56", "S72"} <= failing(judged(proved, response, user=ADA))


def test_a_person_without_mail_could_not_have_sent_it(proved: Stage, response: bytes) -> None:
    assert "S49" in failing(judged(proved, response, user=NIA))


def test_a_kept_response_is_expired_later_and_can_be_judged_for_its_time(proved: Stage, response: bytes) -> None:
    assert "S40" in failing(judged(proved, response, hours=2))
    assert judged(proved, response, hours=0.5).word == "accepted"


def test_what_the_policy_says_now_stands_beside_what_was_received(copied: Stage, response: bytes) -> None:
    change_policy(copied.world, "tokenIssuancePolicy", "TokenIssuancePolicy", TokenResponseSigningPolicy="TokenOnly")
    verdict = judged(copied, response)
    signed = next(finding for finding in verdict.judgement.findings if finding.check == "S15")
    assert (signed.configured, signed.received) == ("assertion only", "response and assertion signed")


Spoil = Callable[[World], None]
KEY = "0f0f0f0f-0000-4000-8000-000000000001"


def claims(**fields: Any) -> Spoil:
    """Somebody edits the claims policy after the response was issued."""
    return lambda world: change_policy(world, "claimsMappingPolicy", "ClaimsMappingPolicy", **fields)


def with_claim(**entry: str) -> Spoil:
    def spoil(world: World) -> None:
        text = policies_of(world, "claimsMappingPolicy")[0]["definition"][0]
        listed = json.loads(text)["ClaimsMappingPolicy"]["ClaimsSchema"]
        claims(ClaimsSchema=[*listed, entry])(world)

    return spoil


def without_claim(name: str) -> Spoil:
    def spoil(world: World) -> None:
        text = policies_of(world, "claimsMappingPolicy")[0]["definition"][0]
        listed = json.loads(text)["ClaimsMappingPolicy"]["ClaimsSchema"]
        claims(ClaimsSchema=[each for each in listed if each["SamlClaimType"] != name])(world)

    return spoil


def other_policy_on_the_application(world: World) -> None:
    """The application keeps a policy of its own, which says something else."""
    kind, mine = "tokenIssuancePolicy", application(world)["id"]
    policy = policies_of(world, kind)[0]
    definition = json.loads(policy["definition"][0])
    definition["TokenIssuancePolicy"] |= {"TokenResponseSigningPolicy": "TokenOnly"}
    other = policy | {"id": KEY, "definition": [json.dumps(definition)]}
    world.store.put(kind, KEY, other, at=world.clock.now)
    objects.detach(world, "application", mine, policy["id"], at=world.clock.now)
    objects.attach(world, kind, "application", mine, KEY, at=world.clock.now)
    world.advance(600.0)


def reply_urls(*others: str, kept: bool = True) -> Spoil:
    def spoil(world: World) -> None:
        web = application(world)["web"]
        urls = [*(web["redirectUris"] if kept else ()), *others]
        change_application(world, web=web | {"redirectUris": urls, "redirectUriSettings": []})

    return spoil


SPOILT: dict[str, tuple[Spoil, str, str, str, str]] = {
    "a constant is promised": (
        with_claim(Value="east", SamlClaimType="region"), "S71", "region ← “east”", "", "04",
    ),
    "an attribute is promised": (
        with_claim(Source="user", ID="city", SamlClaimType="city"), "S71?", "city ← user.city", "", "04",
    ),
    "a claim is not in the policy": (without_claim("full_name"), "S71", "email ← user.mail", "full_name", "04"),
    "no certificate is active": (
        lambda world: change_principal(world, preferredTokenSigningKeyThumbprint=None),
        "S73", "an active certificate, valid", "none is active", "03",
    ),
    "anybody may sign on": (
        lambda world: change_principal(world, appRoleAssignmentRequired=False),
        "S74?", "assignment required", "assignment not required", "02",
    ),
    "assertions are encrypted": (
        lambda world: change_application(world, tokenEncryptionKeyId=KEY), "S75", "both off", "encrypts", "02",
    ),
    "requests must be signed": (
        lambda world: change_application(world, requestSignatureVerification={"isSignedRequestRequired": True}),
        "S75", "both off", "signed requests", "02",
    ),
    "two signing policies": (other_policy_on_the_application, "S76?", "ResponseAndToken", "TokenOnly", "03"),
    "no SAML": (
        lambda world: change_principal(world, preferredSingleSignOnMode=None), "S77", "saml", "none chosen", "01",
    ),
    "identifier gone": (lambda world: change_application(world, identifierUris=[]), "S78", "urn:flex:JQ", "", "02"),
    "another reply URL": (
        reply_urls("https://other.example.com/acs"), "S78?", "https://login.flex.", "https://other.example.com/", "02",
    ),
    "reply URL not registered": (
        reply_urls("https://other.example.com/acs", kept=False), "S78", "https://login.flex.", "other.example", "02",
    ),
    "the worker was edited": (
        lambda world: change_worker(world, BO, roles=["admin"]), "S79?", "roles: agent", "roles: admin", "08",
    ),
}  # fmt: skip
"""What was changed since; the one check that is wrong then (with ? it warns), its two values, and the notebook."""


@pytest.mark.thinned(4)
@pytest.mark.parametrize("name", SPOILT)
def test_what_the_application_says_now_is_held_against_the_response(copied: Stage, response: bytes, name: str) -> None:
    spoil, check, configured, received, notebook = SPOILT[name]
    spoil(copied.world)
    verdict = judged_as_issued(copied, response, user=BO)
    wrong = [each for each in verdict.judgement.findings if each.state == "wrong" and each.level != "info"]
    assert [(each.check, each.level) for each in wrong] == [
        (check.removesuffix("?"), "warning" if check.endswith("?") else "error")
    ]
    assert configured in wrong[0].configured
    assert received in wrong[0].received
    assert wrong[0].fix.startswith(f"{notebook} · ")
    assert verdict.word == ("accepted" if check.endswith("?") else "rejected")


def test_every_check_of_the_live_configuration_holds_after_an_onboarding(proved: Stage, response: bytes) -> None:
    held = {each.check for each in judged(proved, response, user=BO).judgement.findings if each.state == "holds"}
    assert {"S71", "S73", "S74", "S75", "S76", "S77", "S78", "S79"} <= held


def test_without_a_claims_policy_nobody_can_say_what_is_promised(copied: Stage, response: bytes) -> None:
    (policy,) = policies_of(copied.world, "claimsMappingPolicy")
    mine = principal(copied.world)["id"]
    objects.detach(copied.world, "servicePrincipal", mine, policy["id"], at=copied.world.clock.now)
    copied.world.advance(600.0)
    change_principal(copied.world, preferredTokenSigningKeyThumbprint=None)
    states = {each.check: each.state for each in judged(copied, response, user=BO).judgement.findings}
    assert (states["S71"], states["S73"]) == ("unknown", "holds")


def test_a_claim_that_this_person_has_no_value_for_is_not_missed(copied: Stage, response: bytes) -> None:
    with_claim(Source="user", ID="mail", SamlClaimType="work_mail")(copied.world)
    assert "S71" in failing(judged(copied, response, user=BO))
    assert "S71" not in failing(judged(copied, response, user=NIA))


def test_before_the_set_up_there_is_nothing_to_compare_with(tmp_path: Path, response: bytes) -> None:
    with pytest.raises(NothingToCompare, match="does not exist in this tenant yet") as raised:
        judged(Stage(tmp_path), response)
    assert raised.value.notebook == "01"


def test_a_user_whom_entra_does_not_know_is_a_wrong_use(proved: Stage, response: bytes) -> None:
    with pytest.raises(ParametersError, match="Nobody in this tenant is called nobody@"):
        judged(proved, response, user="nobody@contoso.com")


def test_the_command_writes_nothing_but_the_verdict_and_its_hash(
    copied: Stage, response: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def opened(_tenant: str, *, apply: bool | None) -> Any:
        assert apply is False
        print("To sign in, open a page")
        return await copied.open(apply=apply)

    (tmp_path / "kept.xml").write_bytes(response)
    monkeypatch.setattr(judging_tenant, "open_session", opened)
    monkeypatch.setattr(
        sys, "argv", ["flexsso", "judge", str(tmp_path / "kept.xml"), "--tenant", "rehearsal", "--json"]
    )
    before = copied.writes
    with pytest.raises(SystemExit) as ended:
        main.main()
    said = capsys.readouterr()
    data = json.loads(said.out)
    assert (ended.value.code, data["verdict"], data["name_id"]) == (0, "accepted", BO)
    assert "To sign in" in said.err
    assert copied.writes == before
    opened_line, line = read_ledger(copied.folder / "run-1")
    assert opened_line["kind"] == "opened"
    assert line["text"].endswith(", accepted")
    assert BO not in (copied.folder / "run-1" / "ledger.jsonl").read_text()
