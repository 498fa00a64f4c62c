"""Many people are found in few questions, nobody is left out, and whom a list does not show is looked for alone."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stage import Stage

from flexsso_helpers.errors import NotPermitted, Unreachable
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.resources import people
from flexsso_helpers.resources.listed_users import LONGEST, MOST, listed_users
from flexsso_helpers.session import Session

KNOWN = ["ada.admin@contoso.com", "bo.agent@contoso.com", "sol.supervisor@contoso.com"]


def found(session: Session, names: Sequence[str]) -> list[str]:
    users = asyncio.run(people.users_named(session, names))
    return [user.user_name if user else "" for user in users]


class Asked:
    """The application; what was asked in each batch."""

    def __init__(self, app: Any) -> None:
        self._app, self.batches = app, list[list[str]]()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].endswith("/$batch"):
            await self._app(scope, receive, send)
            return
        message = await receive()
        self.batches.append([unquote(each["url"]) for each in json.loads(message["body"])["requests"]])
        waiting = [message]

        async def again() -> Any:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, again, send)


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Session, Asked]:
    stage = Stage(tmp_path)
    stage.app = counted = Asked(stage.app)
    session = asyncio.run(stage.open())
    counted.batches.clear()
    return session, counted


def test_two_hundred_people_are_one_request(asked: tuple[Session, Asked]) -> None:
    session, counted = asked
    names = [user["userPrincipalName"] for user in asyncio.run(session.graph.list("/users", {"$top": "200"}))]
    names = [name for name in names if len(name) < 40][:150]
    assert found(session, names) == names
    assert [len(batch) for batch in counted.batches] == [-(-len(names) // MOST)]


def test_letter_case_order_and_repetition_are_those_that_were_asked_for(asked: tuple[Session, Asked]) -> None:
    session, _ = asked
    names = [KNOWN[1].upper(), "nobody@contoso.com", KNOWN[0], KNOWN[1]]
    assert found(session, names) == [KNOWN[1], "", KNOWN[0], KNOWN[1]]


def test_whom_a_list_does_not_show_is_looked_for_alone(asked: tuple[Session, Asked]) -> None:
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


def test_in_one_look_nobody_is_asked_for_twice(asked: tuple[Session, Asked]) -> None:
    session, counted = asked
    with session.speaking("07"):
        assert found(session, KNOWN) == KNOWN
        counted.batches.clear()
        assert found(session, KNOWN[:1]) == KNOWN[:1]
        assert found(session, [KNOWN[2], "nobody@contoso.com"]) == [KNOWN[2], ""]
    assert [unasked for batch in counted.batches for unasked in batch if KNOWN[2] in unasked] == []


def test_what_is_no_list_is_not_taken_for_nobody(asked: tuple[Session, Asked], monkeypatch: pytest.MonkeyPatch) -> None:
    session, _ = asked

    async def other(paths: Sequence[str], _say: Any = None) -> list[dict[str, Any]]:
        return [{"id": "x"} for _ in paths]

    monkeypatch.setattr(session.graph, "read_many", other)
    with pytest.raises(Unreachable, match="Reading users"):
        found(session, KNOWN)


@given(st.lists(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=120)))
def test_each_name_is_in_exactly_one_question_and_none_is_longer_than_an_address_may_be(names: list[str]) -> None:
    told: list[str] = []

    class Graph:
        async def read_many(self, paths: Sequence[str], _say: Any = None) -> list[dict[str, Any]]:
            told.extend(paths)
            return [{"value": []} for _ in paths]

    session: Any = type("Session", (), {"graph": Graph()})()
    asyncio.run(listed_users(session, "userPrincipalName", names, "id"))
    lists = [unquote(path).partition(" in (")[2].rpartition(")&$select")[0] for path in told]
    assert ",".join(lists) == ",".join("'" + name.replace("'", "''") + "'" for name in names)
    assert all(len(path) <= LONGEST + 100 or path.count("%27%2C%27") == 0 for path in told)
