"""Many people are found in few questions, nobody is left out, and whom a list does not show is looked for alone."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from asked import Counted
from hypothesis import given
from hypothesis import strategies as st
from stage import Stage

from flexsso_helpers.errors import NotPermitted, Refused, Unreachable
from flexsso_helpers.graph.snapshot import Snapshot
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.resources import people
from flexsso_helpers.resources.listed_users import LONGEST, MOST, listed_users
from flexsso_helpers.session import Session

KNOWN = ["ada.admin@contoso.com", "bo.agent@contoso.com", "sol.supervisor@contoso.com"]


def found(session: Session, names: Sequence[str]) -> list[str]:
    users = asyncio.run(people.users_named(session, names))
    return [user.user_name if user else "" for user in users]


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Session, Counted]:
    stage = Stage(tmp_path)
    stage.app = counted = Counted(stage.app)
    session = asyncio.run(stage.open())
    counted.batches.clear()
    return session, counted


def test_three_hundred_people_are_one_request_and_one_more_is_a_second(tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=World(people=400))
    stage.app = counted = Counted(stage.app)
    session = asyncio.run(stage.open())
    names = [str(user["userPrincipalName"]) for user in stage.world.store.all("user")][: 20 * MOST + 1]
    counted.batches.clear()
    assert found(session, names) == names
    assert sorted(len(batch) for batch in counted.batches) == [1, 20]


def test_letter_case_order_and_repetition_are_those_that_were_asked_for(asked: tuple[Session, Counted]) -> None:
    session, _ = asked
    names = [KNOWN[1].upper(), "nobody@contoso.com", KNOWN[0], KNOWN[1]]
    assert found(session, names) == [KNOWN[1], "", KNOWN[0], KNOWN[1]]


def test_whom_a_list_does_not_show_is_looked_for_alone(asked: tuple[Session, Counted]) -> None:
    """As by an object id, which the address of a user takes in place of the name."""
    session, counted = asked
    [bo] = asyncio.run(people.users_named(session, [KNOWN[1]]))
    assert bo is not None
    counted.batches.clear()
    assert found(session, [bo.id, KNOWN[0]]) == [KNOWN[1], KNOWN[0]]
    assert [len(batch) for batch in counted.batches] == [1, 1]


def test_who_may_list_nobody_reads_each_alone(tmp_path: Path) -> None:
    stage = Stage(tmp_path, world=World(quirks={"list_users": "refused"}))
    session = asyncio.run(stage.open())
    with pytest.raises(NotPermitted):
        asyncio.run(session.graph.list("/users"))
    assert found(session, [*KNOWN, "nobody@contoso.com"]) == [*KNOWN, ""]
    ids = [user.id for user in asyncio.run(people.users_named(session, KNOWN)) if user]
    assert [user.user_name for user in asyncio.run(people.users(session, [*ids, ids[0][:-4] + "dead"]))] == KNOWN


def test_in_one_look_nobody_is_asked_for_twice(asked: tuple[Session, Counted]) -> None:
    session, counted = asked
    with session.speaking("07"):
        assert found(session, KNOWN) == KNOWN
        counted.batches.clear()
        assert found(session, KNOWN[:1]) == KNOWN[:1]
        assert found(session, [KNOWN[2], "nobody@contoso.com"]) == [KNOWN[2], ""]
    assert [unasked for batch in counted.batches for unasked in batch if KNOWN[2] in unquote(unasked)] == []


def test_what_is_no_list_is_not_taken_for_nobody(
    asked: tuple[Session, Counted], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = asked

    async def other(paths: Sequence[str], _say: Any = None) -> list[dict[str, Any]]:
        return [{"id": "x"} for _ in paths]

    monkeypatch.setattr(session.graph, "read_many", other)
    with pytest.raises(Unreachable, match="Reading users"):
        found(session, KNOWN)


def test_of_a_list_that_goes_on_nobody_is_lost(asked: tuple[Session, Counted], monkeypatch: pytest.MonkeyPatch) -> None:
    session, counted = asked
    read_many = session.graph.read_many

    async def half(paths: Sequence[str], *given: Any) -> list[dict[str, Any]]:
        pages = await read_many(paths, *given)
        return [{"value": page["value"][:1], "@odata.nextLink": "…"} if "value" in page else page for page in pages]

    monkeypatch.setattr(session.graph, "read_many", half)
    assert found(session, KNOWN) == KNOWN
    assert len(counted.batches) == 2


@pytest.mark.parametrize("select", ["id,userPrincipalName", "id,userPrincipalName,extension_x"])
def test_what_a_filter_does_not_take_is_asked_alone(
    asked: tuple[Session, Counted], select: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = asked
    monkeypatch.setattr("flexsso_helpers.resources.listed_users.MOST", 16)
    names = [f"nobody{number}@contoso.com" for number in range(13)] + KNOWN
    listed = listed_users(session, "userPrincipalName", names, select)
    if "extension" in select:  # which a person's own address does not take either
        with pytest.raises(Refused) as caught:
            asyncio.run(listed)
        assert caught.value.status == 400
    else:
        assert list(asyncio.run(listed)) == KNOWN


def test_a_guest_is_told_to_name_groups_by_their_ids(
    asked: tuple[Session, Counted], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = asked

    async def refused(*_: Any) -> Any:
        raise NotPermitted("Reading /groups", why="Graph answered 403.")

    monkeypatch.setattr(session.graph, "list_many", refused)
    with pytest.raises(NotPermitted) as caught:
        asyncio.run(people.groups_named(session, ["Flex Agents"]))
    assert caught.value.fix == people.WHICH_GROUP


@given(st.lists(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=300)))
def test_each_name_is_in_exactly_one_question_and_none_is_longer_than_an_address_may_be(names: list[str]) -> None:
    told: list[str] = []

    class Graph:
        snapshot = Snapshot()

        async def read_many(self, paths: Sequence[str], _say: Any = None) -> list[dict[str, Any]]:
            told.extend(path for path in paths if "$filter" in path)
            return [{"value": []} if "$filter" in path else {} for path in paths]

    session: Any = type("Session", (), {"graph": Graph()})()
    asyncio.run(listed_users(session, "userPrincipalName", names, "id"))
    lists = [unquote(path).partition(" in (")[2].rpartition(")&$select")[0] for path in told]
    assert ",".join(lists) == ",".join("'" + name.replace("'", "''") + "'" for name in dict.fromkeys(names))
    assert all(len(path) <= LONGEST or path.count("%27%2C%27") == 0 for path in told)
    assert all(path.count("%27%2C%27") < MOST for path in told if "%27%27" not in path)
