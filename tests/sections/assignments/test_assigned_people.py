"""07 shows everybody by name, and takes people from a dropped CSV file."""

import asyncio
from pathlib import Path

import pytest
from onboarding import onboard
from stage import Stage

from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections.assignments import step as assignments
from flexsso_helpers.sections.assignments.people_dropped import taken
from flexsso_helpers.sections.user_changes.given import taken as whole_list


async def rows(stage: Stage) -> list[list[str]]:
    table = await assignments.assigned_people(await stage.open(apply=False))
    return [[cell.strip() for cell in line["text"].split("@contoso.com")] for line in table.rows]


@pytest.mark.full
def test_everybody_stands_there_with_the_worst_first(tmp_path: Path) -> None:
    async def run() -> tuple[str, str]:
        stage = Stage(tmp_path, changes={"assignments": {"users": [
            {"user": "ada.admin@contoso.com", "role": "admin"}, {"user": "no.body@contoso.com", "role": "agent"},
        ]}})  # fmt: skip
        before = (await assignments.assigned_people(await stage.open())).text
        await onboard(stage, until="06")
        session = await stage.open()
        plan = await assignments.plan(session)
        await assignments.apply(session, plan, session.approval(plan))
        return before, (await assignments.assigned_people(session)).text

    before, after = asyncio.run(run())
    assert before.count("! not assigned yet") > 10
    verdicts = [line for line in after.splitlines() if "@contoso.com" in line]
    assert verdicts[0].split()[:5] == ["✗", "does", "not", "exist", "no.body@contoso.com"]
    assert "✗ no NameID" in verdicts[1]
    assert "nia.nomail@contoso.com" in verdicts[1]
    assert "✓ assigned" in next(line for line in verdicts if "ada.admin@" in line)
    assert "not assigned yet" not in after


def test_people_of_a_dropped_file_join_the_list_and_are_saved_by_the_next_plan(tmp_path: Path) -> None:
    async def drop() -> tuple[str, list[tuple[str, str]]]:
        session = await Stage(tmp_path).open()
        form = assignments.form(session)
        place = form.drops["assignments.users"]
        place.name, place.content = (
            "people.csv",
            b"user;role\nrhea.reader@contoso.com;agent\nbo.agent@contoso.com;agent",
        )
        place.turn += 1
        before = len(session.tenant.assignments.users)
        await assignments.plan(session)
        assert before == 3
        return form._told["assignments.users"].told, [(e.user, e.role) for e in session.tenant.assignments.users]

    told, users = asyncio.run(drop())
    assert "1 user of it joined the list above" in told
    assert users[-1] == ("rhea.reader@contoso.com", "agent")
    assert len(users) == 4


def test_a_bad_line_is_told_by_its_number_and_nothing_is_taken() -> None:
    found = taken(b"user,role\nbo.agent@contoso.com,agnet\nada.admin@contoso.com,admin", "people.csv", ())
    assert found.value is None
    assert found.problems[0] == "Nothing is taken from people.csv:"
    assert found.problems[1].startswith("line 2: ")
    assert "agent" in found.problems[1]


@pytest.mark.parametrize("user", ["=a@contoso.com", "+a@contoso.com", "-a@contoso.com", "#a@contoso.com"])
def test_a_name_that_is_text_to_a_spreadsheet_is_the_name_in_07_and_22(user: str) -> None:
    data = f"user,role\n'{user},agent".encode()
    assert taken(data, "people.csv", ()).value == ((user, "agent"),)
    assert tuple(whole_list(data, "people.csv", ()).value) == ((user, "agent"),)


def test_who_stands_there_with_another_role_is_a_problem() -> None:
    now = (("Bo.Agent@contoso.com", "agent"),)
    (_, problem) = taken(b"user,role\nbo.agent@contoso.com,supervisor", "people.csv", now).problems
    assert problem == "line 2: gives bo.agent@contoso.com supervisor, and the list above agent; keep one"


def test_one_person_needs_a_look(proved_world: World, tmp_path: Path) -> None:
    async def head() -> str:
        return (await assignments.assigned_people(await Stage(tmp_path, world=proved_world.copy()).open())).text

    assert "1 of 16 needs a look" in asyncio.run(head()).splitlines()[0]
