"""What was edited, approved and made is told as it was: no form, file or tick is overtaken without a word."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from faults import Fault, Faulty
from onboarding import STEPS, proof
from stage import REHEARSAL, Stage, through

from flexsso_helpers.errors import FlexSSOError, ParametersError, StalePlan
from flexsso_helpers.ledger import read_ledger
from flexsso_helpers.parameters import load
from flexsso_helpers.plan import Applied
from flexsso_helpers.session import Session
from flexsso_helpers.session.tenant_values import TenantValues
from flexsso_helpers.views.shown import text_of

# A value of each section's form that has a field for the tenant's file, as somebody would edit it there.
EDITS: dict[str, tuple[str, str, Any]] = {
    "01": ("application.name", "Contoso Flex", {"application": {"name": "Contoso Flex"}}),
    "03": ("signing.valid_days", "365", {"signing": {"valid_days": 365}}),
    "04": ("name_id", "userprincipalname", {"name_id": "userprincipalname"}),
    "05": ("roles", "admin\nsupervisor\nagent", {"roles": ["admin", "supervisor", "agent"]}),
    "07": ("assignments.groups", "Night shift, agent", {"assignments": {"groups": [
        {"group": "Night shift", "role": "agent"}]}}),
}  # fmt: skip


def merged(below: Any, above: Any) -> Any:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {key: merged(below.get(key), value) for key, value in above.items()}


class Written:
    """A tenant's file that a test edits, and a session that reads it."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.path = folder / REHEARSAL.name
        self.stage, self.plain = stage, load(REHEARSAL).model_dump(mode="json", exclude_none=True)
        self.say({})

    def say(self, values: Any) -> None:
        self.path.write_text(json.dumps({"tenant": merged(self.plain, values)}), "utf-8")

    async def open(self, **given: Any) -> Session:
        session = await self.stage.open(**given)
        session.tenant_values = TenantValues(load(self.path), self.path, self.stage.rehearsal_client)
        session.reread()
        return session


@pytest.fixture
def file(before: Any, tmp_path: Path) -> Written:
    return Written(before("03"), tmp_path)


def test_every_section_with_values_of_its_own_is_tried_here(empty: Stage) -> None:
    tenant = load(REHEARSAL)
    with_fields = {number for number, step in STEPS.items() if step.fields(tenant) and step.to_file({"key": 1})}
    assert with_fields - {"02", "06", "08"} == set(EDITS)


@pytest.mark.thinned(5)
@pytest.mark.parametrize("number", EDITS)
def test_a_file_edited_in_another_editor_is_in_the_next_plan_and_the_form_shows_it(number: str, file: Written) -> None:
    key, typed, values = EDITS[number]

    async def look() -> None:
        session = await file.open()
        form = STEPS[number].form(session)
        label = form.labels([key])[0]
        before = form.inputs[key].value
        plan = await STEPS[number].plan(session)
        file.say(values)
        again = await STEPS[number].plan(session)
        assert form.inputs[key].value.split() == typed.split()
        assert form.edited() == {}
        moved = before.split() != typed.split()
        assert (f"Read anew from the tenant's file: {label}." in " ".join(text_of(again).split())) == moved
        assert plan.edits == ()

    asyncio.run(look())


@pytest.mark.parametrize("number", EDITS)
def test_a_broken_file_is_named_by_line_at_the_look(number: str, file: Written) -> None:
    async def look() -> None:
        session = await file.open()
        file.path.write_text("tenant:\n  name: rehearsal\n  title: [\n", "utf-8")
        for act in (STEPS[number].plan(session), STEPS[number].verify(session)):
            with pytest.raises(ParametersError, match="line"):
                await act

    asyncio.run(look())


def test_what_was_edited_in_both_is_a_persons_to_decide(file: Written) -> None:
    async def look() -> None:
        session = await file.open()
        form = STEPS["03"].form(session)
        form.inputs["signing.valid_days"].value = "365"
        file.say({"signing": {"valid_days": 500}})
        with pytest.raises(ParametersError, match=r"differently: Valid for \(days\)|differently: "):
            await STEPS["03"].plan(session)
        assert form.inputs["signing.valid_days"].value == "365"
        assert load(file.path).signing.valid_days == 500
        STEPS["03"].form(session)
        await STEPS["03"].plan(session)
        assert session.tenant.signing.valid_days == 500

    asyncio.run(look())


@pytest.mark.parametrize("number", ["03", "04"])
def test_a_form_edited_after_the_tick_is_not_written_as_it_was(number: str, file: Written) -> None:
    key, typed, _ = EDITS[number]

    async def apply() -> str:
        session = await file.open(apply=True)
        form = STEPS[number].form(session)
        plan = await STEPS[number].plan(session)
        approval = session.approval(plan)
        form.inputs[key].value = typed
        with pytest.raises(StalePlan) as caught:
            await STEPS[number].apply(session, plan, approval)
        assert form.labels([key])[0] in caught.value.what
        return caught.value.what

    before = file.stage.writes
    assert asyncio.run(apply()).startswith("Edited in the form since this plan: ")
    assert file.stage.writes == before


def test_a_file_edited_after_the_tick_is_named_by_its_key(file: Written) -> None:
    async def apply() -> StalePlan:
        session = await file.open(apply=True)
        plan = await STEPS["03"].plan(session)
        approval = session.approval(plan)
        file.say({"signing": {"notification_addresses": ["new@contoso.com"]}, "title": "Contoso Ltd"})
        with pytest.raises(StalePlan) as caught:
            await STEPS["03"].apply(session, plan, approval)
        return caught.value

    before = file.stage.writes
    error = asyncio.run(apply())
    assert "the tenant's file, at title, signing.notification_addresses" in error.what
    assert error.why == "The tenant's file was edited; nothing was written."
    assert file.stage.writes == before


@pytest.mark.full
def test_a_key_that_no_line_of_the_plan_rests_on_stops_nothing(file: Written) -> None:
    async def apply() -> Applied:
        session = await file.open(apply=True)
        plan = await STEPS["03"].plan(session)
        file.say({"test_sign_ons": ["ada.admin@contoso.com"]})
        return await STEPS["03"].apply(session, plan, session.approval(plan))

    assert asyncio.run(apply()).made


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tenant_id", "f1e55000-0000-4000-8000-000000000002"),
        ("flex", {"account_sid": "ACf1e55000000000000000000000000009"}),
    ],
    ids=["tenant", "account"],
)
def test_a_file_that_comes_to_mean_another_place_is_opened_anew(key: str, value: Any, file: Written) -> None:
    async def look() -> str:
        session = await file.open()
        file.say({key: value})
        with pytest.raises(ParametersError) as caught:
            await STEPS["03"].plan(session)
        return str(caught.value)

    message = asyncio.run(look())
    assert f"tenant.{key}" in message
    assert "Run the Open cell again." in message


def test_what_was_approved_is_told_with_who_when_and_by_which_plan(empty: Stage) -> None:
    async def apply(*, by_hand: bool) -> tuple[str, str, dict[str, Any]]:
        session = await empty.open(apply=not by_hand)
        plan = await STEPS["01"].plan(session)
        approval = session.approval(plan)
        approval._box.tick.value = True
        box = approval._repr_mimebundle_()["text/plain"]
        applied = await STEPS["01"].apply(session, plan, approval)
        line = next(line for line in read_ledger(session.folder) if line["kind"] == "applied")
        assert line["plan"] == plan.digest
        assert line["approved_at"].startswith("2026-11-02T08:0")
        return box, " ".join(text_of(applied).split()), line

    box, card, line = asyncio.run(apply(by_hand=True))
    assert "approved," in box
    assert "not approved" not in box
    assert f"Approved by ada.admin@contoso.com · ticked · 2026-11-02 08:00 UTC · plan {line['plan'][:12]}" in card
    assert (line["approved_by"], line["by_hand"]) == ("ada.admin@contoso.com", True)


def test_what_the_start_of_a_run_approved_is_not_called_ticked(empty: Stage) -> None:
    async def apply() -> tuple[Applied, Applied]:
        session = await empty.open(apply=True)
        _, made, _ = await through(session, STEPS["01"])
        _, none, _ = await through(session, STEPS["01"])
        return made, none

    made, none = asyncio.run(apply())
    assert not made.by_hand
    assert "approved by the start of the run" in text_of(made)
    assert (none.approved_by, none.approved_at, none.plan) == ("", "", "")
    assert "Approved by" not in text_of(none)


SP = "/v1.0/servicePrincipals/[0-9a-f-]{36}"
# The write of each section that is refused, after others that were not.
HALF_WAY = {
    "01": Fault(method="PATCH", path=SP, status=400, effect=False, times=99),
    "03": Fault(method="POST", path="/v1.0/policies/tokenIssuancePolicies", status=400, effect=False, times=99),
}


@pytest.mark.parametrize("number", HALF_WAY)
def test_what_was_made_before_an_error_is_noted_as_made(number: str, before: Any) -> None:
    stage = before(number)

    async def break_off() -> Session:
        session = await stage.open(apply=True, app=Faulty(stage.app, replace(HALF_WAY[number])))
        plan = await STEPS[number].plan(session)
        with pytest.raises(FlexSSOError):
            await STEPS[number].apply(session, plan, session.approval(plan))
        return session

    noted_half_way(asyncio.run(break_off()), number)


def test_people_who_were_assigned_before_a_refusal_are_noted_as_made(before: Any) -> None:
    stage = before("07")
    for sku in stage.world.store.all("subscribedSku"):
        stage.world.store.remove("subscribedSku", sku["id"], at=stage.world.clock.now)
    stage.world.advance(600.0)

    async def break_off() -> Session:
        session = await stage.open(apply=True)
        plan = await STEPS["07"].plan(session)
        with pytest.raises(FlexSSOError):
            await STEPS["07"].apply(session, plan, session.approval(plan))
        assert [change.setting.split()[0] for change in session.made["07"]] == ["User"] * 3
        return session

    noted_half_way(asyncio.run(break_off()), "07")


def noted_half_way(session: Session, number: str) -> None:
    made = session.made[number]
    line = next(line for line in read_ledger(session.folder) if line["kind"] == "applied")
    assert line["made"] == len(made) > 0
    assert line["left"] > 0
    assert line["why_not"] == "an error stopped it half way"
    assert line["approved_by"] == "ada.admin@contoso.com"
    assert asyncio.run(proof(session, number)).made == len(made)
