"""After the sign-on: what is left on a worker, and which workers are nobody's own (S50, S70, S79)."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from onboarding import change_worker, finding, look, unassign, worker_of
from stage import Stage

from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.sign_on import other_workers
from flexsso_helpers.sections.sign_on.other_workers import Others

BO = "bo.agent@contoso.com"


def another(world: World, number: int, name: str, **attributes: Any) -> None:
    """A worker beside those that the sign-ons made."""
    made = worker_of(world, BO)
    sid = f"WK{number:032x}"
    worker = made | {"sid": sid, "friendly_name": name, "attributes": json.dumps(attributes)}
    world.store.put("worker", sid, worker, at=world.clock.now)


def evidence(stage: Stage) -> Evidence:
    _, proved = asyncio.run(look(stage, "08"))
    assert isinstance(proved, Evidence)
    return proved


def warnings(proved: Evidence) -> list[tuple[str, str]]:
    return [(each.check, each.title) for each in proved.findings if each.state == "wrong"]


def test_nothing_is_said_where_every_worker_is_somebodys_own(configured: Stage) -> None:
    assert warnings(evidence(configured)) == []


def test_an_attribute_that_no_claim_sends_any_more_is_named(configured: Stage) -> None:
    change_worker(configured.world, BO, team="west", shift="late", routing={"skills": []}, disabled_skills={})
    proved = evidence(configured)
    left = finding(proved, "S70")
    assert (left.title, left.received, left.level) == (f"No attribute left behind · {BO}", "shift, team", "warning")
    assert proved.outcome == 0


def test_a_worker_of_an_earlier_name_is_told_from_one_of_nobody(configured: Stage) -> None:
    another(configured.world, 1, "mia.old@contoso.com", email="Mia.Maiden@contoso.com")
    another(configured.world, 2, "auth0|5f1", email="who@contoso.com")
    another(configured.world, 3, "root", email="root@contoso.com", roles=["admin", "wfo.full_access"])
    proved = evidence(configured)
    assert proved.outcome == 0
    assert finding(proved, "S50", "Workers of").received == "mia.old@contoso.com"
    assert finding(proved, "S79", "Workers that").received == "auth0|5f1"
    assert "root" in finding(proved, "S79", "Workers with the roles").received


def test_a_worker_whose_assignment_ended_belongs_to_nobody(configured: Stage) -> None:
    unassign(configured.world, "Ada Admin")
    proved = evidence(configured)
    assert finding(proved, "S79", "Workers that").received == "ada.admin@contoso.com"


@pytest.mark.parametrize(("count", "ends"), [(10, "stray 09"), (40, "… and 31 more")])
def test_a_long_list_is_cut(configured: Stage, count: int, ends: str) -> None:
    for number in range(count):
        another(configured.world, number + 1, f"stray {number:02}")
    strays = finding(evidence(configured), "S79", "Workers that").received
    assert strays.startswith("stray 00, stray 01, ")
    assert strays.endswith(ends)
    assert len(strays.split(", ")) == 10


def test_a_twin_is_named_once(configured: Stage) -> None:
    another(configured.world, 1, "bo.second", email=BO.upper())
    assert warnings(evidence(configured)) == [("S50", f"No second worker · {BO}")]


def test_what_console_made_may_be_there_and_is_expected_so() -> None:
    [made] = other_workers.findings(Others(of_console=("olga",)), set())
    assert (made.state, made.configured, made.received) == ("holds", "may be there", "olga")


def test_before_07_no_role_is_expected_of_anybody(before: Callable[[str], Stage]) -> None:
    plan, proved = asyncio.run(look(before("07"), "08"))
    assert {each.configured for each in proved.findings if each.check == "D29"} == {"known after 07"}
    assert "as far as they are assigned" in plan.asks
