"""The handover of real runs: a simple tenant, one adopted, one over two days and a restart, one that was refused."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from faults import Fault, Faulty
from onboarding import STEPS, made_by_hand, onboard, proof
from stage import Stage, through
from test_adoption import KNOWN
from test_said_as_it_was import HALF_WAY

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.handover.gathering import gathered
from flexsso_helpers.handover.page import page
from flexsso_helpers.handover.record import Record
from flexsso_helpers.handover.sums import files_of
from flexsso_helpers.handover.way_back import way_back
from flexsso_helpers.history import history
from flexsso_helpers.ledger import CHANGES, read_ledger
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.session import Session


def record_of(*runs: Path) -> Record:
    found = history(runs)
    return gathered(found, files_of(found.telling))


@pytest.fixture(scope="module")
def simple(snapshots: dict[str, World], tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The run by which the snapshots came to be."""
    (run,) = tmp_path_factory.getbasetemp().glob("proved[0-9]/run-1")
    return record_of(run)


def test_each_change_of_a_simple_tenant_has_its_approval_and_each_write_its_request_id(simple: Record) -> None:
    assert {each.section for each in simple.changes} == {f"0{number}" for number in range(1, 9)}
    assert {(each.approved_by, each.by_hand, len(each.plan)) for each in simple.changes} == {
        ("ada.admin@contoso.com", False, 64)
    }
    assert all(each.approved_at <= each.at for each in simple.changes)
    carried_out = [each for each in simple.requests if each.status == 200]
    assert len({each.request_id for each in carried_out}) > 10
    assert [each.why for each in carried_out if not re.fullmatch("[0-9a-f-]{36}", each.request_id)] == []


def test_a_simple_tenant_is_told_whole(simple: Record) -> None:
    settings = {each.setting: (each.before, each.after) for each in simple.changes}
    assert settings["Claim email"] == ("none", "user.mail")
    assert settings["Signing option"] == ("sign SAML assertion", "sign SAML response and assertion")
    assert simple.certificate is not None
    assert simple.certificate.not_before < simple.certificate.looked_at < simple.certificate.not_after
    assert list(simple.sign_ons) == ["ada.admin@contoso.com", "sol.supervisor@contoso.com", "bo.agent@contoso.com"]
    said = {each.title: each.backed for each in simple.checks if each.state == "said"}
    assert said["Certificate in Flex Console"] is True, "a sign-on that was seen speaks for it"
    assert {each.standing for each in simple.steps[1:]} <= {"proved", "said"}
    assert simple.rehearsal
    assert [each.by for each in simple.sessions] == ["ada.admin@contoso.com"]


@pytest.mark.full
def test_what_somebody_had_made_is_told_as_it_was_when_it_is_adopted(tmp_path: Path) -> None:
    stage = Stage(tmp_path, changes=KNOWN)
    made_by_hand(stage.world)
    asyncio.run(onboard(stage, until="03"))
    record = record_of(tmp_path / "run-1")
    told = {each.setting: (each.kind, each.before, each.after, each.lost) for each in record.changes}
    assert told["Signing option"] == ("~", "sign SAML assertion", "sign SAML response and assertion", "")
    assert "Enterprise application" not in told, "it was there"
    assert {way.section: way.exact for way in way_back(record.changes)}["03"] >= 1
    assert not any(way.lost for way in way_back(record.changes) if way.section == "01")


async def again(stage: Stage) -> Session:
    """Another kernel in the same run."""
    stage._runs -= 1
    return await stage.open(apply=True)


def test_a_restart_and_a_second_day_take_nothing_away(before: Callable[[str], Stage], tmp_path: Path) -> None:
    stage = before("03")

    async def days() -> tuple[str, str, str]:
        first = (await through(await stage.open(apply=True), STEPS["03"]))[2].verdict
        restarted = (await STEPS["03"].verify(await again(stage))).verdict
        stage.world.advance(86400.0)
        second = (await STEPS["03"].verify(await stage.open())).verdict
        return first, restarted, second

    assert asyncio.run(days()) == ("proved, 4 changes made", "proved, 4 changes made", "proved, nothing changed")
    record = record_of(tmp_path / "run-1", tmp_path / "run-2")
    (step,) = [each for each in record.steps if each.section == "03"]
    assert (step.standing, step.at[:10], step.run) == ("proved", "2026-11-03", "run-2")
    assert {each.at[:10] for each in record.changes} == {"2026-11-02"}
    assert len(record.changes) == 4
    assert [(each.run, each.at[:10]) for each in record.sessions] == [
        ("run-1", "2026-11-02"), ("run-1", "2026-11-02"), ("run-2", "2026-11-03"),
    ]  # fmt: skip


def test_what_was_refused_half_way_is_told_with_what_was_made_before(empty: Stage, tmp_path: Path) -> None:
    async def refused() -> None:
        session = await empty.open(apply=True, app=Faulty(empty.app, replace(HALF_WAY["01"])))
        await proof(session, "00")
        plan = await STEPS["01"].plan(session)
        with pytest.raises(FlexSSOError):
            await STEPS["01"].apply(session, plan, session.approval(plan))

    asyncio.run(refused())
    record = record_of(tmp_path / "run-1")
    assert record.changes, "what was made before the refusal was made"
    assert [each.status for each in record.requests][-1] == 400
    assert (record.steps[1].standing, record.steps[1].verdict) == ("failed", "an error stopped it half way")
    assert "01: an error stopped it half way" in [each.title for each in record.open]
    assert record.next.startswith("01")
    assert record.outcome == 1
    assert "Every step is proved" not in page(record)


def test_a_batch_is_found_by_its_request_id(before: Callable[[str], Stage], tmp_path: Path) -> None:
    stage = before("07")
    asyncio.run(onboard(stage, since="07", until="07"))
    record = record_of(tmp_path / "run-1")
    assigned = [each for each in record.requests if each.path.endswith("appRoleAssignedTo")]
    assert len(assigned) == 5
    assert all(each.request_id for each in assigned)


def test_names_of_people_lie_beside_the_ledger(before: Callable[[str], Stage], tmp_path: Path) -> None:
    stage = before("07")
    asyncio.run(onboard(stage, since="07", until="07"))
    run = tmp_path / "run-1"
    assert "bo.agent" in (run / CHANGES).read_text("utf-8")
    assert not [line for line in read_ledger(run) if "bo.agent" in str(line)]
    assert all(path.stat().st_mode & 0o077 == 0 for path in run.rglob("*.jsonl"))


def test_a_note_is_told_by_the_next_card_of_the_session(
    empty: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def noted() -> tuple[str, str, Any]:
        session = await empty.open()
        alone = session._repr_mimebundle_()["text/plain"]
        (session.folder / "04_attributes_and_claims.ipynb").write_text("{}")
        monkeypatch.setenv("JPY_SESSION_NAME", "04_attributes_and_claims.ipynb")
        session.note("Ask Kim", owner="Kim", due="2026-12-01")
        return alone, session._repr_mimebundle_()["text/plain"], session

    alone, shared, session = asyncio.run(noted())
    assert "Progress" not in alone, "a notebook alone has no others to tell of"
    assert "Ask Kim · Kim · until 2026-12-01" in " ".join(shared.split())
    assert "you are here" in shared
    assert "Ask Kim" not in str(read_ledger(session.folder))
    assert "Ask Kim" not in session.note("Ask Kim", done=True).text


def test_writes_before_a_refusal_have_request_ids(before: Callable[[str], Stage], tmp_path: Path) -> None:
    refused = Fault(method="POST", path="/v1.0/policies/tokenIssuancePolicies", status=400, effect=False, times=99)
    stage = before("03")

    async def go() -> None:
        session = await stage.open(apply=True, app=Faulty(stage.app, refused))
        plan = await STEPS["03"].plan(session)
        with pytest.raises(FlexSSOError):
            await STEPS["03"].apply(session, plan, session.approval(plan))

    asyncio.run(go())
    answers = [line for line in read_ledger(tmp_path / "run-1") if line["kind"] == "answer"]
    assert [line["status"] for line in answers if line["status"] == 200]
    assert all(line["request_id"] for line in answers if line["status"] == 200)
