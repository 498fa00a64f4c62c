"""Responses of a whole rehearsal, judged from a file against the tenant's live configuration."""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from onboarding import change_policy, onboard, worker_of
from stage import Stage

from flexsso_helpers import cli
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.judging import Verdict, judge_given
from flexsso_helpers.judging import tenant as judging_tenant
from flexsso_helpers.judging.tenant import NothingToCompare, live_tenant
from flexsso_helpers.ledger import read_ledger

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


def judged(stage: Stage, data: bytes, *, hours: float = 0, **how: Any) -> Verdict:
    async def opened() -> Verdict:
        session = await stage.open()
        at = session.now() + timedelta(hours=hours)
        return judge_given(data, await live_tenant(session, at=at, **how))

    return asyncio.run(opened())


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
        cli.main()
    said = capsys.readouterr()
    data = json.loads(said.out)
    assert (ended.value.code, data["verdict"], data["name_id"]) == (0, "accepted", BO)
    assert "To sign in" in said.err
    assert copied.writes == before
    (line,) = read_ledger(copied.folder / "run-1")
    assert line["text"].endswith(", accepted")
    assert BO not in (copied.folder / "run-1" / "ledger.jsonl").read_text()
