"""People of a CSV file are assigned like all others, and edited in the file alone."""

import asyncio
from pathlib import Path

import pytest
from stage import REHEARSAL, InProcessWire, Stage

from flexsso_helpers.clouds import GLOBAL
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import load
from flexsso_helpers.sections.assignments import step as assignments
from flexsso_helpers.sections.signing import step as signing
from flexsso_helpers.session import Session
from flexsso_helpers.session.opening import assemble
from flexsso_helpers.wire import Wire


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A rehearsal's file that names people.csv, in which Nia and somebody unknown stand."""
    path = tmp_path / "rehearsal.yaml"
    path.write_text(REHEARSAL.read_text().replace("  assignments:\n", "  assignments:\n    csv: people.csv\n", 1))
    (tmp_path / "people.csv").write_text("user;role\nnia.nomail@contoso.com;agent\nnobody@contoso.com;agent\n")
    return path


async def opened(file: Path) -> Session:
    stage = Stage(file.parent)
    wire = InProcessWire(hosts=Wire.for_cloud(GLOBAL).hosts, loopback="http://127.0.0.1", app=stage.app)
    return await assemble(
        load(file), file, cloud=GLOBAL, wire=wire, rehearsal_client=stage.rehearsal_client, folder=file.parent / "run"
    )


def test_they_are_planned_beside_the_users_of_the_file(file: Path) -> None:
    async def settings() -> set[str]:
        session = await opened(file)
        assert "assignments.users" not in assignments.form(session).inputs
        plan = await assignments.plan(session)
        return {change.setting for change in plan.changes}

    found = asyncio.run(settings())
    assert {"User nia.nomail@contoso.com", "User bo.agent@contoso.com"} <= found
    assert "User nobody@contoso.com" not in found


def test_edits_of_other_values_leave_them_in_place(file: Path) -> None:
    async def users() -> list[str]:
        session = await opened(file)
        signing.form(session).inputs["signing.valid_days"].value = "30"
        await signing.plan(session)
        assert session.tenant.signing.valid_days == 30
        return [entry.user for entry in session.tenant.assignments.users]

    assert "nia.nomail@contoso.com" in asyncio.run(users())


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [("users", [], "people come from people.csv"), ("csv", "other.csv", "is not among what a rehearsal's forms")],
)
def test_an_edit_of_the_people_is_refused(file: Path, key: str, value: object, words: str) -> None:
    async def edit() -> None:
        (await opened(file)).record({("assignments", key): value})

    with pytest.raises(ParametersError, match=words):
        asyncio.run(edit())


def test_a_name_that_is_typed_into_the_form_goes_to_the_file_as_it_is() -> None:
    assert assignments.to_file({"assignments.csv": "staff.csv", "assignments.groups": (("Flex", "agent"),)}) == {
        "assignments.csv": "staff.csv",
        "assignments.groups": [{"group": "Flex", "role": "agent"}],
    }
